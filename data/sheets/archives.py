"""Workbook files opened with care: unpacked within limits, then packed again.

Sizes in a zip file's headers may lie, so members are counted while they are unpacked; and the
library that reads cells is given a new archive of exactly what was counted and looked at.
"""

from __future__ import annotations

import io
import lzma
import struct
import zlib
from collections.abc import Mapping
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from scheduler.errors import Fault

MAX_MEBIBYTES = 64
"""Largest workbook file that is opened, in MiB."""

MAX_UNPACKED_MEBIBYTES = 256
"""Most that a workbook may unpack to, in MiB."""

MAX_MEMBERS = 2_000
"""Most files inside a workbook."""

_CHUNK = 2**20
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""First bytes of an old or encrypted Office file."""

_BROKEN = (
    BadZipFile,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    UnicodeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zlib.error,
)
"""What `zipfile` raises for content that is no zip file, or not one it can read."""


class NotAnArchive(Exception):
    """The content cannot be unpacked; ``fault`` says why."""

    def __init__(self, code: str, maximum: int | None = None) -> None:
        super().__init__(code)
        self.fault = Fault(code, figures={} if maximum is None else {"maximum": maximum})


def unpack(content: bytes) -> dict[str, bytes]:
    """Return the members of a zip file by name.

    Raises
    ------
    NotAnArchive
        Where it is too large, locked or broken.
    """
    if len(content) > MAX_MEBIBYTES * 2**20:
        raise NotAnArchive("too-large", MAX_MEBIBYTES)
    if content.startswith(_COMPOUND):
        raise NotAnArchive("workbook-locked")
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            return _members(archive)
    except _BROKEN:
        raise NotAnArchive("not-workbook") from None


def pack(members: Mapping[str, bytes]) -> bytes:
    """Return a zip file of these members, stored as they are."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _members(archive: ZipFile) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > MAX_MEMBERS:
        raise NotAnArchive("unpacks-too-large", MAX_UNPACKED_MEBIBYTES)
    if any(entry.flag_bits & 1 for entry in entries):
        raise NotAnArchive("workbook-locked")
    if any(entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for entry in entries):
        raise NotAnArchive("not-workbook")
    if len({entry.filename.casefold() for entry in entries}) < len(entries):
        raise NotAnArchive("not-workbook")
    room = MAX_UNPACKED_MEBIBYTES * 2**20
    members: dict[str, bytes] = {}
    for entry in entries:
        chunks: list[bytes] = []
        with archive.open(entry) as member:
            while chunk := member.read(_CHUNK):
                room -= len(chunk)
                if room < 0:
                    raise NotAnArchive("unpacks-too-large", MAX_UNPACKED_MEBIBYTES)
                chunks.append(chunk)
        members[entry.filename] = b"".join(chunks)
    return members

"""A backup as a file: a zip archive of a manifest and, for each table, its rows as lines of JSON.

What is read from one is what was written: sizes and SHA-256 of every table are held against the
manifest before anything is done with them. Who can write the file can make another one, though:
its fingerprint, kept elsewhere, tells them apart.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

FORMAT = "rotations/backup@1"

MANIFEST = "manifest.json"

_WRONG = (
    BadZipFile,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    TypeError,
    ValueError,
    zlib.error,
)
"""What reading raises where an archive is none, or its parts do not fit each other."""


class Damaged(Exception):
    """The file is no backup, or not as it was written."""


@dataclass(frozen=True, slots=True)
class Part:
    """A table in a backup: how many rows, and the SHA-256 of their lines."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds, those tables first that others refer to."""

    revision: str
    made_at: datetime
    tables: tuple[Part, ...]

    @property
    def fingerprint(self) -> str:
        """Hash of the revision and every row; the same for the same rows on either database."""
        parts = [asdict(part) for part in self.tables]
        return f"sha256:{sha256(_json([self.revision, parts])).hexdigest()}"

    def encode(self) -> bytes:
        """Return the manifest as it stands in an archive."""
        said = {
            "format": FORMAT,
            "revision": self.revision,
            "made_at": self.made_at,
            "fingerprint": self.fingerprint,
            "tables": [asdict(part) for part in self.tables],
        }
        return _json(said)


class Archive:
    """A backup that has been read through, and is as it was written."""

    def __init__(self, file: ZipFile) -> None:
        self._file = file
        self.manifest = _decoded(_read(file, MANIFEST))
        names = [part.name for part in self.manifest.tables]
        if sorted(file.namelist()) != sorted([MANIFEST, *map(_member, names)]):
            raise Damaged("its parts are not those of its manifest")
        for part in self.manifest.tables:
            if summed(part.name, self.lines(part.name)) != part:
                raise Damaged("a table is not what the manifest says")

    def lines(self, table: str) -> Iterator[bytes]:
        """Yield the rows of a table, a line each."""
        with self._file.open(_sound(self._file.getinfo(_member(table)))) as member:
            yield from member


@contextmanager
def opened(file: BinaryIO) -> Iterator[Archive]:
    """Open a backup and read it through.

    Raises
    ------
    Damaged
        It is not as it was written.
    """
    with sound():
        archive = ZipFile(file)
        found = Archive(archive)
    with archive:
        yield found


@contextmanager
def sound() -> Iterator[None]:
    """Take whatever goes wrong in reading for a damaged archive."""
    try:
        yield
    except _WRONG as error:
        raise Damaged(type(error).__name__) from None


def write(
    file: BinaryIO, revision: str, made_at: datetime, tables: Iterable[tuple[str, Iterable[bytes]]]
) -> Manifest:
    """Write the rows of tables into a new archive, and return its manifest."""
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        parts = []
        for name, lines in tables:
            with archive.open(_member(name), "w", force_zip64=True) as member:
                parts.append(summed(name, lines, member.write))
        manifest = Manifest(revision, made_at.astimezone(UTC), tuple(parts))
        archive.writestr(MANIFEST, manifest.encode())
    return manifest


def summed(
    name: str, lines: Iterable[bytes], put: Callable[[bytes], object] = lambda _: None
) -> Part:
    """Return what a manifest says of a table with these lines, which are put somewhere if asked."""
    rows, hash_ = 0, sha256()
    for line in lines:
        rows += 1
        hash_.update(line)
        put(line)
    return Part(name, rows, hash_.hexdigest())


def line_of(row: dict[str, Any]) -> bytes:
    """Return a row as a line: the same on every database."""
    return _json(dict(sorted(row.items()))) + b"\n"


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), allow_nan=False, default=_iso).encode()


def _iso(value: date) -> str:
    """Return a day, or an instant in UTC, as text."""
    if not isinstance(value, date):
        raise TypeError(type(value).__name__)
    return value.isoformat()


def _decoded(content: bytes) -> Manifest:
    said = json.loads(content)
    if said["format"] != FORMAT:
        raise Damaged("it has another format")
    parts = tuple(Part(**part) for part in said["tables"])
    manifest = Manifest(said["revision"], datetime.fromisoformat(said["made_at"]), parts)
    if manifest.encode() != content:
        raise Damaged("the manifest is not as it was written")
    return manifest


def _read(file: ZipFile, name: str) -> bytes:
    return file.read(_sound(file.getinfo(name)))


def _sound(part: ZipInfo) -> ZipInfo:
    """Return a part that can be read by what is here, and is not encrypted."""
    if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise Damaged("it is compressed otherwise")
    return part


def _member(table: str) -> str:
    return f"{table}.jsonl"

"""Unmistakable strings, planted in a world, each with whose it is; and where they turn up."""

from __future__ import annotations

import io
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import unquote_to_bytes
from zipfile import ZipFile, is_zipfile

from httpx2 import Response

_LETTERS = "abcdefghijklmnop"
_PLANTED = re.compile(rb"zq[a-p]{6}|(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{32})(?![0-9a-f])")
_CURSOR = re.compile(rb'"next":"([A-Za-z0-9_-]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose something is.

    Attributes
    ----------
    organisations
        Who plans it, keeps its record, or gave it.
    municipality, candidate
        Whom it is about.
    unit
        The unit that takes the candidate by a published plan.
    parties
        Municipalities that take part in the round, where they may know of it.
    published
        Whether the parties know of it: a round that was opened, a plan that was published.
    round
        Id of the round it is part of.
    """

    organisations: frozenset[str] = frozenset()
    municipality: str | None = None
    candidate: str | None = None
    unit: str | None = None
    parties: frozenset[str] = frozenset()
    published: bool = False
    round: str | None = None


@dataclass(frozen=True, slots=True)
class Canary:
    """A planted string: what kind of thing it tells, and whose that is."""

    text: str
    kind: str
    owner: Owner


@dataclass
class Aviary:
    """Makes canaries, and recognises them."""

    canaries: dict[str, Canary] = field(default_factory=dict)

    def word(self, kind: str, owner: Owner) -> str:
        """Return a new word for a text: small letters, so that no format writes it otherwise."""
        number, letters = len(self.canaries), ""
        for _ in range(6):
            number, rest = divmod(number, len(_LETTERS))
            letters = _LETTERS[rest] + letters
        return self._kept(f"zq{letters}", kind, owner)

    def handle(self, kind: str, owner: Owner) -> str:
        """Return a new id of 32 hexadecimal digits."""
        digest = sha256(f"canary {len(self.canaries)}".encode()).hexdigest()
        return self._kept(digest[:32], kind, owner)

    def keep(self, text: str, kind: str, owner: Owner) -> str:
        """Take something that cannot be chosen, such as the 64 digits of a hash, for a canary."""
        return self._kept(text, kind, owner)

    def _kept(self, text: str, kind: str, owner: Owner) -> str:
        assert text not in self.canaries
        assert _PLANTED.fullmatch(text.encode())
        self.canaries[text] = Canary(text, kind, owner)
        return text

    def found(self, response: Response) -> set[Canary]:
        """Return every canary in an answer: in its head, its body, and what is packed in these."""
        texts = {match.decode() for part in _parts(response) for match in _PLANTED.findall(part)}
        return {self.canaries[text] for text in texts & self.canaries.keys()}


def told(response: Response) -> bytes:
    """Return what an answer tells: status, head and body, without its own number and time."""
    head = sorted(
        f"{name}: {value}"
        for name, value in response.headers.items()
        if name not in {"x-request-id", "date"}
    )
    return b"\n".join(
        [str(response.status_code).encode(), *map(str.encode, head), response.content]
    )


def _parts(response: Response) -> Iterator[bytes]:
    head = "\n".join(f"{name}: {value}" for name, value in response.headers.items()).encode()
    for part in (head, response.content):
        lowered = part.lower()
        yield lowered
        yield re.sub(rb"\r?\n[ \t]", b"", lowered)  # lines folded by a calendar
        yield unquote_to_bytes(lowered)
        for cursor in _CURSOR.findall(part):
            yield urlsafe_b64decode(cursor + b"=" * (-len(cursor) % 4))
    if is_zipfile(io.BytesIO(response.content)):
        with ZipFile(io.BytesIO(response.content)) as archive:
            for member in archive.namelist():
                yield member.lower().encode()
                yield archive.read(member).lower()

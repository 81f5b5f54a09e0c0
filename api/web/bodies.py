"""Bodies of requests, read as strictly as documents: every key once, no number that overflows.

No body may hold what looks like a Norwegian national identity number, wherever it stands.
"""

from __future__ import annotations

import re
from asyncio import wait_for
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from unicodedata import category, decimal, normalize

from starlette.requests import Request

from api.web.problems import Problem
from data.forms.json_text import Unreadable, parse
from data.forms.refusals import printable
from scheduler.errors import Fault, Place

BODY_SECONDS = 60
"""How long a body may take to arrive."""

_GAP = r"[\W_]{0,3}"
_RUN = re.compile(rf"(?<![0-9])(?=([0-9](?:{_GAP}[0-9]){{10}})(?![0-9]))")
"""Eleven digits, however they are set apart, and whatever stands beside them."""

_MACHINE_MADE = re.compile(
    r"(?<![0-9A-Za-z])(?=[0-9-]*[a-f])"
    r"([0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"(?![0-9A-Za-z])"
)
"""Hashes, and ids that are drawn by chance: their digits may look like anything."""
_DAYS = frozenset({*range(1, 32), *range(41, 72)})
_MONTHS = frozenset({*range(1, 13), *range(41, 53), *range(81, 93)})
"""Days and months as national numbers have them: also those of D-numbers, H-numbers and tests."""


def invalid(faults: list[Fault] | tuple[Fault, ...]) -> Problem:
    """Return the problem that says every fault of what was sent."""
    return Problem("invalid", faults=faults, faults_total=len(faults))


def is_national(text: str) -> bool:
    """Tell whether a text holds what looks like a national identity number: a day, five more."""
    for found in _RUN.finditer(_plain(_MACHINE_MADE.sub("id", text))):
        digits = "".join(letter for letter in found[1] if letter.isdigit())
        if int(digits[:2]) in _DAYS and int(digits[2:4]) in _MONTHS:
            return True
    return False


def _plain(text: str) -> str:
    """Return a text with every digit of the world as ours, and without what cannot be seen."""
    return "".join(
        str(decimal(letter)) if letter.isdecimal() else letter
        for letter in normalize("NFKC", text)
        if category(letter) != "Cf"
    )


def national_numbers(value: object) -> Iterator[Fault]:
    """Yield a fault for each text, or key, that looks like a national identity number."""
    stack: list[tuple[Place, object]] = [((), value)]
    while stack:
        place, item = stack.pop()
        if isinstance(item, str) and is_national(item):
            yield Fault("national-identity-number", place)
        elif isinstance(item, dict):
            for key, child in item.items():
                named = is_national(key)
                if named:
                    yield Fault("national-identity-number", place)
                stack.append(((*place, "" if named else printable(key)), child))
        elif isinstance(item, list):
            stack += [((*place, position), child) for position, child in enumerate(item)]


class StrictRequest(Request):
    """A request whose JSON is read strictly."""

    async def json(self) -> Any:
        """Return the body's value.

        Raises
        ------
        Problem
            ``invalid``, with every fault of the text.
        """
        try:
            parsed = parse(await self.body())
        except Unreadable as error:
            raise invalid([error.fault]) from None
        faults = [*parsed.faults, *national_numbers(parsed.value)]
        if faults:
            raise invalid(faults)
        return parsed.value


async def arrived(request: Request) -> bytes:
    """Wait for a request's body, but not for ever, and return it.

    Raises
    ------
    Problem
        ``too-slow``.
    """
    try:
        return await wait_for(request.body(), BODY_SECONDS)
    except TimeoutError:
        raise Problem("too-slow", headers={"Connection": "close"}) from None


def fingerprint(request: Request, body: bytes) -> str:
    """Return what tells a request apart from another one under the same Idempotency-Key."""
    head = f"{request.method}\n{request.url.path}\n{request.url.query}\n"
    return sha256(head.encode() + body).hexdigest()

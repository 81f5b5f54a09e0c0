"""Bodies of requests, read as strictly as documents: every key once, no number that overflows.

No body may hold what looks like a Norwegian national identity number, wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Iterator
from hashlib import sha256
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from api.web.problems import Problem
from data.forms.fields import printable
from data.forms.json_text import Unreadable, parse
from scheduler.errors import Fault, Place

_NATIONAL = re.compile(r"(?<![0-9A-Za-z])[0-9]{6}[ .-]?[0-9]{5}(?![0-9A-Za-z])")
"""Six digits of a date and five more: national identity numbers, D-numbers and their like."""


def invalid(faults: list[Fault] | tuple[Fault, ...]) -> Problem:
    """Return the problem that says every fault of what was sent."""
    return Problem("invalid", faults=faults, faults_total=len(faults))


def national_numbers(value: object) -> Iterator[Fault]:
    """Yield a fault for each text, or key, that looks like a national identity number."""
    stack: list[tuple[Place, object]] = [((), value)]
    while stack:
        place, item = stack.pop()
        if isinstance(item, str) and _NATIONAL.search(item):
            yield Fault("national-identity-number", place)
        elif isinstance(item, dict):
            for key, child in item.items():
                named = bool(_NATIONAL.search(key))
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


class StrictRoute(APIRoute):
    """A route that reads JSON strictly and remembers what was sent under an Idempotency-Key."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the route."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            stricter = StrictRequest(request.scope, request.receive)
            if "idempotency-key" in request.headers:
                sent = [request.method, request.url.path, request.url.query]
                body = await stricter.body()
                stricter.state.sent = sha256("\n".join(sent).encode() + b"\n" + body).hexdigest()
            return await handler(stricter)

        return strict

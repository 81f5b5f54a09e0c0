"""What every answer carries, whoever makes it: the application, its framework, or an error."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.web.answers import answered, too_large
from api.web.problems import MEDIA_TYPE, Problem

MAX_HEAD_KIBIBYTES = 32
"""Most that address and headers of a request may take together; a token takes up to 8 KiB."""

ALWAYS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers that every answer has, whatever its handler says."""

UNLESS_SET = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
"""Headers that an answer has where its handler says nothing else."""

LASTING = "lasting"
"""Name in a request's state: its answer is the same for everybody, and for ever."""

ENCRYPTED_ONLY = {"Strict-Transport-Security": "max-age=63072000"}
"""Headers of a service that people reach by https alone."""

VARY = "Authorization, Accept-Language"


class Headers:
    """Middleware: completes the head of every answer, and refuses requests whose own is too large.

    Parameters
    ----------
    https
        Whether people reach the service by https alone.
    """

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._always = ALWAYS | (ENCRYPTED_ONLY if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, receive, send, self._always)
        if _head_bytes(scope) > MAX_HEAD_KIBIBYTES * 1024:
            problem = Problem("head-too-large", maximum=MAX_HEAD_KIBIBYTES)
            await answered(Request(scope), problem)(scope, receive, answer.send)
        else:
            await self._app(scope, receive, answer.send)


class _Answer:
    """The answer to one request, on its way out."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, always: Mapping[str, str]
    ) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._always = always
        self._replaced = False

    async def send(self, message: Message) -> None:
        """Send part of the answer, or a problem for what the framework says in plain text."""
        if message["type"] == "http.response.start" and _is_of_the_framework(message):
            self._replaced = True
            problem: Response = answered(Request(self._scope), too_large(self._scope))
            await problem(self._scope, self._receive, self._complete)
        elif not self._replaced:
            await self._complete(message)

    async def _complete(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            headers.update(self._always)
            if LASTING in self._scope.get("state", {}):
                headers["Cache-Control"] = "public, max-age=31536000, immutable"
            for name, value in UNLESS_SET.items():
                headers.setdefault(name, value)
            headers.add_vary_header(VARY)
        await self._send(message)


def _head_bytes(scope: Scope) -> int:
    """Return what address and headers of a request take, in bytes."""
    address = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    return address + sum(len(name) + len(value) + 4 for name, value in scope["headers"])


def _is_of_the_framework(message: Message) -> bool:
    """Tell whether an answer is the framework's own refusal of a body's size."""
    media_type = MutableHeaders(raw=message["headers"]).get("content-type")
    return message["status"] == 413 and media_type != MEDIA_TYPE

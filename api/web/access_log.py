"""One line for each request: which operation, for whom, how it ended, how long it took.

Neither method nor address, query, headers or body of a request are told, since all may hold what
names a candidate, and of the caller only a pseudonym.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Iterable
from secrets import token_bytes, token_hex
from time import perf_counter
from typing import Any

from opentelemetry.trace import format_trace_id, get_current_span
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from api.identity.principal import Principal
from api.rights import RIGHTS
from api.telemetry import name_operation

_log = logging.getLogger("rotations.requests")


class AccessLog:
    """Middleware: tells of each request, under an id that the answer carries as X-Request-ID.

    Parameters
    ----------
    key
        Makes pseudonyms of callers; None = another one for each process, so that only lines of
        one process can be told to be of the same caller.
    """

    def __init__(self, app: ASGIApp, key: bytes | None = None) -> None:
        self._app = app
        self._key = key or token_bytes(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status, request = perf_counter(), 0, token_hex(16)

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(raw=message["headers"])["X-Request-ID"] = request
                name_operation(_operation(scope))
            await send(message)

        with bound_contextvars(request=request):
            try:
                await self._app(scope, receive, numbered)
            except Exception:
                # It has been answered and told of; raised again, it would cost the connection.
                if not status:
                    raise
            finally:
                milliseconds = round(1000 * (perf_counter() - started), 1)
                told = {"status": status or None, "milliseconds": milliseconds}
                _log.info("request", extra={**self._told(scope), **told})

    def _told(self, scope: Scope) -> dict[str, Any]:
        state = scope.get("state", {})
        operation = _operation(scope)
        told: dict[str, Any] = {"operation": operation}
        if (refused := state.get("refused")) is not None:
            told["refused"] = str(refused)
        if (principal := state.get("principal")) is not None:
            told["caller"] = self._pseudonym(principal.subject)
            told["organisations"] = sorted(_organisations(principal, operation))
        span = get_current_span().get_span_context()
        if span.is_valid:
            told["trace"] = format_trace_id(span.trace_id)
        return told

    def _pseudonym(self, subject: str) -> str:
        """Return what nobody without the key can turn back, or make for somebody they know."""
        return hmac.digest(self._key, subject.encode(), "sha256").hex()[:16]


def _operation(scope: Scope) -> str | None:
    """Return which operation a request asks for, once a route has been found for it."""
    return getattr(scope.get("route"), "operation_id", None)


def _organisations(principal: Principal, operation: str | None) -> Iterable[str]:
    """Return for whom the caller may do this."""
    allowed = RIGHTS.get(operation or "", frozenset())
    return {grant.organisation for grant in principal.grants if grant.role in allowed}

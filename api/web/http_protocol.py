"""HTTP as it is spoken below the application: what never becomes a request is refused here."""

from __future__ import annotations

import json
from asyncio import Transport
from secrets import token_hex

from uvicorn.protocols.http.h11_impl import H11Protocol

from api.web.headers import ALWAYS, UNLESS_SET
from api.web.languages import DEFAULT
from api.web.problems import MEDIA_TYPE, Problem

SILENT_SECONDS = 20.0
"""How long a connection may be open before it says something."""


class Protocol(H11Protocol):
    """HTTP/1.1, where also a refusal of what is no HTTP is a problem with its headers."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Give a new connection some time to say something."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(
            SILENT_SECONDS, self.timeout_keep_alive_handler
        )

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the library's own words
        """Answer what is no HTTP, and hang up."""
        problem = Problem("not-http")
        body = json.dumps(problem.document(DEFAULT), ensure_ascii=False).encode()
        headers = {
            "Content-Type": MEDIA_TYPE,
            "Content-Language": DEFAULT,
            "Content-Length": str(len(body)),
            "Connection": "close",
            "X-Request-ID": token_hex(16),
            **ALWAYS,
            **UNLESS_SET,
        }
        head = [f"HTTP/1.1 {problem.status_code} Bad Request"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        self.transport.write("\r\n".join([*head, "", ""]).encode("ascii") + body)
        self.transport.close()

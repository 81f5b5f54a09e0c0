"""Every answer has its headers, whoever made it, and no request may be larger than it has to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from starlette.types import Message, Receive, Scope, Send

from api.web.headers import ALWAYS, MAX_HEAD_KIBIBYTES, Headers
from api.web.problems import MEDIA_TYPE
from models.database import Database
from tests.api.served import FINNMARK, Served, serving
from tests.databases import Files

MEBIBYTE = 2**20
UNIT = "/v1/units/hammerfest-medisin"


def failing() -> None:
    raise RuntimeError("planted")


def in_parts(size: int) -> Iterator[bytes]:
    """A body whose size nobody is told."""
    for _ in range(size // 65_536 + 1):
        yield b" " * 65_536


ANSWERS: dict[str, tuple[int, Callable[[Served], Response]]] = {
    "alive": (200, lambda s: s.client.get("/livez")),
    "public": (200, lambda s: s.client.get("/v1/openapi.json")),
    "read": (200, lambda s: s.planner.get("/v1/organisations")),
    "no token": (401, lambda s: s.client.get("/v1/organisations")),
    "bad token": (
        401,
        lambda s: s.client.get("/v1/organisations", headers={"Authorization": "Bearer x"}),
    ),
    "wrong role": (403, lambda s: s.coordinator().put(UNIT, json={})),
    "no such thing": (404, lambda s: s.planner.get("/v1/units/none")),
    "no such address": (404, lambda s: s.client.get("/nowhere")),
    "no such method": (405, lambda s: s.client.delete("/livez")),
    "too large": (
        413,
        lambda s: s.planner.put(UNIT, content=b" " * (4 * MEBIBYTE + 1)),
    ),
    "too large, no token": (413, lambda s: s.client.put(UNIT, content=b" " * (4 * MEBIBYTE + 1))),
    "too large, in parts": (
        413,
        lambda s: s.planner.put(
            UNIT,
            content=in_parts(4 * MEBIBYTE),
            headers={"Content-Type": "application/json"},
        ),
    ),
    "invalid": (422, lambda s: s.planner.put(UNIT, json={})),
    "large head": (
        431,
        lambda s: s.client.get("/livez", headers={"X-Long": "x" * MAX_HEAD_KIBIBYTES * 1024}),
    ),
    "long address": (431, lambda s: s.client.get(f"/livez?{'x' * MAX_HEAD_KIBIBYTES * 1024}")),
    "fault": (500, lambda s: s.client.get("/planted")),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_has_its_headers(embedded: Served, name: str) -> None:
    embedded.app.add_api_route("/planted", failing)
    status, ask = ANSWERS[name]
    answer = ask(embedded)
    assert answer.status_code == status
    for header, value in ALWAYS.items():
        assert answer.headers.get_list(header) == [value]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; frame-")
    assert answer.headers["vary"] == "Authorization, Accept-Language"
    assert len(answer.headers["x-request-id"]) == 32
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers
    if status >= 400:
        assert answer.headers["content-type"] == MEDIA_TYPE
        assert answer.json()["status"] == status


def test_every_request_has_an_id_of_its_own_and_none_of_the_callers(embedded: Served) -> None:
    sent = [embedded.client.get("/livez", headers={"X-Request-ID": "mine"}) for _ in range(3)]
    assert len({answer.headers["x-request-id"] for answer in sent} | {"mine"}) == 4


def test_a_body_at_the_limit_is_read(embedded: Served) -> None:
    content = b'{"name": "Medisin", "site": "hammerfest"}'
    padded = content + b" " * (4 * MEBIBYTE - len(content))
    answer = embedded.planner.put(
        UNIT, content=padded, tag='"1"', headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 200


def test_the_limit_that_is_told_is_the_one_in_force(embedded: Served) -> None:
    def take(body: dict[str, Any]) -> None:
        """Never called: no such body is sent."""

    embedded.app.add_api_route("/small", take, methods=["POST"], max_body_size=MEBIBYTE)
    for content in (b" " * (2 * MEBIBYTE), in_parts(2 * MEBIBYTE)):
        answer = embedded.client.post(
            "/small", content=content, headers={"Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.json()["maximum"]) == (413, 1)


def test_https_is_insisted_on_where_people_come_by_it(
    sqlite_databases: Files, tmp_path: Path
) -> None:
    database = Database(sqlite_databases.migrated())
    with serving(database, tmp_path, https=True) as running:
        answer = running.client.get("/nowhere")
    database.close()
    assert answer.headers["strict-transport-security"] == "max-age=63072000"


def test_each_part_of_a_stream_goes_out_when_it_is_there() -> None:
    """A handler may say more about its own page, but not that others may keep it."""
    told: list[str] = []

    async def stream(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [
            (b"content-security-policy", b"default-src 'self'"),
            (b"cache-control", b"public"),
            (b"vary", b"Accept"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number in range(3):
            told.append(f"make {number}")
            await send({"type": "http.response.body", "body": b"x", "more_body": number < 2})

    sent: list[Message] = []

    async def send(message: Message) -> None:
        told.append(f"send {message['type']}")
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError("nobody asks for the body")

    scope = {"type": "http", "headers": [], "query_string": b"", "raw_path": b"/"}
    asyncio.run(Headers(stream, https=False)(scope, receive, send))
    body = "send http.response.body"
    assert told == [
        "send http.response.start", "make 0", body, "make 1", body, "make 2", body,
    ]  # fmt: skip
    headers = dict(sent[0]["headers"])
    assert headers[b"content-security-policy"] == b"default-src 'self'"
    assert headers[b"cache-control"] == b"no-store"
    assert headers[b"vary"] == b"Accept, Authorization, Accept-Language"


@pytest.mark.parametrize("in_parts_", [False, True])
def test_a_round_that_is_imported_may_be_larger(embedded: Served, in_parts_: bool) -> None:
    size = 32 * MEBIBYTE + 1
    answer = embedded.planner.post(
        f"/v1/rounds/import?organisation={FINNMARK}",
        content=in_parts(size) if in_parts_ else b" " * size,
        headers={"Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json()["maximum"]) == (413, 32)

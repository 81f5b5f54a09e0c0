"""The server below the application: what is no HTTP, who says nothing, and who stands in front."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic

import httpx2
import pytest

import api.routes.health
import api.web.http_protocol
from api.running.serving import _config, _Server, listening
from api.web.headers import ALWAYS
from api.web.limits import Limiter
from tests.api.running import awaited
from tests.api.served import Served


@contextmanager
def listened(served: Served) -> Iterator[tuple[str, int]]:
    """Serve over a real connection."""
    listener = listening("127.0.0.1", 0)
    server = _Server(_config(served.service, None), served.service.stopping)
    thread = Thread(target=server.run, args=([listener],))
    thread.start()
    awaited(lambda: server.started)
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        thread.join()


def said_to(address: tuple[str, int], sent: bytes) -> tuple[dict[str, str], bytes, float]:
    """Say something, and return headers and body of the answer, and when the server hung up."""
    began = monotonic()
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(sent)
        answer = b""
        while received := connection.recv(65_536):
            answer += received
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    return headers | {"status": lines[0].split()[1] if answer else ""}, body, monotonic() - began


@pytest.mark.parametrize(
    "sent",
    [
        b"HELO somebody\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 70_000,
    ],
    ids=["no method", "no host", "no length", "tls", "endless head"],
)
def test_what_is_no_http_is_a_problem_too(embedded: Served, sent: bytes) -> None:
    with listened(embedded) as address:
        headers, body, _ = said_to(address, sent)
    assert (headers["status"], headers["content-type"]) == ("400", "application/problem+json")
    assert json.loads(body)["code"] == "not-http"
    for name, value in ALWAYS.items():
        assert headers[name.lower()] == value
    assert "server" not in headers


def test_who_says_nothing_is_hung_up_on(embedded: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.web.http_protocol, "SILENT_SECONDS", 0.3)
    with listened(embedded) as address:
        assert said_to(address, b"")[2] < 5


def test_a_connection_outlives_a_fault(embedded: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a caller's next request would find nobody at the other end."""

    def fail(_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(api.routes.health, "_language", fail)
    asked = [b"GET /problems HTTP/1.1\r\nHost: x\r\n\r\n"]
    asked += [b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"]
    with listened(embedded) as address:
        headers, body, _ = said_to(address, b"".join(asked))
    assert headers["status"] == "500"
    assert body.count(b"HTTP/1.1 200") == 1
    assert body.endswith(b'{"alive":true}')


def test_small_answers_are_not_held_back() -> None:
    """Without the protocol's number the event loop leaves the delay of small packets on."""
    with listening("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize(("proxies", "statuses"), [(None, [401, 429]), ("127.0.0.1", [401, 401])])
def test_only_a_known_proxy_says_where_a_caller_is(
    embedded: Served, proxies: str | None, statuses: list[int]
) -> None:
    embedded.service.settings.proxies = proxies
    object.__setattr__(embedded.service, "limiter", Limiter(1))
    with listened(embedded) as (host, port):
        answers = [
            httpx2.get(f"http://{host}:{port}/v1/me", headers={"X-Forwarded-For": f"192.0.2.{n}"})
            for n in range(2)
        ]
    assert [answer.status_code for answer in answers] == statuses

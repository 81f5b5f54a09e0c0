"""A real HTTP server on a loopback port that publishes keys, or does what servers do instead."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread

Answer = Callable[["Handler"], None]

PIECE = b"x" * 2**16


class Handler(BaseHTTPRequestHandler):
    """Answers every request as the publisher says."""

    server: Publisher
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        with self.server.counting:
            self.server.paths.append(self.path)
        self.close_connection = True
        with suppress(OSError):  # whoever asked may have given up
            self.server.answer(self)

    def head(self, code: int = 200, /, **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has there
        """Say nothing."""


class Publisher(ThreadingHTTPServer):
    """The server: `answer` may be exchanged at any time; `paths` are those that were asked for."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer: Answer = status(404)
        self.paths: list[str] = []
        self.counting, self.released = Lock(), Event()
        self.scheme = "https" if tls else "http"
        if tls:
            self.socket = tls.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: whoever asked may have given up."""

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}/keys"


@contextmanager
def publishing(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Publisher]:
    """Run a server for as long as the block."""
    publisher = Publisher(tls)
    publisher.answer = answer
    thread = Thread(target=publisher.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield publisher
    finally:
        publisher.released.set()
        publisher.shutdown()
        thread.join()
        publisher.server_close()


def closed_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def content(body: bytes, kind: str = "application/json", **headers: str) -> Answer:
    def answer(handler: Handler) -> None:
        handler.head(200, Content_Type=kind, Content_Length=str(len(body)), **headers)
        handler.wfile.write(body)

    return answer


def status(code: int, **headers: str) -> Answer:
    return lambda handler: handler.head(code, Content_Length="0", **headers)


def endless(handler: Handler) -> None:
    """Send a gigabyte, as far as somebody takes it."""
    handler.head(Content_Type="application/json")
    for _ in range(2**14):
        handler.wfile.write(PIECE)


def silent(handler: Handler) -> None:
    """Take the request and say nothing."""
    handler.server.released.wait(10)


def dripping_head(handler: Handler) -> None:
    """Begin an answer and go on with a header, a letter at a time."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    drip(handler, b"x")


def dripping_body(handler: Handler) -> None:
    """Say what comes, and let it come a blank at a time."""
    handler.head(Content_Type="application/json")
    drip(handler, b" ")


def drip(handler: Handler, letter: bytes) -> None:
    while not handler.server.released.is_set():
        handler.wfile.write(letter)
        handler.wfile.flush()
        time.sleep(0.05)


def hanging_up(handler: Handler) -> None:
    """Promise more than comes."""
    handler.head(Content_Type="application/json", Content_Length="1000")
    handler.wfile.write(b'{"keys":')


def gated(gate: Event, then: Answer) -> Answer:
    """Answer only when the gate is open."""

    def answer(handler: Handler) -> None:
        gate.wait(10)
        then(handler)

    return answer

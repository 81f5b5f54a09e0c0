"""The service as a process: prepared, listening, and ended within ten seconds."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import closing
from threading import Event
from types import FrameType

from uvicorn import Config, Server

from api import garbage
from api.app import create_app
from api.clock import utc_now
from api.failures import Unusable, shown
from api.identity.issuers import InvalidIssuers
from api.identity.tokens import Identifier
from api.running.supervision import Supervisor
from api.settings import Settings
from api.solving import jobs
from api.telemetry import Telemetry, measuring
from api.web.headers import MAX_HEAD_KIBIBYTES
from api.web.http_protocol import Protocol
from api.web.limits import Limiter
from api.web.service import Service
from models.database import Database

BACKLOG = 2048
"""Most connections that wait to be taken."""

DRAIN_SECONDS = 5
"""How long requests may take to be answered once the process is to end."""

KEEP_ALIVE_SECONDS = 65
"""How long a connection may rest between two requests: longer than proxies let theirs."""


def assembled(settings: Settings, database: Database) -> Service:
    """Return the parts of the service.

    Raises
    ------
    InvalidIssuers, UnfitKey
        Where the issuers file or the local key cannot be used.
    """
    identifier = Identifier.of(settings)
    if settings.sign_in_issuer and identifier.trusted(settings.sign_in_issuer) is None:
        raise InvalidIssuers(["ROTATIONS_SIGN_IN_ISSUER is not among them"])
    return Service(
        settings=settings,
        database=database,
        clock=utc_now,
        identifier=identifier,
        jobs=jobs.Jobs(database),
        limiter=Limiter(settings.requests_per_minute),
    )


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one.

    Raises
    ------
    Unusable
        The address is not ours, or taken.
    """
    try:
        [(family, kind, protocol, _, address), *_] = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except socket.gaierror as error:
        raise Unusable("address-unusable", place=shown(host), said=error.strerror) from None
    # Only with the protocol named does the event loop send small answers without delay.
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        place, said = shown(f"{host}:{port}"), os.strerror(error.errno or 0)
        raise Unusable("address-unusable", place=place, said=said) from None
    return made


def serve(service: Service, listener: socket.socket, supervisor: Supervisor | None = None) -> None:
    """Answer requests until SIGTERM or SIGINT; then end within ten seconds.

    Parameters
    ----------
    listener
        Where requests come in.
    supervisor
        Keeps a worker alive until the service is stopping.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _ended)  # the server hands its signals on when it has ended
    if supervisor is not None:
        supervisor.start()
    with closing(service.database):
        with measuring(service.settings) as telemetry:
            if telemetry is not None:
                telemetry.watch(service.database)
            server = _Server(_config(service, telemetry), service.stopping)
            garbage.as_usual()
            server.run([listener])
            service.stopping.set()
        if supervisor is not None:
            supervisor.join()


class _Server(Server):
    """A server that tells everybody at once that it is to end."""

    def __init__(self, config: Config, stopping: Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop."""
        self._stopping.set()
        super().handle_exit(sig, frame)


def _config(service: Service, telemetry: Telemetry | None) -> Config:
    proxies = service.settings.proxies
    return Config(
        create_app(service, telemetry),
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=proxies is not None,
        forwarded_allow_ips=proxies,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        h11_max_incomplete_event_size=2 * MAX_HEAD_KIBIBYTES * 1024,
    )


def _ended(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the signal has done its work."""

"""Where callers race: open and locked rounds, one for each race, and many hands at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import cycle
from pathlib import Path
from threading import Barrier
from typing import Any, Protocol
from uuid import uuid4

import httpx2
from sqlmodel import Session, col, select

from api.clock import utc_now
from api.identity.issuers import LOCAL
from api.identity.local import LocalKey
from models.database import Database, embedded_url
from models.scope import EVERYTHING
from models.tables import (
    Grant,
    Participation,
    Plan,
    Policy,
    Round,
    Snapshot,
    Submission,
    Supervisor,
    Window,
)
from tests.api.outside.world import RULES
from tests.api.running import Site, running
from tests.api.served import ALTA, FINNMARK, NOW, plant, serving

UNIT = "hammerfest-medisin"
CANDIDATE = f"{ALTA}-k1"

BUSY_TRIES = 20
"""How often somebody asks again who was told that the service is busy."""


class Client(Protocol):
    """Sends requests to one of the places where the service is."""

    def request(self, method: str, url: str, **options: Any) -> httpx2.Response:
        """Send a request."""


@dataclass(frozen=True)
class Hand:
    """Somebody at one of the places, ready to send."""

    client: Client
    token: str

    def send(self, method: str, path: str, headers: dict[str, str], body: Any) -> httpx2.Response:
        """Send a request, and again while the service is busy, but not for ever."""
        sent = {"Authorization": f"Bearer {self.token}", **headers}
        for _ in range(BUSY_TRIES):
            answer = self.client.request(method, path, headers=sent, json=body)
            if answer.status_code != 503:
                return answer
        raise AssertionError("busy for ever")


Act = Callable[[Hand], httpx2.Response]


@dataclass
class Arena:
    """A database with a register, and the places from which the service answers on it."""

    database: Database
    key: LocalKey
    clients: Sequence[Client]
    now: datetime
    tokens: dict[tuple[str, str | None], str] = field(default_factory=dict)

    def race(self, *acts: tuple[str, Act]) -> list[httpx2.Response]:
        """Let everybody act at once, in turns at the places; `acts` name the role of each."""
        barrier, places = Barrier(len(acts)), cycle(self.clients)
        hands = [Hand(next(places), self.token(role)) for role, _ in acts]

        def act(number: int) -> httpx2.Response:
            barrier.wait()
            return acts[number][1](hands[number])

        with ThreadPoolExecutor(len(acts)) as threads:
            answers = list(threads.map(act, range(len(acts))))
        assert all(answer.status_code < 500 for answer in answers), [a.text for a in answers]
        return answers

    def one(self, role: str) -> Hand:
        """Return somebody at the first place."""
        return Hand(self.clients[0], self.token(role))

    def token(self, role: str) -> str:
        """Return the token of somebody of Finnmark in a role; a coordinator is Alta's."""
        place = ALTA if role == "coordinator" else None
        if (role, place) not in self.tokens:
            subject = f"racer-{uuid4().hex}"
            right = {"role": role, "organisation": FINNMARK, "municipality": place}
            given = {"issuer": LOCAL, "granted_at": self.now, "granted_by": "test"}
            self.add(Grant(id=uuid4().hex, subject=subject, **right, **given))
            self.tokens[role, place] = self.key.sign(subject, self.now, timedelta(hours=12))
        return self.tokens[role, place]

    def add(self, *rows: Any) -> None:
        """Plant rows, those first that others refer to."""
        with self.database.writing(EVERYTHING) as session:
            for row in rows:
                session.add(row)
                session.flush()

    @contextmanager
    def seeing(self) -> Iterator[Session]:
        """See everything."""
        with self.database.reading(EVERYTHING) as session:
            yield session


def list_of(gp_months: int, supervisor: str | None = None) -> dict[str, Any]:
    """Return a list of one candidate, told from others by her months in general practice."""
    person = {"id": CANDIDATE, "gp_months": gp_months, "supervisor": supervisor}
    return {"candidates": [person | {"in_individual_plan": True}]}

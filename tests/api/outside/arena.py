"""Where callers race: rounds of their own for each race, and many hands at one or two places."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count, cycle
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import uuid4

import httpx2

from api.clock import utc_now
from api.identity.issuers import LOCAL
from api.identity.local import LocalKey
from api.schemas.fields import written_instant
from api.solving.jobs import Jobs, prepare
from data.documents import write_round
from models.database import Database, embedded_url
from models.migrate import upgrade
from models.scope import EVERYTHING
from models.tables import Grant, Municipality
from tests.api.outside.world import RULES
from tests.api.routes.planned import bare, finnmark, finnmark_plan
from tests.api.running import Site, running
from tests.api.served import ALTA, FINNMARK, NOW, plant, serving

UNIT = "hammerfest-medisin"
CANDIDATE = f"{ALTA}-k1"

BUSY_TRIES = 20
"""How often somebody asks again who was told that the service is busy."""

Answer = httpx2.Response


@dataclass(frozen=True)
class Hand:
    """Somebody at one of the places, ready to send."""

    client: httpx2.Client
    token: str

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send a request, and again while the service is busy, but not for ever.

        Headers are given as names of variables: ``If_Match``.
        """
        sent = {"Authorization": f"Bearer {self.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        for _ in range(BUSY_TRIES):
            answer = self.client.request(method, f"/v1{path}", headers=sent, json=body)
            if answer.status_code != 503:
                return answer
        raise AssertionError("busy for ever")


Act = Callable[[Hand], Answer]


@dataclass
class Arena:
    """A database with a register, and the places from which the service answers on it."""

    database: Database
    key: LocalKey
    clients: Sequence[httpx2.Client]
    now: datetime
    tokens: dict[str, str] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)
    policy: str = ""

    def race(self, role: str, act: Act, number: int) -> list[Answer]:
        """Let so many act alike at once, in turns at the places."""
        return self.clash(*[(role, act)] * number)

    def clash(self, *acts: tuple[str, Act]) -> list[Answer]:
        """Let everybody act at once, in turns at the places; return the answers in this order."""
        barrier, places = Barrier(len(acts)), cycle(self.clients)
        hands = [Hand(next(places), self.token(role)) for role, _ in acts]

        def act(number: int) -> Answer:
            barrier.wait()
            return acts[number][1](hands[number])

        with ThreadPoolExecutor(len(acts)) as threads:
            answers = list(threads.map(act, range(len(acts))))
        assert all(answer.status_code < 500 for answer in answers), [a.text for a in answers]
        return answers

    def done(self, role: str, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Do something that nobody races for."""
        hand = Hand(self.clients[0], self.token(role))
        answer = hand.send(method, path, body, **headers)
        assert answer.is_success, answer.text
        return answer

    def token(self, role: str) -> str:
        """Return the token of somebody of Finnmark in a role; a coordinator is Alta's."""
        if role not in self.tokens:
            subject = f"racer-{uuid4().hex}"
            grant = Grant(
                id=uuid4().hex,
                issuer=LOCAL,
                subject=subject,
                role=role,
                organisation=FINNMARK,
                municipality=ALTA if role == "coordinator" else None,
                unit=UNIT if role == "unit_leader" else None,
                granted_at=self.now,
                granted_by="test",
            )
            with self.database.writing(EVERYTHING) as session:
                session.add(grant)
            self.tokens[role] = self.key.sign(subject, self.now, timedelta(hours=12))
        return self.tokens[role]

    def opened(self) -> str:
        """Return the address of a round of its own that is open to Alta."""
        made = self.done("planner", "POST", "/rounds", self._round())
        address = made.headers["location"].removeprefix("/v1")
        self.done("planner", "POST", f"{address}/open", If_Match=made.headers["etag"])
        return str(address)

    def locked(self) -> str:
        """Return the address of a round of its own that is locked."""
        address = self.opened()
        self.done("planner", "POST", f"{address}/lock", If_Match=self.tag(address))
        return address

    def tag(self, address: str) -> str:
        """Return the ETag of something as its planner reads it."""
        return str(self.done("planner", "GET", address).headers["etag"])

    def _round(self) -> dict[str, Any]:
        day = (self.now + timedelta(days=60)).date()
        if not self.policy:
            whose = {"organisation": FINNMARK, "valid_from": "2020-01-01"}
            policy = {"name": "veddeløp", "version": 1, **RULES, **whose}
            self.policy = self.done("planner", "POST", "/policies", policy).json()["id"]
        return {
            "organisation": FINNMARK,
            "label": f"veddeløp-{next(self.numbers)}",
            "decision_date": str(day),
            "deadline": written_instant(self.now + timedelta(days=1)),
            "policy": self.policy,
            "participants": [ALTA],
        }


def list_of(months: int) -> dict[str, Any]:
    """Return a list of one candidate, told from others by her months in general practice."""
    person = {"id": CANDIDATE, "gp_months": months, "supervisor": None}
    return {"candidates": [person | {"in_individual_plan": True}]}


def approved(arena: Arena, number: int) -> list[str]:
    """Import the sample, and return the addresses of so many approved plans of it."""
    document = json.loads(write_round(finnmark()))
    document["round"]["id"] = f"kappløp-{next(arena.numbers)}"
    path = f"/rounds/import?organisation={FINNMARK}"
    round_ = arena.done("planner", "POST", path, document).headers["location"].removeprefix("/v1")
    with arena.database.writing(EVERYTHING) as session:
        session.get_one(Municipality, ALTA).contact = "alis@alta.example"
    plan = bare(finnmark_plan()) | {"round": document["round"]["id"]}
    made = []
    for _ in range(number):
        kept = arena.done("planner", "POST", f"{round_}/plans/hand", plan)
        address = kept.headers["location"].removeprefix("/v1")
        arena.done("approver", "POST", f"{address}/approve", If_Match='"1"')
        made.append(address)
    return made


@contextmanager
def in_threads(url: str, folder: Path, *, queued: bool = False) -> Iterator[Arena]:
    """Let threads of one process race; `queued` = plans wait where workers would find them."""
    database = Database(url)
    if queued:
        prepare(database)
    with serving(database, folder, Jobs(database) if queued else None) as served:
        yield Arena(database, served.key, [served.client], NOW)
    database.close()


@contextmanager
def in_processes(url: str, folder: Path) -> Iterator[Arena]:
    """Let two processes of the program race on one database; nobody makes plans."""
    database = Database(url)
    plant(database)
    environment = {} if database.embedded else {"DATABASE_URL": url}
    site = Site(folder, environment)
    with ExitStack() as stack:
        clients = []
        for name in ("first", "second"):
            service = stack.enter_context(running(site, "--no-worker", log=name))
            limits = httpx2.Limits(max_connections=32)
            clients.append(stack.enter_context(service.client(limits=limits)))
        yield Arena(database, LocalKey.of(site.data), clients, utc_now())
    database.close()


def fresh(url: str | None, folder: Path) -> str:
    """Return the address of a database with every table; without one given, of the site's file."""
    if url is not None:
        return url
    made = embedded_url(folder / "var")
    database = Database(made)
    upgrade(database)
    database.close()
    return made

"""A running service for tests: made-up organisations, a caller for each role, both databases.

All organisations but their numbers and names are made up, and so is everybody in them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import Session
from starlette.datastructures import State

from api.app import create_app
from api.identity.issuers import LOCAL
from api.identity.local import LocalKey
from api.identity.tokens import Identifier
from api.settings import Settings
from api.web.limits import Limiter
from api.web.readiness import Readiness
from api.web.service import Jobs, Service
from models.database import Database
from models.scope import EVERYTHING
from models.tables import Agreement, Grant, Municipality, Organisation, Site, Unit

NORTH, FINNMARK, TROMS = "883658752", "983974880", "983974899"
"""A region (Helse Nord RHF) and two of its trusts: Finnmarkssykehuset and UNN."""

WEST, BERGEN = "983658725", "983974724"
"""Another region (Helse Vest RHF) and its trust (Helse Bergen)."""

ALTA, VADSO, TROMSO, BERGEN_TOWN = "5601", "5607", "5501", "4601"
"""Municipalities: two that Finnmark keeps, one of Troms, one of Bergen."""

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


_IDLE: defaultdict[tuple[int, int], list[FastAPI]] = defaultdict(list)
"""Applications that nobody has, by what is made with them: the longest bodies they take."""


class Clock:
    """A clock that tests set."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


class Waiting:
    """A queue that nobody works on."""

    def __init__(self) -> None:
        self.plans: list[str] = []
        self.later: list[str] = []

    def enqueue(self, _session: Session, id_: str, *, later: bool = False) -> None:
        (self.later if later else self.plans).append(id_)


@dataclass(frozen=True)
class Person:
    """Somebody with a token, and how they call."""

    client: TestClient
    token: str
    grant: str

    def headers(self, extra: Mapping[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **extra}

    def get(self, path: str, **sent: Any) -> Response:
        return self._call("GET", path, sent)

    def put(self, path: str, **sent: Any) -> Response:
        return self._call("PUT", path, sent)

    def post(self, path: str, **sent: Any) -> Response:
        return self._call("POST", path, sent)

    def patch(self, path: str, **sent: Any) -> Response:
        return self._call("PATCH", path, sent)

    def delete(self, path: str, **sent: Any) -> Response:
        return self._call("DELETE", path, sent)

    def _call(self, method: str, path: str, sent: dict[str, Any]) -> Response:
        """Send a request: `tag` is If-Match, `new` If-None-Match: *, `key` the Idempotency-Key."""
        headers = dict(sent.pop("headers", {}))
        if (tag := sent.pop("tag", None)) is not None:
            headers["If-Match"] = tag
        if sent.pop("new", False):
            headers["If-None-Match"] = "*"
        if (key := sent.pop("key", None)) is not None:
            headers["Idempotency-Key"] = key
        return self.client.request(method, path, headers=self.headers(headers), **sent)


@dataclass
class Served:
    """The service, its application and a client."""

    service: Service
    app: FastAPI
    client: TestClient
    clock: Clock
    key: LocalKey
    people: dict[tuple[str | None, ...], Person] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.service.database

    def as_(
        self,
        role: str,
        organisation: str = FINNMARK,
        *,
        unit: str | None = None,
        municipality: str | None = None,
        candidate: str | None = None,
    ) -> Person:
        """Return somebody who has this one right; the same one each time."""
        right = (role, organisation, unit, municipality, candidate)
        if right not in self.people:
            subject, grant = f"test-{uuid4().hex}", uuid4().hex
            with self.database.writing(EVERYTHING) as session:
                session.add(
                    Grant(
                        id=grant,
                        issuer=LOCAL,
                        subject=subject,
                        role=role,
                        organisation=organisation,
                        unit=unit,
                        municipality=municipality,
                        candidate=candidate,
                        granted_at=self.clock(),
                        granted_by="test",
                    )
                )
            # Tests move the clock by weeks, so a token is signed when it is first used.
            token = self.key.sign(subject, self.clock(), timedelta(hours=24))
            self.people[right] = Person(self.client, token, grant)
        return self.people[right]

    @property
    def planner(self) -> Person:
        return self.as_("planner")

    def coordinator(self, municipality: str = ALTA, organisation: str = FINNMARK) -> Person:
        return self.as_("coordinator", organisation, municipality=municipality)


@contextmanager
def serving(
    database: Database, folder: Path, jobs: Jobs | None = None, **settings: Any
) -> Iterator[Served]:
    """Serve a database whose register holds `plant`'s rows.

    Without `jobs` plans are queued in memory, where no worker finds them.
    """
    chosen = Settings(
        data_dir=folder, database_url=database.url, requests_per_minute=1_000_000, **settings
    )
    clock = Clock()
    service = Service(
        settings=chosen,
        database=database,
        clock=clock,
        identifier=Identifier.of(chosen),
        jobs=jobs or Waiting(),
        limiter=Limiter(chosen.requests_per_minute),
    )
    plant(database)
    with (
        application(service) as app,
        TestClient(app, raise_server_exceptions=False) as client,
    ):
        yield Served(service, app, client, clock, LocalKey.of(folder))


@contextmanager
def application(service: Service) -> Iterator[FastAPI]:
    """Lend an application that nobody else has meanwhile.

    What it does with a hundred routes at its first request takes longer than most tests: it is
    done once, and all that hangs on the service is made anew.
    """
    settings = service.settings
    idle = _IDLE[settings.body_mebibytes, settings.import_mebibytes]
    app = idle.pop() if idle else create_app(service)
    app.state = State({"service": service, "readiness": Readiness(service)})
    app.middleware_stack = None
    made = _parts(app)
    yield app
    if _parts(app) == made:
        idle.append(app)


def _parts(app: FastAPI) -> tuple[list[object], ...]:
    """Return what a test may have added to an application."""
    handlers, replaced = app.exception_handlers, app.dependency_overrides
    return ([*app.routes], [*app.user_middleware], [*handlers.items()], [*replaced.items()])


def plant(database: Database) -> None:
    """Register two regions, their trusts, sites and units, and four municipalities."""
    with database.writing(EVERYTHING) as session:
        for number, name in ((NORTH, "Helse Nord RHF"), (WEST, "Helse Vest RHF")):
            session.add(Organisation(number=number, name=name, kind="RHF"))
        session.flush()
        for number, name, trust, parent in (
            (FINNMARK, "Finnmarkssykehuset HF", "finnmark", NORTH),
            (TROMS, "Universitetssykehuset Nord-Norge HF", "unn", NORTH),
            (BERGEN, "Helse Bergen HF", "bergen", WEST),
        ):
            session.add(
                Organisation(number=number, name=name, kind="HF", trust=trust, parent=parent)
            )
        session.flush()
        for site, organisation in (
            ("hammerfest", FINNMARK),
            ("kirkenes", FINNMARK),
            ("tromso", TROMS),
            ("haukeland", BERGEN),
        ):
            session.add(Site(id=site, name=site.capitalize(), organisation=organisation))
        session.flush()
        for unit, site in (
            ("hammerfest-medisin", "hammerfest"),
            ("hammerfest-kirurgi", "hammerfest"),
            ("kirkenes-medisin", "kirkenes"),
            ("tromso-medisin", "tromso"),
            ("haukeland-medisin", "haukeland"),
        ):
            session.add(
                Unit(
                    id=unit,
                    name=unit.replace("-", " ").capitalize(),
                    site=site,
                    supervised_places=2,
                    learning_goals=["ALM-055", "ALM-085"],
                )
            )
        for number, name, organisation in (
            (ALTA, "Alta", FINNMARK),
            (VADSO, "Vadsø", FINNMARK),
            (TROMSO, "Tromsø", TROMS),
            (BERGEN_TOWN, "Bergen", BERGEN),
        ):
            session.add(
                Municipality(
                    number=number,
                    name=name,
                    organisation=organisation,
                    registered_on=date(2019, 3, 1),
                )
            )
        session.flush()
        for number, organisation in (
            (ALTA, FINNMARK),
            (VADSO, FINNMARK),
            (TROMSO, TROMS),
            (BERGEN_TOWN, BERGEN),
        ):
            session.add(
                Agreement(
                    municipality=number, organisation=organisation, signed_on=date(2021, 5, 1)
                )
            )

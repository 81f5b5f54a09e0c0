"""Placements that have begun, for tests of what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from httpx2 import Response
from sqlmodel import Session

from models.scope import EVERYTHING
from models.store.placements import begin
from models.tables import Placement, Plan, Publication, Snapshot
from tests.api.routes.planted import plant_round
from tests.api.served import ALTA, FINNMARK, NOW, Person, Served

UNIT = "hammerfest-medisin"
HER = f"{ALTA}-1"


@dataclass(frozen=True)
class Placed:
    """A placement, and how its parties call it."""

    served: Served
    id: str
    round: str

    @property
    def path(self) -> str:
        return f"/v1/placements/{self.id}"

    @property
    def tag(self) -> str:
        """The placement's ETag, as it is in the database."""
        with self.served.database.reading(EVERYTHING) as session:
            return f'"{session.get_one(Placement, self.id).revision}"'

    @property
    def leader(self) -> Person:
        return self.served.as_("unit_leader", unit=UNIT)

    def step(self, name: str, who: Person, **form: Any) -> Response:
        """Take a step on the state as it is."""
        return who.post(f"{self.path}/{name}", json=form, tag=self.tag)

    def done(self, name: str, who: Person, **form: Any) -> dict[str, Any]:
        """Take a step that must be allowed, and return the answer."""
        answer = self.step(name, who, **form)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def start(self, day: str = "2027-08-01") -> None:
        self.done("start", self.leader, day=day)

    def over(self, **goals: bool) -> dict[str, Any]:
        """Lead a placement that has begun to its end on the last day of January 2028."""
        reached = {
            "ALM-055": True,
            "ALM-085": True,
            **{k.replace("_", "-"): v for k, v in goals.items()},
        }
        self.done("evaluation", self.leader, day="2028-01-20")
        return self.done("complete", self.leader, day="2028-01-31", goals=reached)

    def service(self, who: Person | None = None) -> dict[str, Any]:
        answer = (who or self.served.planner).get(f"{self.path}/service")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def placed(served: Served, round_id: str | None = None, **change: Any) -> Placed:
    """Let a candidate of Alta have a seat in Hammerfest for half a year from August 2027."""
    with served.database.writing(EVERYTHING) as session:
        round_id = round_id or plant_round(
            session, state="locked", municipalities=[ALTA], organisation=FINNMARK
        )
        publication = plant_publication(session, round_id)
        row = plant_placement(session, round_id, publication, served.clock(), **change)
        return Placed(served, row.id, round_id)


def plant_placement(
    session: Session, round_id: str, publication: str, now: datetime = NOW, **change: Any
) -> Placement:
    values: dict[str, Any] = {
        "offer": None,
        "municipality": ALTA,
        "candidate": HER,
        "unit": UNIT,
        "window": "w1",
        "start": date(2027, 8, 1),
        "end": date(2028, 2, 1),
        "fte_percent": 100,
        "months_needed": 6,
        "supervisor": None,
        "state": "planned",
    }
    row = Placement(id=uuid4().hex, publication=publication, round=round_id, **values | change)
    begin(session, row, author="test", now=now, day=date(2027, 1, 20))
    return row


NOBODY = '{"candidates": [], "placements": []}'
"""A document, and a plan, of nobody."""


def plant_publication(
    session: Session, round_id: str, round_: str = NOBODY, plan: str = NOBODY
) -> str:
    """Plant a published plan, of a document of the round, and return the publication's id."""
    ids = [uuid4().hex for _ in range(3)]
    session.add(
        Snapshot(
            id=ids[0],
            round=round_id,
            number=1,
            content=round_,
            hash="sha256:0",
            made_at=NOW,
            made_by="test",
        )
    )
    session.flush()
    session.add(
        Plan(
            id=ids[1],
            round=round_id,
            snapshot=ids[0],
            origin="solver",
            state="completed",
            requested_at=NOW,
            requested_by="test",
            content=plan,
            published_at=NOW,
            published_by="test",
        )
    )
    session.flush()
    session.add(
        Publication(
            id=ids[2],
            round=round_id,
            number=1,
            plan=ids[1],
            published_at=NOW,
            published_by="test",
        )
    )
    session.flush()
    return ids[2]

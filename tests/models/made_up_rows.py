"""Rows of every table, of two regions that have nothing in common but a guest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from sqlmodel import SQLModel

from models.database import Database
from models.scope import EVERYTHING
from models.tables import (
    Agreement,
    Commitment,
    Grant,
    IdempotencyKey,
    Municipality,
    Organisation,
    Participation,
    Plan,
    PlanEvent,
    Policy,
    Round,
    Site,
    Snapshot,
    Standing,
    Submission,
    Supervisor,
    Transition,
    Unit,
    Window,
    Worker,
)

DAY = date(2027, 1, 15)
NOW = datetime(2027, 1, 15, 12, 30, 59, 123456, tzinfo=UTC)


def every_row() -> list[SQLModel]:
    """Return the rows of both regions, those first that others refer to.

    The municipality of region 2 also takes part in the open round of region 1.
    """
    regions = [row for n in (1, 2) for row in (*_register(n), *_rounds(n))]
    return [*regions, *_part("open1", "5602")]


def fill(database: Database) -> None:
    """Put every row into a database."""
    with database.writing(EVERYTHING) as session:
        for row in every_row():
            session.add(row)
            session.flush()


def region(n: int) -> str:
    """Return the organisation number of a region."""
    return f"99000000{n}"


def trust(n: int) -> str:
    """Return the organisation number of a region's trust."""
    return f"98000000{n}"


def municipality(n: int) -> str:
    """Return the number of a region's municipality."""
    return f"560{n}"


def _register(n: int) -> Iterator[SQLModel]:
    yield Organisation(number=region(n), name=f"Region {n}", kind="RHF")
    yield Organisation(
        number=trust(n), name=f"Trust {n}", kind="HF", trust=f"trust{n}", parent=region(n)
    )
    yield Site(id=f"site{n}", name=f"Hospital {n}", organisation=trust(n))
    yield Unit(id=f"unit{n}", name="Medicine", site=f"site{n}", learning_goals=["FM-1", "æ"])
    yield Municipality(number=municipality(n), name=f"Place {n}", organisation=region(n))
    yield Agreement(municipality=municipality(n), organisation=trust(n), signed_on=DAY)
    yield Supervisor(
        id=f"supervisor{n}",
        municipality=municipality(n),
        name="Made Up",
        specialist=True,
        capacity=2,
        hours_per_month=3,
    )
    yield Policy(
        id=f"policy{n}",
        organisation=trust(n),
        name="policy",
        version=1,
        valid_from=DAY,
        content={"tiers": ["placed"], "round_every_months": 3},
        made_at=NOW,
        made_by="issuer|planner",
    )
    yield Window(
        id=f"window{n}",
        unit=f"unit{n}",
        opens=DAY,
        closes=date(2027, 8, 1),
        positions=1,
        kind="locum",
        fte_percent=100,
        min_gp_months=0,
        certainty="confirmed",
        published_at=NOW,
        changed_at=NOW,
    )
    yield Grant(
        id=f"grant{n}",
        issuer="issuer",
        subject="planner",
        role="planner",
        organisation=trust(n),
        granted_at=NOW,
        granted_by="issuer|administrator",
    )
    yield IdempotencyKey(
        subject=f"issuer|planner{n}",
        key="key",
        request_hash="sha256:1",
        status=201,
        headers={"ETag": '"1"'},
        body="{}",
        answered_at=NOW,
    )
    yield Worker(id=f"worker{n}", started_at=NOW, seen_at=NOW)


def _rounds(n: int) -> Iterator[SQLModel]:
    """A round that collects, one in preparation, and one that the region has imported."""
    yield from _round(f"open{n}", trust(n), f"policy{n}", state="open", origin="collected")
    yield from _round(f"draft{n}", trust(n), f"policy{n}", state="draft", origin="collected")
    yield from _round(f"regional{n}", region(n), None, state="locked", origin="imported")
    for label in (f"open{n}", f"draft{n}", f"regional{n}"):
        yield from _part(label, municipality(n))
        yield from _plans(label)


def _round(
    label: str, organisation: str, policy: str | None, *, state: str, origin: str
) -> Iterator[SQLModel]:
    yield Round(
        id=label,
        organisation=organisation,
        label=label,
        decision_date=DAY,
        deadline=NOW if policy else None,
        policy=policy,
        state=state,
        origin=origin,
        made_at=NOW,
        made_by="issuer|planner",
    )
    yield Transition(round=label, number=1, state=state, moved_at=NOW, moved_by="issuer|planner")


def _part(label: str, number: str) -> Iterator[SQLModel]:
    """A municipality's part in a round: its list, a candidate's standing and her seat."""
    candidate = f"{number}-1"
    yield Participation(round=label, municipality=number)
    yield Submission(
        id=f"{label}-{number}",
        round=label,
        municipality=number,
        number=1,
        content="{}",
        hash="sha256:2",
        submitted_at=NOW,
        submitted_by="issuer|coordinator",
    )
    yield Standing(round=label, candidate=candidate, municipality=number, submitted_on=DAY)
    yield Commitment(round=label, candidate=candidate, window="w1", start=DAY, state="accepted")


def _plans(label: str) -> Iterator[SQLModel]:
    """A plan for all to see, and one that is being made."""
    yield Snapshot(
        id=f"{label}-snapshot",
        round=label,
        number=1,
        content='{"format": "rotations/round@1"}',
        hash="sha256:3",
        made_at=NOW,
        made_by="issuer|planner",
    )
    for name, published in ((f"{label}-published", True), (f"{label}-kept", False)):
        yield Plan(
            id=name,
            round=label,
            snapshot=f"{label}-snapshot",
            origin="solver",
            state="completed" if published else "running",
            seconds_limit=0.1,
            requested_at=NOW,
            requested_by="issuer|planner",
            content='{"format": "rotations/plan@1"}' if published else None,
            lease=None if published else "lease",
            progress={"tier": "placed", "value": 3},
            published_at=NOW if published else None,
        )
        yield PlanEvent(plan=name, number=1, kind="state", data={"attempt": 1}, told_at=NOW)

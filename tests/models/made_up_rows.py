"""Rows of every table, of two regions that have nothing in common but a guest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

from sqlmodel import SQLModel, col, delete, select

from models.database import Database
from models.scope import EVERYTHING
from models.tables import (
    Agreement,
    AuditEntry,
    AuditReason,
    Batch,
    Commitment,
    Explained,
    Grant,
    IdempotencyKey,
    Municipality,
    Notice,
    Offer,
    Organisation,
    Participation,
    Placement,
    PlacementStep,
    Plan,
    PlanEvent,
    Policy,
    Publication,
    RestoredNotice,
    Round,
    Share,
    SignedIn,
    SignInLink,
    Site,
    Snapshot,
    Standing,
    Study,
    Submission,
    Supervisor,
    Transition,
    Unit,
    Webhook,
    Window,
    Worker,
)

DAY = date(2027, 1, 15)
NOW = datetime(2027, 1, 15, 12, 30, 59, 123456, tzinfo=UTC)


def every_row() -> list[SQLModel]:
    """Return the rows of both regions, those first that others refer to.

    The municipality of region 2 also takes part in the open round of region 1. The imported round
    of each region calls a unit of its own as the other region calls one.
    """
    regions = [row for n in (1, 2) for row in (*_register(n), *_rounds(n), *_accounts(n))]
    guest = (*_part("open1", "5602"), *_taken("open1", "5602", "5602-1", "unit1"))
    return [*regions, *guest, _explained("open1", "5602")]


def fill(database: Database) -> None:
    """Put every row into a database."""
    with database.writing(EVERYTHING) as session:
        for row in every_row():
            session.add(row)
            session.flush()


def undivide(database: Database) -> None:
    """Take out the divided stays: revisions from before have no room for them."""
    divided = select(Offer.id).where(col(Offer.then_unit).is_not(None))
    with database.writing(EVERYTHING) as session:
        session.exec(delete(Placement).where(col(Placement.offer).in_(divided)))
        session.exec(delete(Offer).where(col(Offer.id).in_(divided)))


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
    yield SignedIn(
        id=f"session{n}",
        issuer="issuer",
        subject=f"planner{n}",
        begun_at=NOW,
        seen_at=NOW,
        ends_at=NOW,
    )
    yield SignInLink(id=f"link{n}", subject=f"planner{n}", made_at=NOW, ends_at=NOW)
    yield Worker(id=f"worker{n}", started_at=NOW, seen_at=NOW)
    yield Batch(
        id=f"batch{n}",
        due_at=NOW.replace(year=2026 + n),
        begun_at=NOW,
        summary={"asked": [f"open{n}-kept"]},
    )


def _rounds(n: int) -> Iterator[SQLModel]:
    """A round that collects, one in preparation, and one that the region has imported."""
    yield from _round(f"open{n}", trust(n), f"policy{n}", state="open", origin="collected")
    yield from _round(f"draft{n}", trust(n), f"policy{n}", state="draft", origin="collected")
    yield from _round(f"regional{n}", region(n), None, state="locked", origin="imported")
    for label in (f"open{n}", f"draft{n}", f"regional{n}"):
        yield from _part(label, municipality(n))
        yield from _plans(label)
        yield from _studies(label)
        yield _explained(label, municipality(n))
    first, second = (f"{municipality(n)}-{number}" for number in (1, 2))
    yield from _taken(f"open{n}", municipality(n), first, f"unit{n}", state="planned")
    yield from _taken(f"regional{n}", municipality(n), first, f"unit{3 - n}")
    yield from _taken(f"regional{n}", municipality(n), second, f"unit{n}")
    yield from _divided(f"open{n}", municipality(n), (f"unit{3 - n}", f"unit{n}"))


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
    """A plan for all to see, in force, and one that is being made."""
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
            published_by="issuer|planner" if published else None,
        )
        yield PlanEvent(plan=name, number=1, kind="state", data={"attempt": 1}, told_at=NOW)
    yield Share(
        plan=f"{label}-kept",
        number=1,
        asked="{}",
        seconds=0.5,
        worker=f"{label}-worker",
        lease="lease",
        attempt=1,
        content="{}",
    )
    yield Publication(
        id=f"{label}-publication",
        round=label,
        number=1,
        plan=f"{label}-published",
        published_at=NOW,
        published_by="issuer|approver",
    )


def _studies(label: str) -> Iterator[SQLModel]:
    """Why the published plan is as it is, what priority and keeping cost, a what-if in work."""
    values: dict[str, Any] = {
        "round": label,
        "snapshot": f"{label}-snapshot",
        "asked": "{}",
        "requested_at": NOW,
        "requested_by": "issuer|planner",
    }
    published = f"{label}-published"
    why = {"kind": "explanations", "plan": published, "state": "completed"}
    yield Study(id=f"{label}-why", **values | why, figures={"explained": 1})
    for kind in ("price", "keeping"):
        yield Study(id=f"{label}-{kind}", **values, kind=kind, state="completed", content="{}")
    what_if = {"kind": "scenario", "name": "More", "state": "running", "lease": "lease"}
    yield Study(id=f"{label}-what-if", **values | what_if, progress={"done": 1, "of": 2})


def _explained(label: str, number: str) -> SQLModel:
    return Explained(
        study=f"{label}-why", candidate=f"{number}-1", municipality=number, content="{}"
    )


def _taken(
    label: str, number: str, candidate: str, unit: str, *, state: str = "completed"
) -> Iterator[SQLModel]:
    """An offer that was accepted, and what became of it."""
    place: dict[str, Any] = {
        "publication": f"{label}-publication",
        "round": label,
        "municipality": number,
        "candidate": candidate,
        "unit": unit,
        "window": "w1",
        "start": DAY,
        "end": date(2027, 8, 1),
    }
    id_ = f"{label}-{candidate}"
    yield Offer(id=id_, **place, state="accepted", offered_at=NOW, answer_by=NOW, ended_at=NOW)
    yield Placement(
        id=id_,
        offer=id_,
        **place,
        fte_percent=100,
        months_needed=6,
        state=state,
        goals={"FM-1": True} if state == "completed" else None,
    )
    yield PlacementStep(
        placement=id_,
        number=1,
        kind="planned",
        day=DAY,
        figures={"months": 6},
        noted_at=NOW,
        noted_by="issuer|coordinator",
    )


def _divided(label: str, number: str, units: tuple[str, str]) -> Iterator[SQLModel]:
    """An offer of a stay in two parts, the second in the region's own unit, and both placements."""
    id_, dates = f"{label}-{number}-3", (DAY, date(2027, 4, 15), date(2027, 7, 15))
    place: dict[str, Any] = {
        "publication": f"{label}-publication",
        "round": label,
        "municipality": number,
        "candidate": f"{number}-3",
        "window": "w1",
    }
    parts: list[dict[str, Any]] = [
        {"unit": unit, "start": start, "end": end}
        for unit, (start, end) in zip(units, pairwise(dates), strict=True)
    ]
    then = {f"then_{name}": value for name, value in parts[1].items()}
    yield Offer(
        id=id_,
        **place,
        **parts[0],
        months=3,
        then_window="w1",
        then_months=3,
        **then,
        state="accepted",
        offered_at=NOW,
        answer_by=NOW,
        ended_at=NOW,
    )
    for part, values in enumerate(parts, 1):
        made: dict[str, Any] = {"fte_percent": 100, "months_needed": 3, "state": "planned"}
        yield Placement(id=f"{id_}-part{part}", offer=id_, number=part, **place, **values, **made)


def _accounts(n: int) -> Iterator[SQLModel]:
    """Who did what, and who was told: of a round, of none; to the trust, to the municipality."""
    rounds = ((f"open{n}", trust(n)), (f"regional{n}", region(n)), (None, trust(n)))
    for number, (round_, organisation) in enumerate(rounds, start=10 * n):
        yield AuditEntry(
            number=number,
            at=NOW,
            actor="issuer|planner",
            operation="get_round",
            action="read",
            organisation=organisation,
            round=round_,
            content="{}",
            previous="sha256:4",
            hash=f"sha256:audit{number}",
        )
        if round_ is not None:
            yield AuditReason(number=number, salt="salt", text="The coordinator was ill")
    parties: tuple[dict[str, Any], ...]
    parties = ({"organisation": trust(n)}, {"municipality": municipality(n)})
    for party in parties:
        (number_,) = party.values()
        yield Webhook(
            id=f"hook-{number_}",
            **party,
            url="https://party.example/rotations",
            secret="made-up",
            made_at=NOW,
            made_by="issuer|administrator",
        )
        yield Notice(
            id=f"note-{number_}",
            key=f"offer-made {number_}",
            kind="offer-made",
            **({"organisation": trust(n)} | party),
            channel="webhook",
            recipient=f"hook-{number_}",
            language="nb",
            figures={"count": 1},
            state="waiting",
            made_at=NOW,
            due_at=NOW,
        )
        yield RestoredNotice(id=f"note-of-a-former-restore-{number_}")

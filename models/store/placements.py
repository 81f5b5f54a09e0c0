"""Placements: begun, and led from step to step; which steps are allowed is for others to say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session, col, select

from models.scope import UNCONFINED, Scope
from models.tables import Placement, PlacementStep, Round
from models.tables.release import PLACEMENT_STATES, UNDERWAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happened to a placement, on which day, and who says so.

    `kind` is one of `models.tables.release.STEPS`; `figures` are what more is known of it.
    """

    kind: str
    day: date
    author: str
    now: datetime
    figures: Mapping[str, Any] | None = None


def begin(session: Session, placement: Placement, *, author: str, now: datetime, day: date) -> None:
    """Keep a place that a candidate has taken; she can have one of a number underway at a time.

    Parameters
    ----------
    day
        The day on which it was taken.
    """
    session.add(placement)
    session.flush()
    named = {"supervisor": placement.supervisor}
    note(session, placement, Step(kind="planned", day=day, author=author, now=now, figures=named))


def cancel(
    session: Session,
    placement: Placement,
    *,
    author: str,
    now: datetime,
    day: date,
    figures: Mapping[str, Any] | None = None,
) -> None:
    """Let a placement come to nothing, whatever state it is in."""
    step = Step(kind="cancelled", day=day, author=author, now=now, figures=figures)
    nothing = {"state": "cancelled", "remaining_months": None, "goals": None}
    advance(session, placement, step, nothing)


def advance(session: Session, placement: Placement, step: Step, values: Mapping[str, Any]) -> None:
    """Change a placement by a step, and count the change even where the step is all of it."""
    for name, value in values.items():
        setattr(placement, name, value)
    flag_modified(placement, "state")
    session.flush()  # whoever comes second fails here, before a step is numbered
    note(session, placement, step)


def note(session: Session, placement: Placement, step: Step) -> None:
    """Put down a step as the placement's next one."""
    numbers = select(func.max(PlacementStep.number)).where(
        col(PlacementStep.placement) == placement.id
    )
    session.add(
        PlacementStep(
            placement=placement.id,
            number=(session.exec(numbers).one() or 0) + 1,
            kind=step.kind,
            day=step.day,
            figures=dict(step.figures) if step.figures else None,
            noted_at=step.now,
            noted_by=step.author,
        )
    )
    session.flush()


def steps(session: Session, placement: str) -> Sequence[PlacementStep]:
    """Return what happened to a placement, the first step first."""
    rows = select(PlacementStep).where(col(PlacementStep.placement) == placement)
    return session.exec(rows.order_by(col(PlacementStep.number))).all()


def begun_of(session: Session, municipality: str) -> list[tuple[Placement, list[PlacementStep]]]:
    """Return every placement of a municipality that has begun, in reach or not, with its steps."""
    begun = (col(Placement.municipality) == municipality) & col(Placement.state).in_(
        ("started", "interrupted", "completed")
    )
    rows = (
        select(Placement, PlacementStep)
        .join(PlacementStep, col(PlacementStep.placement) == col(Placement.id))
        .where(begun)
        .order_by(col(Placement.id), col(PlacementStep.number))
    )
    found: dict[str, tuple[Placement, list[PlacementStep]]] = {}
    for placement, step in session.exec(rows, execution_options=UNCONFINED):
        found.setdefault(placement.id, (placement, []))[1].append(step)
    return list(found.values())


def is_in(session: Session, placement: Placement, scope: Scope) -> bool:
    """Tell whether `scope` reaches a placement by its municipality or by who plans its round."""
    if placement.municipality in scope.municipalities:
        return True
    own = scope.owns_organisation(Round.organisation)
    rounds = select(Round.id).where(col(Round.id) == placement.round, own)
    return session.exec(rounds).first() is not None


def organisation_of(session: Session, placement: Placement) -> str:
    """Return who plans the round of a placement in reach."""
    number = select(Round.organisation).where(col(Round.id) == placement.round)
    return session.exec(number, execution_options=UNCONFINED).one()


def over(session: Session, round_id: str) -> dict[str, str]:
    """Return whose placement of a round has ended, and how: its state, or why it was cancelled.

    Whoever has another one underway has none that ended.
    """
    ended: dict[str, str] = {}
    for placement, how in _ended(session, round_id):
        if placement.state != "cancelled" or ended.get(placement.candidate) not in PLACEMENT_STATES:
            ended[placement.candidate] = how
    underway = {each.candidate for each in _underway(session, round_id)}
    return {candidate: how for candidate, how in ended.items() if candidate not in underway}


def vacated(session: Session, round_id: str) -> set[tuple[str, str, date]]:
    """Return the seats of a round whose placement has ended: candidate, window, first day."""
    ended = {_seat(placement) for placement, _ in _ended(session, round_id)}
    return ended - {_seat(placement) for placement in _underway(session, round_id)}


def _ended(session: Session, round_id: str) -> Iterator[tuple[Placement, str]]:
    """Yield the placements of a round that have ended, and how, the last one to end last.

    What was taken back together with a plan has no reason, and never was.
    """
    rows = (
        select(Placement, PlacementStep)
        .join(PlacementStep, col(PlacementStep.placement) == col(Placement.id))
        .where(col(Placement.round) == round_id, col(Placement.state).not_in(UNDERWAY))
        .where(or_(col(Placement.state) != "cancelled", col(PlacementStep.kind) == "cancelled"))
        .order_by(col(PlacementStep.noted_at))
    )
    for placement, step in session.exec(rows):
        if placement.state != "cancelled":
            yield placement, placement.state
        elif reason := (step.figures or {}).get("reason"):
            yield placement, reason


def _underway(session: Session, round_id: str) -> Sequence[Placement]:
    rows = select(Placement).where(col(Placement.round) == round_id)
    return session.exec(rows.where(col(Placement.state).in_(UNDERWAY))).all()


def _seat(placement: Placement) -> tuple[str, str, date]:
    return placement.candidate, placement.window, placement.start

"""Placements: begun, and led from step to step; which steps are allowed is for others to say."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session, col, select

from models.scope import UNCONFINED, Scope
from models.tables import Placement, PlacementStep, Round
from models.tables.release import UNDERWAY

BY_NO_WISH = ("post-gone", "other")
"""Reasons to cancel a placement that leave its candidate in want of another."""


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
    """Keep a place that a candidate has taken; she can have one underway at a time.

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


def last_of_each(session: Session, municipality: str) -> Sequence[Placement]:
    """Return the last placement of each candidate, if it is in reach; cancelled ones are none.

    A later one that is out of reach still makes those before it the past.
    """
    begun = select(Placement.candidate, Placement.id).where(
        col(Placement.municipality) == municipality, col(Placement.state) != "cancelled"
    )
    order = begun.order_by(col(Placement.start), col(Placement.id))
    last = dict(session.exec(order, execution_options=UNCONFINED).all())
    rows = select(Placement).where(col(Placement.id).in_(list(last.values())))
    return session.exec(rows.order_by(col(Placement.candidate))).all()


def over(session: Session, round_id: str) -> dict[str, str]:
    """Return whose placement of a round has ended, and how: its state, or why it was cancelled.

    Whoever has another one underway has none that ended; what was taken back together with a plan
    has no reason, and never was.
    """
    rows = (
        select(Placement, PlacementStep)
        .join(PlacementStep, col(PlacementStep.placement) == col(Placement.id))
        .where(col(Placement.round) == round_id)
        .where(or_(col(Placement.state) != "cancelled", col(PlacementStep.kind) == "cancelled"))
    )
    ended: dict[str, str] = {}
    underway = set()
    for placement, step in session.exec(rows):
        if placement.state in UNDERWAY:
            underway.add(placement.candidate)
        elif placement.state != "cancelled":
            ended[placement.candidate] = placement.state
        elif reason := (step.figures or {}).get("reason"):
            ended.setdefault(placement.candidate, reason)
    return {candidate: how for candidate, how in ended.items() if candidate not in underway}


def sitting(session: Session, round_: Round, units: Collection[str]) -> Sequence[Placement]:
    """Return who sits in units, or is going to, since other rounds than this one, by candidate.

    Whoever plans for a unit knows who comes, whichever round gave the place.
    """
    rows = select(Placement).where(
        col(Placement.unit).in_(units),
        col(Placement.round) != round_.id,
        col(Placement.state).in_(UNDERWAY),
        col(Placement.end) > round_.decision_date,
    )
    ordered = rows.order_by(col(Placement.municipality), col(Placement.candidate))
    return session.exec(ordered, execution_options=UNCONFINED).all()


def placed_elsewhere(session: Session, round_: Round, municipalities: Collection[str]) -> set[str]:
    """Return who of municipalities has a place underway since another round, in whatever trust."""
    rows = select(Placement.candidate).where(
        col(Placement.municipality).in_(list(municipalities)),
        col(Placement.round) != round_.id,
        col(Placement.state).in_(UNDERWAY),
    )
    return set(session.exec(rows, execution_options=UNCONFINED))


def lost(session: Session, municipality: str) -> Sequence[Placement]:
    """Return the places in reach that came to nothing by no wish of their candidates.

    Whoever has taken another one since is left out.
    """
    rows = (
        select(Placement, PlacementStep)
        .join(PlacementStep, col(PlacementStep.placement) == col(Placement.id))
        .where(col(Placement.municipality) == municipality, col(PlacementStep.kind) == "cancelled")
        .order_by(col(PlacementStep.noted_at))
    )
    return [
        placement
        for placement, step in session.exec(rows)
        if (step.figures or {}).get("reason") in BY_NO_WISH and not _is_replaced(session, placement)
    ]


def _is_replaced(session: Session, placement: Placement) -> bool:
    """Tell whether somebody has another place, or had one that began later: no clock is asked."""
    others = select(Placement.id).where(
        col(Placement.municipality) == placement.municipality,
        col(Placement.candidate) == placement.candidate,
        col(Placement.id) != placement.id,
        col(Placement.state) != "cancelled",
        or_(col(Placement.state).in_(UNDERWAY), col(Placement.start) >= placement.start),
    )
    return session.exec(others, execution_options=UNCONFINED).first() is not None

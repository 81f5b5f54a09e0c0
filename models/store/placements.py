"""Placements: begun, and led from step to step; which steps are allowed is for others to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session, col, select

from models.scope import UNCONFINED, Scope
from models.store.waiting import has_taken
from models.tables import Placement, PlacementStep, Round

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


def given_up(session: Session, round_id: str) -> dict[str, str]:
    """Return who had held a seat before a round and gave it up in it, and why.

    What is taken back together with a plan has no reason, and is not given up.
    """
    rows = (
        select(Placement, PlacementStep)
        .join(PlacementStep, col(PlacementStep.placement) == col(Placement.id))
        .where(
            col(Placement.round) == round_id,
            col(Placement.offer).is_(None),
            col(Placement.state) == "cancelled",
            col(PlacementStep.kind) == "cancelled",
        )
    )
    reasons = {p.candidate: (s.figures or {}).get("reason") for p, s in session.exec(rows)}
    return {candidate: reason for candidate, reason in reasons.items() if reason}


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
        if (step.figures or {}).get("reason") in BY_NO_WISH
        and not has_taken(session, municipality, placement.candidate, step.noted_at)
    ]

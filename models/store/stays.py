"""Stays, in whatever round and trust: who has a place, who sits where, what is still wanted.

A divided stay is a placement for each part, all of one publication. Where one of them is lost, by
an interruption or because the post is gone, the others stand: its candidate has a place, and needs
one more beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.scope import UNCONFINED
from models.tables import Placement, PlacementStep, Round
from models.tables.release import UNDERWAY

BY_NO_WISH = ("post-gone", "other")
"""Reasons to cancel a placement that leave its candidate in want of another."""

WITHDREW = "candidate-withdrew"
"""Why a placement is cancelled whose candidate wants no other."""

_CONFINED: Mapping[str, Any] = {}


def underway(session: Session, municipality: str, candidate: str) -> Sequence[Placement]:
    """Return the places that somebody has, the first one first: of a divided stay each part."""
    rows = _hers(municipality, candidate).where(col(Placement.state).in_(UNDERWAY))
    return session.exec(rows, execution_options=UNCONFINED).all()


def is_placed(session: Session, municipality: str, candidate: str) -> bool:
    """Tell whether somebody has a place, and needs none beside it."""
    if not underway(session, municipality, candidate):
        return False
    hers = col(Placement.candidate) == candidate
    return not _lost(session, municipality, hers, options=UNCONFINED)


def parts(session: Session, placement: Placement) -> Sequence[Placement]:
    """Return the placements of a stay in reach, this one among them, the first one first."""
    rows = _hers(placement.municipality, placement.candidate)
    return session.exec(rows.where(col(Placement.publication) == placement.publication)).all()


def earlier(session: Session, placement: Placement) -> Sequence[Placement]:
    """Return the placements of the same person that come before one, but for cancelled ones."""
    rows = _hers(placement.municipality, placement.candidate).where(
        col(Placement.start) < placement.start, col(Placement.state) != "cancelled"
    )
    return session.exec(rows, execution_options=UNCONFINED).all()


def steps(session: Session, placement: Placement) -> Sequence[PlacementStep]:
    """Return what happened to a placement, in reach or not, the first step first."""
    rows = select(PlacementStep).where(col(PlacementStep.placement) == placement.id)
    ordered = rows.order_by(col(PlacementStep.number))
    return session.exec(ordered, execution_options=UNCONFINED).all()


def elsewhere(
    session: Session, round_: Round, municipalities: Collection[str]
) -> Sequence[Placement]:
    """Return the places that people of municipalities have since another round, in any trust."""
    rows = select(Placement).where(
        col(Placement.municipality).in_(list(municipalities)),
        col(Placement.round) != round_.id,
        col(Placement.state).in_(UNDERWAY),
    )
    return session.exec(rows, execution_options=UNCONFINED).all()


def sitting_at_once(
    session: Session, column: Any, id_: str, start: date, end: date
) -> list[tuple[date, date]]:
    """Return from when until when people sit in a window or unit during a period, of any round.

    Parameters
    ----------
    column
        ``Placement.window`` or ``Placement.unit``.
    """
    rows = select(Placement).where(
        col(column) == id_,
        col(Placement.state).in_(UNDERWAY),
        col(Placement.start) < end,
        col(Placement.end) > start,
    )
    found = session.exec(rows, execution_options=UNCONFINED)
    return [(each.start, each.end) for each in found]


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
    ordered = rows.order_by(
        col(Placement.municipality), col(Placement.candidate), col(Placement.start)
    )
    return session.exec(ordered, execution_options=UNCONFINED).all()


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


def lost(session: Session, municipality: str) -> Sequence[Placement]:
    """Return the places in reach that left months to be served, the last one to end last.

    They were interrupted, or came to nothing by no wish of their candidates. Whoever has taken
    another one since is left out, and whoever withdrew from it; the other part of the same stay is
    no other, and neither is a place that she took before.
    """
    return _lost(session, municipality)


def _lost(
    session: Session, municipality: str, *conditions: Any, options: Mapping[str, Any] = _CONFINED
) -> Sequence[Placement]:
    rows = (
        select(Placement, PlacementStep)
        .join(PlacementStep, col(PlacementStep.placement) == col(Placement.id))
        .where(col(Placement.municipality) == municipality, *conditions)
        .where(col(PlacementStep.kind) == col(Placement.state))
        .order_by(col(PlacementStep.noted_at), col(Placement.start))
    )
    ended = [
        (placement, step.noted_at, (step.figures or {}).get("reason"))
        for placement, step in session.exec(rows, execution_options=options)
    ]
    withdrew = {(p.candidate, p.publication) for p, _, reason in ended if reason == WITHDREW}
    return [
        placement
        for placement, since, reason in ended
        if (placement.remaining_months or reason in BY_NO_WISH)
        and (placement.candidate, placement.publication) not in withdrew
        and not _is_replaced(session, placement, since)
    ]


def _is_replaced(session: Session, placement: Placement, since: datetime) -> bool:
    """Tell whether somebody has taken another place since she lost one.

    Where it lies in time says nothing: it may come before what she lost, or have come to an end.
    """
    others = (
        _hers(placement.municipality, placement.candidate)
        .join(PlacementStep, col(PlacementStep.placement) == col(Placement.id))
        .where(
            col(Placement.publication) != placement.publication,
            col(Placement.state) != "cancelled",
            col(PlacementStep.number) == 1,
            col(PlacementStep.noted_at) >= since,
        )
    )
    return session.exec(others, execution_options=UNCONFINED).first() is not None


def _hers(municipality: str, candidate: str) -> SelectOfScalar[Placement]:
    """Return the question for somebody's placements, the first one first."""
    rows = select(Placement).where(
        col(Placement.municipality) == municipality, col(Placement.candidate) == candidate
    )
    return rows.order_by(col(Placement.start))

"""Batches: the planning of every locked round, at once and by the clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select

from models.store.offers import seats_of
from models.store.waiting import TURNED_DOWN
from models.tables import Batch, Offer, Placement, PlacementStep, Plan, Round, Snapshot, Window
from models.tables.release import UNDERWAY
from models.tables.tasks import UNFINISHED


@dataclass(frozen=True, slots=True)
class Position:
    """How far a locked round has come: the states of its newest document's plans, by their ids."""

    round: str
    snapshot: str
    plans: Mapping[str, str]

    def wants(self, asked: Collection[str]) -> bool:
        """Tell whether there is no plan, none in the making, and none that was asked for before."""
        return not self._completed and not self.waits and self.plans.keys().isdisjoint(asked)

    @property
    def waits(self) -> bool:
        """Tell whether there is no plan yet, and one is in the making."""
        return not self._completed and any(state in UNFINISHED for state in self.plans.values())

    @property
    def _completed(self) -> bool:
        return "completed" in self.plans.values()


def positions(session: Session, round_id: str | None = None) -> list[Position]:
    """Return how far each locked round in scope has come, or this one alone.

    They come by decision date, organisation and label.
    """
    last = (
        select(col(Snapshot.round), func.max(col(Snapshot.number)).label("number"))
        .group_by(col(Snapshot.round))
        .subquery()
    )
    asked = (
        select(col(Round.id), col(Snapshot.id), col(Plan.id), col(Plan.state))
        .join(last, last.c.round == col(Round.id))
        .join(
            Snapshot,
            (col(Snapshot.round) == col(Round.id)) & (col(Snapshot.number) == last.c.number),
        )
        .join(Plan, col(Plan.snapshot) == col(Snapshot.id), isouter=True)
        .where(col(Round.state) == "locked")
        .order_by(col(Round.decision_date), col(Round.organisation), col(Round.label))
    )
    if round_id is not None:
        asked = asked.where(col(Round.id) == round_id)
    found: dict[tuple[str, str], dict[str, str]] = {}
    for round_, snapshot, plan, state in session.exec(asked):
        plans = found.setdefault((round_, snapshot), {})
        if plan is not None:
            plans[plan] = state
    return [Position(*key, plans) for key, plans in found.items()]


def newest_plan(session: Session, snapshot: str) -> Plan | None:
    """Return the plan of a snapshot that says most: proven, else completed, else the newest."""
    order = (
        func.coalesce(col(Plan.status) == "optimal", False).desc(),
        (col(Plan.state) == "completed").desc(),
        col(Plan.state).in_(UNFINISHED).desc(),
        col(Plan.requested_at).desc(),
        col(Plan.id),
    )
    asked = select(Plan).where(col(Plan.snapshot) == snapshot).order_by(*order)
    return session.exec(asked.limit(1)).first()


@dataclass(frozen=True, slots=True)
class Seated:
    """Who is going to sit in a window, or does already, by an offer or a placement of a round."""

    candidate: str
    window: str
    start: date
    end: date
    begun: bool


def seats(session: Session, round_id: str) -> list[Seated]:
    """Return the seats that a round has given: offers that are open, and placements underway."""
    offered = select(Offer).where(col(Offer.round) == round_id, col(Offer.state) == "open")
    placed = select(Placement).where(
        col(Placement.round) == round_id, col(Placement.state).in_(UNDERWAY)
    )
    open_ = [seat for offer in session.exec(offered) for seat in seats_of(offer)]
    return [
        *(Seated(seat.candidate, seat.window, seat.start, seat.end, False) for seat in open_),
        *(
            Seated(each.candidate, each.window, each.start, each.end, each.state == "started")
            for each in session.exec(placed)
        ),
    ]


def freed_windows(session: Session, round_id: str, since: datetime) -> set[str]:
    """Return the windows in which a seat has come free since a time, but for withdrawn ones.

    One part of a divided stay may have come to nothing, and its offer stands.
    """
    ended = col(Offer.state).in_((*TURNED_DOWN, "withdrawn")) & (col(Offer.ended_at) >= since)
    offers = session.exec(select(Offer).where(col(Offer.round) == round_id, ended))
    cancelled = (
        select(Placement.window, PlacementStep.figures)
        .join(PlacementStep, col(PlacementStep.placement) == col(Placement.id))
        .where(col(Placement.round) == round_id, col(PlacementStep.kind) == "cancelled")
        .where(col(PlacementStep.noted_at) >= since)
    )
    freed = {seat.window for offer in offers for seat in seats_of(offer)}
    freed |= {window for window, figures in session.exec(cancelled) if figures}
    taken_back = session.exec(select(Window.id).where(col(Window.withdrawn_at).is_not(None)))
    return freed - set(taken_back)


def turned_down(session: Session, round_id: str) -> set[str]:
    """Return the candidates who have let an offer of a round go."""
    rows = select(Offer.candidate).where(
        col(Offer.round) == round_id, col(Offer.state).in_(TURNED_DOWN)
    )
    return set(session.exec(rows))


def last_due(session: Session) -> datetime | None:
    """Return the latest time for which a batch was begun; None before the first one."""
    asked = select(col(Batch.due_at)).order_by(col(Batch.due_at).desc())
    return session.exec(asked.limit(1)).first()


def forget_ahead(session: Session, until: datetime) -> None:
    """Forget the batches that were begun for a time after this one: that time is yet to come."""
    session.exec(delete(Batch).where(col(Batch.due_at) > until))


def begin_batch(
    session: Session, due: datetime, now: datetime, *, ended: bool = False
) -> Batch | None:
    """Note that the batch of this time is begun; None where somebody else has begun it.

    Parameters
    ----------
    ended
        There is nothing to do.
    """
    row = Batch(
        id=uuid4().hex, due_at=due, begun_at=now, ended_at=now if ended else None, summary={}
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return None
    return row


def unended(session: Session) -> list[str]:
    """Return the batches that are not at their end, the oldest first."""
    asked = select(col(Batch.id)).where(col(Batch.ended_at).is_(None))
    return list(session.exec(asked.order_by(col(Batch.due_at))))


def taken_batch(session: Session, id_: str) -> Batch | None:
    """Return a batch that is not at its end and in nobody else's hands, for this transaction."""
    asked = select(Batch).where(col(Batch.id) == id_, col(Batch.ended_at).is_(None))
    locked = asked.with_for_update(skip_locked=True)
    return session.exec(locked, execution_options={"populate_existing": True}).one_or_none()


def noted_batch(
    session: Session, row: Batch, summary: Mapping[str, Any], ended: datetime | None = None
) -> None:
    """Keep what is known of a batch; `ended` = when it came to its end."""
    row.summary, row.ended_at = dict(summary), ended
    session.add(row)
    session.flush()

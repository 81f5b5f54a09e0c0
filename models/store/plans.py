"""Plans for those who read, compare and publish them; `models.store.solves` makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, or_
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.scope import UNCONFINED, Scope
from models.store.rows import saved
from models.store.work import Work
from models.tables import Plan, Round, Snapshot
from models.tables.tasks import UNFINISHED

MOST_UNFINISHED = 3
"""Plans of one round that may wait or be in work: a worker makes one at a time, for all rounds."""

_WITHOUT_CONTENT = defer(Plan.content)  # type: ignore[arg-type] # a column, once mapped


@dataclass(frozen=True, slots=True)
class Seen:
    """A plan that somebody may see; `whole` = with everybody in it."""

    plan: Plan
    whole: bool


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old work on a round is: its snapshots by id with their numbers, and its lock."""

    numbers: Mapping[str, int]
    locked: bool

    def outdated(self, row: Work) -> bool:
        """Tell whether the round has changed, or may change, since the snapshot of some work."""
        return not self.locked or self.numbers[row.snapshot] < max(self.numbers.values())


def seen_plan(session: Session, id_: str, staff: Scope, *, content: bool = False) -> Seen | None:
    """Return a plan of the session's scope, or None; who is no staff sees published ones alone.

    Parameters
    ----------
    staff
        What the caller may reach as somebody who sees whole rounds.
    content
        Whether its document is wanted.
    """
    whole = col(Plan.round).in_(
        select(col(Round.id)).where(staff.owns_organisation(Round.organisation))
    )
    visible = or_(whole, col(Plan.published_at).is_not(None))
    asked = select(Plan, whole).where(col(Plan.id) == id_, visible)
    found = session.exec(asked if content else asked.options(_WITHOUT_CONTENT)).one_or_none()
    return found and Seen(found[0], bool(found[1]))


def sees_whole(session: Session, round_id: str, staff: Scope) -> bool:
    """Tell whether somebody sees everybody in the plans of a round in the session's scope."""
    own = staff.owns_organisation(Round.organisation)
    asked = select(Round.id).where(col(Round.id) == round_id, own)
    return session.exec(asked).first() is not None


def plans_of(round_id: str) -> SelectOfScalar[Plan]:
    """Return the question for a round's plans, without their documents."""
    return select(Plan).where(col(Plan.round) == round_id).options(_WITHOUT_CONTENT)


def snapshot_of(session: Session, plan: Plan) -> Snapshot:
    """Return what a plan was made from; whoever asks shows only what the plan's reader may see."""
    asked = select(Snapshot).where(col(Snapshot.id) == plan.snapshot)
    return session.exec(asked, execution_options=UNCONFINED).one()


def freshness(session: Session, round_id: str) -> Freshness:
    """Return what tells how old the plans of a round in scope are."""
    asked = (
        select(Snapshot.id, Snapshot.number, Round.state)
        .join(Round, col(Round.id) == col(Snapshot.round))
        .where(col(Round.id) == round_id)
    )
    rows = session.exec(asked, execution_options=UNCONFINED).all()
    return Freshness({id_: number for id_, number, _ in rows}, any(r[2] == "locked" for r in rows))


def unfinished(session: Session, round_id: str) -> int:
    """Return how many plans of a round wait or are in work."""
    counted = select(func.count()).select_from(Plan)
    asked = counted.where(col(Plan.round) == round_id, col(Plan.state).in_(UNFINISHED))
    return session.exec(asked).one()


def published(session: Session, round_id: str) -> Plan | None:
    """Return the published plan of a round."""
    rows = select(Plan).where(col(Plan.round) == round_id, col(Plan.published_at).is_not(None))
    return session.exec(rows).one_or_none()


def best_proven(session: Session, snapshot: str) -> Plan | None:
    """Return the solver's plan of a snapshot that proves most: an optimal one, else the newest."""
    asked = select(Plan).where(
        col(Plan.snapshot) == snapshot, col(Plan.origin) == "solver", col(Plan.content).is_not(None)
    )
    proven = (col(Plan.status) == "optimal").desc()
    return session.exec(asked.order_by(proven, col(Plan.ended_at).desc()).limit(1)).first()


def keep_by_hand(
    session: Session, snapshot: Snapshot, made: Mapping[str, Any], *, author: str, now: datetime
) -> Plan:
    """Keep a plan made by hand: `made` holds content, hash and status."""
    row = {
        "id": uuid4().hex,
        "round": snapshot.round,
        "snapshot": snapshot.id,
        "origin": "hand",
        "state": "completed",
        "requested_at": now,
        "requested_by": author,
        "ended_at": now,
    }
    return saved(session, None, Plan, row | dict(made))


def state_of(session: Session, plan_id: str) -> str | None:
    """Return a plan's state, None where there is none in scope."""
    return session.exec(select(Plan.state).where(col(Plan.id) == plan_id)).one_or_none()

"""What is told of a plan in the making, without gaps: whoever appends holds the plan's row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func
from sqlmodel import Session, col, select

from models.tables import Plan, PlanEvent
from scheduler.watch import UNIQUENESS

Level = tuple[str, int | None]
"""A tier, and its level where it has any."""

LAST = ("lottery", UNIQUENESS)
"""With what a search ends, in each of its parts."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something told of work: its state, where it stands, a verdict that cannot be, an answer."""

    kind: Literal["state", "progress", "incident", "explained"]
    data: Mapping[str, Any]


def append(session: Session, plan: str, told: Sequence[Told], now: datetime) -> None:
    """Put down what was told of a plan, after what was told before."""
    newest = select(func.coalesce(func.max(PlanEvent.number), 0)).where(col(PlanEvent.plan) == plan)
    for number, each in enumerate(told, start=session.exec(newest).one() + 1):
        session.add(
            PlanEvent(plan=plan, number=number, kind=each.kind, data=dict(each.data), told_at=now)
        )


def append_state(session: Session, plan: Plan, now: datetime) -> None:
    """Put down which state a plan has come to."""
    append(session, plan.id, [Told("state", {"state": plan.state, "attempt": plan.attempt})], now)


def after(session: Session, plan: str, number: int, limit: int) -> list[PlanEvent]:
    """Return what was told of a plan after a number, `limit` events at most."""
    asked = select(PlanEvent).where(col(PlanEvent.plan) == plan, col(PlanEvent.number) > number)
    return list(session.exec(asked.order_by(col(PlanEvent.number)).limit(limit)))


def levels(session: Session, plan: str) -> list[Mapping[str, Any]]:
    """Return the newest progress of each level, in order, of the attempt that was begun last.

    A search that goes part by part tells of a level once for each, every time of all parts
    together; it begins at the first level that a part leaves open, so a later part may tell of
    levels that come before all that were told of.
    """
    kinds = col(PlanEvent.kind).in_(("state", "progress"))
    asked = select(PlanEvent).where(col(PlanEvent.plan) == plan, kinds)
    found: dict[Level, Mapping[str, Any]] = {}
    order: list[Level] = []
    place = 0
    for event in session.exec(asked.order_by(col(PlanEvent.number))):
        if event.kind == "progress":
            level = event.data["tier"], event.data["level"]
            if level not in found:
                order.insert(place, level)
            found[level] = event.data
            place = 0 if level[0] in LAST else order.index(level) + 1
        elif event.data["state"] == "running":
            found.clear()
            order.clear()
            place = 0
    return [found[level] for level in sorted(order, key=_is_last)]


def _is_last(level: Level) -> int:
    return LAST.index(level[0]) if level[0] in LAST else -1

"""What is told of a plan in the making, without gaps: whoever appends holds the plan's row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func
from sqlmodel import Session, col, select

from models.tables import Plan, PlanEvent


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
    """Return the newest progress of each level, in order, of the attempt that was begun last."""
    kinds = col(PlanEvent.kind).in_(("state", "progress"))
    asked = select(PlanEvent).where(col(PlanEvent.plan) == plan, kinds)
    found: dict[int, Mapping[str, Any]] = {}
    for event in session.exec(asked.order_by(col(PlanEvent.number))):
        if event.kind == "progress":
            found[event.data["position"]] = event.data
        elif event.data["state"] == "running":
            found.clear()
    return [found[position] for position in sorted(found)]

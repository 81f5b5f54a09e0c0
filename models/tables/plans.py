"""What becomes of a round: plans, and what was told while they were made."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, text
from sqlmodel import Field, SQLModel

from models.tables.naming import among
from models.tables.tasks import Task, task_constraints

PLAN_ORIGINS = ("solver", "hand")


class Plan(Task, table=True):
    """A plan asked for, or handed in, for one snapshot of a round.

    Attributes
    ----------
    seconds_limit
        Longest search in seconds; None = the service's own limit.
    stop_requested_at
        Somebody asked to stop; a search in work keeps its best plan.
    progress
        Where the search stands: tier, level, value, bound, seconds, position, of.
    content, hash, status, incidents
        The document ``rotations/plan@1`` byte for byte, its hash and status, and the number of
        solver verdicts that could not be true.
    approved_by
        Never who asked for the plan.
    """

    __tablename__ = "plans"
    __table_args__ = (
        *task_constraints(),
        CheckConstraint(among("origin", PLAN_ORIGINS), name="origin_known"),
        CheckConstraint("(state = 'completed') = (content IS NOT NULL)", name="completed_has_it"),
        CheckConstraint("published_at IS NULL OR state = 'completed'", name="published_is_done"),
        CheckConstraint("approved_by != requested_by", name="two_people"),
        CheckConstraint("approved_by != published_by", name="two_people_release"),
        CheckConstraint(
            "(approved_at IS NULL) = (approved_by IS NULL)", name="approved_by_somebody"
        ),
        CheckConstraint(
            "(published_at IS NULL) = (published_by IS NULL)", name="published_by_somebody"
        ),
        CheckConstraint("seconds_limit > 0", name="seconds_limit"),
        Index(
            "uq_plans_published",
            "round",
            unique=True,
            sqlite_where=text("published_at IS NOT NULL"),
            postgresql_where=text("published_at IS NOT NULL"),
        ),
    )

    origin: str
    seconds_limit: float | None = None
    hash: str | None = None
    status: str | None = None
    incidents: int = 0
    approved_at: datetime | None = None
    approved_by: str | None = None
    published_at: datetime | None = None
    published_by: str | None = None


class PlanEvent(SQLModel, table=True):
    """One thing told of a plan in the making, numbered from 1 within the plan."""

    __tablename__ = "plan_events"
    __table_args__ = (CheckConstraint("number >= 1", name="number"),)

    plan: str = Field(foreign_key="plans.id", primary_key=True)
    number: int = Field(primary_key=True)
    kind: str
    data: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    told_at: datetime


class Batch(SQLModel, table=True):
    """A time by the schedule at which every locked round was to be planned; each is a row once.

    `summary` holds the ids of the plans asked for and, in the end, what became of every round.
    """

    __tablename__ = "batches"

    id: str = Field(primary_key=True)
    due_at: datetime = Field(unique=True)
    begun_at: datetime
    ended_at: datetime | None = None
    summary: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))

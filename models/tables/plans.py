"""What becomes of a round: plans, and what was told while they were made."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, Text, text
from sqlmodel import Field, SQLModel

from models.tables.naming import among
from models.tables.revised import Revised

UNFINISHED = ("queued", "running")

PLAN_STATES = (*UNFINISHED, "completed", "failed", "cancelled")

PLAN_ORIGINS = ("solver", "hand")


class Plan(Revised, table=True):
    """A plan asked for, or handed in, for one snapshot of a round.

    Attributes
    ----------
    seconds_limit
        Longest search in seconds; None = the service's own limit.
    stop_requested_at
        Somebody asked to stop; a search in work keeps its best plan.
    attempt, lease
        How often the work was begun, and the token of who holds it now: a result that comes with
        another token is refused.
    progress
        Where the search stands: tier, level, value, bound, seconds, position, of.
    content, hash, status, incidents
        The document ``rotations/plan@1`` byte for byte, its hash and status, and the number of
        solver verdicts that could not be true.
    failure, figures
        A stable code, and what a sentence about it needs.
    approved_by
        Never who asked for the plan.
    """

    __tablename__ = "plans"
    __table_args__ = (
        CheckConstraint(among("state", PLAN_STATES), name="state_known"),
        CheckConstraint(among("origin", PLAN_ORIGINS), name="origin_known"),
        CheckConstraint("(state = 'completed') = (content IS NOT NULL)", name="completed_has_it"),
        CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name="failed_says_why"),
        CheckConstraint("(state = 'running') = (lease IS NOT NULL)", name="running_is_leased"),
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
        CheckConstraint("attempt >= 0", name="attempt"),
        Index(
            "uq_plans_published",
            "round",
            unique=True,
            sqlite_where=text("published_at IS NOT NULL"),
            postgresql_where=text("published_at IS NOT NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    round: str = Field(foreign_key="rounds.id", index=True)
    snapshot: str = Field(foreign_key="snapshots.id", index=True)
    origin: str
    state: str
    seconds_limit: float | None = None
    requested_at: datetime
    requested_by: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    stop_requested_at: datetime | None = None
    attempt: int = 0
    lease: str | None = None
    progress: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    content: str | None = Field(default=None, sa_column=Column(Text))
    hash: str | None = None
    status: str | None = None
    incidents: int = 0
    failure: str | None = None
    figures: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
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

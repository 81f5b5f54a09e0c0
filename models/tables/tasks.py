"""What a worker makes of a frozen round: asked for, begun by a lease, told of, ended."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Text
from sqlmodel import Field

from models.tables.naming import among
from models.tables.revised import Revised

UNFINISHED = ("queued", "running")

TASK_STATES = (*UNFINISHED, "completed", "failed", "cancelled")


class Task(Revised):
    """Work on one snapshot of a round.

    Attributes
    ----------
    stop_requested_at
        Somebody asked to stop.
    attempt, lease
        How often the work was begun, and the token of who holds it now: a result that comes with
        another token is refused.
    progress
        Where the work stands.
    content
        What came of it, byte for byte.
    failure, figures
        A stable code, and what a sentence about it needs.
    """

    id: str = Field(primary_key=True)
    round: str = Field(foreign_key="rounds.id", index=True)
    snapshot: str = Field(foreign_key="snapshots.id", index=True)
    state: str
    requested_at: datetime
    requested_by: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    stop_requested_at: datetime | None = None
    attempt: int = 0
    lease: str | None = None
    progress: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    content: str | None = Field(default=None, sa_type=Text)
    failure: str | None = None
    figures: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))


def task_constraints() -> tuple[CheckConstraint, ...]:
    """Return what holds of all work, for the table of one kind of it."""
    return (
        CheckConstraint(among("state", TASK_STATES), name="state_known"),
        CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name="failed_says_why"),
        CheckConstraint("(state = 'running') = (lease IS NOT NULL)", name="running_is_leased"),
        CheckConstraint("attempt >= 0", name="attempt"),
    )

"""What is known of a round, until its document is frozen."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.naming import among
from models.tables.revised import Revised

FROZEN = ("locked", "closed")
"""A round whose document stands: it is planned from it, or nobody will any more."""

ROUND_STATES = ("draft", "open", *FROZEN)
"""A round is prepared, collects requests, and is frozen; it may be opened again with a reason."""

ORIGINS = ("collected", "imported")
"""A round is collected from its parties, or came as one document and is locked from the start."""


class Round(Revised, table=True):
    """A planning quarter. `label` is its id in the document, `id` what an address holds.

    `deadline` is the instant after which no municipality can hand in its list.
    """

    __tablename__ = "rounds"
    __table_args__ = (
        UniqueConstraint("organisation", "label"),
        CheckConstraint(among("state", ROUND_STATES), name="state_known"),
        CheckConstraint(among("origin", ORIGINS), name="origin_known"),
        CheckConstraint(
            "origin = 'imported' OR (policy IS NOT NULL AND deadline IS NOT NULL)",
            name="collected_by_policy",
        ),
        CheckConstraint(
            f"origin = 'collected' OR {among('state', FROZEN)}", name="imported_is_locked"
        ),
    )

    id: str = Field(primary_key=True)
    organisation: str = Field(foreign_key="organisations.number", index=True)
    label: str
    name: str | None = None
    decision_date: date
    deadline: datetime | None = None
    policy: str | None = Field(default=None, foreign_key="policies.id", index=True)
    tentative_windows: bool = False
    state: str
    origin: str
    made_at: datetime
    made_by: str


class Participation(SQLModel, table=True):
    """A municipality that takes part; no foreign key, for imported rounds bring their own."""

    __tablename__ = "participations"

    round: str = Field(foreign_key="rounds.id", primary_key=True)
    municipality: str = Field(primary_key=True, index=True)


class Submission(SQLModel, table=True):
    """A municipality's list as it was handed in, whole; the highest number holds.

    `content` is the list in canonical JSON and `hash` that of its text: the receipt.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("round", "municipality", "number"),
        CheckConstraint("number >= 1", name="number"),
    )

    id: str = Field(primary_key=True)
    round: str = Field(foreign_key="rounds.id", index=True)
    municipality: str = Field(index=True)
    number: int
    content: str = Field(sa_column=Column(Text, nullable=False))
    hash: str
    submitted_at: datetime
    submitted_by: str
    late_reason: str | None = None


class Standing(Revised, table=True):
    """What a planner and the calendar know of a candidate, and her municipality does not say."""

    __tablename__ = "standings"
    __table_args__ = (CheckConstraint("rounds_waited >= 0", name="rounds_waited"),)

    round: str = Field(foreign_key="rounds.id", primary_key=True)
    candidate: str = Field(primary_key=True)
    municipality: str = Field(index=True)
    submitted_on: date
    rounds_waited: int = 0
    lead_waiver: str | None = None


class Commitment(SQLModel, table=True):
    """A seat that a candidate of a round already holds.

    `months`: full-time months of the stay; None = all that she needs.
    """

    __tablename__ = "commitments"
    __table_args__ = (
        CheckConstraint("state IN ('accepted', 'offered')", name="state_known"),
        CheckConstraint("months >= 1", name="months"),
    )

    round: str = Field(foreign_key="rounds.id", primary_key=True)
    candidate: str = Field(primary_key=True)
    window: str = Field(primary_key=True)
    start: date = Field(primary_key=True)
    state: str
    months: int | None = None


class Snapshot(SQLModel, table=True):
    """A round's document, frozen: `content` is ``rotations/round@1``, byte for byte."""

    __tablename__ = "snapshots"
    __table_args__ = (
        UniqueConstraint("round", "number"),
        CheckConstraint("number >= 1", name="number"),
    )

    id: str = Field(primary_key=True)
    round: str = Field(foreign_key="rounds.id", index=True)
    number: int
    content: str = Field(sa_column=Column(Text, nullable=False))
    hash: str
    made_at: datetime
    made_by: str


class Transition(SQLModel, table=True):
    """A round's change of state: who, when, and why where a reason is asked for.

    `changes` of an open round: from what to what, by field, where it changed without moving on.
    """

    __tablename__ = "transitions"

    round: str = Field(foreign_key="rounds.id", primary_key=True)
    number: int = Field(primary_key=True)
    state: str
    reason: str | None = None
    changes: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    moved_at: datetime
    moved_by: str

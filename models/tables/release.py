"""What a plan that was released brings about: publications, offers, placements and their steps."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.tables.naming import among
from models.tables.revised import Revised

ENDINGS = ("replaced", "voided")
"""How a publication ends: the round's next one takes its place, or it was wrong."""

LIVE_OFFERS = ("open", "accepted")

OFFER_STATES = (*LIVE_OFFERS, "declined", "expired", "withdrawn", "replaced", "voided")

UNDERWAY = ("planned", "started")

PLACEMENT_STATES = (*UNDERWAY, "interrupted", "completed", "cancelled")

STEPS = ("planned", "supervised", "started", "contact", "evaluation", *PLACEMENT_STATES[2:])
"""What happens to a placement, each noted with its day."""


def _only_one(name: str, columns: tuple[str, ...], condition: str) -> Index:
    where = text(condition)
    return Index(name, *columns, unique=True, sqlite_where=where, postgresql_where=where)


_PARTS = ("then_unit", "then_window", "then_start", "then_end", "then_months")

_WHOLE_OR_IN_PARTS = " AND ".join(f"(months IS NULL) = ({name} IS NULL)" for name in _PARTS)


class Publication(SQLModel, table=True):
    """A plan in force for its round, from when to when; at most one of a round is.

    `number` counts those of a round from 1, whatever the clock says; `replaces` names the
    publication that a voided one gives its place back to.
    """

    __tablename__ = "publications"
    __table_args__ = (
        CheckConstraint(among("ending", ENDINGS), name="ending_known"),
        CheckConstraint("(ending IS NULL) = (ended_at IS NULL)", name="ended_somehow"),
        CheckConstraint("ending != 'voided' OR reason IS NOT NULL", name="voided_with_reason"),
        UniqueConstraint("round", "number", name="uq_publications_number"),
        _only_one("uq_publications_in_force", ("round",), "ended_at IS NULL"),
    )

    id: str = Field(primary_key=True)
    round: str = Field(foreign_key="rounds.id", index=True)
    number: int
    plan: str = Field(foreign_key="plans.id", index=True)
    replaces: str | None = Field(default=None, foreign_key="publications.id")
    published_at: datetime
    published_by: str
    ended_at: datetime | None = None
    ended_by: str | None = None
    ending: str | None = None
    reason: str | None = None


class Offer(Revised, table=True):
    """A place offered to a candidate until `answer_by`; she has one live offer of a round.

    `replaced_by` names the publication that took it back: where that one is voided, it is open
    again. Windows of imported rounds are in no table. `months` are the full-time months of the
    first part where the stay is divided, and what begins with `then` is its second part.
    """

    __tablename__ = "offers"
    __table_args__ = (
        CheckConstraint(among("state", OFFER_STATES), name="state_known"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="open_until_it_ends"),
        CheckConstraint("state != 'withdrawn' OR reason IS NOT NULL", name="withdrawn_with_reason"),
        CheckConstraint("(state = 'replaced') = (replaced_by IS NOT NULL)", name="replaced_by_one"),
        CheckConstraint(_WHOLE_OR_IN_PARTS, name="whole_or_in_parts"),
        CheckConstraint('then_start >= "end"', name="parts_in_order"),
        _only_one(
            "uq_offers_live", ("round", "municipality", "candidate"), among("state", LIVE_OFFERS)
        ),
    )

    id: str = Field(primary_key=True)
    publication: str = Field(foreign_key="publications.id", index=True)
    round: str = Field(foreign_key="rounds.id", index=True)
    municipality: str = Field(index=True)
    candidate: str
    unit: str = Field(index=True)
    window: str = Field(index=True)
    start: date
    end: date
    months: int | None = None
    then_unit: str | None = Field(default=None, index=True)
    then_window: str | None = None
    then_start: date | None = None
    then_end: date | None = None
    then_months: int | None = None
    wish_class: int | None = None
    state: str
    offered_at: datetime
    answer_by: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    reason: str | None = None
    replaced_by: str | None = Field(default=None, foreign_key="publications.id")


class Placement(Revised, table=True):
    """A place that a candidate has taken, from the promise to the last evaluation.

    Attributes
    ----------
    offer
        What she accepted; None = she held the seat before the round.
    number
        Which of her places underway it is: the parts of a divided stay are 1 and 2.
    supervisor
        Id of her municipal supervisor; it may be on record no longer.
    remaining_months
        Of one that was interrupted: full-time months that are still needed.
    goals
        Of one that is completed: each learning goal, reached or not.
    """

    __tablename__ = "placements"
    __table_args__ = (
        CheckConstraint(among("state", PLACEMENT_STATES), name="state_known"),
        CheckConstraint("fte_percent BETWEEN 1 AND 100", name="fte_percent"),
        CheckConstraint("months_needed >= 1", name="months_needed"),
        CheckConstraint(
            "(state = 'interrupted') = (remaining_months IS NOT NULL)", name="interrupted_leaves"
        ),
        CheckConstraint("remaining_months >= 0", name="remaining_months"),
        CheckConstraint("(state = 'completed') = (goals IS NOT NULL)", name="completed_says_goals"),
        CheckConstraint("number >= 1", name="number"),
        UniqueConstraint("offer", "number"),
        _only_one(
            "uq_placements_underway",
            ("municipality", "candidate", "number"),
            among("state", UNDERWAY),
        ),
    )

    id: str = Field(primary_key=True)
    offer: str | None = Field(default=None, foreign_key="offers.id")
    number: int = 1
    publication: str = Field(foreign_key="publications.id", index=True)
    round: str = Field(foreign_key="rounds.id", index=True)
    municipality: str = Field(index=True)
    candidate: str
    unit: str = Field(index=True)
    window: str = Field(index=True)
    start: date
    end: date
    fte_percent: int
    months_needed: int
    supervisor: str | None = None
    state: str
    remaining_months: int | None = None
    goals: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))


class PlacementStep(SQLModel, table=True):
    """Something that happened to a placement, numbered from 1 within it."""

    __tablename__ = "placement_steps"
    __table_args__ = (
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint(among("kind", STEPS), name="kind_known"),
    )

    placement: str = Field(foreign_key="placements.id", primary_key=True)
    number: int = Field(primary_key=True)
    kind: str
    day: date
    figures: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    noted_at: datetime
    noted_by: str

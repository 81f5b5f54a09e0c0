"""Shares of a plan in the making, for whichever worker is free."""

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field, SQLModel


class Share(SQLModel, table=True):
    """Components of a round to work out, by numbers alone; gone when the plan has ended.

    Attributes
    ----------
    asked
        What is to be worked out, canonical JSON: numbers of candidates and options.
    seconds
        Longest search.
    worker, lease
        In whose hands it is, and the token that comes back with the outcome.
    attempt
        How often it was begun.
    content
        The outcome, JSON.
    """

    __tablename__ = "shares"
    __table_args__ = (
        CheckConstraint("(worker IS NULL) = (lease IS NULL)", name="leased_to_somebody"),
        CheckConstraint("attempt >= 0", name="attempt"),
    )

    plan: str = Field(foreign_key="plans.id", primary_key=True)
    number: int = Field(primary_key=True)
    asked: str = Field(sa_type=Text)
    seconds: float | None = None
    worker: str | None = None
    lease: str | None = None
    attempt: int = 0
    content: str | None = Field(default=None, sa_type=Text)

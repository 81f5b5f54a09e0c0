"""Shares of plans in the making.

Written out, so that this revision stays what it was when the tables of today have moved on.
Constraints without a name here are named as in `models.tables.naming`.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import CheckConstraint, Column, Float, ForeignKey, Integer, String, Text

revision = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "shares",
        Column("plan", String, ForeignKey("plans.id"), primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("asked", Text, nullable=False),
        Column("seconds", Float),
        Column("worker", String),
        Column("lease", String),
        Column("attempt", Integer, nullable=False),
        Column("content", Text),
        CheckConstraint("(worker IS NULL) = (lease IS NULL)", name="leased_to_somebody"),
        CheckConstraint("attempt >= 0", name="attempt"),
    )


def downgrade() -> None:
    """Drop it: what is in the making is begun anew."""
    op.drop_table("shares")

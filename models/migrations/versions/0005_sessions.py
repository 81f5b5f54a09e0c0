"""Sessions of the pages, and links that begin one.

Written out, so that this revision stays what it was when the tables of today have moved on.
Constraints without a name here are named as in `models.tables.naming`.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, DateTime, String

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "sessions",
        Column("id", String, primary_key=True),
        Column("issuer", String, nullable=False),
        Column("subject", String, nullable=False, index=True),
        Column("begun_at", DateTime(timezone=True), nullable=False),
        Column("seen_at", DateTime(timezone=True), nullable=False),
        Column("ends_at", DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "sign_in_links",
        Column("id", String, primary_key=True),
        Column("subject", String, nullable=False, index=True),
        Column("made_at", DateTime(timezone=True), nullable=False),
        Column("ends_at", DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drop both, and sign everybody out with them."""
    op.drop_table("sign_in_links")
    op.drop_table("sessions")

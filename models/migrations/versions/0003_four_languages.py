"""Notices in nynorsk and Northern Sámi, besides bokmål and English.

Written out, so that this revision stays what it was when the tables of today have moved on.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision: str | None = "0002"

WRITTEN_TO = ("organisations", "units", "municipalities")
"""Who says in which language they want to be written to."""


def upgrade() -> None:
    """Let everybody choose among four languages."""
    _languages("'nb', 'nn', 'se', 'en'")


def downgrade() -> None:
    """Write to those in bokmål whose language is no longer known."""
    for table in (*WRITTEN_TO, "notices"):
        op.execute(f"UPDATE {table} SET language = 'nb' WHERE language NOT IN ('nb', 'en')")  # noqa: S608 - names of our own
    _languages("'nb', 'en'")


def _languages(known: str) -> None:
    for table in WRITTEN_TO:
        with op.batch_alter_table(table) as parties:
            parties.drop_constraint("language_known", type_="check")
            parties.create_check_constraint("language_known", f"language IN ({known})")

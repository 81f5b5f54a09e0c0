"""What keeping offers costs, as a study; how many months a seat that is held counts.

Written out, so that this revision stays what it was when the tables of today have moved on.
Constraints without a name here are named as in `models.tables.naming`.
"""

from __future__ import annotations

from alembic import op
from alembic.util import CommandError
from sqlalchemy import Column, Integer, text

revision = "0006"
down_revision: str | None = "0005"

_STANDS = text("kind = 'keeping' AND state IN ('queued', 'running', 'completed')")


def upgrade() -> None:
    """Let there be one price of keeping a document, and seats of some of the months needed."""
    _kinds("'explanations', 'scenario', 'capacity', 'price', 'keeping'")
    op.create_index(
        "uq_studies_keeping",
        "studies",
        ["snapshot"],
        unique=True,
        sqlite_where=_STANDS,
        postgresql_where=_STANDS,
    )
    with op.batch_alter_table("commitments") as commitments:
        commitments.add_column(Column("months", Integer))
        commitments.create_check_constraint("months", "months >= 1")


def downgrade() -> None:
    """Drop studies that are not known before, and the column, where no seat needs it."""
    _expect_whole()
    op.drop_index("uq_studies_keeping", "studies")
    op.execute(
        "DELETE FROM studies WHERE kind = 'keeping'"
        """ OR (kind = 'capacity' AND asked LIKE '%"forecast":{%')"""
    )
    _kinds("'explanations', 'scenario', 'capacity', 'price'")
    with op.batch_alter_table("commitments") as commitments:
        commitments.drop_constraint("months", type_="check")
        commitments.drop_column("months")


def _expect_whole() -> None:
    """Make sure that no seat loses what is known of its months."""
    held = text("SELECT count(*) FROM commitments WHERE months IS NOT NULL")
    if found := op.get_bind().execute(held).scalar_one():
        raise CommandError(
            f"{found} seats that are held have a number of months of their own: before revision"
            " 0006 there is no room for it. Restore a backup from before it, into another database."
        )


def _kinds(known: str) -> None:
    with op.batch_alter_table("studies") as studies:
        studies.drop_constraint("kind_known", type_="check")
        studies.create_check_constraint("kind_known", f"kind IN ({known})")

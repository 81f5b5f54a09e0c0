"""Offers of stays in two parts, and a place for each part.

Written out, so that this revision stays what it was when the tables of today have moved on.
Constraints without a name here are named as in `models.tables.naming`.
"""

from __future__ import annotations

from alembic import op
from alembic.util import CommandError
from sqlalchemy import Column, Date, Integer, String, text

revision = "0008"
down_revision: str | None = "0007"

_PARTS = (
    "(months IS NULL) = (then_unit IS NULL) AND (months IS NULL) = (then_window IS NULL)"
    " AND (months IS NULL) = (then_start IS NULL) AND (months IS NULL) = (then_end IS NULL)"
    " AND (months IS NULL) = (then_months IS NULL)"
)
_ADDED = ("months", "then_unit", "then_window", "then_start", "then_end", "then_months")
_UNDERWAY = text("state IN ('planned', 'started')")


def upgrade() -> None:
    """Let an offer have two seats, and somebody a place underway for each of them."""
    with op.batch_alter_table("offers") as offers:
        offers.add_column(Column("months", Integer))
        offers.add_column(Column("then_unit", String))
        offers.add_column(Column("then_window", String))
        offers.add_column(Column("then_start", Date))
        offers.add_column(Column("then_end", Date))
        offers.add_column(Column("then_months", Integer))
        offers.create_index("ix_offers_then_unit", ["then_unit"])
        offers.create_check_constraint("whole_or_in_parts", _PARTS)
        offers.create_check_constraint("parts_in_order", 'then_start >= "end"')
    with op.batch_alter_table("placements") as placements:
        placements.add_column(Column("number", Integer, nullable=False, server_default="1"))
        placements.create_check_constraint("number", "number >= 1")
    with op.batch_alter_table("placements") as placements:
        placements.alter_column("number", server_default=None, existing_type=Integer())
    _one_each(["offer"], ["offer", "number"], ["municipality", "candidate", "number"])


def downgrade() -> None:
    """Forget the columns, where no row needs them."""
    _expect_undivided()
    _one_each(["offer", "number"], ["offer"], ["municipality", "candidate"])
    with op.batch_alter_table("placements") as placements:
        placements.drop_constraint("number", type_="check")
        placements.drop_column("number")
    with op.batch_alter_table("offers") as offers:
        offers.drop_constraint("parts_in_order", type_="check")
        offers.drop_constraint("whole_or_in_parts", type_="check")
        offers.drop_index("ix_offers_then_unit")
        for name in _ADDED:
            offers.drop_column(name)


def _expect_undivided() -> None:
    """Make sure that nobody loses a place, or a part of an offer, that is not known before."""
    offers, places = (
        op.get_bind().execute(text(f"SELECT count(*) FROM {found}")).scalar_one()  # noqa: S608 - words of our own
        for found in ("offers WHERE then_unit IS NOT NULL", "placements WHERE number > 1")
    )
    if offers or places:
        raise CommandError(
            f"{offers} offers have a second part, and {places} placements are not the first one of"
            " their candidate: before revision 0008 there is no room for them. Restore a backup"
            " from before it, into another database."
        )


def _one_each(before: list[str], of_offer: list[str], of_candidate: list[str]) -> None:
    """Let there be one placement of an offer, and one underway of a candidate, by these columns."""
    op.drop_index("uq_placements_underway", "placements")
    with op.batch_alter_table("placements") as placements:
        placements.drop_constraint(f"uq_placements_{'_'.join(before)}", type_="unique")
        placements.create_unique_constraint(f"uq_placements_{'_'.join(of_offer)}", of_offer)
    op.create_index(
        "uq_placements_underway",
        "placements",
        of_candidate,
        unique=True,
        sqlite_where=_UNDERWAY,
        postgresql_where=_UNDERWAY,
    )

"""Which agreements hold on a day."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, col, or_, select

from models.tables import Agreement


def agreements_in_force(
    session: Session, day: date, municipality: str | None = None
) -> dict[str, list[Agreement]]:
    """Return the agreements under which a stay could last through `day`, by municipality.

    An agreement that ends on `day` no longer covers it, as in the rule AGREEMENT.

    Parameters
    ----------
    municipality
        Only this one's; None = of all.
    """
    rows = select(Agreement).where(
        col(Agreement.signed_on) <= day,
        or_(col(Agreement.ends_on).is_(None), col(Agreement.ends_on) > day),
    )
    if municipality is not None:
        rows = rows.where(col(Agreement.municipality) == municipality)
    found: dict[str, list[Agreement]] = {}
    for row in session.exec(rows.order_by(col(Agreement.organisation), col(Agreement.signed_on))):
        found.setdefault(row.municipality, []).append(row)
    return found

"""Which organisations somebody may act for."""

from __future__ import annotations

from sqlmodel import Session, col, select

from models.scope import scope_of
from models.tables import Organisation


def organisation_in_reach(
    session: Session, number: str, *, alone: bool = False
) -> Organisation | None:
    """Return an organisation that the session may act for, or None.

    Parameters
    ----------
    alone
        Let nobody else who asks so act for it before this transaction ends.
    """
    own = scope_of(session).owns_organisation(Organisation.number)
    rows = select(Organisation).where(col(Organisation.number) == number, own)
    return session.exec(rows.with_for_update(key_share=True) if alone else rows).first()

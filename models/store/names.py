"""Ids that wishes name: one name space of units, sites and trusts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from models.database import take_lock
from models.tables import Organisation, Site, Unit

_COLUMNS: Mapping[str, Any] = {"unit": Unit.id, "site": Site.id, "trust": Organisation.trust}

_LOCK = 5_310_027
"""Number of the lock that whoever gives an id takes; any number nobody else uses."""


def is_taken(session: Session, id_: str, kind: str) -> bool:
    """Tell whether an id stands for something of another kind: `unit`, `site` or `trust`.

    Until the transaction ends, nobody else who asks gives one.
    """
    take_lock(session, _LOCK)
    others = (column for other, column in _COLUMNS.items() if other != kind)
    return any(
        session.exec(select(column).where(col(column) == id_)).first() is not None
        for column in others
    )

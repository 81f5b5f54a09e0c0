"""Ids that wishes name, one name space of units, sites and trusts; and what people call them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from models.database import take_lock
from models.tables import Organisation, Site, Unit

_COLUMNS: Mapping[str, Any] = {"unit": Unit.id, "site": Site.id, "trust": Organisation.trust}

_LOCK = 5_310_027
"""Number of the lock that whoever gives an id takes; any number nobody else uses."""


def of_places(session: Session) -> dict[str, str]:
    """Return what every site and trust is called, by its id."""
    sites = session.exec(select(Site.id, Site.name)).all()
    trusts = session.exec(select(Organisation.trust, Organisation.name)).all()
    return {id_: name for id_, name in (*sites, *trusts) if id_ is not None}


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

"""Whether a right can be given: what its role asks for, and what belongs to who gives it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from api.schemas.grants import GrantForm
from models.scope import Scope
from models.store.grants import ENDING, NARROWER, Right
from models.tables import Municipality, Unit
from scheduler.errors import Fault


def right_of(form: GrantForm) -> Right:
    """Return the right that a form without faults asks for."""
    return Right(**{name: value for name, value in form if name not in ("issuer", "subject")})


def role_faults(role: str, named: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what a right names too little, or too much, for its role."""
    asked = NARROWER.get(role, frozenset())
    for name in ("unit", "municipality", "candidate"):
        if (named.get(name) is not None) != (name in asked):
            yield Fault("missing" if name in asked else "not-for-role", (name,))
    candidate, prefix = named.get("candidate"), f"{named.get('municipality')}-"
    if role in ENDING and named.get("ends_on") is None:
        yield Fault("missing", ("ends_on",))
    if candidate and named.get("municipality") and not candidate.startswith(prefix):
        yield Fault("not-own-id", ("candidate",), {"prefix": prefix})


def ending_faults(ends_on: date | None, today: date) -> Iterator[Fault]:
    """Yield what is wrong with the day on which a right is to end: it must hold until then."""
    if ends_on is not None and ends_on <= today:
        tomorrow = today + timedelta(days=1)
        yield Fault("day-too-soon", ("ends_on",), {"earliest": str(tomorrow)})


def register_faults(session: Session, form: GrantForm) -> Iterator[Fault]:
    """Yield what a right names that is not the organisation's to give."""
    its = Scope(organisations=frozenset({form.organisation}))
    units = select(Unit.id).where(col(Unit.id) == form.unit, its.owns_unit(Unit.id))
    if form.unit is not None and session.exec(units).first() is None:
        yield Fault("not-known", ("unit",), {"what": "unit"})
    kept = select(Municipality.number).where(
        col(Municipality.number) == form.municipality, its.owns_municipality(Municipality.number)
    )
    if form.municipality is not None and session.exec(kept).first() is None:
        yield Fault("not-known", ("municipality",), {"what": "municipality"})

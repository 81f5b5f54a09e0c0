"""Whose something is: the organisation that answers for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlmodel import Session, col, select

from models.scope import UNCONFINED
from models.tables import Grant, Municipality, Policy, Round, Site, Unit, Webhook, Window

_OF_SITE = select(Site.organisation)
_OF_UNIT = _OF_SITE.join(Unit, col(Unit.site) == col(Site.id))

_NAMED: Mapping[str, Any] = {
    "sites": lambda id_: _OF_SITE.where(col(Site.id) == id_),
    "units": lambda id_: _OF_UNIT.where(col(Unit.id) == id_),
    "windows": lambda id_: _OF_UNIT.join(Window, col(Window.unit) == col(Unit.id)).where(
        col(Window.id) == id_
    ),
    "policies": lambda id_: select(Policy.organisation).where(col(Policy.id) == id_),
    "webhooks": lambda id_: select(Webhook.organisation).where(col(Webhook.id) == id_),
    "grants": lambda id_: select(Grant.organisation).where(col(Grant.id) == id_),
}
"""How the organisation of a thing is asked for, by what addresses call such things."""


def planner_of(session: Session, round_id: str) -> str | None:
    """Return the organisation that plans a round."""
    return _one(session, select(Round.organisation).where(col(Round.id) == round_id))


def keeper_of(session: Session, municipality: str) -> str | None:
    """Return the organisation that keeps a municipality's record."""
    asked = select(Municipality.organisation).where(col(Municipality.number) == municipality)
    return _one(session, asked)


def owner_of(session: Session, named: Mapping[str, str]) -> str | None:
    """Return the organisation of the first thing named that has one; they go by kind."""
    return next(_owners(session, named), None)


def _owners(session: Session, named: Mapping[str, str]) -> Iterator[str]:
    for kind, id_ in named.items():
        if kind == "organisations":
            yield id_
        elif kind in _NAMED and (number := _one(session, _NAMED[kind](id_))) is not None:
            yield number


def _one(session: Session, asked: Any) -> str | None:
    found: str | None = session.exec(asked, execution_options=UNCONFINED).one_or_none()
    return found

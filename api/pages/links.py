"""Links by which somebody of the service's own signs in, once, within minutes."""

from __future__ import annotations

from datetime import datetime, timedelta
from secrets import token_urlsafe

from sqlmodel import Session

from api.identity.claims import Identity
from api.identity.issuers import LOCAL
from api.pages import sessions
from api.pages.sessions import hashed
from api.web.service import Service
from models.store import sessions as store
from models.tables import SignInLink

MINUTES = 10
"""How long a link is good for."""


def make(session: Session, subject: str, now: datetime) -> str:
    """Keep a link for a subject, and return its path: the only place where its secret stands."""
    secret = token_urlsafe(32)
    ends_at = now + timedelta(minutes=MINUTES)
    store.offer(
        session, SignInLink(id=hashed(secret), subject=subject, made_at=now, ends_at=ends_at)
    )
    return f"/sign-in/{secret}"


def is_good(service: Service, secret: str) -> bool:
    """Tell whether a link can still be used; asking does not use it up."""
    if service.identifier.trusted(LOCAL) is None:
        return False
    with sessions.reading(service) as session:
        return store.is_offered(session, hashed(secret), service.clock())


def redeem(service: Service, secret: str) -> Identity | None:
    """Use a link up, and return whom it signs in; None where it is good for nothing."""
    if service.identifier.trusted(LOCAL) is None:
        return None
    with sessions.writing(service) as session:
        subject = store.redeem(session, hashed(secret), service.clock())
    return Identity(LOCAL, subject) if subject is not None else None

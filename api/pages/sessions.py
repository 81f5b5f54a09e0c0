"""Who is signed in: a row in the database, and in the browser a secret that finds it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from api.identity.claims import Identity
from api.settings import Settings
from api.web.contention import translated
from api.web.service import Service
from models.database import Database
from models.scope import EVERYTHING
from models.store import sessions as store
from models.tables import SignedIn

NAME = "rotations-session"
"""The cookie that finds a session."""

_SEEN_SECONDS = 60
"""How often it is put down that somebody is still there."""


def hashed(secret: str) -> str:
    """Return as what a secret is kept: who reads the table cannot use it."""
    return sha256(secret.encode()).hexdigest()


def cookie(settings: Settings, name: str = NAME) -> str:
    """Return a cookie's full name: with this prefix no other host can set it, nor without https."""
    return f"__Host-{name}" if settings.https else name


def set_cookie(settings: Settings, response: Response, name: str, value: str, seconds: int) -> None:
    """Let the browser keep something that no script and no other site's form gets."""
    response.set_cookie(
        cookie(settings, name),
        value,
        max_age=seconds,
        httponly=True,
        secure=settings.https,
        samesite="lax",
    )


def drop_cookie(settings: Settings, response: Response, name: str) -> None:
    """Let the browser forget a cookie."""
    response.delete_cookie(
        cookie(settings, name), httponly=True, secure=settings.https, samesite="lax"
    )


@contextmanager
def reading(service: Service) -> Iterator[Session]:
    """Open the database to look who somebody is; who is in the way makes a problem of its own."""
    with translated(), service.database.reading(EVERYTHING) as session:
        yield session


@contextmanager
def writing(service: Service) -> Iterator[Session]:
    """Open the database to sign somebody in or out."""
    with translated(), service.database.writing(EVERYTHING) as session:
        yield session


def begin(service: Service, identity: Identity, response: Response) -> None:
    """Sign somebody in, under a secret that nobody has seen before."""
    secret, now = token_urlsafe(32), service.clock()
    hours = service.settings.session_hours
    row = SignedIn(
        id=hashed(secret),
        issuer=identity.issuer,
        subject=identity.subject,
        begun_at=now,
        seen_at=now,
        ends_at=now + timedelta(hours=hours),
    )
    with writing(service) as session:
        store.begin(session, row)
    set_cookie(service.settings, response, NAME, secret, hours * 3600)


def found(service: Service, request: Request) -> Identity | None:
    """Return who is signed in; None where nobody is, or their issuer is trusted no more."""
    secret = request.cookies.get(cookie(service.settings))
    if not secret:
        return None
    now, id_ = service.clock(), hashed(secret)
    with reading(service) as session:
        row = store.found(session, id_, now, idle(service.settings))
    if row is None or service.identifier.trusted(row.issuer) is None:
        return None
    if now - row.seen_at >= timedelta(seconds=_SEEN_SECONDS):
        with writing(service) as session:
            store.seen(session, id_, now)
    return Identity(row.issuer, row.subject)


def end(service: Service, request: Request, response: Response) -> None:
    """Sign out: the secret is worth nothing any more, wherever else it lies."""
    if secret := request.cookies.get(cookie(service.settings)):
        with writing(service) as session:
            store.end(session, hashed(secret))
    drop_cookie(service.settings, response, NAME)


def tidy(database: Database, settings: Settings, now: datetime) -> None:
    """Remove sessions and links that are over."""
    with database.writing(EVERYTHING) as session:
        store.remove_over(session, now, idle(settings))


def idle(settings: Settings) -> timedelta:
    """Return how long somebody stays signed in without coming back."""
    return timedelta(minutes=settings.session_idle_minutes)

"""A call: who asks for which operation, what they may see, and how they are answered.

A handler opens the database itself, inside one function, so that its commit comes before the
answer and no connection is held while a request waits for a thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar, cast

from pydantic import BaseModel
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from api.clock import norwegian_date
from api.identity.claims import Identity
from api.identity.principal import Principal
from api.rights import OPEN, RIGHTS
from api.web.bodies import invalid
from api.web.contention import translated
from api.web.entries import Account, addressed
from api.web.languages import preferred
from api.web.problems import Problem
from api.web.service import Service
from data.sentences import Language
from models.database import Changes
from models.scope import EVERYTHING, Scope
from models.store import sightings
from models.store.audit import About, Told, append
from models.store.grants import rights_of
from models.store.replays import keep_answer, kept_answer
from models.tables import IdempotencyKey
from scheduler.errors import Fault

Row = TypeVar("Row")

MAX_KEY = 200
"""Longest Idempotency-Key, in characters."""

KEPT_HOURS = 24
"""How long an answer is kept for its Idempotency-Key."""

_PEOPLE = frozenset({"candidates", "round", "municipality"})
_WHOSE = _PEOPLE | {"plan", "organisation", "named"}
"""What an entry says of whom it is about, and of what."""

WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that ask, and change nothing."""


class Revised(Protocol):
    """A row that counts its changes."""

    revision: int


class Replay(Exception):
    """The request has been answered before: this is the answer."""

    def __init__(self, kept: IdempotencyKey) -> None:
        super().__init__(kept.key)
        self.response = Response(
            kept.body, kept.status, {**kept.headers, "Idempotency-Replayed": "true"}
        )


class Call(Account):
    """One call of an operation by somebody who may.

    Attributes
    ----------
    scope
        What the caller may reach with this operation.
    now
        When the call had come in whole, UTC.
    language
        What the caller wants to read.
    """

    def __init__(self, request: Request, service: Service, identity: Identity) -> None:
        route = request.scope["route"]
        self.service, self.request = service, request
        self.operation: str = route.operation_id
        shows_people = request.method in WITHOUT_BODY and self.operation not in OPEN
        super().__init__(addressed(route.path, request.path_params), shows_people=shows_people)
        self.language: Language = preferred(request.headers.get("accept-language"))
        self._identity = identity
        self.settle()

    def settle(self) -> None:
        """Read the clock and the caller's rights: again, where something took time.

        Raises
        ------
        Problem
            ``forbidden``, where no right includes the operation.
        """
        self.now: datetime = self.service.clock()
        identity = self._identity
        with translated(), self.service.database.reading(EVERYTHING) as session:
            grants = rights_of(session, identity.issuer, identity.subject, self.today)
        self.principal = Principal(identity, tuple(grants))
        self.request.state.principal = self.principal
        allowed = RIGHTS[self.operation]
        if not self.principal.roles & allowed:
            raise Problem("forbidden")
        self.scope: Scope = self.principal.scope(allowed)

    @property
    def author(self) -> str:
        """Who is recorded as having done this."""
        return self.principal.subject

    @property
    def today(self) -> date:
        """The date in Norway."""
        return norwegian_date(self.now)

    def enter_reading(self) -> None:
        """Enter in the audit that the answer shows candidates, if it does, before it is given.

        Raises
        ------
        Problem
            ``busy``; nothing may be shown then.
        """
        told = [self._told("read", about) for about in self.readings()]
        if told:
            with translated():
                self.service.readings.enter(self.service.database, told)

    def _told(self, action: str, about: About) -> Told:
        """Return the call as an entry of the audit."""
        roles = RIGHTS[self.operation]
        own = {grant.organisation for grant in self.principal.grants if grant.role in roles}
        return Told(
            at=self.now,
            actor=self.author,
            operation=self.operation,
            action=action,
            supplier=self._identity.supplier,
            own=own.pop() if len(own) == 1 else None,
            about=about,
        )

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open the database for reading."""
        with translated(), self.service.database.reading(self.scope) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open the database for a change; it is committed when the block ends.

        What is changed is entered in the audit with it.

        Raises
        ------
        Replay
            Where the same request has been answered before.
        Problem
            ``key-reused``, ``stale``, ``conflict`` or ``busy``; nothing was changed.
        """
        self._replay()
        try:
            with translated(), self.service.database.writing(self.scope) as session:
                changes = Changes(session, without=str(IdempotencyKey.__tablename__))
                yield session
                session.flush()
                if changes.any:
                    append(session, [self._told("change", self.about)])
        except Problem:
            self._replay()  # the same request may have won the race
            raise

    def expect(self, row: Revised | None) -> None:
        """Hold the caller's precondition against a row, or against its absence.

        Raises
        ------
        Problem
            ``precondition-required`` without one, ``stale`` where it does not hold.
        """
        self.expect_tag(etag(row.revision) if row else None)

    def expect_tag(self, current: str | None) -> None:
        """Hold the caller's precondition against an ETag; None = there is nothing yet."""
        match, none_match = (
            self.request.headers.get(name) for name in ("if-match", "if-none-match")
        )
        if match is None and none_match is None:
            raise Problem("precondition-required")
        if match is not None and (current is None or current not in _tags(match)):
            raise Problem("stale")
        if none_match is not None and (current is not None or none_match.strip() != "*"):
            raise Problem("stale")

    def reply(
        self,
        session: Session,
        answer: BaseModel | None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Return the answer to a change, and keep it for a caller who repeats the request."""
        body = answer.model_dump_json(by_alias=True) if answer is not None else ""
        sent = dict(headers or {})
        self.note_made(sent.get("Location"))
        if answer is not None:
            sent["Content-Type"] = "application/json"
        if self._key is not None:
            answered = IdempotencyKey(
                subject=self.author,
                key=self._key,
                request_hash=self.request.state.sent,
                status=status,
                headers=sent,
                body=body,
                answered_at=self.now,
            )
            keep_answer(session, answered, self._horizon)
        return Response(body, status, sent)

    @property
    def _key(self) -> str | None:
        key = self.request.headers.get("idempotency-key")
        if key is not None and len(key) > MAX_KEY:
            fault = Fault("too-long", ("header", "Idempotency-Key"), {"maximum": MAX_KEY})
            raise invalid([fault])
        return key or None

    @property
    def _horizon(self) -> datetime:
        """Answers from before this instant are kept no longer."""
        return self.now - timedelta(hours=KEPT_HOURS)

    def _replay(self) -> None:
        if self._key is None:
            return
        with self.reading() as session:
            kept = kept_answer(session, self.author, self._key)
        if kept is None or kept.answered_at < self._horizon:
            return
        if kept.request_hash != self.request.state.sent:
            raise Problem("key-reused")
        self._enter_repeated(kept)
        raise Replay(kept)

    def _enter_repeated(self, kept: IdempotencyKey) -> None:
        """Enter that an answer is shown again, about whom the change was that it belongs to."""
        with self.service.database.reading(EVERYTHING) as session:
            said = sightings.change(session, self.author, self.operation, kept.answered_at)
        about = cast("About", {name: said[name] for name in _WHOSE if name in said})
        if kept.body and not _PEOPLE.isdisjoint(about):
            with translated():
                told = [self._told("read", about)]
                self.service.readings.enter(self.service.database, told)


def etag(revision: int | str) -> str:
    """Return the ETag of a revision."""
    return f'"{revision}"'


def shown(answer: BaseModel, tag: int | str) -> Response:
    """Return an answer with the ETag that a change of it has to name."""
    return Response(
        answer.model_dump_json(by_alias=True), 200, {"ETag": etag(tag)}, "application/json"
    )


def found(row: Row | None) -> Row:
    """Return the row.

    Raises
    ------
    Problem
        ``not-found``, where there is none: missing, or not for the caller to see.
    """
    if row is None:
        raise Problem("not-found")
    return row


def _tags(header: str) -> set[str]:
    return {tag.strip() for tag in header.split(",")}

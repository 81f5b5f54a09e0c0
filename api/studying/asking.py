"""How a study is asked for: of a round that stands still, a few at a time."""

from __future__ import annotations

from contextlib import suppress

from sqlmodel import Session

from api.web.calls import Call, found
from api.web.contention import translated
from api.web.problems import Problem
from models.scope import EVERYTHING
from models.store import rounds, studies
from models.store.precedence import hurry
from models.store.studies import MOST_UNFINISHED, STANDING, Question
from models.tables import Plan, Snapshot, Study
from models.tables.tasks import UNFINISHED

RETRY_SECONDS = 2

FROZEN = ("locked", "closed")
"""States of a round whose newest document is what holds."""


def frozen(session: Session, round_id: str) -> Snapshot:
    """Return the document of a round that stands still, also for this transaction.

    Raises
    ------
    Problem
        ``not-found`` or ``round-not-locked``.
    """
    if found(rounds.taken(session, round_id)).state not in FROZEN:
        raise Problem("round-not-locked")
    snapshot = rounds.snapshot(session, round_id)
    assert snapshot is not None, "a locked round is frozen"
    return snapshot


def read(call: Call, round_id: str) -> tuple[str, str]:
    """Return id and text of a document that stands still; a repeated request is answered first.

    Raises
    ------
    Problem
        ``not-found`` or ``round-not-locked``.
    """
    with call.writing() as session:
        snapshot = frozen(session, round_id)
        return snapshot.id, snapshot.content


def unchanged(session: Session, round_id: str, id_: str) -> Snapshot:
    """Return a round's document, which must be the one that was read.

    Raises
    ------
    Problem
        ``not-found``, ``round-not-locked`` or ``conflict``.
    """
    snapshot = frozen(session, round_id)
    if snapshot.id != id_:
        raise Problem("conflict")
    return snapshot


def ask(call: Call, session: Session, snapshot: Snapshot, question: Question) -> Study:
    """Ask the workers for a study of a snapshot whose round is taken.

    Raises
    ------
    Problem
        ``studies-unfinished``.
    """
    waiting = studies.unfinished(session, snapshot.round)
    if waiting >= MOST_UNFINISHED:
        raise Problem("studies-unfinished", unfinished=waiting)
    row = studies.ask(session, snapshot, question, author=call.author, now=call.now)
    call.service.jobs.enqueue(session, row.id)
    call.note(round=row.round)
    return row


def ask_why(call: Call, session: Session, plan: Plan) -> Study:
    """Ask the workers to explain a completed plan whose round is taken, unless somebody has."""
    row = studies.of_plan(session, plan.id)
    if row is not None and row.state in STANDING:
        return row
    row = studies.ask_why(session, plan, author=call.author, now=call.now)
    call.service.jobs.enqueue(session, row.id, later=True)
    return row


def hurry_up(call: Call, study: str, candidate: str) -> None:
    """Have a candidate explained next: a hint to the workers, which a busy database may miss."""
    with suppress(Problem), translated(), call.service.database.writing(EVERYTHING) as session:
        hurry(session, study, candidate)


def headers(row: Study, address: str) -> dict[str, str]:
    """Return what is said with a study that was asked for: where it is, and when to look again."""
    return {"Location": address} | retry(row)


def retry(row: Study | None) -> dict[str, str]:
    """Return when to look again, where there is something to wait for."""
    waits = row is not None and row.state in UNFINISHED
    return {"Retry-After": str(RETRY_SECONDS)} if waits else {}

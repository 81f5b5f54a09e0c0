"""A round on its way: made, opened, locked, opened again; every move is recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlmodel import Session

from api.collecting.assembly import assembled
from api.collecting.sitting import Document
from api.web.problems import Problem
from data.documents import write_round
from data.forms.drafts import Draft, checked
from models.store import rounds as store
from models.store.release import in_force
from models.store.rows import saved
from models.tables import Round, Snapshot
from models.tables.rounds import FROZEN
from scheduler import rounds
from scheduler.conflicts import conflicts
from scheduler.errors import Fault, InvalidRound, RefusedRound

_NAMES = {"priorities": "municipality", "commitments": "candidate"}
"""What a record without an id of its own is known by."""


def create(
    session: Session,
    values: Mapping[str, Any],
    participants: Iterable[str],
    *,
    author: str,
    now: datetime,
) -> Round:
    """Make a collected round, a draft yet, and return it.

    Parameters
    ----------
    values
        Columns of the row: organisation, label, name, decision_date, deadline, policy,
        tentative_windows.
    """
    made = {"id": uuid4().hex, "origin": "collected", "state": "draft"}
    return _made(session, {**values, **made}, participants, author=author, now=now)


def open_round(session: Session, round_: Round, *, author: str, now: datetime) -> None:
    """Let municipalities hand in their lists.

    Raises
    ------
    Problem
        ``round-imported`` or ``round-not-draft``.
    """
    expect_state(round_, "draft")
    store.moved(session, round_, "open", author=author, now=now, reason=None)


def lock(session: Session, round_: Round, *, author: str, now: datetime) -> Snapshot:
    """Freeze an open round, and return its document's snapshot.

    Parameters
    ----------
    round_
        Taken alone (`models.store.rounds.taken`), so that no list comes in meanwhile.

    Raises
    ------
    Problem
        ``round-imported`` or ``round-not-open``.
    InvalidRound
        The document has faults: every one, with the id of its record as the figure `record`.
    RefusedRound
        The accepted commitments contradict each other.
    """
    expect_state(round_, "open")
    snapshot = freeze(session, round_, assembled(session, round_), author=author, now=now)
    store.moved(session, round_, "locked", author=author, now=now, reason=None)
    return snapshot


def freeze(
    session: Session, round_: Round, assembled_: Document, *, author: str, now: datetime
) -> Snapshot:
    """Freeze a document as the newest of a round, and return its snapshot.

    Raises
    ------
    InvalidRound
        The document has faults: every one, with the id of its record as the figure `record`.
    RefusedRound
        The accepted commitments contradict each other.
    """
    document = coherent(assembled_)
    found = conflicts(document)
    if found:
        raise RefusedRound(found)
    return _frozen(session, round_, document, author=author, now=now)


def close(session: Session, round_: Round, reason: str, *, author: str, now: datetime) -> None:
    """End a locked round of which no plan is going to be published.

    Raises
    ------
    Problem
        ``round-not-locked``, or ``plan-published`` where a plan of it is in force.
    """
    if round_.state != "locked":
        raise Problem("round-not-locked")
    if in_force(session, round_.id) is not None:
        raise Problem("plan-published")
    store.moved(session, round_, "closed", author=author, now=now, reason=reason)


def reopen(session: Session, round_: Round, reason: str, *, author: str, now: datetime) -> None:
    """Let municipalities change their lists of a frozen round after all.

    An imported one that was closed is locked again: all that there is of it is its document.

    Raises
    ------
    Problem
        ``round-imported`` or ``round-not-locked``.
    """
    imported = round_.origin == "imported"
    if not (imported and round_.state == "closed"):
        expect_state(round_, *FROZEN)
    state = "locked" if imported else "open"
    store.moved(session, round_, state, author=author, now=now, reason=reason)


def admit(
    session: Session, organisation: str, document: rounds.Round, *, author: str, now: datetime
) -> tuple[Round, Snapshot]:
    """Keep a round that came as one document, locked from the start, with its snapshot.

    Raises
    ------
    RefusedRound
        The accepted commitments contradict each other.
    """
    found = conflicts(document)
    if found:
        raise RefusedRound(found)
    values = {
        "id": uuid4().hex,
        "organisation": organisation,
        "label": document.id,
        "name": document.name,
        "decision_date": document.decision_date,
        "origin": "imported",
        "state": "locked",
    }
    # Whoever registers a number must not thereby come to see people of another region.
    participants = store.kept_near(session, organisation, document.municipality)
    round_ = _made(session, values, participants, author=author, now=now)
    return round_, _frozen(session, round_, document, author=author, now=now)


def coherent(document: Document) -> rounds.Round:
    """Return the round that an assembled document describes.

    Raises
    ------
    InvalidRound
        With every fault, and the id of its record as the figure `record`: nobody has seen the
        document whose places they name.
    """
    try:
        return checked(Draft(document))
    except InvalidRound as error:
        raise InvalidRound(tuple(_named(fault, document) for fault in error.faults)) from None


def expect_state(round_: Round, *states: str) -> None:
    """Make sure that a round was collected, and is in one of these states.

    Raises
    ------
    Problem
        ``round-imported``, or that the round is not in the first of these states.
    """
    expect_collected(round_)
    if round_.state not in states:
        raise Problem(f"round-not-{states[0]}")


def expect_collected(round_: Round) -> None:
    """Make sure that a round was collected from its parties.

    Raises
    ------
    Problem
        ``round-imported``: all that is known of it stands in its document.
    """
    if round_.origin == "imported":
        raise Problem("round-imported")


def _made(
    session: Session,
    values: dict[str, Any],
    participants: Iterable[str],
    *,
    author: str,
    now: datetime,
) -> Round:
    round_ = saved(session, None, Round, values | {"made_at": now, "made_by": author})
    store.invite(session, round_.id, participants)
    store.moved(session, round_, round_.state, author=author, now=now, reason=None)
    return round_


def _frozen(
    session: Session, round_: Round, document: rounds.Round, *, author: str, now: datetime
) -> Snapshot:
    content = write_round(document).decode()
    return store.frozen(session, round_.id, content, document.hash, author=author, now=now)


def _named(fault: Fault, document: Document) -> Fault:
    match fault.place:
        case (str(name), int(position), *_):
            record = document[name][position][_NAMES.get(name, "id")]
            return replace(fault, figures={**fault.figures, "record": record})
    return fault

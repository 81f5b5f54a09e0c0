"""Work on frozen rounds that is done once it is asked for: plans by the solver, and studies.

::

    queued ── begin ──► running ── complete ──► completed
      ▲  │                │  ├────── fail ────► failed
      │  └─ request_stop  │  └─ begin, where a stop was asked for ─┐
      │         └─────────│──────────────────────────────► cancelled
      └ give_back, release┘

`drop` fails work that nobody is going to begin or end. A plan that is told to stop is completed
with the best that was found; a study is then cancelled, whatever it says in the end. How work ends
is entered in the audit: here what the service does itself, else by whoever answers the call.

Whoever does some work holds its lease. Beginning it anew gives out another one, and with the old
one nothing can be changed any more. Every change takes the row first, so that what is told of a
plan is numbered without gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any
from uuid import uuid4

from sqlmodel import Session, col, select, update

from models.store import plan_events
from models.store.plan_events import Told
from models.store.precedence import still_asked
from models.store.rows import saved
from models.store.sightings import erased
from models.store.work import (
    Failure,
    Lease,
    LostLease,
    Order,
    Result,
    Row,
    Work,
    end,
    end_by_itself,
    found,
    held,
    moved,
    taken,
    wait_again,
)
from models.store.workers import expect_worker
from models.tables import Explained, Plan, Snapshot, Study
from models.tables.tasks import UNFINISHED


def ask(
    session: Session, snapshot: Snapshot, seconds: float | None, *, author: str, now: datetime
) -> Plan:
    """Ask for a plan of a snapshot; it waits until a worker is told of it.

    Parameters
    ----------
    seconds
        Longest search, above 0; None = as the service is set.
    """
    asked = {
        "id": uuid4().hex,
        "round": snapshot.round,
        "snapshot": snapshot.id,
        "origin": "solver",
        "state": "queued",
        "seconds_limit": seconds,
        "requested_at": now,
        "requested_by": author,
    }
    plan = saved(session, None, Plan, asked)
    plan_events.append_state(session, plan, now)
    return plan


def begin(session: Session, id_: str, worker: str, *, attempts: int, now: datetime) -> Lease | None:
    """Begin some work, whoever had it before; None where there is nothing to do, or no longer.

    Parameters
    ----------
    worker
        Id of the worker that is going to do it.
    attempts
        Work that has been begun so often fails as ``too-many-attempts``.

    Raises
    ------
    GivenUp
        The worker counts as dead; others have its work.
    """
    expect_worker(session, worker)
    row = found(session, id_)
    if row is None or row.state not in UNFINISHED:
        return None
    if row.stop_requested_at is not None:
        end_by_itself(session, row, "cancelled", now)
    elif row.attempt >= attempts:
        row.failure, row.figures = "too-many-attempts", {"attempts": row.attempt}
        end_by_itself(session, row, "failed", now)
    else:
        return _leased(session, row, now)
    return None


def _leased(session: Session, row: Work, now: datetime) -> Lease:
    token = token_hex(16)
    row.state, row.lease = "running", token
    row.attempt += 1
    row.started_at, row.progress = now, None
    moved(session, row, now)
    seconds = row.seconds_limit if isinstance(row, Plan) else None
    return Lease(row.id, token, row.attempt, _order(session, row), seconds)


def _order(session: Session, row: Work) -> Order:
    document = session.get_one(Snapshot, row.snapshot).content
    if isinstance(row, Plan):
        return Order("plan", document)
    explained = None if row.plan is None else session.get_one(Plan, row.plan).content
    return Order(row.kind, document, explained, still_asked(session, row))


def tell(session: Session, lease: Lease, told: Sequence[Told], now: datetime) -> None:
    """Note what was told of some work; the newest progress is also the row's.

    Raises
    ------
    LostLease
        Another one has begun the work, or it has ended.
    """
    newest = [dict(each.data) for each in told if each.kind == "progress"][-1:]
    if lease.order.kind == "plan":
        _tell_of_plan(session, lease, told, newest)
        plan_events.append(session, lease.id, told, now)
        return
    row = held(session, lease)
    for progress in newest:
        row.progress = progress
    _keep_explained(session, row, [dict(e.data) for e in told if e.kind == "explained"])


def _tell_of_plan(
    session: Session, lease: Lease, told: Sequence[Told], newest: Sequence[dict[str, Any]]
) -> None:
    """Leave a plan's revision as it is: who reads it in work can change what they have read."""
    incidents = sum(each.kind == "incident" for each in told)
    changes: dict[str, Any] = {"incidents": Plan.incidents + incidents}
    for progress in newest:
        changes["progress"] = progress
    statement = update(Plan).where(col(Plan.id) == lease.id, col(Plan.lease) == lease.token)
    changed = session.exec(
        statement.values(changes), execution_options={"synchronize_session": False}
    )
    if changed.rowcount != 1:
        raise LostLease


def _keep_explained(session: Session, study: Work, explained: Sequence[dict[str, Any]]) -> None:
    """Keep explanations, but of whoever has been erased.

    Who is explained by one attempt may have been by the one before, which was slow to tell.
    """
    gone = erased(session, study.round) if explained else frozenset()
    for each in explained:
        is_kept = session.get(Explained, (study.id, each["candidate"])) is not None
        if not is_kept and each["candidate"] not in gone:
            session.add(Explained(study=study.id, **each))


def stop_requested(session: Session, lease: Lease) -> bool:
    """Tell whether somebody has asked to stop.

    Raises
    ------
    LostLease
        Another one has begun the work, or it has ended.
    """
    table: type[Any] = Plan if lease.order.kind == "plan" else Study
    asked = select(col(table.stop_requested_at)).where(
        col(table.id) == lease.id, col(table.lease) == lease.token
    )
    found = session.exec(asked).all()
    if not found:
        raise LostLease
    return found[0] is not None


def complete(session: Session, lease: Lease, result: Result, now: datetime) -> None:
    """Keep what came of the work.

    Raises
    ------
    LostLease
        Another one has begun the work, or it has ended.
    """
    row = held(session, lease)
    if _is_unwanted(row):
        end_by_itself(session, row, "cancelled", now)
        return
    row.content = result.content
    if isinstance(row, Plan):
        row.hash, row.status = result.hash, result.status
    else:
        row.figures = dict(result.figures or {})
    end_by_itself(session, row, "completed", now)


def fail(session: Session, lease: Lease, failure: Failure, now: datetime) -> None:
    """Give work up for good.

    Raises
    ------
    LostLease
        Another one has begun the work, or it has ended.
    """
    row = held(session, lease)
    if _is_unwanted(row):
        end_by_itself(session, row, "cancelled", now)
        return
    row.failure, row.figures = failure.code, dict(failure.figures)
    end_by_itself(session, row, "failed", now)


def _is_unwanted(row: Work) -> bool:
    """Tell whether nobody wants to hear how a study ends; of a plan the best is kept."""
    return isinstance(row, Study) and row.stop_requested_at is not None


def give_back(session: Session, lease: Lease, now: datetime) -> None:
    """Leave work to be begun anew, as if it had not been begun.

    Raises
    ------
    LostLease
        Another one has begun the work, or it has ended.
    """
    row = held(session, lease)
    row.attempt -= 1
    wait_again(session, row, now)


def request_stop(session: Session, table: type[Row], id_: str, now: datetime) -> Row | None:
    """Ask to stop: what waits is cancelled; a plan in work keeps the best, a study what is ready.

    Returns
    -------
    Plan | Study | None
        The row as it now is, unchanged where it had ended; None where there is none in scope.
    """
    row = taken(session, table, id_)
    if row is not None and row.state in UNFINISHED:
        row.stop_requested_at = row.stop_requested_at or now
        if row.state == "queued":
            end(session, row, "cancelled", now)
        session.flush()
    return row

"""Plans that the solver makes: asked for, begun, told of, ended.

::

    queued ── begin ──► running ── complete ──► completed
      ▲  │                │  ├────── fail ────► failed
      │  └─ request_stop  │  └─ begin, where a stop was asked for ─┐
      │         └─────────│──────────────────────────────► cancelled
      └ give_back, release┘

`drop` fails a plan that nobody is going to begin or end. How a plan ends is entered in the audit:
here what the service does itself, else by whoever answers the call.

Whoever makes a plan holds its lease. Beginning it anew gives out another one, and with the old one
nothing can be changed any more. Every change takes the plan's row first, so that events are
numbered without gaps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any
from uuid import uuid4

from sqlmodel import Session, col, select, update

from models.store import audit, plan_events
from models.store.plan_events import Told
from models.store.rows import saved
from models.store.workers import expect_worker
from models.tables import Plan, Snapshot
from models.tables.plans import UNFINISHED

SERVICE = "rotations worker"
"""Who is recorded as having ended a plan that nobody cancelled over HTTP."""

ENDINGS = {"completed": "complete_plan", "failed": "fail_plan", "cancelled": "cancel_plan"}
"""As what the ends of a plan are entered, by its state."""


class LostLease(Exception):
    """The plan is no longer in these hands: what they bring is refused."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A plan in work.

    Attributes
    ----------
    token
        Shown with every change.
    attempt
        How often the plan has been begun, at least 1.
    document
        The round, ``rotations/round@1``.
    seconds
        Longest search that was asked for, in seconds; None = no wish.
    """

    plan: str
    token: str
    attempt: int
    document: bytes
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Result:
    """A plan that was made: its document ``rotations/plan@1``, hash and status."""

    content: str
    hash: str
    status: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a plan cannot be made: a stable code, and what a sentence about it needs."""

    code: str
    figures: Mapping[str, Any]


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


def begin(
    session: Session, plan_id: str, worker: str, *, attempts: int, now: datetime
) -> Lease | None:
    """Begin a plan, whoever had it before; None where there is nothing to do, or no longer.

    Parameters
    ----------
    worker
        Id of the worker that is going to make it.
    attempts
        A plan that has been begun so often fails as ``too-many-attempts``.

    Raises
    ------
    GivenUp
        The worker counts as dead; others have its work.
    """
    expect_worker(session, worker)
    plan = _locked(session, plan_id)
    if plan is None or plan.state not in UNFINISHED:
        return None
    if plan.stop_requested_at is not None:
        _end_by_itself(session, plan, "cancelled", now)
    elif plan.attempt >= attempts:
        plan.failure, plan.figures = "too-many-attempts", {"attempts": plan.attempt}
        _end_by_itself(session, plan, "failed", now)
    else:
        return _leased(session, plan, now)
    return None


def _leased(session: Session, plan: Plan, now: datetime) -> Lease:
    token = token_hex(16)
    plan.state, plan.lease = "running", token
    plan.attempt += 1
    plan.started_at, plan.progress = now, None
    plan_events.append_state(session, plan, now)
    snapshot = session.get_one(Snapshot, plan.snapshot)
    return Lease(plan.id, token, plan.attempt, snapshot.content.encode(), plan.seconds_limit)


def tell(session: Session, lease: Lease, told: Sequence[Told], now: datetime) -> None:
    """Note what was told of a search; the newest progress is also the plan's.

    The plan's revision stays: who reads a plan in work can still change what they have read.

    Raises
    ------
    LostLease
        Another one has begun the plan, or it has ended.
    """
    incidents = sum(each.kind == "incident" for each in told)
    changes: dict[str, Any] = {"incidents": Plan.incidents + incidents}
    for each in told:
        if each.kind == "progress":
            changes["progress"] = dict(each.data)
    statement = update(Plan).where(col(Plan.id) == lease.plan, col(Plan.lease) == lease.token)
    changed = session.exec(
        statement.values(changes), execution_options={"synchronize_session": False}
    )
    if changed.rowcount != 1:
        raise LostLease
    plan_events.append(session, lease.plan, told, now)


def stop_requested(session: Session, lease: Lease) -> bool:
    """Tell whether somebody has asked to stop.

    Raises
    ------
    LostLease
        Another one has begun the plan, or it has ended.
    """
    asked = select(col(Plan.stop_requested_at)).where(
        col(Plan.id) == lease.plan, col(Plan.lease) == lease.token
    )
    found = session.exec(asked).all()
    if not found:
        raise LostLease
    return found[0] is not None


def complete(session: Session, lease: Lease, result: Result, now: datetime) -> None:
    """Keep the plan that was made.

    Raises
    ------
    LostLease
        Another one has begun the plan, or it has ended.
    """
    plan = _held(session, lease)
    plan.content, plan.hash, plan.status = result.content, result.hash, result.status
    _end_by_itself(session, plan, "completed", now)


def fail(session: Session, lease: Lease, failure: Failure, now: datetime) -> None:
    """Give a plan up for good.

    Raises
    ------
    LostLease
        Another one has begun the plan, or it has ended.
    """
    plan = _held(session, lease)
    plan.failure, plan.figures = failure.code, dict(failure.figures)
    _end_by_itself(session, plan, "failed", now)


def leases(session: Session) -> dict[str, str]:
    """Return the leases of the plans in work, by plan."""
    held = select(col(Plan.id), col(Plan.lease)).where(col(Plan.state) == "running")
    return {plan: lease for plan, lease in session.exec(held).all() if lease}


def release(session: Session, plan_id: str, lease: str, now: datetime) -> None:
    """Let a plan wait again whose worker has died; nothing, where another one has begun it.

    The attempt counts: it may be the plan that workers die of.
    """
    plan = _locked(session, plan_id)
    if plan is not None and plan.lease == lease:
        plan.state, plan.lease = "queued", None
        plan.started_at, plan.progress = None, None
        plan_events.append_state(session, plan, now)


def wanting(session: Session) -> set[str]:
    """Return the plans that wait or are in work."""
    return set(session.exec(select(col(Plan.id)).where(col(Plan.state).in_(UNFINISHED))))


def drop(session: Session, plan_id: str, now: datetime) -> bool:
    """Give up a plan that is in nobody's hands any more; return whether it had not ended."""
    plan = _locked(session, plan_id)
    if plan is None or plan.state not in UNFINISHED:
        return False
    plan.failure, plan.figures = "lost", {"attempts": plan.attempt}
    _end_by_itself(session, plan, "failed", now)
    return True


def give_back(session: Session, lease: Lease, now: datetime) -> None:
    """Leave a plan to be begun anew, as if it had not been begun.

    Raises
    ------
    LostLease
        Another one has begun the plan, or it has ended.
    """
    plan = _held(session, lease)
    plan.state, plan.lease = "queued", None
    plan.attempt -= 1
    plan.started_at, plan.progress = None, None
    plan_events.append_state(session, plan, now)


def request_stop(session: Session, plan_id: str, now: datetime) -> Plan | None:
    """Ask to stop: one that waits is cancelled, one in work keeps its best plan.

    Returns
    -------
    Plan | None
        The plan as it now is, unchanged where it had ended; None where there is none in scope.
    """
    plan = _locked(session, plan_id)
    if plan is not None and plan.state in UNFINISHED:
        plan.stop_requested_at = plan.stop_requested_at or now
        if plan.state == "queued":
            _end(session, plan, "cancelled", now)
        session.flush()
    return plan


def _locked(session: Session, plan_id: str) -> Plan | None:
    """Return a plan as it is now, not to be changed by others before the transaction ends."""
    asked = select(Plan).where(col(Plan.id) == plan_id).with_for_update()
    return session.exec(asked, execution_options={"populate_existing": True}).one_or_none()


def _held(session: Session, lease: Lease) -> Plan:
    plan = _locked(session, lease.plan)
    if plan is None or plan.lease != lease.token:
        raise LostLease
    return plan


def _end(session: Session, plan: Plan, state: str, now: datetime) -> None:
    plan.state, plan.lease, plan.ended_at = state, None, now
    plan_events.append_state(session, plan, now)


def _end_by_itself(session: Session, plan: Plan, state: str, now: datetime) -> None:
    _end(session, plan, state, now)
    about = audit.About(round=plan.round, plan=plan.id)
    audit.append(session, [audit.Told.change(SERVICE, ENDINGS[state], now, **about)])

"""Plans: asked for, handed in, watched, cancelled."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from api.handmade import kept_by_hand
from api.outcomes.answers import plan_answer
from api.outcomes.parties import staff_scope
from api.schemas.fields import Handle
from api.schemas.plans import PlanAnswer, PlanRequest
from api.web.admission import AdmittedRoute, Caller
from api.web.bodies import invalid
from api.web.calls import Call, etag, found, shown
from api.web.paging import Page, Paged
from api.web.problems import Problem, answers
from data.documents import read_round
from data.forms.plans import PlanForm
from models.store import plans as store
from models.store import rounds
from models.store.solves import ask, request_stop
from models.tables import Plan, Round, Snapshot
from scheduler.errors import Fault, InvalidPlan

router = APIRouter(route_class=AdmittedRoute, tags=["plans"])

RETRY_SECONDS = 2

_ASKED = answers("not-found", "round-not-locked", "plans-unfinished", "conflict", "key-reused")
_HANDED = answers("not-found", "round-not-locked", "conflict", "key-reused")
_READ = answers("not-found")
_CANCELLED = answers("not-found", "plan-ended", "conflict", "key-reused")


@router.post(
    "/rounds/{id}/plans",
    operation_id="create_plan",
    status_code=202,
    response_model=PlanAnswer,
    responses=_ASKED,
)
def create_plan(call: Caller, id: Handle, form: PlanRequest | None = None) -> Response:  # noqa: A002
    """Ask for a plan of a locked round; a worker makes it."""
    seconds = form.seconds if form else None
    longest = call.service.settings.solve_seconds
    if seconds is not None and seconds > longest:
        raise invalid([Fault("at-most", ("seconds",), {"maximum": longest})])
    with call.writing() as session:
        snapshot = _locked(session, id)
        waiting = store.unfinished(session, id)
        if waiting >= store.MOST_UNFINISHED:
            raise Problem("plans-unfinished", unfinished=waiting)
        plan = ask(session, snapshot, seconds, author=call.author, now=call.now)
        call.service.jobs.enqueue(session, plan.id)
        headers = {"Location": _address(plan), "Retry-After": str(RETRY_SECONDS)}
        return call.reply(session, _answer(call, session, plan), 202, headers)


@router.post(
    "/rounds/{id}/plans/hand",
    operation_id="submit_plan",
    status_code=201,
    response_model=PlanAnswer,
    responses=_HANDED,
)
def submit_plan(call: Caller, id: Handle, form: PlanForm) -> Response:  # noqa: A002
    """Hand in a plan made by hand; it is kept where it breaks no rule of the locked round.

    Only its placements are taken; tiers, reasons and hash are computed.
    """
    with call.writing() as session:  # so that a repeated request is answered before all else
        snapshot = _locked(session, id)
        proofs = store.best_proven(session, snapshot.id)
        known = (snapshot.id, snapshot.content, proofs.content if proofs else None)
    made = _made_by_hand(known[1], form, known[2])
    with call.writing() as session:
        snapshot = _locked(session, id)
        if snapshot.id != known[0]:
            raise Problem("conflict")
        row = store.keep_by_hand(session, snapshot, made, author=call.author, now=call.now)
        call.note(override="plan-by-hand")
        headers = {"Location": _address(row), "ETag": etag(row.revision)}
        return call.reply(session, _answer(call, session, row), 201, headers)


def _made_by_hand(round_: str, form: PlanForm, proofs: str | None) -> Mapping[str, str]:
    """Return content, hash and status of a plan made by hand."""
    document = form.model_dump(mode="json", by_alias=True, exclude_unset=True)
    try:
        return kept_by_hand(read_round(round_.encode()), document, proofs)
    except InvalidPlan as error:
        raise invalid(error.faults) from None


@router.get("/rounds/{id}/plans", operation_id="list_plans", responses=_READ)
def list_plans(call: Caller, id: Handle, paging: Paged) -> Page[PlanAnswer]:  # noqa: A002
    """List the plans of a round; who is no staff sees the published one."""
    with call.reading() as session:
        found(session.get(Round, id))
        fresh = store.freshness(session, id)
        whole = store.sees_whole(session, id, staff_scope(call.principal))
        page = paging.page(
            session,
            store.plans_of(id),
            Plan.id,
            lambda plan: plan_answer(plan, fresh, call.language, whole=whole),
        )
    if any(plan.failure is not None for plan in page.items):
        call.note_people()
    return page


@router.get("/plans/{id}", operation_id="get_plan", response_model=PlanAnswer, responses=_READ)
def get_plan(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Show how far a plan is, and what came of it."""
    with call.reading() as session:
        seen = found(store.seen_plan(session, id, staff_scope(call.principal)))
        fresh = store.freshness(session, seen.plan.round)
        answer = plan_answer(seen.plan, fresh, call.language, whole=seen.whole)
        if answer.failure is not None:
            call.note_people()
        return shown(answer, seen.plan.revision)


@router.post(
    "/plans/{id}/cancel",
    operation_id="cancel_plan",
    response_model=PlanAnswer,
    responses={202: {"model": PlanAnswer}, **_CANCELLED},
)
def cancel_plan(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Stop: a plan that waits is cancelled (200), of one in work the best is kept (202).

    No precondition is asked for, and a second time is answered like the first.
    """
    with call.writing() as session:
        plan = found(request_stop(session, Plan, id, call.now))
        if plan.state in ("completed", "failed"):
            raise Problem("plan-ended")
        status = 202 if plan.state == "running" else 200
        headers = {"ETag": etag(plan.revision)}
        return call.reply(session, _answer(call, session, plan), status, headers)


def _locked(session: Session, round_id: str) -> Snapshot:
    """Return the newest document of a round that is locked, and stays so for this transaction."""
    if found(rounds.taken(session, round_id)).state != "locked":
        raise Problem("round-not-locked")
    snapshot = rounds.snapshot(session, round_id)
    assert snapshot is not None, "a locked round is frozen"
    return snapshot


def _address(plan: Plan) -> str:
    return f"/v1/plans/{plan.id}"


def _answer(call: Call, session: Session, plan: Plan) -> PlanAnswer:
    """Return the answer to a change: whoever may change a plan sees all of it."""
    return plan_answer(plan, store.freshness(session, plan.round), call.language, whole=True)

"""Moves by hand: where a candidate could go, what that would cost, and a plan with it made."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from api.handmade import kept_by_hand
from api.moving import seats_answer, tried, unknown
from api.outcomes.answers import plan_answer
from api.outcomes.parties import staff_scope
from api.outcomes.views import View, viewed
from api.schemas.fields import Handle
from api.schemas.moves import MovesForm, MovesTriedAnswer, SeatsAnswer
from api.schemas.plans import PlanAnswer
from api.web.admission import AdmittedRoute, Caller
from api.web.bodies import invalid
from api.web.calls import Call, etag, found
from api.web.problems import Problem, answers
from data.wording import Wording
from models.store import plans as store
from models.store import rounds
from models.tables import Plan
from scheduler.errors import Fault

router = APIRouter(route_class=AdmittedRoute, tags=["plans"])

_READ = answers("not-found", "plan-not-completed")
_MOVED = answers(
    *("not-found", "plan-not-completed", "plan-outdated", "round-not-locked"),
    *("conflict", "key-reused"),
)

CandidateInPath = Annotated[
    str, Path(min_length=1, max_length=200, description="Id of the candidate in the round.")
]


@router.get(
    "/plans/{id}/candidates/{candidate}/seats",
    operation_id="list_seats",
    responses=_READ,
)
def list_seats(call: Caller, id: Handle, candidate: CandidateInPath) -> SeatsAnswer:  # noqa: A002
    """List every undivided stay that the admission rules allow a candidate, and who holds it.

    Whether there is room is said as the others stand in this plan; other rules are not tried.
    """
    view = _whole(call, id)
    if candidate not in view.round.candidate:
        raise Problem("not-found")
    call.note(candidates=[candidate])
    words = Wording(view.round, call.language, view.places)
    return seats_answer(words, view.plan, candidate)


@router.post(
    "/plans/{id}/moves",
    operation_id="move_placements",
    response_model=MovesTriedAnswer | PlanAnswer,
    responses=_MOVED | {201: {"model": PlanAnswer, "description": "The plan made by hand."}},
)
def move_placements(
    call: Caller,
    id: Handle,  # noqa: A002
    form: MovesForm,
    dry_run: Annotated[bool, Query(description="Try it; save nothing.")] = False,
) -> Response:
    """Move candidates in a plan by hand: a new plan is made, the one it comes from stays.

    A dry run says which rules would be broken, whose place differs, and what each tier comes to.
    Without it every rule must be kept and a reason given; the reason is counted with the round's.
    """
    if dry_run:
        call.note_people()
        view = _whole(call, id)
        if faults := list(unknown(view.round, form.moves)):
            raise invalid(faults)
        trial = tried(view.round, view.plan, form.moves)
        answer = trial.answer(call.language)
        return Response(answer.model_dump_json(by_alias=True), media_type="application/json")
    return _moved(call, id, form)


def _moved(call: Call, id_: str, form: MovesForm) -> Response:
    """Keep what moves make of a plan, where it breaks no rule and is of the newest document."""
    with call.writing() as session:  # so that a repeated request is answered before all else
        plan = found(store.seen_plan(session, id_, staff_scope(call.principal))).plan
        best = store.best_proven(session, plan.snapshot)
        proofs = best.content if best else None
    view = _whole(call, id_)
    faults = list(unknown(view.round, form.moves))
    if form.reason is None:
        faults.append(Fault("missing", ("reason",)))
    if faults:
        raise invalid(faults)
    trial = tried(view.round, view.plan, form.moves)
    if not trial.verdict.kept:
        names = dict.fromkeys(broken.rule for broken in trial.verdict.broken)
        raise invalid([Fault(name, ("moves",)) for name in names])
    made = kept_by_hand(view.round, trial.document, proofs)
    with call.writing() as session:
        plan = session.get_one(Plan, id_)
        row = found(rounds.taken(session, plan.round))
        if row.state != "locked":
            raise Problem("round-not-locked")
        snapshot = rounds.snapshot(session, row.id)
        if snapshot is None or snapshot.id != plan.snapshot:
            raise Problem("plan-outdated")
        kept = store.keep_by_hand(session, snapshot, made, author=call.author, now=call.now)
        call.note(
            round=row.id,
            candidates=sorted({move.candidate for move in form.moves}),
            override="plan-by-hand",
            reason=form.reason,
        )
        answer = plan_answer(kept, store.freshness(session, row.id), call.language, whole=True)
        headers = {"Location": f"/v1/plans/{kept.id}", "ETag": etag(kept.revision)}
        return call.reply(session, answer, 201, headers)


def _whole(call: Call, id_: str) -> View:
    """Return a completed plan of a round whose every candidate the caller may see."""
    view = viewed(call, id_)
    if view.shown is not None:
        raise Problem("not-found")
    return view

"""Why each candidate has what she has: asked for once a plan, readable one by one."""

from __future__ import annotations

import json
from typing import Annotated, cast

from fastapi import APIRouter, Path
from sqlmodel import Session
from starlette.responses import Response

from api.outcomes.explanations import part_of, why_answer
from api.outcomes.parties import staff_scope
from api.outcomes.views import viewed
from api.schemas.fields import Handle
from api.schemas.studies import (
    ExplanationAnswer,
    ExplanationsAnswer,
    ReadyAnswer,
    State,
    StudyAnswer,
)
from api.studying.answers import study_answer
from api.studying.asking import ask_why, headers, hurry_up, retry
from api.web.admission import AdmittedRoute, Caller
from api.web.calls import Call, found
from api.web.downloads import JSON
from api.web.paging import Paged
from api.web.problems import Problem, answers
from data.forms.explanation_records import explanation_of
from data.wording import Wording
from models.store import plans, rounds, studies
from models.store.solves import request_stop
from models.tables import Plan, Study
from models.tables.tasks import UNFINISHED
from scheduler.domain import Candidate

router = APIRouter(route_class=AdmittedRoute, tags=["studies"])

_ADDRESS = "/plans/{id}/explanations"
_READ = answers("not-found", "plan-not-completed")
_CHANGED = answers("not-found", "plan-not-completed", "conflict", "key-reused")
_CANCELLED = answers("not-found", "study-ended", "conflict", "key-reused")

CandidateInPath = Annotated[
    str, Path(min_length=1, max_length=200, description="Id of the candidate in the round.")
]


@router.post(
    _ADDRESS,
    operation_id="create_explanations",
    status_code=202,
    response_model=StudyAnswer,
    responses={200: {"model": StudyAnswer}, **_CHANGED},
)
def create_explanations(call: Caller, id: Handle) -> Response:  # noqa: A002 - the address names it
    """Ask why everybody in a plan has what they have; publishing a plan asks by itself.

    Who asks again is answered with what there is (200), but for what failed or was cancelled.
    """
    with call.writing() as session:
        plan = _taken(call, session, id)
        if plan.state != "completed":
            raise Problem("plan-not-completed")
        before = studies.of_plan(session, plan.id)
        row = ask_why(call, session, plan)
        status = 200 if row is before else 202
        where = headers(row, f"/v1/plans/{plan.id}/explanations")
        return call.reply(session, _answer(call, session, row), status, where)


@router.delete(
    _ADDRESS,
    operation_id="cancel_explanations",
    response_model=StudyAnswer,
    responses={202: {"model": StudyAnswer}, **_CANCELLED},
)
def cancel_explanations(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Stop explaining a plan: what waits is cancelled (200), work is told to end (202).

    What has been found stays. A second time is answered like the first.
    """
    with call.writing() as session:
        plan = _taken(call, session, id)
        row = studies.of_plan(session, plan.id)
        if row is None or row.state in ("completed", "failed"):
            raise Problem("study-ended")
        row = found(request_stop(session, Study, row.id, call.now))
        status = 202 if row.state == "running" else 200
        return call.reply(session, _answer(call, session, row), status)


@router.get(_ADDRESS, operation_id="list_explanations", responses=_READ)
def list_explanations(
    call: Caller,
    id: Handle,  # noqa: A002
    paging: Paged,
) -> ExplanationsAnswer:
    """List whose explanations can be read, among the candidates in your reach."""
    view = viewed(call, id)
    with call.reading() as session:
        row = studies.of_plan(session, id)
        ready = frozenset[str]() if row is None else studies.ready(session, row.id)
        whole = view.shown is None
        study = _answer(call, session, row) if row is not None and whole else None

    def item(candidate: Candidate) -> ReadyAnswer:
        is_ready = candidate.id in ready
        return ReadyAnswer(
            candidate=candidate.id, municipality=candidate.municipality, ready=is_ready
        )

    reach = [c for c in view.round.candidates if view.shown is None or c.id in view.shown]
    page = paging.cut(reach, item)
    return ExplanationsAnswer(items=page.items, next=page.next, state=_state(row), study=study)


@router.get(
    f"{_ADDRESS}/{{candidate}}",
    operation_id="get_explanation",
    response_model=ExplanationAnswer,
    responses=_READ,
)
def get_explanation(call: Caller, id: Handle, candidate: CandidateInPath) -> Response:  # noqa: A002
    """Say why a candidate has what she has, and what would have helped, as soon as it is found.

    A municipality is told its own candidates by id and of others that there are some; a candidate
    reads her own explanation, her colleagues as a count from five on. What somebody
    looks for and is not found yet is found next.
    """
    view = viewed(call, id)
    person = view.round.candidate.get(candidate)
    if person is None or (view.shown is not None and candidate not in view.shown):
        raise Problem("not-found")
    call.note(candidates=[candidate])
    with call.reading() as session:
        row = studies.of_plan(session, id)
        said = None if row is None else studies.explained(session, row.id, candidate)
    if said is None and row is not None and row.state in UNFINISHED:
        hurry_up(call, row.id, candidate)
    why = None
    if said is not None:
        explanation = explanation_of(json.loads(said))
        if view.shown is not None:
            explanation = part_of(explanation, view.round, view.shown[candidate])
        why = why_answer(explanation, Wording(view.round, call.language, view.places))
    answer = ExplanationAnswer(
        candidate=candidate,
        municipality=person.municipality,
        state=_state(row),
        explanation=why,
    )
    waits = retry(row) if why is None else {}
    return Response(answer.model_dump_json(by_alias=True), 200, waits, JSON)


def _taken(call: Call, session: Session, id_: str) -> Plan:
    """Return a plan whose round is not to be moved by others before the transaction ends."""
    plan = found(plans.seen_plan(session, id_, staff_scope(call.principal), content=True)).plan
    found(rounds.taken(session, plan.round))
    session.refresh(plan)
    return plan


def _state(row: Study | None) -> State | None:
    return None if row is None else cast("State", row.state)


def _answer(call: Call, session: Session, row: Study) -> StudyAnswer:
    return study_answer(row, plans.freshness(session, row.round), call.language)

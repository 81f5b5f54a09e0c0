"""Placements: followed from the promise to the last evaluation, each step by whoever takes it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlmodel import Session, col, select
from starlette.responses import Response

from api.placements.answers import service_answer, summary, with_steps
from api.placements.moves import STATE_PROBLEMS, is_early, take
from api.placements.needs import needs
from api.placements.telling import telling
from api.releasing.answering import give_up
from api.releasing.publishing import Act
from api.rights import RIGHTS
from api.schemas.fields import Handle, MunicipalityInPath
from api.schemas.placements import (
    CancellationForm,
    CompletionForm,
    ContactForm,
    EvaluationForm,
    InterruptionForm,
    NeedAnswer,
    NewSupervisorForm,
    PlacementFilter,
    PlacementSummary,
    PlacementWithSteps,
    ServiceAnswer,
    StartForm,
)
from api.web.admission import AdmittedRoute, Caller
from api.web.bodies import invalid
from api.web.calls import Call, etag, found, shown
from api.web.paging import Page, Paged
from api.web.problems import answers
from models.store.notices import tell
from models.store.placements import Step
from models.store.submissions import supervisors
from models.tables import Municipality, Placement, Round
from scheduler.errors import Fault

router = APIRouter(route_class=AdmittedRoute, tags=["placements"])

_READ = answers("not-found")
_MOVED = (
    *("not-found", "stale", "precondition-required", "conflict", "key-reused"),
    *STATE_PROBLEMS,
)


@router.get("/placements", operation_id="list_placements", responses=answers())
def list_placements(
    call: Caller, paging: Paged, asked: Annotated[PlacementFilter, Query()]
) -> Page[PlacementSummary]:
    """List the placements of your rounds, your municipality or your unit, or your own."""
    rows = select(Placement)
    for name, value in asked.model_dump(exclude_none=True).items():
        rows = rows.where(col(getattr(Placement, name)) == value)
    with call.reading() as session:
        page = paging.page(session, rows, Placement.id, summary)
    call.note_shown(page.items)
    return page


@router.get(
    "/placements/{id}",
    operation_id="get_placement",
    response_model=PlacementWithSteps,
    responses=_READ,
)
def get_placement(call: Caller, id: Handle) -> Response:  # noqa: A002 - the address names it
    """Show a placement and what has happened to it."""
    with call.reading() as session:
        row = _found(call, session, id)
        return shown(_answer(call, session, row), row.revision)


@router.get("/placements/{id}/service", operation_id="get_placement_service", responses=_READ)
def get_placement_service(call: Caller, id: Handle) -> ServiceAnswer:  # noqa: A002
    """Say of each month of the stay whether it counts as training service, and if not, why.

    A month counts where the municipality is registered and a supervisor on its record is named for
    all of it, part-time in proportion. Months are those of the stay, from its first day.
    """
    with call.reading() as session:
        return service_answer(session, _found(call, session, id), call.language)


@router.post(
    "/placements/{id}/start",
    operation_id="start_placement",
    response_model=PlacementWithSteps,
    responses=answers(*_MOVED, "part-not-over"),
)
def start_placement(call: Caller, id: Handle, form: StartForm) -> Response:  # noqa: A002
    """Note that a stay in your unit has begun; of a divided one, that this part has."""
    with call.writing() as session:
        return _moved(call, session, _taken(call, session, id), "started", form.day)


@router.post(
    "/placements/{id}/contact",
    operation_id="note_placement_contact",
    response_model=PlacementWithSteps,
    responses=answers(*_MOVED),
)
def note_placement_contact(call: Caller, id: Handle, form: ContactForm) -> Response:  # noqa: A002
    """Note that your municipality has been in touch with its trainee."""
    with call.writing() as session:
        return _moved(call, session, _taken(call, session, id), "contact", form.day)


@router.post(
    "/placements/{id}/supervisor",
    operation_id="change_placement_supervisor",
    response_model=PlacementWithSteps,
    responses=answers(*_MOVED),
)
def change_placement_supervisor(
    call: Caller,
    id: Handle,  # noqa: A002
    form: NewSupervisorForm,
) -> Response:
    """Name another supervisor of your municipality from a day on, or nobody."""
    with call.writing() as session:
        row = _taken(call, session, id)
        named = form.supervisor
        if named is not None and named not in supervisors(session, row.municipality):
            raise invalid([Fault("not-known", ("supervisor",), {"what": "supervisor"})])
        return _moved(call, session, row, "supervised", form.day, supervisor=named)


@router.post(
    "/placements/{id}/interrupt",
    operation_id="interrupt_placement",
    response_model=PlacementWithSteps,
    responses=answers(*_MOVED),
)
def interrupt_placement(call: Caller, id: Handle, form: InterruptionForm) -> Response:  # noqa: A002
    """Break a stay off, and say how many months are still needed: they become a new need."""
    with call.writing() as session:
        row = _taken(call, session, id)
        if form.remaining_months > row.months_needed:
            most = {"maximum": row.months_needed}
            raise invalid([Fault("at-most", ("remaining_months",), most)])
        left = form.remaining_months
        answer = _moved(call, session, row, "interrupted", form.day, remaining_months=left)
        _tell(call, session, row, "placement-interrupted")
        return answer


@router.post(
    "/placements/{id}/evaluation",
    operation_id="invite_to_evaluation",
    response_model=PlacementWithSteps,
    responses=answers(*_MOVED),
)
def invite_to_evaluation(call: Caller, id: Handle, form: EvaluationForm) -> Response:  # noqa: A002
    """Propose a day for the final evaluation; the municipality's supervisor is invited.

    Another day can be proposed in the same way.
    """
    with call.writing() as session:
        row = _taken(call, session, id)
        answer = _moved(call, session, row, "evaluation", form.day)
        _tell(call, session, row, "evaluation-due", day=str(form.day))
        return answer


@router.post(
    "/placements/{id}/complete",
    operation_id="complete_placement",
    response_model=PlacementWithSteps,
    responses=answers(*_MOVED, "placement-not-evaluated"),
)
def complete_placement(call: Caller, id: Handle, form: CompletionForm) -> Response:  # noqa: A002
    """Say after the final evaluation that a stay is over, and which learning goals were reached.

    A stay that ends before the day agreed is completed for a written reason.
    """
    with call.writing() as session:
        row = _taken(call, session, id)
        goals = form.goals.model_dump(by_alias=True)
        answer = _moved(call, session, row, "completed", form.day, goals=goals)
        _expect_reason(row, form)
        if form.reason is not None:
            call.note(override="completed-early", reason=form.reason)
        _tell(call, session, row, "placement-completed")
        return answer


@router.post(
    "/placements/{id}/cancel",
    operation_id="cancel_placement",
    response_model=PlacementWithSteps,
    responses=answers(*_MOVED),
)
def cancel_placement(call: Caller, id: Handle, form: CancellationForm) -> Response:  # noqa: A002
    """Let a stay that has not begun come to nothing; its seat is free to be planned anew.

    Of a divided stay the other part stands, unless it is she who withdraws.
    """
    with call.writing() as session:
        row = _taken(call, session, id)
        act = Act(session.get_one(Round, row.round), call.author, call.now)
        give_up(session, act, row, form.reason)
        return _answered(call, session, row)


@router.get("/municipalities/{number}/needs", operation_id="list_needs", responses=_READ)
def list_needs(call: Caller, number: MunicipalityInPath, paging: Paged) -> Page[NeedAnswer]:
    """List who of a municipality still needs service, made ready for its next list.

    That is whose last stay was interrupted with months left, completed without a goal, or
    cancelled by no wish of hers.
    """
    own = call.scope.owns_municipality(Municipality.number)
    with call.reading() as session:
        found(session.exec(select(Municipality).where(Municipality.number == number, own)).first())
        page = paging.cut(needs(session, number), lambda need: need)
    call.note(candidates=[need.candidate.id for need in page.items])
    return page


def _expect_reason(row: Placement, form: CompletionForm) -> None:
    """Make sure that there is a reason where a stay ends early, and there alone."""
    if is_early(row, form.day) != (form.reason is not None):
        raise invalid([Fault("missing" if form.reason is None else "not-asked", ("reason",))])


def _taken(call: Call, session: Session, id_: str) -> Placement:
    row = _found(call, session, id_)
    call.expect(row)
    return row


def _found(call: Call, session: Session, id_: str) -> Placement:
    row = found(session.get(Placement, id_))
    call.note(round=row.round, municipality=row.municipality, candidates=[row.candidate])
    return row


def _moved(
    call: Call, session: Session, row: Placement, kind: str, day: date, **changes: Any
) -> Response:
    """Let a placement take a step that changes it; what it changes is noted with it."""
    step = Step(kind=kind, day=day, author=call.author, now=call.now, figures=changes)
    take(session, row, step, call.today, changes)
    return _answered(call, session, row)


def _answered(call: Call, session: Session, row: Placement) -> Response:
    return call.reply(session, _answer(call, session, row), headers={"ETag": etag(row.revision)})


def _tell(call: Call, session: Session, row: Placement, kind: str, **figures: str) -> None:
    """Put down a notice of a step for the parties."""
    tell(session, [telling(session, row, kind, **figures)], call.now)


def _answer(call: Call, session: Session, row: Placement) -> PlacementWithSteps:
    insight = call.principal.scope(RIGHTS[call.operation] & RIGHTS["get_supervisor"])
    return with_steps(session, row, insight)

"""Supervisors, kept by their municipality's coordinator."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Query
from sqlmodel import Session, col, select
from starlette.responses import Response

from api.placements.counting import keeping_service
from api.schemas.fields import Handle, MunicipalityInPath
from api.schemas.supervisors import (
    HALF_MONTHS,
    YARDSTICK_HOURS,
    SupervisorAnswer,
    SupervisorFilter,
    SupervisorForm,
)
from api.web.admission import AdmittedRoute, Caller
from api.web.bodies import invalid
from api.web.calls import Call, etag, found, shown
from api.web.paging import Page, Paged
from api.web.problems import Problem, answers
from models.store.rows import saved
from models.store.supervisors import is_named_in_open_list, is_named_in_placement
from models.tables import Municipality, Supervisor
from scheduler.errors import Fault

router = APIRouter(route_class=AdmittedRoute, tags=["supervisors"])

_CHANGE = ("not-found", "stale", "precondition-required", "conflict", "key-reused")


@router.get("/supervisors", operation_id="list_supervisors", responses=answers())
def list_supervisors(
    call: Caller, paging: Paged, asked: Annotated[SupervisorFilter, Query()]
) -> Page[SupervisorAnswer]:
    """List your municipality's supervisors, or those of municipalities in agreement with you."""
    rows = select(Supervisor)
    if asked.municipality is not None:
        rows = rows.where(col(Supervisor.municipality) == asked.municipality)
    with call.reading() as session:
        return paging.page(session, rows, Supervisor.id, _supervisor)


@router.post(
    "/municipalities/{number}/supervisors",
    operation_id="create_supervisor",
    status_code=201,
    response_model=SupervisorAnswer,
    responses=answers("not-found", "conflict", "key-reused"),
)
def create_supervisor(call: Caller, number: MunicipalityInPath, form: SupervisorForm) -> Response:
    """Register a supervisor of your municipality."""
    own = call.scope.owns_municipality(Municipality.number)
    with call.writing() as session:
        found(session.exec(select(Municipality).where(Municipality.number == number, own)).first())
        _check(form)
        new = dict(form) | {"id": uuid4().hex, "municipality": number}
        row = saved(session, None, Supervisor, new)
        headers = {"Location": f"/v1/supervisors/{row.id}", "ETag": etag(row.revision)}
        return call.reply(session, _supervisor(row), 201, headers)


@router.get(
    "/supervisors/{id}",
    operation_id="get_supervisor",
    response_model=SupervisorAnswer,
    responses=answers("not-found"),
)
def get_supervisor(call: Caller, id: Handle) -> Response:  # noqa: A002 - the address names it
    """Show a supervisor."""
    with call.reading() as session:
        row = found(session.get(Supervisor, id))
        return shown(_supervisor(row), row.revision)


@router.put(
    "/supervisors/{id}",
    operation_id="put_supervisor",
    response_model=SupervisorAnswer,
    responses=answers(*_CHANGE, "service-counted"),
)
def put_supervisor(call: Caller, id: Handle, form: SupervisorForm) -> Response:  # noqa: A002
    """Change a supervisor of your municipality; what was served with her must go on counting."""
    with call.writing() as session:
        row = _own(session, call, id)
        _check(form)
        with keeping_service(session, row.municipality, call.today):
            row = saved(session, row, Supervisor, dict(form))
        return call.reply(session, _supervisor(row), headers={"ETag": etag(row.revision)})


@router.delete(
    "/supervisors/{id}",
    operation_id="delete_supervisor",
    status_code=204,
    response_class=Response,
    responses=answers(*_CHANGE, "in-use", "supervisor-named"),
)
def delete_supervisor(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Remove a supervisor whom neither a list of an open round nor a placement needs."""
    with call.writing() as session:
        row = _own(session, call, id)
        if is_named_in_open_list(session, row):
            raise Problem("in-use")
        if is_named_in_placement(session, row):
            raise Problem("supervisor-named")
        session.delete(row)
        session.flush()
        return call.reply(session, None, 204)


def _own(session: Session, call: Call, id_: str) -> Supervisor:
    row = found(session.get(Supervisor, id_))
    call.expect(row)
    call.note(municipality=row.municipality)
    return row


def _check(form: SupervisorForm) -> None:
    dates = {"exempt_from": form.exempt_from, "exempt_until": form.exempt_until}
    faults = [
        Fault("specialist-or-exempt", (name,))
        for name, day in dates.items()
        if form.specialist == (day is not None)
    ]
    if form.exempt_from and form.exempt_until and form.exempt_until <= form.exempt_from:
        faults.append(Fault("dates-reversed", ("exempt_until",), {"after": "exempt_from"}))
    if faults:
        raise invalid(faults)


def _supervisor(row: Supervisor) -> SupervisorAnswer:
    return SupervisorAnswer(
        **row.model_dump(),
        hours_per_year=row.hours_per_month * HALF_MONTHS / 2,
        reaches_yardstick=row.hours_per_month >= YARDSTICK_HOURS,
    )

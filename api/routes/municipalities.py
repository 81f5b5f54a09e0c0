"""Municipalities and their agreements, kept by planners; each says itself how to reach it."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.responses import Response

from api.placements.counting import keeping_service
from api.schemas.fields import MunicipalityInPath, OrganisationInPath
from api.schemas.municipalities import (
    AgreementAnswer,
    AgreementForm,
    MunicipalityAnswer,
    MunicipalityContactForm,
    MunicipalityForm,
    SignedInPath,
)
from api.web.admission import AdmittedRoute, Caller
from api.web.bodies import invalid
from api.web.calls import Call, etag, found, shown
from api.web.paging import Page, Paged
from api.web.problems import Problem, answers
from models.store.agreements import agreements_in_force
from models.store.grants import is_granted
from models.store.organisations import organisation_in_reach
from models.store.rows import saved
from models.tables import Agreement, Municipality
from scheduler.errors import Fault

router = APIRouter(route_class=AdmittedRoute, tags=["register"])

_PUT = answers("not-found", "stale", "precondition-required", "conflict", "key-reused", "in-use")
_READ = answers("not-found")


@router.get("/municipalities", operation_id="list_municipalities", responses=answers())
def list_municipalities(call: Caller, paging: Paged) -> Page[MunicipalityAnswer]:
    """List the municipalities, each with its agreements in force today."""
    with call.reading() as session:
        in_force = agreements_in_force(session, call.today)
        return paging.page(
            session,
            select(Municipality),
            Municipality.number,
            lambda row: _municipality(row, in_force.get(row.number, [])),
        )


@router.get(
    "/municipalities/{number}",
    operation_id="get_municipality",
    response_model=MunicipalityAnswer,
    responses=_READ,
)
def get_municipality(call: Caller, number: MunicipalityInPath) -> Response:
    """Show a municipality with its agreements in force today."""
    with call.reading() as session:
        row = found(session.get(Municipality, number))
        return shown(_as_it_stands(session, call, row), row.revision)


@router.put(
    "/municipalities/{number}",
    operation_id="put_municipality",
    response_model=MunicipalityAnswer,
    responses=answers(
        *("not-found", "stale", "precondition-required", "conflict", "key-reused"),
        *("in-use", "service-counted"),
    ),
)
def put_municipality(call: Caller, number: MunicipalityInPath, form: MunicipalityForm) -> Response:
    """Register or change a municipality whose record your organisation keeps."""
    with call.writing() as session:
        row = session.get(Municipality, number)
        if row and organisation_in_reach(session, row.organisation) is None:
            raise Problem("not-found")
        call.expect(row)
        if organisation_in_reach(session, form.organisation) is None:
            raise invalid([Fault("not-known", ("organisation",), {"what": "organisation"})])
        moves = row is not None and row.organisation != form.organisation
        if moves and is_granted(session, "municipality", number, call.today):
            raise Problem("in-use")  # whoever gave those rights could not take them back
        status = 200 if row else 201
        with keeping_service(session, number, call.today):
            row = saved(session, row, Municipality, dict(form) | {"number": number})
        answer = _as_it_stands(session, call, row)
        return call.reply(session, answer, status, {"ETag": etag(row.revision)})


@router.patch(
    "/municipalities/{number}",
    operation_id="update_municipality_contact",
    response_model=MunicipalityAnswer,
    responses=_PUT,
)
def update_municipality_contact(
    call: Caller, number: MunicipalityInPath, form: MunicipalityContactForm
) -> Response:
    """Say how your municipality is reached, and how many it can spare at a time."""
    own = call.scope.owns_municipality(Municipality.number)
    with call.writing() as session:
        rows = select(Municipality).where(col(Municipality.number) == number, own)
        row = found(session.exec(rows).first())
        call.expect(row)
        row = saved(session, row, Municipality, form.model_dump(exclude_unset=True))
        answer = _as_it_stands(session, call, row)
        return call.reply(session, answer, headers={"ETag": etag(row.revision)})


@router.get("/municipalities/{number}/agreements", operation_id="list_agreements", responses=_READ)
def list_agreements(
    call: Caller, number: MunicipalityInPath, paging: Paged
) -> Page[AgreementAnswer]:
    """List every agreement of a municipality, past and to come too, trust by trust."""
    with call.reading() as session:
        found(session.get(Municipality, number))
        rows = select(Agreement).where(col(Agreement.municipality) == number)
        ordered = rows.order_by(col(Agreement.organisation), col(Agreement.signed_on))
        return paging.cut(session.exec(ordered).all(), _agreement)


@router.get(
    "/municipalities/{number}/agreements/{organisation}/{signed_on}",
    operation_id="get_agreement",
    response_model=AgreementAnswer,
    responses=_READ,
)
def get_agreement(
    call: Caller,
    number: MunicipalityInPath,
    organisation: OrganisationInPath,
    signed_on: SignedInPath,
) -> Response:
    """Show an agreement."""
    with call.reading() as session:
        row = found(session.get(Agreement, (number, organisation, signed_on)))
        return shown(_agreement(row), row.revision)


@router.put(
    "/municipalities/{number}/agreements/{organisation}/{signed_on}",
    operation_id="put_agreement",
    response_model=AgreementAnswer,
    responses=_PUT,
)
def put_agreement(
    call: Caller,
    number: MunicipalityInPath,
    organisation: OrganisationInPath,
    signed_on: SignedInPath,
    form: AgreementForm,
) -> Response:
    """Register or change an agreement that one of your trusts has with a municipality."""
    with call.writing() as session:
        found(session.get(Municipality, number))
        trust = found(organisation_in_reach(session, organisation))
        if trust.kind != "HF":
            raise Problem("not-found")
        key = {"municipality": number, "organisation": organisation, "signed_on": signed_on}
        row = session.get(Agreement, tuple(key.values()))
        call.expect(row)
        if form.ends_on is not None and form.ends_on < signed_on:
            raise invalid([Fault("dates-reversed", ("ends_on",), {"from": "signed_on"})])
        status = 200 if row else 201
        row = saved(session, row, Agreement, dict(form) | key)
        return call.reply(session, _agreement(row), status, {"ETag": etag(row.revision)})


def _as_it_stands(session: Session, call: Call, row: Municipality) -> MunicipalityAnswer:
    in_force = agreements_in_force(session, call.today, row.number)
    return _municipality(row, in_force.get(row.number, []))


def _municipality(row: Municipality, in_force: Sequence[Agreement]) -> MunicipalityAnswer:
    ends = [agreement.ends_on for agreement in in_force if agreement.ends_on is not None]
    return MunicipalityAnswer(
        **row.model_dump(),
        agreements=[_agreement(agreement) for agreement in in_force],
        next_end=min(ends, default=None),
    )


def _agreement(row: Agreement) -> AgreementAnswer:
    return AgreementAnswer.model_validate(row, from_attributes=True)

"""Rights: everybody's own, and those that administrators give and take back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session, col, or_, select
from starlette.responses import Response

from api.granting import ending_faults, register_faults, right_of, role_faults
from api.rights import ADMINISTRATOR
from api.schemas.fields import Handle
from api.schemas.grants import (
    GrantAnswer,
    GrantFilter,
    GrantForm,
    MeAnswer,
    RightAnswer,
)
from api.web.admission import AdmittedRoute, Caller
from api.web.bodies import invalid
from api.web.calls import Call, found
from api.web.paging import Page, Paged
from api.web.problems import Problem, answers
from models.store.grants import grant, holding, revoke, rights_of
from models.store.organisations import organisation_in_reach
from models.store.replays import forget_answers
from models.tables import Grant
from scheduler.errors import Fault

router = APIRouter(route_class=AdmittedRoute, tags=["rights"])


@router.get("/me", operation_id="get_me", responses=answers())
def get_me(call: Caller) -> MeAnswer:
    """Show who you are to the service, and what you may act as."""
    identity, grants = call.principal.identity, call.principal.grants
    rights = [RightAnswer.model_validate(row, from_attributes=True) for row in grants]
    if whom := sorted({row.candidate for row in grants if row.candidate}):
        call.note_people()
        call.note(candidates=whom)
    return MeAnswer(issuer=identity.issuer, subject=identity.subject, rights=rights)


@router.get("/grants", operation_id="list_grants", responses=answers())
def list_grants(
    call: Caller, paging: Paged, asked: Annotated[GrantFilter, Query()]
) -> Page[GrantAnswer]:
    """List the rights that your organisation, or a trust of your region, has given."""
    holds = holding(call.today)
    rows = select(Grant).where(~holds if asked.revoked else holds)
    if asked.organisation is not None:
        rows = rows.where(col(Grant.organisation) == asked.organisation)
    if asked.role is not None:
        rows = rows.where(col(Grant.role) == asked.role)
    with call.reading() as session:
        page = paging.page(session, rows, Grant.id, _grant)
    call.note(candidates=sorted({row.candidate for row in page.items if row.candidate}))
    return page


@router.post(
    "/grants",
    operation_id="create_grant",
    status_code=201,
    response_model=GrantAnswer,
    responses=answers("exists", "conflict", "key-reused"),
)
def create_grant(call: Caller, form: GrantForm) -> Response:
    """Give a right for your organisation, or a trust of your region. It acts at once."""
    with call.writing() as session:
        _check(session, form, call.today)
        right = right_of(form)
        held = rights_of(session, form.issuer, form.subject, call.today)
        if any(asdict(right).items() <= row.model_dump().items() for row in held):
            raise Problem("exists")
        row = grant(session, form.issuer, form.subject, right, call.now, call.author)
        _note(call, row)
        return call.reply(session, _grant(row), 201, {"Location": f"/v1/grants/{row.id}"})


@router.get("/grants/{id}", operation_id="get_grant", responses=answers("not-found"))
def get_grant(call: Caller, id: Handle) -> GrantAnswer:  # noqa: A002 - the address names it
    """Show a right, also one that was taken back or has ended."""
    with call.reading() as session:
        row = found(session.get(Grant, id))
        _note(call, row)
        return _grant(row)


@router.post(
    "/grants/{id}/revoke",
    operation_id="revoke_grant",
    response_model=GrantAnswer,
    responses=answers("not-found", "in-use", "conflict", "key-reused"),
)
def revoke_grant(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Take a right back, at once and for good; one taken back before keeps its time.

    Nobody takes back their own last right to administer.
    """
    with call.writing() as session:
        administering = _administering(session, call, id)
        if not administering - {id}:
            raise Problem("in-use" if administering else "forbidden")
        row = found(revoke(session, id, call.now))
        forget_answers(session, row.issuer, row.subject)
        _note(call, row)
        return call.reply(session, _grant(row))


def _check(session: Session, form: GrantForm, today: date) -> None:
    """Refuse a right that says too little, too much, or what is not the organisation's to give."""
    faults = []
    if organisation_in_reach(session, form.organisation, alone=True) is None:
        faults.append(Fault("not-known", ("organisation",), {"what": "organisation"}))
    faults += role_faults(form.role, form.model_dump())
    faults += ending_faults(form.ends_on, today)
    faults += register_faults(session, form)
    if faults:
        raise invalid(faults)


def _administering(session: Session, call: Call, id_: str) -> set[str]:
    """Return the caller's rights to administer that stand, holding them and the right `id_`.

    So of two who take each other's rights back, the second one finds that hers is gone.
    """
    identity = call.principal.identity
    own = (
        (col(Grant.issuer) == identity.issuer)
        & (col(Grant.subject) == identity.subject)
        & (col(Grant.role) == ADMINISTRATOR)
        & holding(call.today)
    )
    held = select(Grant.id).where(or_(own, col(Grant.id) == id_)).order_by(col(Grant.id))
    session.exec(held.with_for_update()).all()
    return set(session.exec(select(Grant.id).where(own)))


def _note(call: Call, row: Grant) -> None:
    """Say whom a right is about, and who gave it."""
    whom = [row.candidate] if row.candidate else []
    call.note(municipality=row.municipality, candidates=whom, organisation=row.organisation)


def _grant(row: Grant) -> GrantAnswer:
    return GrantAnswer.model_validate(row, from_attributes=True)

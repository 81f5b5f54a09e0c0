"""Policies, made by planners: a change is a new version, so that a round keeps what it went by."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Query
from sqlalchemy import func
from sqlmodel import Session, col, select
from starlette.responses import Response

from api.schemas.fields import Handle
from api.schemas.policies import PolicyAnswer, PolicyFilter, PolicyForm
from api.web.admission import AdmittedRoute, Caller
from api.web.bodies import invalid
from api.web.calls import etag, found, shown
from api.web.paging import Page, Paged
from api.web.problems import Problem, answers
from models.scope import UNCONFINED
from models.store.organisations import organisation_in_reach
from models.store.rows import saved
from models.tables import Policy, Round
from scheduler.errors import Fault

router = APIRouter(route_class=AdmittedRoute, tags=["policies"])

_COLUMNS = {"organisation", "name", "version", "valid_from"}
"""Fields of the form that are columns of the row; the others are its content."""


@router.get("/policies", operation_id="list_policies", responses=answers())
def list_policies(
    call: Caller, paging: Paged, asked: Annotated[PolicyFilter, Query()]
) -> Page[PolicyAnswer]:
    """List the policies: every version of each."""
    rows = select(Policy)
    if asked.organisation is not None:
        rows = rows.where(col(Policy.organisation) == asked.organisation)
    with call.reading() as session:
        return paging.page(session, rows, Policy.id, _policy)


@router.post(
    "/policies",
    operation_id="create_policy",
    status_code=201,
    response_model=PolicyAnswer,
    responses=answers("conflict", "key-reused"),
)
def create_policy(call: Caller, form: PolicyForm) -> Response:
    """Make a policy, or the next version of one, of your organisation or a trust of your region."""
    with call.writing() as session:
        _check(session, form)
        new = {name: getattr(form, name) for name in _COLUMNS} | {
            "id": uuid4().hex,
            "content": form.model_dump(mode="json", exclude=_COLUMNS),
            "made_at": call.now,
            "made_by": call.author,
        }
        row = saved(session, None, Policy, new)
        headers = {"Location": f"/v1/policies/{row.id}", "ETag": etag(row.id)}
        return call.reply(session, _policy(row), 201, headers)


@router.get(
    "/policies/{id}",
    operation_id="get_policy",
    response_model=PolicyAnswer,
    responses=answers("not-found"),
)
def get_policy(call: Caller, id: Handle) -> Response:  # noqa: A002 - the address names it
    """Show a policy; it never changes."""
    with call.reading() as session:
        row = found(session.get(Policy, id))
        return shown(_policy(row), row.id)


@router.delete(
    "/policies/{id}",
    operation_id="delete_policy",
    status_code=204,
    response_class=Response,
    responses=answers("not-found", "in-use", "conflict", "key-reused"),
)
def delete_policy(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Remove a version of a policy that no round goes by; it never changes, so no If-Match."""
    own = call.scope.owns_organisation(Policy.organisation)
    with call.writing() as session:
        row = found(session.exec(select(Policy).where(col(Policy.id) == id, own)).first())
        rounds = select(Round.id).where(col(Round.policy) == id).limit(1)
        if session.exec(rounds, execution_options=UNCONFINED).first() is not None:
            raise Problem("in-use")
        call.note(organisation=row.organisation)  # nobody can look it up any more
        session.delete(row)
        session.flush()
        return call.reply(session, None, 204)


def _check(session: Session, form: PolicyForm) -> None:
    """Refuse a policy of somebody else, and a version that does not follow on the last."""
    if organisation_in_reach(session, form.organisation, alone=True) is None:
        raise invalid([Fault("not-known", ("organisation",), {"what": "organisation"})])
    versions = select(func.max(Policy.version)).where(
        col(Policy.organisation) == form.organisation, col(Policy.name) == form.name
    )
    last: int | None = session.exec(versions).one()
    if last is not None and form.version <= last:
        raise invalid([Fault("more-than", ("version",), {"minimum": last})])


def _policy(row: Policy) -> PolicyAnswer:
    return PolicyAnswer.model_validate(row.content | row.model_dump(exclude={"content"}))

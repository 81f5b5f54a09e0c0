"""What planners know of a round's candidates: seats they already hold, waiting, waivers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body
from starlette.responses import Response

from api.collecting import moves
from api.collecting.seats import holding, seats
from api.schemas.fields import Handle, SlugInPath
from api.schemas.rounds import CommitmentsForm, StandingAnswer, StandingForm
from api.schemas.unchecked import unchecked
from api.web.admission import AdmittedRoute, Caller
from api.web.bodies import invalid
from api.web.calls import etag, found, shown
from api.web.problems import answers
from models.store import rounds as store
from models.store.rows import saved
from models.tables import Round, Standing

router = APIRouter(route_class=AdmittedRoute, tags=["rounds"])

_READ = answers("not-found", "round-imported")
_PUT = answers(
    *("not-found", "round-imported", "round-not-open"),
    *("stale", "precondition-required", "conflict", "key-reused"),
)


@router.get(
    "/rounds/{id}/commitments",
    operation_id="get_commitments",
    response_model=CommitmentsForm,
    responses=_READ,
)
def get_commitments(call: Caller, id: Handle) -> Response:  # noqa: A002 - the address names it
    """Show the seats that candidates of a round already hold."""
    with call.reading() as session:
        moves.expect_collected(found(session.get(Round, id)))
        held = seats(session, id)
        call.note(candidates=_named(held.form))
        return shown(held.form, held.tag)


@router.put(
    "/rounds/{id}/commitments",
    operation_id="put_commitments",
    response_model=CommitmentsForm,
    responses=_PUT,
)
def put_commitments(
    call: Caller,
    id: Handle,  # noqa: A002
    value: Annotated[Any, unchecked(CommitmentsForm), Body()],
) -> Response:
    """Say which seats are held, all of them: accepted ones stand, offered ones if possible.

    Accepted seats that contradict each other are taken here; the round cannot be locked with them.
    """
    with call.writing() as session:
        round_ = found(store.taken(session, id))
        moves.expect_state(round_, "open", "draft")
        call.expect_tag(etag(seats(session, id).tag))
        rows, faults = holding(session, round_, value)
        if faults:
            raise invalid(faults)
        store.commit_to(session, id, rows)
        held = seats(session, id)
        call.note(candidates=_named(held.form))
        return call.reply(session, held.form, headers={"ETag": etag(held.tag)})


@router.get(
    "/rounds/{id}/candidates/{candidate}/standing",
    operation_id="get_standing",
    response_model=StandingAnswer,
    responses=_READ,
)
def get_standing(call: Caller, id: Handle, candidate: SlugInPath) -> Response:  # noqa: A002
    """Show what is known of a candidate who has stood in a list of the round."""
    with call.reading() as session:
        moves.expect_collected(found(session.get(Round, id)))
        row = found(session.get(Standing, (id, candidate)))
        call.note(municipality=row.municipality)
        return shown(_standing(row), row.revision)


@router.put(
    "/rounds/{id}/candidates/{candidate}/standing",
    operation_id="put_standing",
    response_model=StandingAnswer,
    responses=_PUT,
)
def put_standing(
    call: Caller,
    id: Handle,  # noqa: A002
    candidate: SlugInPath,
    form: StandingForm,
) -> Response:
    """Say how often a candidate has waited, and why her lead time is set aside, if it is."""
    with call.writing() as session:
        moves.expect_state(found(store.taken(session, id)), "open", "draft")
        row = found(session.get(Standing, (id, candidate)))
        call.expect(row)
        if form.lead_waiver is not None and form.lead_waiver != row.lead_waiver:
            call.note(override="lead-waiver", reason=form.lead_waiver)
        call.note(municipality=row.municipality)
        row = saved(session, row, Standing, dict(form))
        return call.reply(session, _standing(row), headers={"ETag": etag(row.revision)})


def _named(form: CommitmentsForm) -> list[str]:
    return sorted({each.candidate for each in form.commitments})


def _standing(row: Standing) -> StandingAnswer:
    return StandingAnswer.model_validate(row, from_attributes=True)

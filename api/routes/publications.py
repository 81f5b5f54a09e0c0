"""Publications: which plans have been in force, and what has become free planned once more."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.collecting import moves
from api.collecting.refusals import translated
from api.releasing.replanning import anew
from api.rights import RIGHTS
from api.schemas.fields import Handle
from api.schemas.release import PublicationAnswer, PublicationsAnswer, ReplanAnswer, ReplanForm
from api.web.admission import AdmittedRoute, Caller
from api.web.bodies import invalid
from api.web.calls import etag, found
from api.web.problems import Problem, answers
from models.store import plans, release, rounds
from models.tables import Round
from scheduler.errors import Fault

router = APIRouter(route_class=AdmittedRoute, tags=["release"])

_REPLANNED = answers(
    *("not-found", "round-not-locked", "plan-not-published", "round-invalid", "refused"),
    *("stale", "precondition-required", "conflict", "key-reused"),
)


@router.get(
    "/rounds/{id}/publications", operation_id="list_publications", responses=answers("not-found")
)
def list_publications(call: Caller, id: Handle) -> PublicationsAnswer:  # noqa: A002
    """List which plans of a round have been in force, and how that ended."""
    staff = call.principal.scope(RIGHTS["get_plan_document"])
    with call.reading() as session:
        found(session.get(Round, id))
        whole = plans.sees_whole(session, id, staff)
        items = [
            PublicationAnswer.model_validate(row, from_attributes=True)
            for row in release.publications(session, id)
        ]
    if whole and any(each.reason for each in items):
        call.note_people()
    return PublicationsAnswer(
        items=items if whole else [each.model_copy(update={"reason": None}) for each in items]
    )


@router.post(
    "/rounds/{id}/replan",
    operation_id="replan_round",
    status_code=201,
    response_model=ReplanAnswer,
    responses=_REPLANNED,
)
def replan_round(call: Caller, id: Handle, form: ReplanForm) -> Response:  # noqa: A002
    """Freeze a published round anew, so that seats that have become free are planned once more.

    Accepted seats stand, open offers are kept where no hard rule forbids it, and nobody else moves
    who need not: the next plan is proven to move the fewest.
    """
    with call.writing() as session:
        row = found(rounds.taken(session, id))
        if row.state != "locked":
            raise Problem("round-not-locked")
        if release.in_force(session, id) is None:
            raise Problem("plan-not-published")
        call.expect(row)
        decided = form.decision_date or row.decision_date
        if decided < row.decision_date:  # lead time that has passed cannot be won back
            fault = Fault("at-least", ("decision_date",), {"minimum": str(row.decision_date)})
            raise invalid([fault])
        rounds.changed(session, row, {"decision_date": decided})
        again = anew(session, row)
        with translated(call.language):
            frozen = moves.freeze(session, row, again.document, author=call.author, now=call.now)
        rounds.noted(
            session,
            row,
            author=call.author,
            now=call.now,
            reason=form.reason,
            changes={"replanned": {"from": frozen.number - 1, "to": frozen.number}},
        )
        call.note(override="replanned", reason=form.reason)
        answer = ReplanAnswer(
            snapshot=frozen.number,
            accepted=again.accepted,
            offered=again.offered,
            left=list(again.left),
        )
        return call.reply(session, answer, 201, {"ETag": etag(row.revision)})

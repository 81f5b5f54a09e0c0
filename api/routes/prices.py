"""The price of priority: what strict orders cost a frozen round."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.schemas.fields import Handle
from api.schemas.studies import PriceAnswer, StudyAnswer
from api.studying.answers import price_answer, study_answer
from api.studying.asking import ask, frozen, headers, retry
from api.web.admission import AdmittedRoute, Caller
from api.web.calls import found
from api.web.downloads import JSON
from api.web.problems import answers
from models.store import plans, rounds, studies
from models.store.studies import STANDING, Question
from models.tables import Round

router = APIRouter(route_class=AdmittedRoute, tags=["studies"])

_ADDRESS = "/rounds/{id}/price-of-priority"


@router.post(
    _ADDRESS,
    operation_id="create_price",
    status_code=202,
    response_model=StudyAnswer,
    responses={
        200: {"model": StudyAnswer},
        **answers("not-found", "round-not-locked", "studies-unfinished", "conflict", "key-reused"),
    },
)
def create_price(call: Caller, id: Handle) -> Response:  # noqa: A002 - the address names it
    """Ask what strict orders cost, against orders that bind less or not; once for a document.

    Who asks again is answered with what there is (200), but for one that failed.
    """
    with call.writing() as session:
        snapshot = frozen(session, id)
        row = studies.of_snapshot(session, snapshot.id, "price")
        is_new = row is None or row.state not in STANDING
        if row is None or is_new:
            row = ask(call, session, snapshot, Question("price"))
        answer = study_answer(row, plans.freshness(session, id), call.language)
        where = headers(row, f"/v1/rounds/{id}/price-of-priority")
        return call.reply(session, answer, 202 if is_new else 200, where)


@router.get(
    _ADDRESS, operation_id="get_price", response_model=PriceAnswer, responses=answers("not-found")
)
def get_price(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Show the price of priority for the round's newest document: who gains, and whose orders cost.

    One document of a round has one price.
    """
    with call.reading() as session:
        found(session.get(Round, id))
        snapshot = rounds.snapshot(session, id)
        row = studies.of_snapshot(session, snapshot.id, "price") if snapshot else None
        answer = price_answer(row, plans.freshness(session, id), call.language)
    return Response(answer.model_dump_json(), 200, retry(row), JSON)

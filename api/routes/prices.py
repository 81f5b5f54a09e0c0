"""What a frozen round pays: for strict orders, and for keeping offers."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from starlette.responses import Response

from api.schemas.fields import Answer, Handle
from api.schemas.studies import KeepingAnswer, PriceAnswer, StudyAnswer
from api.studying.answers import keeping_answer, price_answer, study_answer
from api.studying.asking import ask, frozen, headers, retry
from api.web.admission import AdmittedRoute, Caller
from api.web.calls import Call, found
from api.web.downloads import JSON
from api.web.problems import answers
from data.sentences import Language
from models.store import plans, rounds, studies
from models.store.plans import Freshness
from models.store.studies import STANDING, Question
from models.tables import Round, Study

router = APIRouter(route_class=AdmittedRoute, tags=["studies"])

_PRIORITY, _KEEPING = "/rounds/{id}/price-of-priority", "/rounds/{id}/price-of-keeping"

_ASKED = {
    200: {"model": StudyAnswer},
    **answers("not-found", "round-not-locked", "studies-unfinished", "conflict", "key-reused"),
}


@router.post(
    _PRIORITY,
    operation_id="create_price",
    status_code=202,
    response_model=StudyAnswer,
    responses=_ASKED,
)
def create_price(call: Caller, id: Handle) -> Response:  # noqa: A002 - the address names it
    """Ask what strict orders cost, against orders that bind less or not; once for a document.

    Who asks again is answered with what there is (200), but for one that failed.
    """
    return _asked(call, id, "price", _PRIORITY)


@router.get(
    _PRIORITY, operation_id="get_price", response_model=PriceAnswer, responses=answers("not-found")
)
def get_price(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Show the price of priority for the round's newest document: who gains, and whose orders cost.

    One document of a round has one price.
    """
    return _shown(call, id, "price", price_answer)


@router.post(
    _KEEPING,
    operation_id="create_price_of_keeping",
    status_code=202,
    response_model=StudyAnswer,
    responses=_ASKED,
)
def create_price_of_keeping(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Ask what keeping offers costs, against a plan that need not; once for a document.

    Who asks again is answered with what there is (200), but for one that failed.
    """
    return _asked(call, id, "keeping", _KEEPING)


@router.get(
    _KEEPING,
    operation_id="get_price_of_keeping",
    response_model=KeepingAnswer,
    responses=answers("not-found"),
)
def get_price_of_keeping(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Show what keeping offers costs the round's newest document: who would get what without it.

    One document of a round has one price. Accepted seats stay in both plans.
    """
    return _shown(call, id, "keeping", keeping_answer)


def _asked(call: Call, id_: str, kind: str, address: str) -> Response:
    """Ask for the study of a kind of which a document has one."""
    with call.writing() as session:
        snapshot = frozen(session, id_)
        row = studies.of_snapshot(session, snapshot.id, kind)
        is_new = row is None or row.state not in STANDING
        if row is None or is_new:
            row = ask(call, session, snapshot, Question(kind))
        answer = study_answer(row, plans.freshness(session, id_), call.language)
        where = headers(row, f"/v1{address.format(id=id_)}")
        return call.reply(session, answer, 202 if is_new else 200, where)


def _shown(
    call: Call,
    id_: str,
    kind: str,
    answered: Callable[[Study | None, Freshness, Language], Answer],
) -> Response:
    """Show the study of a kind that the newest document has."""
    with call.reading() as session:
        found(session.get(Round, id_))
        snapshot = rounds.snapshot(session, id_)
        row = studies.of_snapshot(session, snapshot.id, kind) if snapshot else None
        answer = answered(row, plans.freshness(session, id_), call.language)
    return Response(answer.model_dump_json(), 200, retry(row), JSON)

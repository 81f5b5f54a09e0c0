"""Offers: seen by their parties, answered by the candidate or her municipality."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.responses import Response

from api.outcomes.parties import staff_scope
from api.releasing.answering import accept, decline, withdraw
from api.releasing.publishing import Act
from api.schemas.fields import Handle
from api.schemas.plans import PartAnswer
from api.schemas.release import OfferAnswer, OfferFilter, WithdrawalForm
from api.web.admission import AdmittedRoute, Caller
from api.web.calls import Call, etag, found, shown
from api.web.paging import Page, Paged
from api.web.problems import answers
from models.store import offers as store
from models.store import plans
from models.store.offers import Seat
from models.tables import Offer, Round

router = APIRouter(route_class=AdmittedRoute, tags=["offers"])

_CHANGED = ("not-found", "offer-ended", "stale", "precondition-required", "conflict", "key-reused")


@router.get("/offers", operation_id="list_offers", responses=answers())
def list_offers(
    call: Caller, paging: Paged, asked: Annotated[OfferFilter, Query()]
) -> Page[OfferAnswer]:
    """List the offers in your reach: to yourself, of your municipality, in your unit or rounds."""
    rows = store.offers_of(asked.round, asked.state, asked.municipality)
    with call.reading() as session:
        page = paging.page(session, rows, Offer.id, lambda row: _answer(call, session, row))
    call.note_shown(page.items)
    return page


@router.get(
    "/offers/{id}",
    operation_id="get_offer",
    response_model=OfferAnswer,
    responses=answers("not-found"),
)
def get_offer(call: Caller, id: Handle) -> Response:  # noqa: A002 - the address names it
    """Show an offer."""
    with call.reading() as session:
        row = found(session.get(Offer, id))
        return shown(_answer(call, session, row), row.revision)


@router.post(
    "/offers/{id}/accept",
    operation_id="accept_offer",
    response_model=OfferAnswer,
    responses=answers(
        *(*_CHANGED, "offer-expired", "start-passed"),
        *("already-placed", "seat-taken", "seat-gone"),
    ),
)
def accept_offer(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Accept an offer, for yourself or for a candidate of your municipality."""
    with call.writing() as session:
        row = found(store.taken(session, id))
        call.expect(row)
        accept(session, Act(session.get_one(Round, row.round), call.author, call.now), row)
        return _answered(call, session, row)


@router.post(
    "/offers/{id}/decline",
    operation_id="decline_offer",
    response_model=OfferAnswer,
    responses=answers(*_CHANGED, "offer-expired"),
)
def decline_offer(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Decline an offer, for yourself or for a candidate of your municipality; nobody asks why."""
    with call.writing() as session:
        row = found(store.taken(session, id))
        call.expect(row)
        decline(session, Act(session.get_one(Round, row.round), call.author, call.now), row)
        return _answered(call, session, row)


@router.post(
    "/offers/{id}/withdraw",
    operation_id="withdraw_offer",
    response_model=OfferAnswer,
    responses=answers(*_CHANGED, "placement-begun"),
)
def withdraw_offer(call: Caller, id: Handle, form: WithdrawalForm) -> Response:  # noqa: A002
    """Withdraw an offer for a written reason, also one that was accepted but has not begun."""
    with call.writing() as session:
        row = found(store.taken(session, id))
        call.expect(row)
        act = Act(session.get_one(Round, row.round), call.author, call.now)
        withdraw(session, act, row, form.reason)
        call.note(override="offer-withdrawn", reason=form.reason)
        return _answered(call, session, row)


def _answered(call: Call, session: Session, row: Offer) -> Response:
    return call.reply(session, _answer(call, session, row), headers={"ETag": etag(row.revision)})


def _answer(call: Call, session: Session, row: Offer) -> OfferAnswer:
    """Return an offer; a unit learns who comes to it, and nothing of wishes and reasons."""
    first, *then = map(_part, store.seats_seen(session, row))
    seen = first.model_dump() | {"then": then[0] if then else None}
    answer = OfferAnswer.model_validate(row.model_dump() | seen)
    is_own = (
        row.municipality in call.scope.municipalities
        or (row.municipality, row.candidate) in call.scope.candidates
        or plans.sees_whole(session, row.round, staff_scope(call.principal))
    )
    return answer if is_own else answer.model_copy(update={"wish_class": None, "reason": None})


def _part(seat: Seat) -> PartAnswer:
    return PartAnswer.model_validate(seat, from_attributes=True)

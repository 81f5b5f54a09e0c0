"""What became of a municipality's candidates in a round, and answers to offers."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.clock import norwegian_date
from api.pages.asking import Refused
from api.pages.municipality.drafts import day_before
from api.pages.municipality.places import Record, places_of
from api.pages.page import Page, PageRoute, Visitor

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_RESULT = "/rounds/{id}/results/{number}"
_MOMENT = timedelta(seconds=1)
_ANSWERS = {"accept": "answer-accepted", "decline": "answer-declined"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a candidate.

    Attributes
    ----------
    offer
        The newest offer to her; None = there was none.
    tag
        What an answer to it names; None where it cannot be answered.
    explained
        Whether an explanation can be read.
    """

    candidate: str
    name: str | None
    placement: Record | None
    reasons: Sequence[Record]
    offer: Record | None
    tag: str | None
    explained: bool

    @property
    def answer_on(self) -> date | None:
        """The last day, in Norway, on which the offer can be answered."""
        if self.offer is None:
            return None
        return norwegian_date(datetime.fromisoformat(self.offer["answer_by"]) - _MOMENT)

    @property
    def last(self) -> date | None:
        """Her last day away."""
        place = self.placement and (self.placement["then"] or self.placement)
        return date.fromisoformat(place["end"]) - timedelta(days=1) if place else None


@router.get(_RESULT, operation_id="page_result")
async def result(page: Visitor, id: str, number: str) -> Response:  # noqa: A002
    """Show what became of a municipality's candidates."""
    return await _shown(page, id, number)


@router.post(_RESULT + "/offers/{offer}", operation_id="page_answer_offer")
async def answer(page: Visitor, id: str, number: str, offer: str) -> Response:  # noqa: A002
    """Accept an offer, or decline it."""
    form = await page.form()
    said = str(form.get("do", ""))
    if said not in _ANSWERS:
        raise HTTPException(400)
    try:
        await page.ask.post(f"/v1/offers/{offer}/{said}", tag=str(form.get("tag", "")))
    except Refused as refused:
        if refused.status == 404:
            raise
        return await _shown(page, id, number, refused)
    return page.see(f"/rounds/{id}/results/{number}", done=_ANSWERS[said])


async def _shown(page: Page, id_: str, number: str, refused: Refused | None = None) -> Response:
    round_, record, publications = await gather(
        page.ask.get(f"/v1/rounds/{id_}"),
        page.ask.get(f"/v1/municipalities/{number}"),
        page.ask.get(f"/v1/rounds/{id_}/publications"),
    )
    force = [each for each in publications.data["items"] if each["ended_at"] is None]
    plan = force[0]["plan"] if force else None
    outcomes = await _outcomes(page, id_, number, plan) if plan else []
    return await page.render(
        "municipality/result.html",
        status=refused.status if refused else 200,
        round=round_.data,
        municipality=record.data,
        publication=force[0] if force else None,
        outcomes=outcomes,
        back=sorted((each for each in outcomes if each.last), key=lambda each: each.last),
        places=await places_of(page),
        before=day_before,
        may_answer=page.may("accept_offer"),
        problem=refused.title if refused else None,
        faults=refused.faults if refused else (),
    )


async def _outcomes(page: Page, id_: str, number: str, plan: str) -> list[Outcome]:
    outcomes, offers, ready, names = await gather(
        page.ask.all(f"/v1/plans/{plan}/outcomes", municipality=number),
        page.ask.all("/v1/offers", round=id_, municipality=number),
        _ready(page, plan),
        _names(page, id_, number),
    )
    newest: dict[str, Record] = {}
    for offer in sorted(offers, key=lambda each: each["offered_at"]):
        newest[offer["candidate"]] = offer
    open_ = [each["id"] for each in newest.values() if each["state"] == "open"]
    tags = dict(zip(open_, await gather(*(_tag(page, each) for each in open_)), strict=True))
    found = []
    for each in outcomes:
        offer = newest.get(each["candidate"])
        found.append(
            Outcome(
                candidate=each["candidate"],
                name=names.get(each["candidate"]),
                placement=each["placement"],
                reasons=each["reasons"],
                offer=offer,
                tag=tags.get(offer["id"]) if offer else None,
                explained=each["candidate"] in ready,
            )
        )
    return found


async def _tag(page: Page, offer: str) -> str | None:
    return (await page.ask.get(f"/v1/offers/{offer}")).tag


async def _ready(page: Page, plan: str) -> set[str]:
    """Return whose explanations can be read."""
    if not page.may("list_explanations"):
        return set()
    items = await page.ask.all(f"/v1/plans/{plan}/explanations")
    return {each["candidate"] for each in items if each["ready"]}


async def _names(page: Page, id_: str, number: str) -> Mapping[str, Any]:
    """Return the names of the list, for who may read it."""
    if not page.may("get_requests"):
        return {}
    try:
        found = await page.ask.get(f"/v1/rounds/{id_}/municipalities/{number}/requests")
    except Refused:
        return {}
    return {each["id"]: each["name"] for each in found.data["candidates"]}

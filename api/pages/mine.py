"""A candidate's own page: what was asked for her, what came of it and why, and her offers."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.pages.asking import Answer, Refused
from api.pages.page import Page, PageRoute, Visitor
from api.pages.register import read_register
from api.pages.typed import day_before, last_day

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Record = Mapping[str, Any]
Person = tuple[str, str]
"""A municipality, and the id of a candidate there."""

DONE = {"accept": "offer-accepted", "decline": "offer-declined"}
"""What has been done, by the answer to an offer."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a round has of a candidate.

    `wishes` None = what was asked for her is not known here; `plan` is the id of the plan in force,
    `outcome` what it has for her, `why` the explanation of that, once it is found.
    """

    round: Record
    wishes: Record | None
    plan: str | None
    outcome: Record | None
    why: Record | None


@router.get("/my", operation_id="page_my")
async def my(page: Visitor) -> Response:
    """Show a candidate what concerns her, what asks for an answer first."""
    people = _people(page)
    rounds, offers, placements, register = await gather(
        page.ask.all("/v1/rounds"),
        page.ask.all("/v1/offers"),
        page.ask.all("/v1/placements"),
        read_register(page.ask),
    )
    newest = sorted(rounds, key=lambda each: str(each["decision_date"]), reverse=True)
    found = await gather(*(_part(page, round_, who) for round_ in newest for who in people))
    held = sorted(_own(placements, people), key=lambda each: str(each["start"]))
    asked = [f"/v1/placements/{each['id']}{part}" for each in held for part in ("", "/service")]
    known = [answer.data for answer in await gather(*map(page.ask.get, asked))]
    return await page.render(
        "mine/my.html",
        people=people,
        parts=[part for part in found if part is not None],
        offers=sorted(_own(offers, people), key=lambda each: str(each["offered_at"])),
        placements=list(zip(known[::2], known[1::2], strict=True)),
        register=register,
        last_day=last_day,
        day_before=day_before,
    )


@router.get("/my/deadlines.ics", operation_id="page_my_deadlines")
async def deadlines(page: Visitor) -> Response:
    """Hand on what she has to answer, as a calendar."""
    _people(page)
    return _handed_on(await page.ask.get("/v1/deadlines.ics", party="candidate"))


@router.get("/my/plans/{plan}.ics", operation_id="page_my_calendar")
async def calendar(page: Visitor, plan: str) -> Response:
    """Hand on her place in a plan, as a calendar."""
    _people(page)
    return _handed_on(await page.ask.get(f"/v1/plans/{plan}/export.ics"))


@router.get("/my/offers/{id}/{answer}", operation_id="page_ask_answer_offer")
async def ask(page: Visitor, id: str, answer: str) -> Response:  # noqa: A002 - the address names it
    """Show the offer once more, and ask whether that is the answer."""
    return await _asked(page, id, answer)


@router.post("/my/offers/{id}/{answer}", operation_id="page_answer_own_offer")
async def answer(page: Visitor, id: str, answer: str) -> Response:  # noqa: A002
    """Accept or decline an offer."""
    await _offer(page, id, answer)
    tag = str((await page.form()).get("tag", ""))
    try:
        await page.ask.post(f"/v1/offers/{id}/{answer}", tag=tag)
    except Refused as refused:
        return await _asked(page, id, answer, refused)
    return page.see("/my", done=DONE[answer])


async def _asked(page: Page, id_: str, answer_: str, refused: Refused | None = None) -> Response:
    offer = await _offer(page, id_, answer_)
    return await page.render(
        "mine/answer.html",
        status=refused.status if refused else 200,
        offer=offer.data,
        tag=offer.tag,
        answer=answer_,
        refused=refused,
        register=await read_register(page.ask),
        last_day=last_day,
        day_before=day_before,
    )


async def _offer(page: Page, id_: str, answer_: str) -> Answer:
    """Return an offer that is made to the reader herself."""
    people = _people(page)
    if answer_ not in DONE:
        raise HTTPException(404)
    found = await page.ask.get(f"/v1/offers/{id_}")
    if not _own([found.data], people):
        raise HTTPException(404)
    return found


def _people(page: Page) -> list[Person]:
    """Return who the reader is as a candidate: one, or one after another in two municipalities."""
    assert page.principal is not None
    grants = [each for each in page.principal.grants if each.role == "candidate"]
    if not grants:
        raise HTTPException(404)
    return list(dict.fromkeys((str(g.municipality), str(g.candidate)) for g in grants))


def _own(records: Sequence[Record], people: Sequence[Person]) -> list[Record]:
    """Return those that are about the reader herself: she may be a coordinator as well."""
    return [each for each in records if (each["municipality"], each["candidate"]) in people]


async def _part(page: Page, round_: Record, who: Person) -> Part | None:
    """Return what a round has of the candidate; None = nothing."""
    municipality, candidate = who
    wishes, publications = await gather(
        _there(page, f"/v1/rounds/{round_['id']}/candidates/{candidate}/wishes"),
        page.ask.get(f"/v1/rounds/{round_['id']}/publications"),
    )
    if wishes is not None and wishes["municipality"] != municipality:
        wishes = None
    plan = next((p["plan"] for p in publications.data["items"] if p["ended_at"] is None), None)
    outcome = why = None
    if plan is not None:
        outcomes, why = await gather(
            page.ask.all(f"/v1/plans/{plan}/outcomes"),
            _there(page, f"/v1/plans/{plan}/explanations/{candidate}"),
        )
        outcome = next(iter(_own(outcomes, [who])), None)
    if wishes is None and outcome is None:
        return None
    return Part(round_, wishes, plan, outcome, why)


async def _there(page: Page, path: str) -> Record | None:
    """Return what is there for the reader, if it is."""
    try:
        found: Record = (await page.ask.get(path)).data
    except Refused as refused:
        if refused.status != 404:
            raise
        return None
    return found


def _handed_on(answer_: Answer) -> Response:
    return Response(answer_.content, media_type=answer_.media_type)

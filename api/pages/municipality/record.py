"""How a municipality stands: registered, with agreements, who supervises, and who is away when."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Sequence
from typing import Any

from babel.dates import get_month_names
from fastapi import APIRouter
from starlette.responses import Response

from api.pages.asking import Refused
from api.pages.municipality.cover import Cover, cover
from api.pages.municipality.drafts import day_before
from api.pages.municipality.places import Record, coordinated, places_of
from api.pages.page import Page, PageRoute, Visitor
from api.pages.typed import given, whole

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_NAMED = 4
"""Rounds whose lists are looked through for names."""


@router.get("/municipalities/{number}", operation_id="page_municipality")
async def municipality(page: Visitor, number: str) -> Response:
    """Show a municipality."""
    return await _shown(page, number)


@router.post("/municipalities/{number}", operation_id="page_change_municipality")
async def change(page: Visitor, number: str) -> Response:
    """Change how the municipality is reached, and how many it can spare."""
    form = await page.form()
    most = given(str(form.get("/max_away", "")))
    said = {
        "contact": given(str(form.get("/contact", ""))),
        "language": str(form.get("/language", "")),
        "max_away": whole(most) if most else None,
    }
    path = f"/v1/municipalities/{number}"
    try:
        await page.ask.patch(path, said, tag=str(form.get("tag", "")))
    except Refused as refused:
        return await _shown(page, number, refused, {**said})
    return page.see(f"/municipalities/{number}", done="municipality-saved")


async def _shown(
    page: Page, number: str, refused: Refused | None = None, sent: dict[str, Any] | None = None
) -> Response:
    found = await page.ask.get(f"/v1/municipalities/{number}")
    record = found.data
    rounds, agreements, organisations, supervisors, placements, places = await gather(
        _if_may(page, "list_rounds", "/v1/rounds"),
        page.ask.all(f"/v1/municipalities/{number}/agreements"),
        page.ask.all("/v1/organisations"),
        _if_may(page, "list_supervisors", "/v1/supervisors", municipality=number),
        _if_may(page, "list_placements", "/v1/placements", municipality=number),
        places_of(page),
    )
    rounds.sort(key=lambda each: each["decision_date"], reverse=True)
    handed_in = await _handed_in(page, number, rounds)
    own = number in coordinated(page)
    return await page.render(
        "municipality/record.html",
        status=refused.status if refused else 200,
        record=record,
        tag=found.tag,
        trusts=_trusts(record, agreements, organisations, str(page.today)),
        keeper=next(o["name"] for o in organisations if o["number"] == record["organisation"]),
        rounds=[each for each in rounds if own or each["id"] in handed_in],
        handed_in=handed_in,
        supervisors=supervisors,
        cover=await _cover(page, record, rounds, placements),
        places=places,
        own=own,
        before=day_before,
        months=get_month_names("abbreviated", locale=page.language),
        sent=sent or record,
        faults=refused.faults if refused else (),
        problem=refused.title if refused else None,
    )


async def _if_may(page: Page, operation: str, path: str, **query: object) -> list[Any]:
    return await page.ask.all(path, **query) if page.may(operation) else []


def _trusts(
    record: Record, agreements: Sequence[Record], organisations: Sequence[Record], today: str
) -> list[dict[str, Any]]:
    """Return each trust of the region with the agreement that holds today, or comes next."""
    by_number = {each["number"]: each for each in organisations}
    keeper = by_number[record["organisation"]]
    region = keeper["parent"] or keeper["number"]
    signed = {each["organisation"] for each in agreements}
    found = []
    for each in organisations:
        near = region in (each["number"], each["parent"])
        if each["trust"] is None or not (near or each["number"] in signed):
            continue
        own = [a for a in agreements if a["organisation"] == each["number"]]
        holds = [a for a in own if a["signed_on"] <= today and not _over(a, today)]
        next_ = [a for a in own if a["signed_on"] > today and not _over(a, a["signed_on"])]
        found.append({"name": each["name"], "holds": _last(holds), "next": next_[0:1]})
    return sorted(found, key=lambda each: (each["holds"] is None, each["name"]))


def _over(agreement: Record, day: str) -> bool:
    """Tell whether an agreement is over: on its last day it is in force no more."""
    return agreement["ends_on"] is not None and agreement["ends_on"] <= day


def _last(agreements: Sequence[Record]) -> Record | None:
    """Return the agreement that holds longest."""
    return max(agreements, key=lambda each: each["ends_on"] or "9999-12-31", default=None)


async def _handed_in(page: Page, number: str, rounds: Sequence[Record]) -> dict[str, Record | None]:
    """Return the newest receipt, if any, by open round that the municipality has a part in."""
    if not page.may("list_receipts"):
        return {}
    open_ = [each["id"] for each in rounds if each["state"] == "open"]
    answers = await gather(*(_receipts(page, id_, number) for id_ in open_))
    known = zip(open_, answers, strict=True)
    return {id_: found[0] if found else None for id_, found in known if found is not None}


async def _receipts(page: Page, id_: str, number: str) -> list[Record] | None:
    """Return the receipts, the newest first; None where the municipality has no part."""
    path = f"/v1/rounds/{id_}/municipalities/{number}/requests/receipts"
    try:
        items: list[Record] = (await page.ask.get(path)).data["items"]
    except Refused:
        return None
    return items


async def _cover(
    page: Page, record: Record, rounds: Sequence[Record], placements: Sequence[Record]
) -> Cover | None:
    """Return who is away when; names are those of the lists, for who reads them."""
    names: dict[str, str] = {}
    away = [each for each in placements if each["state"] in ("planned", "started")]
    if away and page.may("get_requests"):
        for each in rounds[:_NAMED]:
            path = f"/v1/rounds/{each['id']}/municipalities/{record['number']}/requests"
            try:
                listed = (await page.ask.get(path)).data["candidates"]
            except Refused:
                continue
            names = {who["id"]: who["name"] for who in listed if who["name"]} | names
    return cover(away, names, record["max_away"], page.today)

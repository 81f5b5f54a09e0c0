"""How many posts a frozen round lacks, where, and what strict orders cost it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import Response

from api.pages.asking import Refused
from api.pages.deciding.files import handed_on
from api.pages.deciding.naming import Names, Record, expect, names_of
from api.pages.deciding.worth import Worths, orders_figure, worths_of
from api.pages.deciding.years import ROOM, assumed_in, field_of, places, scenarios_of
from api.pages.page import Page, PageRoute, Visitor
from api.pages.typed import whole
from data.sentences import catalogue, written_decimal

router = APIRouter(route_class=PageRoute, include_in_schema=False)

UNFINISHED = ("queued", "running")


@router.get("/rounds/{id}/capacity", operation_id="page_capacity")
async def capacity(page: Visitor, id: str) -> Response:  # noqa: A002 - the address names it
    """Show what more posts would be worth, and what priority costs."""
    expect(page, "list_capacity_studies")
    if page.is_fragment:
        return await page.render("deciding/capacity_results.html", **await _results(page, id))
    return await _shown(page, id)


@router.post("/rounds/{id}/capacity", operation_id="page_ask_capacity")
async def ask(page: Visitor, id: str) -> Response:  # noqa: A002
    """Ask for a study of capacity."""
    expect(page, "create_capacity_study")
    form = await page.form()
    try:
        await page.ask.post(f"/v1/rounds/{id}/capacity-studies", _body(form))
    except Refused as refused:
        return await _shown(page, id, form, refused)
    return page.see(f"/rounds/{id}/capacity", done="study-asked")


@router.post("/rounds/{id}/capacity/years", operation_id="page_ask_years")
async def ask_years(page: Visitor, id: str) -> Response:  # noqa: A002
    """Ask for a study of the years ahead."""
    expect(page, "create_capacity_study")
    assumed, sent = assumed_in(await page.form())
    try:
        await page.ask.post(f"/v1/rounds/{id}/capacity-studies", {"forecast": assumed})
    except Refused as refused:
        return await _shown(page, id, sent, refused)
    return page.see(f"/rounds/{id}/capacity", done="study-asked")


@router.post("/rounds/{id}/capacity/price", operation_id="page_ask_price")
async def ask_price(page: Visitor, id: str) -> Response:  # noqa: A002
    """Ask what strict orders cost."""
    expect(page, "create_price")
    await page.ask.post(f"/v1/rounds/{id}/price-of-priority")
    return page.see(f"/rounds/{id}/capacity", done="study-asked")


@router.post("/rounds/{id}/capacity/{study}/remove", operation_id="page_remove_capacity")
async def remove(page: Visitor, id: str, study: str) -> Response:  # noqa: A002
    """Remove a study; one in work stops."""
    expect(page, "delete_capacity_study")
    await page.ask.delete(f"/v1/capacity-studies/{study}")
    return page.see(f"/rounds/{id}/capacity", done="study-removed")


@router.get("/rounds/{id}/capacity/{study}.xlsx", operation_id="page_capacity_xlsx")
async def workbook(page: Visitor, id: str, study: str) -> Response:  # noqa: A002, ARG001
    """Take a study home."""
    found = await page.ask.get(f"/v1/capacity-studies/{study}/export.xlsx")
    return handed_on(found, "capacity.xlsx")


@router.get("/rounds/{id}/capacity/{study}.html", operation_id="page_capacity_html")
async def report(page: Visitor, id: str, study: str) -> Response:  # noqa: A002, ARG001
    """Take a study home as a page."""
    found = await page.ask.get(f"/v1/capacity-studies/{study}/export.html")
    return handed_on(found, "capacity.html")


def _body(form: FormData) -> Mapping[str, Any]:
    """Return what is asked: a share has figures of its own, others take none."""
    target = str(form.get("/target", ""))
    body: dict[str, Any] = {"target": target}
    for name in ("percent", "within"):
        typed = str(form.get(f"/{name}", ""))
        if target == "share" and typed.strip():
            body[name] = whole(typed)
    return body


async def _shown(
    page: Page, id_: str, sent: Mapping[str, Any] | None = None, refused: Refused | None = None
) -> Response:
    round_, told = await asyncio.gather(page.ask.get(f"/v1/rounds/{id_}"), _results(page, id_))
    return await page.render(
        "deciding/capacity.html",
        status=refused.status if refused else 200,
        **told,
        round=round_.data,
        frozen=round_.data["state"] in ("locked", "closed"),
        refused=refused,
        faults=[{**each, "place": field_of(each["place"])} for each in refused.faults]
        if refused
        else (),
        sent=sent or {},
        years_places=list(places()),
        room=ROOM,
    )


async def _results(page: Page, id_: str) -> dict[str, Any]:
    """Return every study of a round, the one that is looked at, and the price of priority."""
    studies, price = await asyncio.gather(
        page.ask.all(f"/v1/rounds/{id_}/capacity-studies"),
        page.ask.get(f"/v1/rounds/{id_}/price-of-priority"),
    )
    completed = [each for each in studies if each["state"] == "completed"]
    asked = page.request.query_params.get("study")
    one = next((each for each in completed if each["id"] == asked), None)
    if one is None and completed:
        one = max(completed, key=lambda each: each["requested_at"])
    found = price.data["price"]
    waiting = any(each["state"] in UNFINISHED for each in studies)
    names = await names_of(page, id_) if one or found else None
    told: dict[str, Any] = {
        "id": id_,
        "studies": [each | {"said": _target(page, each["asked"])} for each in studies],
        "waiting": waiting or price.data["state"] in UNFINISHED,
        "names": names,
        "one": one,
        "price": price.data,
        "price_figure": orders_figure(page.text, found["sides"]) if found else None,
        "work": _work(page, studies),
    }
    return told | await _study(page, names, one)


async def _study(page: Page, names: Names | None, one: Record | None) -> dict[str, Any]:
    """Return what a study found, in words and as a figure."""
    if one is None or names is None:
        return {"worths": None, "ahead": None}
    found = (await page.ask.get(f"/v1/capacity-studies/{one['id']}")).data["study"]
    if one["ahead"] is not None:
        scenarios = scenarios_of(found, names, page.text)
        return {"worths": None, "ahead": scenarios, "complete": found["complete"]}
    worths: Worths = worths_of(found["worth"], names, page.text)
    purchase = found["purchase"]
    outcome = page.text(f"capacity.found-{_found(purchase)}", **_figures(purchase))
    left_out = [
        (each["candidate"], [_rule(page, rule) for rule in each["rules"]])
        for each in purchase["left_out"]
    ]
    return {
        "worths": worths,
        "ahead": None,
        "purchase": purchase | {"left_out": left_out},
        "outcome": outcome,
    }


def _figures(purchase: Record) -> dict[str, Any]:
    names = ("cost", "bound", "needed", "counted", "reachable")
    count = sum(each["count"] for each in purchase["posts"])
    return {name: purchase[name] for name in names} | {"count": count}


def _found(purchase: Record) -> str:
    """Return what became of the search, by the text that says it."""
    found = str(purchase["found"])
    if found == "cheapest" and not purchase["posts"]:
        return "nothing"
    if found == "impossible" and purchase["reachable"] >= purchase["needed"]:
        return "outdone"
    if found == "feasible" and purchase["cost"] == purchase["bound"]:
        return "least"
    return found


def _rule(page: Page, rule: str) -> str:
    own = f"capacity.rule-{rule}"
    return page.text(own if own in catalogue(page.language) else f"rules.{rule}")


def _target(page: Page, asked: Record) -> str:
    """Return what a study is for, in words."""
    if asked.get("forecast"):
        years, months = (asked["forecast"][name] for name in ("years", "wait_months"))
        return page.text("pages_deciding.ahead-said", years=years, months=months)
    within = "-within" if asked["within"] is not None else ""
    percent = written_decimal(page.language, asked["percent"] or 0, 0)
    figures = {"percent": percent, "months": asked["within"]}
    return page.text(f"capacity.target-{asked['target']}{within}", **figures)


def _work(page: Page, studies: Sequence[Record]) -> Mapping[str, str]:
    """Return where each study that is in work stands, in words, by its id."""
    told: dict[str, str] = {}
    for each in studies:
        progress = each["progress"]
        kind = "forecast" if each["asked"].get("forecast") else "capacity"
        key = f"{kind}.work-{(progress or {}).get('work')}"
        if each["state"] == "running" and key in catalogue(page.language):
            told[each["id"]] = page.text(key, done=progress.get("done"), of=progress.get("of"))
    return told

"""What if: scenarios of a frozen round, made with a form, and held side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.pages.asking import Refused
from api.pages.deciding.changes import changes_in, fields_of
from api.pages.deciding.files import handed_on
from api.pages.deciding.naming import Names, Record, expect, names_of
from api.pages.figures import Drawing, Series, stacked
from api.pages.page import Page, PageRoute, Visitor

router = APIRouter(route_class=PageRoute, include_in_schema=False)

UNFINISHED = ("queued", "running")
SHOWN_CLASSES = 3
"""Wishes that the figure tells apart; the last one stands for those below as well."""


@router.get("/rounds/{id}/scenarios", operation_id="page_scenarios")
async def scenarios(page: Visitor, id: str) -> Response:  # noqa: A002 - the address names it
    """Show the scenarios of a round, and what each would come to."""
    expect(page, "list_scenarios")
    if page.is_fragment:
        told = await _results(page, id)
        return await page.render("deciding/scenario_results.html", **told)
    return await _shown(page, id)


@router.post("/rounds/{id}/scenarios", operation_id="page_ask_scenario")
async def ask(page: Visitor, id: str) -> Response:  # noqa: A002
    """Ask for a scenario."""
    expect(page, "create_scenario")
    form = await page.form()
    document = (await page.ask.get(f"/v1/rounds/{id}/document")).data
    changes, places, faults = changes_in(form, document, page.text)
    body = {"format": "rotations/scenario@1", "name": str(form.get("/name", "")).strip()}
    try:
        if not faults:
            await page.ask.post(f"/v1/rounds/{id}/scenarios", body | {"changes": changes})
            return page.see(f"/rounds/{id}/scenarios", done="study-asked")
    except Refused as refused:
        faults = [{**each, "place": fields_of(each["place"], places)} for each in refused.faults]
        return await _shown(page, id, form, refused.status, refused, faults)
    return await _shown(page, id, form, 422, None, faults)


@router.post("/rounds/{id}/scenarios/{scenario}/remove", operation_id="page_remove_scenario")
async def remove(page: Visitor, id: str, scenario: str) -> Response:  # noqa: A002
    """Remove a scenario; one in work stops."""
    expect(page, "delete_scenario")
    await page.ask.delete(f"/v1/scenarios/{scenario}")
    return page.see(f"/rounds/{id}/scenarios", done="study-removed")


@router.get("/rounds/{id}/scenarios/comparison.xlsx", operation_id="page_scenarios_xlsx")
async def workbook(page: Visitor, id: str) -> Response:  # noqa: A002
    """Take the comparison home."""
    found = await page.ask.get(f"/v1/rounds/{id}/scenarios/comparison.xlsx")
    return handed_on(found, "scenarios.xlsx")


async def _shown(
    page: Page,
    id_: str,
    sent: Mapping[str, Any] | None = None,
    status: int = 200,
    refused: Refused | None = None,
    faults: Sequence[Record] = (),
) -> Response:
    round_, told = await asyncio.gather(page.ask.get(f"/v1/rounds/{id_}"), _results(page, id_))
    frozen = round_.data["state"] in ("locked", "closed")
    names: Names | None = told["names"]
    if frozen and names is None:
        names = await names_of(page, id_)
    return await page.render(
        "deciding/scenarios.html",
        status=status,
        **(told | {"names": names}),
        round=round_.data,
        frozen=frozen,
        refused=refused,
        faults=faults,
        sent=sent or {},
    )


async def _results(page: Page, id_: str) -> dict[str, Any]:
    """Return the scenarios, and how those that are planned compare with the round as it is."""
    found = await page.ask.all(f"/v1/rounds/{id_}/scenarios")
    waiting = any(each["state"] in UNFINISHED for each in found)
    told: dict[str, Any] = {"id": id_, "scenarios": found, "waiting": waiting}
    told |= {"comparison": None, "names": None, "figure": None, "unplanned": False}
    if waiting or not any(each["state"] == "completed" for each in found):
        return told
    try:
        comparison, names = await asyncio.gather(
            page.ask.get(f"/v1/rounds/{id_}/scenarios/comparison"), names_of(page, id_)
        )
    except Refused as refused:
        if refused.code != "plan-not-completed":
            raise
        return told | {"unplanned": True}
    sides = comparison.data["sides"]
    return told | {
        "comparison": comparison.data,
        "names": names,
        "figure": _figure(page, sides) if len(sides) > 1 else None,
    }


def _figure(page: Page, sides: Sequence[Record]) -> Drawing:
    """Draw how many got which wish under each scenario."""
    labels = [each["scenario"] or page.text("report.scenario-none") for each in sides]
    counted = [_by_class(side) for side in sides]
    series = [
        Series(page.text(f"pages_deciding.class-{number}"), [each[number] for each in counted])
        for number in range(1, SHOWN_CLASSES + 1)
    ]
    series.append(
        Series(page.text("pages_deciding.class-none"), [each["unplaced"] for each in sides])
    )
    title = page.text("pages_deciding.classes-title")
    about = page.text("pages_deciding.classes-about", count=len(sides))
    heading = page.text("report.column-scenario")
    return stacked("classes", title, about, heading, labels, series)


def _by_class(side: Record) -> dict[int, int]:
    """Return how many got which wish; who got a place without one counts with the last."""
    found = dict.fromkeys(range(1, SHOWN_CLASSES + 1), 0)
    for each in side["classes"]:
        found[min(each["class"], SHOWN_CLASSES)] += each["placed"]
    found[SHOWN_CLASSES] += side["placed"] - sum(found.values())
    return found

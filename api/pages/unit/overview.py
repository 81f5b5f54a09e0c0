"""A unit at a glance: its calendar, who comes, and what is to be seen to."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.pages.page import Page, PageRoute, Visitor
from api.pages.register import municipality_names
from api.pages.typed import last_day
from api.pages.unit.calendar import Record, Span, rows
from api.pages.unit.place import coming, place
from api.pages.unit.usage import usage

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/units/{id}", operation_id="page_unit")
async def unit(page: Visitor, id: str) -> Response:  # noqa: A002 - the address names it
    """Show when a unit has room, who comes when, and what its leader has to see to."""
    here = await place(page, id)
    span = Span(page.request.query_params.get("from"), page.today)
    windows, who, due = await gather(
        page.ask.all("/v1/windows", unit=id, opens_before=span.end, closes_after=span.first),
        coming(page, id),
        _due(page, id),
    )
    offered = [stay.record for stay in who.stays if not stay.is_agreed]
    return await page.render(
        "unit/overview.html",
        here=here,
        span=span,
        rows=rows(span, windows, who.stays),
        used=usage(page, span, who.stays, here),
        people=await _described(page, [*who.placements, *offered]),
        due=due,
        sees_people=page.may("list_placements"),
        last_day=last_day,
    )


@router.get("/units/{id}/deadlines.ics", operation_id="page_unit_calendar")
async def calendar(page: Visitor, id: str) -> Response:  # noqa: A002
    """Hand on what the unit has to see to, as a calendar."""
    found = await page.ask.get("/v1/deadlines.ics", unit=id, party="unit")
    return Response(found.content, media_type=found.media_type)


async def _due(page: Page, id_: str) -> list[Any]:
    """Return what the unit has to see to, as far as the reader may know."""
    if not page.may("list_deadlines"):
        return []
    return await page.ask.all("/v1/deadlines", unit=id_, party="unit")


async def _described(page: Page, people: Sequence[Record]) -> list[Record]:
    """Return who comes, the first to come first, with municipality and day of evaluation."""
    names = await municipality_names(page.ask)
    started = [each["id"] for each in people if each["state"] == "started"]
    steps = await gather(*(page.ask.get(f"/v1/placements/{id_}") for id_ in started))
    days = {answer.data["id"]: evaluation_day(answer.data["steps"]) for answer in steps}
    return [
        {
            **each,
            "from": names.get(each["municipality"], each["municipality"]),
            "evaluation": days.get(each["id"]),
        }
        for each in sorted(people, key=lambda one: (one["start"], one["candidate"]))
    ]


def evaluation_day(steps: Sequence[Record]) -> str | None:
    """Return the day of the final evaluation, as proposed last."""
    return next((str(s["day"]) for s in reversed(steps) if s["kind"] == "evaluation"), None)

"""Why somebody has what she has: every reason, cause and remedy, in sentences."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from api.pages.asking import Refused
from api.pages.deciding.naming import expect
from api.pages.page import Page, PageRoute, Visitor

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/plans/{id}/explanations/{candidate}", operation_id="page_explanation")
async def explanation(page: Visitor, id: str, candidate: str) -> Response:  # noqa: A002
    """Show why a candidate has what she has, and what would have helped."""
    expect(page, "get_explanation")
    path = f"/v1/plans/{id}/explanations/{candidate}"
    found, plan = await asyncio.gather(page.ask.get(path), page.ask.get(f"/v1/plans/{id}"))
    context = {"why": found.data, "plan": plan.data}
    if page.is_fragment:
        return await page.render("deciding/explanation_progress.html", **context)
    round_ = (await page.ask.get(f"/v1/rounds/{plan.data['round']}")).data
    why = found.data["explanation"]
    place = why["placement"] if why else None
    return await page.render(
        "deciding/explained.html",
        **context,
        round=round_,
        unit=await _name(page, "units", place["unit"]) if place else None,
        municipality=await _name(page, "municipalities", found.data["municipality"]),
    )


async def _name(page: Page, kind: str, id_: str) -> str:
    """Return what the register calls something; its id, where it is only in the round."""
    try:
        found = await page.ask.get(f"/v1/{kind}/{id_}")
    except Refused:
        return id_
    return str(found.data["name"])

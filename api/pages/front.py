"""The pages that are nobody's in particular: where you can go, the rounds, accessibility."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.pages.page import Anybody, Page, PageRoute, Visitor

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_ORDER = {"open": 0, "locked": 1, "draft": 2, "closed": 3}
"""Rounds that ask something of somebody come first."""


@router.get("/", operation_id="page_front")
async def front(page: Visitor) -> Response:
    """Show what the reader may act as, and where that leads."""
    assert page.principal is not None
    parts = [await _named(page, each) for each in _distinct(page)]
    rounds = await page.ask.all("/v1/rounds") if page.may("list_rounds") else []
    current = [each for each in _sorted(rounds) if each["state"] in ("open", "locked")]
    return await page.render("front.html", parts=parts, rounds=current)


@router.get("/rounds", operation_id="page_rounds")
async def rounds(page: Visitor) -> Response:
    """Show the rounds that the reader has a part in."""
    found = await page.ask.all("/v1/rounds")
    return await page.render("rounds.html", rounds=_sorted(found))


@router.get("/accessibility", operation_id="page_accessibility")
async def accessibility(page: Anybody) -> Response:
    """Say how accessible the pages are."""
    return await page.render("accessibility.html")


def _distinct(page: Page) -> list[dict[str, str | None]]:
    """Return each right once, with what it names."""
    assert page.principal is not None
    names = ("role", "organisation", "unit", "municipality", "candidate")
    rights = [tuple(getattr(grant, name) for name in names) for grant in page.principal.grants]
    return [dict(zip(names, right, strict=True)) for right in dict.fromkeys(rights)]


async def _named(page: Page, right: dict[str, str | None]) -> dict[str, Any]:
    """Return a right with the names of what it names."""
    places = {"organisation": "organisations", "municipality": "municipalities", "unit": "units"}
    named: dict[str, Any] = {"role": right["role"], "candidate": right["candidate"]}
    for field, kind in places.items():
        id_ = right[field]
        named[field] = (await page.ask.get(f"/v1/{kind}/{id_}")).data if id_ else None
    return named


def _sorted(rounds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rounds by state, and within it the next decision first."""
    return sorted(rounds, key=lambda each: (_ORDER[each["state"]], each["decision_date"]))

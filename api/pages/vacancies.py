"""Every vacancy there is, for those who look for a place: a list to choose from, and a feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from api.pages.asking import Refused
from api.pages.page import Page, PageRoute, Visitor
from api.pages.register import Register, read_register
from api.pages.typed import end_of, last_day

router = APIRouter(route_class=PageRoute, include_in_schema=False)

FILTERS = (
    *("unit", "site", "organisation", "kind", "certainty", "opens_before", "closes_after"),
    "withdrawn",
)
"""What the interface chooses vacancies by."""

CHOSEN = ("organisation", "site", "unit", "kind", "certainty", "first", "last")
"""What people choose by: a time has a first and a last day."""

SHOWN = 50
"""Vacancies on one page."""

Pairs = Sequence[tuple[str, str]]


@router.get("/vacancies", operation_id="page_vacancies")
async def vacancies(page: Visitor) -> Response:
    """Show the vacancies that somebody chooses."""
    query = page.request.query_params
    chosen = {name: query.get(name, "").strip() for name in CHOSEN}
    asked = _asked(chosen)
    register = await read_register(page.ask)
    refused = None
    found: Mapping[str, Any] = {"items": [], "next": None}
    try:
        part = await page.ask.get(
            "/v1/windows", limit=SHOWN, cursor=query.get("cursor") or None, **asked
        )
        found = part.data
    except Refused as error:
        refused = error
    return await page.render(
        "vacancies/list.html",
        status=refused.status if refused else 200,
        chosen=chosen,
        choices=_choices(page, register),
        windows=found["items"],
        more=page.here(cursor=found["next"]) if found["next"] else None,
        feed=f"/vacancies/feed.atom?{urlencode(asked)}",
        register=register,
        refused=refused,
        faults=refused.faults if refused else (),
        last_day=last_day,
    )


@router.get("/vacancies/feed.atom", operation_id="page_vacancies_feed")
async def feed(page: Visitor) -> Response:
    """Hand on the feed of vacancies, with the same filters."""
    query = page.request.query_params
    asked = {name: query[name] for name in FILTERS if query.get(name)}
    found = await page.ask.get("/v1/windows/feed.atom", **asked)
    return Response(found.content, media_type=found.media_type)


def _asked(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return what was chosen as the interface takes it."""
    days = {"closes_after": chosen["first"], "opens_before": end_of(chosen["last"])}
    same = {name: chosen[name] for name in CHOSEN if name in FILTERS}
    return {name: value for name, value in (same | days).items() if value}


def _choices(page: Page, register: Register) -> dict[str, Pairs]:
    """Return what can be chosen, by field: nothing in particular first, names in their order."""
    named = {
        "organisation": [(n, each["name"]) for n, each in register.organisations.items()],
        "site": [(id_, each["name"]) for id_, each in register.sites.items()],
        "unit": [(id_, register.unit(id_)) for id_ in register.units],
    }
    words = {
        "kind": [(kind, page.text(f"pages_unit.kind-{kind}")) for kind in ("locum", "earmarked")],
        "certainty": [
            (how, page.text(f"pages_unit.certainty-{how}")) for how in ("confirmed", "tentative")
        ],
    }
    ordered = {name: sorted(pairs, key=lambda pair: pair[1]) for name, pairs in named.items()}
    every = [("", page.text("pages_vacancies.every"))]
    return {name: every + pairs for name, pairs in (ordered | words).items()}

"""The audit searched: who changed what, and who read what about whom, the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from api.pages.asking import Refused
from api.pages.deciding.acting import actors, operations
from api.pages.deciding.naming import Record, expect
from api.pages.page import PageRoute, Visitor

router = APIRouter(route_class=PageRoute, include_in_schema=False)

FIELDS = ("candidate", "actor", "operation", "action", "round", "since", "until")
"""What can be asked for."""

ENTRIES = 50
"""Entries of a page."""


@router.get("/audit", operation_id="page_audit")
async def audit(page: Visitor) -> Response:
    """Show the entries that match what is asked for."""
    expect(page, "list_audit")
    query = page.request.query_params
    asked = {name: query[name].strip() for name in FIELDS if query.get(name, "").strip()}
    found: Record = {"items": [], "next": None}
    refused: Refused | None = None
    try:
        after = query.get("after") or None
        answer = await page.ask.get(
            "/v1/audit", **asked, after=after, limit=ENTRIES, newest_first="true"
        )
        found = answer.data
    except Refused as error:
        if error.status != 422:
            raise
        refused = error
    said = await actors(page)
    rounds = await page.ask.all("/v1/rounds") if page.may("list_rounds") else []
    return await page.render(
        "deciding/audit.html",
        status=refused.status if refused else 200,
        entries=found["items"],
        older=_address(asked, after=found["next"]) if found["next"] else None,
        newest=_address(asked) if query.get("after") else None,
        asked=asked,
        only=lambda **named: _address(asked, **named),
        rounds={each["id"]: each["name"] or each["label"] for each in rounds},
        operations=operations(page),
        actor=said.of,
        towns=said.towns,
        refused=refused,
        faults=_faults(refused),
    )


def _address(asked: Mapping[str, Any], **more: object) -> str:
    """Return the address of the page with what is asked for, and more."""
    query = urlencode({**asked, **more})
    return "/audit" + (f"?{query}" if query else "")


def _faults(refused: Refused | None) -> list[Record]:
    """Return faults at the fields of the page: the interface names them as parts of a query."""
    faults = refused.faults if refused else ()
    return [{**each, "place": f"/{each['place'].rpartition('/')[2]}"} for each in faults]

"""Vacancies of a unit: published, changed, and withdrawn once somebody has said so twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.pages.asking import Answer, Refused
from api.pages.page import Page, PageRoute, Visitor
from api.pages.typed import end_of, last_day, whole
from api.pages.unit.place import Place, coming, place

router = APIRouter(route_class=PageRoute, include_in_schema=False)

FIELDS = (
    *("/opens", "/closes", "/positions", "/fte_percent", "/kind", "/certainty"),
    *("/min_gp_months", "/release_on"),
)
"""Every field of the form, in its order; ``/closes`` is shown as the last day."""

_NEW = {
    "/positions": "1",
    "/fte_percent": "100",
    "/kind": "locum",
    "/certainty": "confirmed",
    "/min_gp_months": "0",
}


@router.get("/units/{id}/windows/new", operation_id="page_new_window")
async def new(page: Visitor, id: str) -> Response:  # noqa: A002 - the address names it
    """Ask what is vacant, and when."""
    return await _shown(page, await _own(page, id), None, _texts(_NEW))


@router.post("/units/{id}/windows/new", operation_id="page_create_window")
async def create(page: Visitor, id: str) -> Response:  # noqa: A002
    """Publish a vacancy."""
    sent = _texts(await page.form())
    try:
        await page.ask.post(f"/v1/units/{id}/windows", _body(sent), key=sent["key"] or None)
    except Refused as refused:
        return await _shown(page, await _own(page, id), None, sent, refused)
    return page.see(f"/units/{id}", done="window-published")


@router.get("/units/{id}/windows/{window}", operation_id="page_window")
async def window(page: Visitor, id: str, window: str) -> Response:  # noqa: A002
    """Show a vacancy as it stands, to be changed."""
    found = await _found(page, id, window)
    return await _shown(page, await _own(page, id), found, _values(found.data))


@router.post("/units/{id}/windows/{window}", operation_id="page_change_window")
async def change(page: Visitor, id: str, window: str) -> Response:  # noqa: A002
    """Change a vacancy."""
    found = await _found(page, id, window)
    sent = _texts(await page.form())
    try:
        await page.ask.put(f"/v1/windows/{window}", _body(sent), tag=sent["tag"])
    except Refused as refused:
        return await _shown(page, await _own(page, id), found, sent, refused)
    return page.see(f"/units/{id}", done="window-changed")


@router.get("/units/{id}/windows/{window}/withdraw", operation_id="page_ask_withdraw_window")
async def ask_withdraw(page: Visitor, id: str, window: str) -> Response:  # noqa: A002
    """Ask whether a vacancy is to be withdrawn, and say what that means."""
    return await _asked(page, id, window)


@router.post("/units/{id}/windows/{window}/withdraw", operation_id="page_withdraw_window")
async def withdraw(page: Visitor, id: str, window: str) -> Response:  # noqa: A002
    """Withdraw a vacancy."""
    await _found(page, id, window)
    tag = _texts(await page.form())["tag"]
    try:
        await page.ask.post(f"/v1/windows/{window}/withdraw", tag=tag)
    except Refused as refused:
        return await _asked(page, id, window, refused)
    return page.see(f"/units/{id}", done="window-withdrawn")


async def _asked(page: Page, id_: str, window: str, refused: Refused | None = None) -> Response:
    """Show the vacancy as it is now, and ask."""
    here, found = await _own(page, id_), await _found(page, id_, window)
    who = await coming(page, id_)
    return await page.render(
        "unit/withdraw.html",
        status=refused.status if refused else 200,
        here=here,
        window=found.data,
        tag=found.tag,
        stays=[stay for stay in who.stays if stay.window == window],
        refused=refused,
        last_day=last_day,
    )


async def _own(page: Page, id_: str) -> Place:
    """Return the unit; who does not answer for it has no form to fill in."""
    here = await place(page, id_)
    if not here.is_own:
        raise HTTPException(404)
    return here


async def _found(page: Page, id_: str, window: str) -> Answer:
    """Return a vacancy of the unit."""
    found = await page.ask.get(f"/v1/windows/{window}")
    if found.data["unit"] != id_ or found.data["withdrawn_at"] is not None:
        raise HTTPException(404)
    return found


async def _shown(
    page: Page,
    here: Place,
    found: Answer | None,
    sent: Mapping[str, str],
    refused: Refused | None = None,
) -> Response:
    """Show the form; after a refusal with what was typed, and with the state as it is now."""
    return await page.render(
        "unit/window.html",
        status=refused.status if refused else 200,
        here=here,
        window=found.data if found else None,
        tag=found.tag if found else "",
        key=sent.get("key") or uuid4().hex,
        sent=sent,
        refused=refused,
        faults=refused.faults if refused else (),
        fields=FIELDS,
    )


def _texts(form: Mapping[str, Any]) -> dict[str, str]:
    """Return what was typed; a field that was not sent is empty."""
    return {name: str(form.get(name, "")) for name in (*FIELDS, "tag", "key")}


def _values(data: Mapping[str, Any]) -> dict[str, str]:
    """Return a vacancy as its form shows it."""
    said = {f"/{name}": value for name, value in data.items()} | {
        "/closes": last_day(data["closes"])
    }
    return {name: "" if said[name] is None else str(said[name]) for name in FIELDS}


def _body(sent: Mapping[str, str]) -> dict[str, Any]:
    """Return what was typed as the interface takes it, without what was left empty."""
    body: dict[str, int | str] = {
        "opens": sent["/opens"].strip(),
        "closes": end_of(sent["/closes"]),
        "positions": whole(sent["/positions"]),
        "fte_percent": whole(sent["/fte_percent"]),
        "kind": sent["/kind"],
        "certainty": sent["/certainty"],
        "min_gp_months": whole(sent["/min_gp_months"]),
        "release_on": sent["/release_on"].strip(),
    }
    return {name: value for name, value in body.items() if value != ""}

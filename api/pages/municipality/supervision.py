"""A municipality's supervisors: added, changed, removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.pages.asking import Refused
from api.pages.municipality.drafts import day_after, day_before
from api.pages.municipality.places import coordinated
from api.pages.page import Page, PageRoute, Visitor
from api.pages.typed import whole

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_ALL = "/municipalities/{number}/supervisors"
_NEW: Mapping[str, Any] = {
    "name": "",
    "specialist": True,
    "exempt_from": None,
    "exempt_until": None,
    "capacity": 2,
    "hours_per_month": 4,
}


@router.get(_ALL + "/new", operation_id="page_new_supervisor")
async def new(page: Visitor, number: str) -> Response:
    """Show an empty form."""
    return await _form(page, number, _NEW)


@router.post(_ALL + "/new", operation_id="page_create_supervisor")
async def create(page: Visitor, number: str) -> Response:
    """Add a supervisor."""
    said = _said(await page.form())
    try:
        await page.ask.post(f"/v1/municipalities/{number}/supervisors", said)
    except Refused as refused:
        return await _form(page, number, said, refused)
    return page.see(f"/municipalities/{number}", done="supervisor-added")


@router.get(_ALL + "/{id}", operation_id="page_supervisor")
async def supervisor(page: Visitor, number: str, id: str) -> Response:  # noqa: A002
    """Show a supervisor to be changed."""
    found = await page.ask.get(f"/v1/supervisors/{id}")
    if found.data["municipality"] != number:
        raise HTTPException(404)
    return await _form(page, number, found.data, tag=found.tag)


@router.post(_ALL + "/{id}", operation_id="page_change_supervisor")
async def change(page: Visitor, number: str, id: str) -> Response:  # noqa: A002
    """Change a supervisor, or remove her."""
    form = await page.form()
    path, tag = f"/v1/supervisors/{id}", str(form.get("tag", ""))
    said = _said(form)
    removing = form.get("do") == "remove"
    try:
        await (page.ask.delete(path, tag=tag) if removing else page.ask.put(path, said, tag=tag))
    except Refused as refused:
        if refused.status == 404:
            raise
        return await _form(page, number, {**said, "id": id}, refused, tag=tag)
    done = "supervisor-removed" if removing else "supervisor-saved"
    return page.see(f"/municipalities/{number}", done=done)


async def _form(
    page: Page,
    number: str,
    supervisor_: Mapping[str, Any],
    refused: Refused | None = None,
    tag: str | None = None,
) -> Response:
    if number not in coordinated(page):
        raise HTTPException(404)
    record = (await page.ask.get(f"/v1/municipalities/{number}")).data
    shown = {**supervisor_, "exempt_until": day_before(supervisor_["exempt_until"])}
    return await page.render(
        "municipality/supervisor.html",
        status=refused.status if refused else 200,
        record=record,
        supervisor=shown,
        tag=tag,
        faults=refused.faults if refused else (),
        problem=refused.title if refused else None,
    )


def _said(form: FormData) -> dict[str, Any]:
    """Return what a form says, in the words of the interface: an exemption ends the day after."""
    said: dict[str, Any] = {
        name: str(form.get(f"/{name}", "")).strip() or None
        for name in ("name", "exempt_from", "exempt_until")
    }
    for name in ("capacity", "hours_per_month"):
        said[name] = whole(str(form.get(f"/{name}", ""))) if form.get(f"/{name}") else None
    until = day_after(said["exempt_until"])
    specialist = form.get("/specialist") == "true"
    return said | {
        "name": said["name"] or "",
        "specialist": specialist,
        "exempt_from": None if specialist else said["exempt_from"],
        "exempt_until": None if specialist else until,
    }

"""A round at its beginning: prepared here and collected, or brought along as one document."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.clock import NORWAY
from api.pages.asking import Refused
from api.pages.page import Page, PageRoute, Visitor
from api.rights import PLANNER
from api.web.downloads import XLSX

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Record = Mapping[str, Any]

FORMS = {".json": "application/json", ".zip": "application/zip", ".xlsx": XLSX}
"""Media types of round documents, by what their files end in."""

MOST_FAULTS = 200
"""Faults of a document that are shown at once."""

_ONCE = ("organisation", "label")
"""What never changes about a round."""

_EMPTY: Record = {"label": "", "name": None, "decision_date": "", "deadline": ""} | {
    "policy": None,
    "tentative_windows": False,
}


@router.get("/rounds/new", operation_id="page_new_round")
async def new(page: Visitor) -> Response:
    """Show an empty form: everybody of the reader's region is invited."""
    organisations = await _own(page, "create_round")
    numbers = {each["number"] for each in organisations}
    invited = [
        each["number"]
        for each in await page.ask.all("/v1/municipalities")
        if each["organisation"] in numbers
    ]
    values = {**_EMPTY, "organisation": organisations[0]["number"], "participants": invited}
    return await _form(page, values)


@router.post("/rounds/new", operation_id="page_create_round")
async def create(page: Visitor) -> Response:
    """Prepare a round."""
    said = _said(await page.form())
    try:
        made = await page.ask.post("/v1/rounds", _sent(said))
    except Refused as refused:
        return await _form(page, said, refused=refused)
    return page.see(f"/rounds/{made.data['id']}", done="round-created")


@router.get("/rounds/{id}/change", operation_id="page_change_round")
async def look(page: Visitor, id: str) -> Response:  # noqa: A002 - the address names it
    """Show a round that is not locked, to be changed."""
    round_ = await page.ask.get(f"/v1/rounds/{id}")
    return await _form(page, _typed(round_.data), round_=round_.data, tag=round_.tag)


@router.post("/rounds/{id}/change", operation_id="page_update_round")
async def change(page: Visitor, id: str) -> Response:  # noqa: A002
    """Change what is different from before."""
    form = await page.form()
    said, round_ = _said(form), (await page.ask.get(f"/v1/rounds/{id}")).data
    before, tag = _typed(round_), str(form.get("tag", ""))
    reason = str(form.get("/reason", "")).strip()
    sent = {
        name: value
        for name, value in _sent(said).items()
        if name not in _ONCE and said[name] != before[name]
    } | ({"reason": reason} if reason else {})
    try:
        await page.ask.patch(f"/v1/rounds/{id}", sent, tag=tag)
    except Refused as refused:
        values = {**said, "organisation": round_["organisation"], "reason": reason}
        return await _form(page, values, round_=round_, tag=tag, refused=refused)
    return page.see(f"/rounds/{id}", done="round-changed")


@router.get("/rounds/import", operation_id="page_import")
async def bring(page: Visitor) -> Response:
    """Show where a document is chosen."""
    return await _import(page)


@router.post("/rounds/import", operation_id="page_import_round")
async def take(page: Visitor) -> Response:
    """Take in a round as one document, or show what is wrong with it, place by place."""
    await _own(page, "import_round")
    form = await page.form()
    file, organisation = form.get("file"), str(form.get("organisation", ""))
    if not isinstance(file, UploadFile):
        raise HTTPException(400)
    suffix = PurePath(file.filename or "").suffix.lower()
    sent = (await file.read(), FORMS.get(suffix, "application/octet-stream"))
    try:
        made = await page.ask.post("/v1/rounds/import", file=sent, organisation=organisation)
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        return await _import(page, organisation, refused)
    return page.see(f"/rounds/{made.data['round']}", done="round-imported")


async def _import(
    page: Page, organisation: str | None = None, refused: Refused | None = None
) -> Response:
    faults = refused.faults if refused else ()
    return await page.render(
        "planner/import.html",
        status=refused.status if refused else 200,
        organisations=await _own(page, "import_round"),
        organisation=organisation,
        problem=refused.title if refused else None,
        faults=faults[:MOST_FAULTS],
        left=max(0, len(faults) - MOST_FAULTS),
    )


async def _form(
    page: Page,
    values: Record,
    round_: Record | None = None,
    tag: str | None = None,
    refused: Refused | None = None,
) -> Response:
    if refused is not None and refused.status in (403, 404):
        raise refused
    if round_ is not None and round_["state"] not in ("draft", "open"):
        raise HTTPException(404)
    organisations, policies, municipalities = await gather(
        _own(page, "update_round" if round_ else "create_round"),
        page.ask.all("/v1/policies"),
        page.ask.all("/v1/municipalities"),
    )
    return await page.render(
        "planner/round_form.html",
        status=refused.status if refused else 200,
        values=values,
        round=round_,
        tag=tag,
        organisations=organisations,
        policies=sorted(policies, key=lambda each: each["valid_from"], reverse=True),
        municipalities=sorted(
            municipalities,
            key=lambda each: (each["number"] not in values["participants"], each["name"]),
        ),
        problem=refused.title if refused else None,
        faults=refused.faults if refused else (),
    )


async def _own(page: Page, operation: str) -> Sequence[Record]:
    """Return the organisations that the reader plans for, with the trusts of a region.

    Raises
    ------
    HTTPException
        There is none, or the reader's roles do not include the operation.
    """
    assert page.principal is not None
    planned = {each.organisation for each in page.principal.grants if each.role == PLANNER}
    if not page.may(operation) or not planned:
        raise HTTPException(404)
    every = await page.ask.all("/v1/organisations")
    own = [each for each in every if not planned.isdisjoint((each["number"], each["parent"]))]
    return sorted(own, key=lambda each: (each["number"] not in planned, each["name"]))


def _said(form: FormData) -> dict[str, Any]:
    """Return what a form says, as it was typed."""
    texts = {
        name: str(form.get(f"/{name}", "")).strip()
        for name in (*_ONCE, "name", "decision_date", "deadline", "policy")
    }
    return texts | {
        "name": texts["name"] or None,
        "tentative_windows": form.get("/tentative_windows") == "true",
        "participants": sorted(str(each) for each in form.getlist("/participants")),
    }


def _sent(said: Record) -> dict[str, Any]:
    """Return it in the words of the interface: a time of day is one in Norway."""
    try:
        typed = datetime.fromisoformat(said["deadline"]).replace(tzinfo=NORWAY)
        deadline = typed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        deadline = said["deadline"]
    return {**said, "deadline": deadline}


def _typed(round_: Record) -> dict[str, Any]:
    """Return a round as it would be typed."""
    deadline = datetime.fromisoformat(round_["deadline"]).astimezone(NORWAY)
    kept = {name: round_[name] for name in (*_ONCE, *_EMPTY)}
    return kept | {
        "deadline": deadline.strftime("%Y-%m-%dT%H:%M"),
        "participants": sorted(round_["participants"]),
        "reason": "",
    }

"""A municipality's list: ranked, tried, handed in, and receipted.

What is being typed stands in the page alone, and comes whole with whatever is pressed.
"""

from __future__ import annotations

import json
from asyncio import gather
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from api.pages.asking import Answer, Refused
from api.pages.municipality import uploads
from api.pages.municipality.drafts import CANDIDATE, Document, Draft, in_order, laid_out, named
from api.pages.municipality.ids import given_ids
from api.pages.municipality.kept import kept
from api.pages.municipality.places import Places, Record, coordinated, places_of
from api.pages.page import Page, PageRoute, Visitor

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_LIST = "/rounds/{id}/lists/{number}"
_EMPTY: Mapping[str, Any] = {"candidates": [CANDIDATE], "orders": []}
_EARLIER = 4
"""How many earlier rounds are looked through for a list to begin with."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What somebody needs to make a list.

    Attributes
    ----------
    held
        The list that holds; None = nothing was handed in.
    supervisors
        Those on the municipality's record whom the reader may see.
    """

    page: Page
    id: str
    round: Record
    municipality: Record
    places: Places
    supervisors: Sequence[Record]
    receipts: Sequence[Record]
    held: Answer | None

    @property
    def path(self) -> str:
        """Where the list is, for the interface."""
        return f"/v1/rounds/{self.id}/municipalities/{self.number}/requests"

    @property
    def here(self) -> str:
        """Where the list is, for people."""
        return f"/rounds/{self.id}/lists/{self.number}"

    @property
    def number(self) -> str:
        """The municipality's number."""
        return str(self.municipality["number"])

    @property
    def tag(self) -> str:
        """What a new list names as the one that it replaces; empty = none."""
        return (self.held.tag or "") if self.held else ""

    @property
    def is_late(self) -> bool:
        """Tell whether the deadline is over."""
        deadline = self.round["deadline"]
        return deadline is not None and self.page.service.clock() > datetime.fromisoformat(deadline)

    @property
    def may_change(self) -> bool:
        """Tell whether the reader may hand in a list now; the interface decides it."""
        own = self.number in coordinated(self.page)
        may = self.page.may("lock_round") if self.is_late else own
        return self.round["state"] == "open" and may

    async def show(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """Return a page about the list."""
        return await self.page.render(
            f"municipality/{template}", status=status, desk=self, **context
        )

    async def edit(
        self,
        list_: Mapping[str, Any],
        *,
        status: int = 200,
        faults: Sequence[Record] = (),
        problem: str | None = None,
        tag: str | None = None,
        **context: Any,
    ) -> Response:
        """Show a list to be changed, with what is wrong with it."""
        known = {"problem": problem, "origin": None, "at": None, "tag": tag} | context
        known["tag"] = self.tag if tag is None else tag
        draft = laid_out(list_)
        told = [named(draft, fault) for fault in faults]
        return await self.show(
            "list.html", status=status, list=draft, faults=faults, told=told, **known
        )


@router.get(_LIST, operation_id="page_list")
async def list_(page: Visitor, id: str, number: str) -> Response:  # noqa: A002
    """Show a municipality's list in a round, to be changed where that can be."""
    desk = await _desk(page, id, number)
    if not desk.may_change:
        held = in_order(desk.held.data) if desk.held else None
        return await desk.show("list_held.html", list=held)
    if desk.held is not None:
        return await desk.edit(in_order(desk.held.data))
    origin, earlier = await _earlier(desk)
    return await desk.edit(in_order(earlier), origin=origin)


@router.post(_LIST, operation_id="page_change_list")
async def change(page: Visitor, id: str, number: str) -> Response:  # noqa: A002
    """Do to the list what was pressed: move, add, remove, look it over, or hand it in."""
    form = await page.form()
    desk = await _desk(page, id, number)
    pressed = str(form.get("do", ""))
    file = form.get("file")
    if isinstance(file, UploadFile):
        return await _upload(desk, await file.read())
    if "draft" in form:
        draft = kept(str(form["draft"]))
    else:
        given = await given_ids(page, number) if pressed == "add:/candidates" else ()
        draft = Draft(form, desk.places, number, pressed, given).document()
    tag = str(form.get("tag", ""))
    if pressed == "check":
        return await _try(desk, draft, tag)
    if pressed == "hand-in":
        return await _hand_in(desk, draft, tag)
    return await desk.edit(draft, tag=tag, at=_moved(form, draft, pressed))


@router.get(_LIST + "/template.xlsx", operation_id="page_list_template")
async def template(page: Visitor, id: str, number: str) -> Response:  # noqa: A002
    """Hand on the workbook that a list can be filled in with."""
    path = f"/v1/rounds/{id}/municipalities/{number}/requests/template.xlsx"
    found = await page.ask.get(path)
    name = f'attachment; filename="{number}.xlsx"'
    headers = {"Content-Disposition": name}
    return Response(found.content, headers=headers, media_type=found.media_type)


@router.get(_LIST + "/receipts/{receipt}", operation_id="page_receipt")
async def receipt(page: Visitor, id: str, number: str, receipt: int) -> Response:  # noqa: A002
    """Show a receipt, with what was handed in."""
    desk = await _desk(page, id, number)
    found = (await page.ask.get(f"{desk.path}/receipts/{receipt}")).data
    return await desk.show(
        "receipt.html", receipt=found, list=in_order(json.loads(found["content"]))
    )


async def _desk(page: Page, id_: str, number: str) -> Desk:
    round_ = (await page.ask.get(f"/v1/rounds/{id_}")).data
    path = f"/v1/rounds/{id_}/municipalities/{number}/requests"
    receipts = (await page.ask.get(f"{path}/receipts")).data["items"]
    municipality, places, supervisors, held = await gather(
        page.ask.get(f"/v1/municipalities/{number}"),
        places_of(page, round_),
        page.ask.all("/v1/supervisors", municipality=number),
        _held(page, path),
    )
    return Desk(
        page=page,
        id=id_,
        round=round_,
        municipality=municipality.data,
        places=places,
        supervisors=supervisors,
        receipts=receipts,
        held=held,
    )


async def _held(page: Page, path: str) -> Answer | None:
    """Return the list that holds; None where there is none."""
    try:
        return await page.ask.get(path)
    except Refused as refused:
        if refused.status == 404:
            return None
        raise


async def _earlier(desk: Desk) -> tuple[Record | None, Mapping[str, Any]]:
    """Return the newest list of an earlier round, with the round, to begin with."""
    day = desk.round["decision_date"]
    rounds = [each for each in await desk.page.ask.all("/v1/rounds") if each["decision_date"] < day]
    rounds.sort(key=lambda each: each["decision_date"], reverse=True)
    for each in rounds[:_EARLIER]:
        path = f"/v1/rounds/{each['id']}/municipalities/{desk.number}/requests"
        if found := await _held(desk.page, path):
            return each, found.data
    return None, _EMPTY


async def _try(desk: Desk, draft: Document, tag: str) -> Response:
    """Show what handing in the list would come to."""
    try:
        trial = (await desk.page.ask.put(desk.path, draft, dry_run="true")).data
    except Refused as refused:
        return await _back(desk, draft, tag, refused)
    if trial["faults"]:
        return await desk.edit(draft, tag=tag, status=422, faults=trial["faults"])
    said = {(each["candidate"], each["wish"]): each for each in trial["wishes"]}
    return await desk.show(
        "review.html", list=draft, trial=trial, said=said, tag=tag, draft=json.dumps(draft)
    )


async def _hand_in(desk: Desk, draft: Document, tag: str) -> Response:
    try:
        answer = await desk.page.ask.put(desk.path, draft, tag=tag or None, new=not tag)
    except Refused as refused:
        if refused.status == 412:
            desk = await _desk(desk.page, desk.id, desk.number)
            if desk.held and _same(draft, desk.held.data):
                # Pressed twice: the first time it was taken.
                return desk.page.see(f"{desk.here}/receipts/{desk.receipts[0]['number']}")
        return await _back(desk, draft, tag, refused)
    receipt_ = answer.data["number"]
    return desk.page.see(f"{desk.here}/receipts/{receipt_}", done="list-handed-in")


async def _back(desk: Desk, draft: Document, tag: str, refused: Refused) -> Response:
    """Show the list again, as it was typed, with why it was not taken."""
    stale = refused.status == 412
    problem = desk.page.text("pages_municipality.list-stale") if stale else refused.title
    return await desk.edit(
        draft,
        tag=desk.tag if stale else tag,
        status=refused.status,
        faults=refused.faults,
        problem=problem,
    )


async def _upload(desk: Desk, content: bytes) -> Response:
    """Put what stands in a workbook into the page, or show what is wrong at its cells."""
    file = (content, uploads.XLSX)
    try:
        trial = (await desk.page.ask.put(desk.path, file=file, dry_run="true")).data
    except Refused as refused:
        if refused.status != 422:
            return await desk.edit(_EMPTY, status=refused.status, problem=refused.title)
        trial = {"faults": refused.faults, "requests": None}
    if trial["requests"] is None:
        sheets, others = await uploads.marked(content, trial["faults"], desk.page.language)
        return await desk.show("upload.html", status=422, sheets=sheets, others=others)
    return await desk.edit(in_order(trial["requests"]), origin="upload")


def _same(draft: Document, held: Mapping[str, Any]) -> bool:
    one, other = (
        json.dumps(laid_out(in_order(each)) | {"late_reason": None}, sort_keys=True)
        for each in (draft, held)
    )
    return one == other


def _moved(form: FormData, draft: Document, pressed: str) -> str | None:
    """Return where the page is to be looked at again: what was moved, or is new."""
    verb, _, pointer = pressed.partition(":")
    steps = pointer.strip("/").split("/")
    numbers = [str(each) for each in form.getlist("/candidates")]
    if pointer == "/candidates":
        return f"candidate-{len(draft['candidates']) - 1}"
    if steps[0] != "candidates" or len(steps) < 2 or steps[1] not in numbers:
        return None
    at = numbers.index(steps[1])
    if len(steps) == 2:
        at += {"up": -1, "down": 1}.get(verb, 0)
    return f"candidate-{min(max(at, 0), max(len(draft['candidates']) - 1, 0))}"

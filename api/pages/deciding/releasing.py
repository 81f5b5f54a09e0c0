"""From a plan to what everybody is told: approved by one, published by another, or voided."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.pages.asking import Refused
from api.pages.deciding.naming import Names, Record, expect, names_of
from api.pages.page import Page, PageRoute, Visitor
from api.pages.parts import parts

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ACTS = {"approve": "approve_plan", "publish": "publish_plan", "void": "void_plan"}
"""What a plan's page can do, and the operation of each."""

CONFIRMATION = "/confirmation"
"""The field in which the round's label is typed."""


@dataclass
class Told:
    """Somebody who is told of a plan: a municipality, a unit, or who plans the round.

    Attributes
    ----------
    candidates, placed
        Hers in the round, and how many of them have a place; of a unit, who comes.
    kinds
        How many notices of each kind are sent.
    addresses
        Where to; empty where no address is registered.
    """

    kind: str
    id: str
    name: str
    candidates: int = 0
    placed: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    addresses: set[str] = field(default_factory=set)
    webhook: bool = False


@router.get("/plans/{id}/release", operation_id="page_release")
async def release(page: Visitor, id: str) -> Response:  # noqa: A002 - the address names it
    """Show what publishing would bring about, and how far the plan is on its way there."""
    expect(page, "get_release")
    return await _shown(page, id)


@router.post("/plans/{id}/release/{act}", operation_id="page_decide")
async def decide(page: Visitor, id: str, act: str) -> Response:  # noqa: A002
    """Approve, publish or void a plan."""
    if act not in ACTS:
        raise HTTPException(404)
    expect(page, ACTS[act])
    form = await page.form()
    if act == "publish" and (faults := await _unconfirmed(page, id, form)):
        return await _shown(page, id, form, 422, faults=faults)
    try:
        await page.ask.post(f"/v1/plans/{id}/{act}", _body(act, form), tag=str(form.get("tag", "")))
    except Refused as refused:
        told = {"refused": refused, "faults": refused.faults}
        return await _shown(page, id, form, refused.status, **told)
    return page.see(f"/plans/{id}/release", done=f"plan-{act}")


@router.post("/plans/{id}/keeping", operation_id="page_ask_keeping")
async def ask_keeping(page: Visitor, id: str) -> Response:  # noqa: A002
    """Ask what keeping the offers costs."""
    expect(page, "create_price_of_keeping")
    plan = (await page.ask.get(f"/v1/plans/{id}")).data
    await page.ask.post(f"/v1/rounds/{plan['round']}/price-of-keeping")
    return page.see(f"/plans/{id}/release", done="study-asked")


async def _unconfirmed(page: Page, id_: str, form: FormData) -> list[Record]:
    """Return what is wrong where the round's label was not typed as it is written."""
    plan = (await page.ask.get(f"/v1/plans/{id_}")).data
    label = (await page.ask.get(f"/v1/rounds/{plan['round']}")).data["label"]
    if str(form.get(CONFIRMATION, "")).strip() == label:
        return []
    sentence = page.text("pages_deciding.confirmation-wrong")
    return [{"place": CONFIRMATION, "code": "not-confirmed", "sentence": sentence}]


def _body(act: str, form: FormData) -> Mapping[str, str] | None:
    if act == "void":
        return {"reason": str(form.get("/reason", ""))}
    day = str(form.get("/answer_by", ""))
    return {"answer_by": day} if act == "publish" and day else None


async def _shown(
    page: Page, id_: str, sent: Mapping[str, Any] | None = None, status: int = 200, **told: Any
) -> Response:
    plan = await page.ask.get(f"/v1/plans/{id_}")
    path = f"/v1/rounds/{plan.data['round']}"
    round_, publications, overrides, names, outcomes = await asyncio.gather(
        page.ask.get(path),
        page.ask.get(f"{path}/publications"),
        page.ask.get(f"{path}/overrides"),
        names_of(page, plan.data["round"]),
        page.ask.all(f"/v1/plans/{id_}/outcomes"),
    )
    preview: Record | None = None
    try:
        preview = (await page.ask.get(f"/v1/plans/{id_}/release")).data
    except Refused as refused:
        told = {"hindered": refused} | told
    history = publications.data["items"]
    return await page.render(
        "deciding/release.html",
        status=status,
        plan=plan.data,
        tag=plan.tag,
        round=round_.data,
        names=names,
        preview=preview,
        parties=list(_parties(names, outcomes, preview["recipients"] if preview else ())),
        keeping=await _keeping(page, plan.data, names),
        overrides=overrides.data["items"],
        history=history,
        in_force=next((each for each in history if each["ended_at"] is None), None),
        **({"hindered": None, "refused": None, "sent": sent or {}} | told),
    )


async def _keeping(page: Page, plan: Record, names: Names) -> Record | None:
    """Return how many offers there are, and what keeping them costs; None without any."""
    offers = {
        each["candidate"] for each in names.document["commitments"] if each["state"] == "offered"
    }
    if plan["outdated"] or not offers:
        return None
    found = await page.ask.get(f"/v1/rounds/{plan['round']}/price-of-keeping")
    return {**found.data, "offers": len(offers)}


def _parties(
    names: Names, outcomes: Iterable[Record], recipients: Sequence[Record]
) -> Iterator[Told]:
    """Yield everybody whom the plan is about, with what they are sent: municipalities, units."""
    found: dict[tuple[str, str], Told] = {}

    def party(kind: str, id_: str) -> Told:
        name = names.municipality(id_) if kind == "municipality" else names.unit(id_)
        return found.setdefault((kind, id_), Told(kind, id_, name if id_ else ""))

    for each in outcomes:
        home, place = party("municipality", each["municipality"]), each["placement"]
        home.candidates += 1
        if place:
            home.placed += 1
            for unit in {part["unit"] for part in parts(place)}:
                party("unit", unit).candidates += 1
    for each in recipients:
        kind = "municipality" if each["municipality"] else "unit" if each["unit"] else "planner"
        told = party(kind, each["municipality"] or each["unit"] or "")
        told.kinds[each["kind"]] += 1
        told.webhook = told.webhook or each["channel"] == "webhook"
        if each["recipient"]:
            told.addresses.add(each["recipient"])
    order = {"municipality": 0, "unit": 1, "planner": 2}
    yield from sorted(found.values(), key=lambda each: (order[each.kind], each.name))

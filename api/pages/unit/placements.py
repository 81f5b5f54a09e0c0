"""A placement in a unit: how far it is, and the steps that the unit takes, each on its own page."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.pages.asking import Answer, Refused
from api.pages.page import Page, PageRoute, Visitor
from api.pages.register import municipality_names, read_register
from api.pages.typed import given, last_day, whole
from api.pages.unit.overview import evaluation_day
from api.pages.unit.place import place

router = APIRouter(route_class=PageRoute, include_in_schema=False)

GOALS = ("ALM-055", "ALM-085")
"""The learning goals that a completed stay has reached, or not."""

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """A step that the unit takes: who may, from which state, and what it says.

    `fields` are those of its form beside the day; `body` what of them the interface takes.
    """

    operation: str
    state: str
    fields: Sequence[str]
    body: Callable[[Texts], dict[str, Any]]


STEPS: Mapping[str, Step] = {
    "start": Step("start_placement", "planned", (), lambda _: {}),
    "evaluation": Step("invite_to_evaluation", "started", (), lambda _: {}),
    "complete": Step(
        "complete_placement",
        "started",
        (*(f"/goals/{goal}" for goal in GOALS), "/reason"),
        lambda sent: {
            "goals": {goal: sent[f"/goals/{goal}"] == "true" for goal in _answered(sent)},
            "reason": given(sent["/reason"]),
        },
    ),
    "interrupt": Step(
        "interrupt_placement",
        "started",
        ("/remaining_months",),
        lambda sent: {"remaining_months": whole(sent["/remaining_months"])},
    ),
}
"""In the order in which they are offered."""


@router.get("/units/{id}/placements/{placement}", operation_id="page_placement")
async def placement(page: Visitor, id: str, placement: str) -> Response:  # noqa: A002
    """Show how far a placement is, what of it counts, and which steps come next."""
    here, found = await place(page, id), await _found(page, id, placement)
    number = found.data["municipality"]
    service, names, register, others = await gather(
        page.ask.get(f"/v1/placements/{placement}/service"),
        municipality_names(page.ask),
        read_register(page.ask),
        _other_parts(page, found.data),
    )
    return await page.render(
        "unit/placement.html",
        here=here,
        placement=found.data,
        municipality=names.get(number, number),
        service=service.data,
        register=register,
        others=others,
        steps=_next(page, found.data) if here.is_own else [],
        last_day=last_day,
    )


@router.get("/units/{id}/placements/{placement}/{step}", operation_id="page_ask_step")
async def ask(page: Visitor, id: str, placement: str, step: str) -> Response:  # noqa: A002
    """Ask what a step needs to be known."""
    return await _asked(page, id, placement, step)


@router.post("/units/{id}/placements/{placement}/{step}", operation_id="page_take_step")
async def take(page: Visitor, id: str, placement: str, step: str) -> Response:  # noqa: A002
    """Take a step."""
    chosen = _step(step)
    form = await page.form()
    sent = {name: str(form.get(name, "")) for name in ("/day", *chosen.fields, "tag")}
    body = {"day": sent["/day"].strip(), **chosen.body(sent)}
    try:
        await page.ask.post(f"/v1/placements/{placement}/{step}", body, tag=sent["tag"])
    except Refused as refused:
        return await _asked(page, id, placement, step, sent, refused)
    return page.see(f"/units/{id}/placements/{placement}", done=f"placement-{step}")


async def _asked(
    page: Page,
    id_: str,
    placement_: str,
    step: str,
    sent: Texts | None = None,
    refused: Refused | None = None,
) -> Response:
    """Show the form of a step; after a refusal with what was typed, and the state as it is now."""
    chosen = _step(step)
    here, found = await place(page, id_), await _found(page, id_, placement_)
    typed = {"/day": _likely(step, found.data, page.today.isoformat())} if sent is None else sent
    return await page.render(
        "unit/step.html",
        status=refused.status if refused else 200,
        here=here,
        placement=found.data,
        tag=found.tag,
        step=step,
        sent={name: typed.get(name, "") for name in ("/day", *chosen.fields)},
        goals=GOALS,
        refused=refused,
        faults=refused.faults if refused else (),
        last_day=last_day,
    )


def _likely(step: str, data: Mapping[str, Any], today: str) -> str:
    """Return the day on which a step most likely lies: what was agreed, once it is past."""
    agreed = {"start": str(data["start"]), "complete": last_day(data["end"]), "interrupt": today}
    return min(agreed[step], today) if step in agreed else ""


def _step(name: str) -> Step:
    if name not in STEPS:
        raise HTTPException(404)
    return STEPS[name]


async def _found(page: Page, id_: str, placement_: str) -> Answer:
    """Return a placement in the unit."""
    found = await page.ask.get(f"/v1/placements/{placement_}")
    if found.data["unit"] != id_:
        raise HTTPException(404)
    return found


async def _other_parts(page: Page, data: Mapping[str, Any]) -> list[Any]:
    """Return the other parts of a divided stay, as far as the reader may see them."""
    others = (id_ for id_ in data["parts"] if id_ != data["id"])
    found = await gather(*(page.ask.get(f"/v1/placements/{id_}") for id_ in others))
    return [answer.data for answer in found]


def _next(page: Page, data: Mapping[str, Any]) -> list[str]:
    """Return the steps that the reader may take now; the last one waits for an evaluation."""
    evaluated = evaluation_day(data["steps"]) is not None
    return [
        name
        for name, step in STEPS.items()
        if data["state"] == step.state
        and page.may(step.operation)
        and (name != "complete" or evaluated)
    ]


def _answered(sent: Texts) -> list[str]:
    """Return the goals of which somebody has said yes or no."""
    return [goal for goal in GOALS if sent[f"/goals/{goal}"] in ("true", "false")]

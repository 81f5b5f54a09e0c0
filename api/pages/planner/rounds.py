"""A round: what stands, whether it is ready, what can be done with it now, and what was."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from babel.dates import format_skeleton
from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from api.pages.asking import Refused
from api.pages.page import Page, PageRoute, Visitor
from api.pages.planner.history import history
from api.pages.planner.outcome import supply

Record = Mapping[str, Any]

router = APIRouter(route_class=PageRoute, include_in_schema=False)

MOVES: Mapping[str, Sequence[str]] = {
    "draft": ("open",),
    "open": ("lock",),
    "locked": ("reopen", "close"),
    "closed": ("reopen",),
}
"""What a planner may do with a round in each state."""

IMPORTED = {"locked": ("close",), "closed": ("reopen",)}
"""The same, of a round that came as one document."""

OPERATIONS = {
    "replan": "replan_round",
    "open": "open_round",
    "lock": "lock_round",
    "reopen": "reopen_round",
    "close": "close_round",
}

READY = ("draft", "open")
"""States in which it is asked whether a round is ready: later its document stands."""


@router.get("/rounds/{id}", operation_id="page_round")
async def round_(page: Visitor, id: str) -> Response:  # noqa: A002 - the address names it
    """Show a round to each role as much of it as is theirs."""
    return await _shown(page, id)


@router.post("/rounds/{id}/open", operation_id="page_open_round")
@router.post("/rounds/{id}/lock", operation_id="page_lock_round")
@router.post("/rounds/{id}/reopen", operation_id="page_reopen_round")
@router.post("/rounds/{id}/close", operation_id="page_close_round")
@router.post("/rounds/{id}/replan", operation_id="page_replan_round")
async def move(page: Visitor, id: str) -> Response:  # noqa: A002
    """Move a round on; what stands against it is shown on the round's page."""
    form, move = await page.form(), page.path.rpartition("/")[2]
    fields = f"/{move}/"  # a page has a form for each move, and each a field for its reason
    said = {
        name.removeprefix(fields): str(value).strip()
        for name, value in form.items()
        if name.startswith(fields)
    }
    body = {name: value for name, value in said.items() if value or name == "reason"}
    try:
        await page.ask.post(f"/v1/rounds/{id}/{move}", body or None, tag=str(form.get("tag", "")))
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        return await _shown(page, id, refused=refused, moved=move, sent=said)
    return page.see(f"/rounds/{id}", done=f"round-{move}")


async def _shown(
    page: Page,
    id_: str,
    refused: Refused | None = None,
    moved: str = "",
    sent: Mapping[str, Any] | None = None,
) -> Response:
    found = await page.ask.get(f"/v1/rounds/{id_}")
    round_ = found.data
    organisation, figures, ready, plans, moves = await gather(
        page.ask.get(f"/v1/organisations/{round_['organisation']}"),
        _perhaps(page, "get_round_figures", f"/v1/rounds/{id_}/figures"),
        _readiness(page, round_),
        _plans(page, id_),
        _perhaps(page, "list_transitions", f"/v1/rounds/{id_}/transitions"),
    )
    names = await _names(page, round_, ready)
    drawing = await run_in_threadpool(_supply, page, figures) if figures else None
    return await page.render(
        "planner/round.html",
        status=refused.status if refused else 200,
        round=round_,
        tag=found.tag,
        organisation=organisation.data["name"],
        figures=figures,
        ready=ready,
        names=names,
        plans=plans,
        transitions=await history(page, moves["items"], organisation.data) if moves else (),
        moves=_moves(page, round_, plans) if moves else (),
        own=_own(page, round_),
        units=_units(page),
        supply=drawing,
        days_left=_days_left(page, round_),
        refused=refused,
        moved=moved,
        sent=sent or {},
        faults=_faults(refused, moved),
    )


async def _perhaps(page: Page, operation: str, path: str) -> Any:
    """Return what an operation answers; None where the reader has no part in it."""
    if not page.may(operation):
        return None
    try:
        return (await page.ask.get(path)).data
    except Refused as refused:
        if refused.status in (403, 404):
            return None
        raise


async def _plans(page: Page, id_: str) -> Sequence[Record]:
    """Return every plan of a round that the reader may know of."""
    try:
        return await page.ask.all(f"/v1/rounds/{id_}/plans") if page.may("list_plans") else ()
    except Refused as refused:
        if refused.status in (403, 404):
            return ()
        raise


async def _readiness(page: Page, round_: Mapping[str, Any]) -> Any:
    if round_["state"] not in READY:
        return None
    return await _perhaps(page, "get_readiness", f"/v1/rounds/{round_['id']}/readiness")


async def _names(page: Page, round_: Mapping[str, Any], ready: Any) -> dict[str, str]:
    """Return the names of the municipalities that the page speaks of."""
    if not ready and not _own(page, round_):
        return {}
    every = await page.ask.all("/v1/municipalities")
    return {each["number"]: each["name"] for each in every}


def _moves(page: Page, round_: Record, plans: Sequence[Record]) -> list[str]:
    """Return what the reader may do with a round, as far as its state tells."""
    states = MOVES if round_["origin"] == "collected" else IMPORTED
    found = [*states.get(round_["state"], ())]
    if round_["state"] == "locked" and any(each["published_at"] for each in plans):
        found = ["replan", *(each for each in found if each != "close")]
    return [move for move in found if page.may(OPERATIONS[move])]


def _own(page: Page, round_: Mapping[str, Any]) -> list[str]:
    """Return the municipalities of the round that the reader hands in for."""
    assert page.principal is not None
    coordinated = {g.municipality for g in page.principal.grants if g.role == "coordinator"}
    return sorted(number for number in coordinated if number and number in round_["participants"])


def _units(page: Page) -> list[str]:
    assert page.principal is not None
    return sorted({g.unit for g in page.principal.grants if g.role == "unit_leader" and g.unit})


def _days_left(page: Page, round_: Mapping[str, Any]) -> int | None:
    """Return the days until an open round's deadline; None where there is none to come."""
    if round_["state"] != "open" or not round_["deadline"]:
        return None
    left = datetime.fromisoformat(round_["deadline"]) - page.service.clock()
    return left.days if left.total_seconds() > 0 else None


def _supply(page: Page, figures: Mapping[str, Any]) -> Any:
    months = figures["months"]
    if not months:
        return None
    named = {
        each["month"]: format_skeleton(
            "yMMM", date.fromisoformat(f"{each['month']}-01"), locale=page.language
        )
        for each in months
    }
    return supply(page.language, months, named)


def _faults(refused: Refused | None, moved: str) -> list[Mapping[str, Any]]:
    """Return what stands against a move: faults, or seats that contradict each other."""
    if refused is None:
        return []
    conflicts = refused.problem.get("conflicts", ())
    return [
        *({**fault, "place": f"/{moved}{fault['place']}"} for fault in refused.faults),
        *({"place": "", "sentence": conflict["sentence"]} for conflict in conflicts),
    ]

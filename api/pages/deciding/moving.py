"""A placement moved by hand: who, where to, what it costs, and a plan made of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlencode

from fastapi import APIRouter
from starlette.datastructures import ImmutableMultiDict
from starlette.responses import Response

from api.pages.asking import Refused
from api.pages.deciding.naming import expect, names_of
from api.pages.page import Page, PageRoute, Visitor

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Sent = ImmutableMultiDict[str, Any]

NOWHERE = "-"
"""The choice of no place at all."""


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody to be moved; without window and start she is to have no place."""

    candidate: str
    window: str | None = None
    start: str | None = None

    @property
    def code(self) -> str:
        """The move as one word of an address."""
        return seat_code(self.candidate, *self._seat)

    @property
    def seat(self) -> str:
        """Where she is to go, as a choice among others."""
        return seat_code(*self._seat) or NOWHERE

    @property
    def _seat(self) -> tuple[str, ...]:
        return (self.window, self.start) if self.window and self.start else ()

    @property
    def body(self) -> Mapping[str, str | None]:
        """The move as the interface takes it."""
        return {"candidate": self.candidate, "window": self.window, "start": self.start}


def seat_code(*seat: str) -> str:
    """Return a window and a first day as one word of an address."""
    return "/".join(quote(part, safe="") for part in seat)


def move_of(code: str) -> Move:
    """Return the move that a word of an address stands for."""
    candidate, *seat = (unquote(part) for part in code.split("/"))
    return Move(candidate, *seat) if len(seat) == 2 else Move(candidate)


def moves_in(sent: Sent) -> list[Move]:
    """Return the moves that were chosen, a candidate's last one after all others."""
    chosen = [move_of(str(code)) for code in sent.getlist("move")]
    candidate, seat = str(sent.get("candidate", "")), str(sent.get("seat", ""))
    if candidate and seat:
        tail = "" if seat == NOWHERE else f"/{seat}"
        chosen.append(move_of(quote(candidate, safe="") + tail))
    return list({move.candidate: move for move in chosen if move.candidate}.values())


@router.get("/plans/{id}/move", operation_id="page_move")
async def move(page: Visitor, id: str) -> Response:  # noqa: A002 - the address names it
    """Show where a candidate could go, and what moves that were chosen would come to."""
    expect(page, "move_placements")
    return await _shown(page, id, page.request.query_params)


@router.post("/plans/{id}/move", operation_id="page_keep_moves")
async def keep(page: Visitor, id: str) -> Response:  # noqa: A002
    """Make a plan of the moves, with a reason."""
    form = await page.form()
    body = {"moves": [each.body for each in moves_in(form)], "reason": str(form.get("/reason", ""))}
    try:
        made = await page.ask.post(f"/v1/plans/{id}/moves", body)
    except Refused as refused:
        return await _shown(page, id, form, refused)
    return page.see(f"/plans/{made.data['id']}", done="moved")


async def _shown(page: Page, id_: str, sent: Sent, refused: Refused | None = None) -> Response:
    plan, outcomes = await asyncio.gather(
        page.ask.get(f"/v1/plans/{id_}"), page.ask.all(f"/v1/plans/{id_}/outcomes")
    )
    round_ = (await page.ask.get(f"/v1/rounds/{plan.data['round']}")).data
    moves = moves_in(sent)
    candidate = str(sent.get("candidate", ""))
    seats = trial = None
    if candidate:
        path = f"/v1/plans/{id_}/candidates/{candidate}/seats"
        seats = (await page.ask.get(path)).data
    if moves:
        body = {"moves": [each.body for each in moves]}
        trial = (await page.ask.post(f"/v1/plans/{id_}/moves", body, dry_run="true")).data
    return await page.render(
        "deciding/move.html",
        status=refused.status if refused else 200,
        plan=plan.data,
        round=round_,
        names=await names_of(page, round_["id"]),
        people=_people(outcomes),
        chosen=candidate,
        seats=seats,
        seat_code=seat_code,
        seat=next((each.seat for each in moves if each.candidate == candidate), ""),
        moves=moves,
        without={each.candidate: _without(id_, moves, each) for each in moves},
        trial=trial,
        refused=refused,
        faults=refused.faults if refused else (),
        sent=sent,
    )


def _people(outcomes: Iterable[Mapping[str, Any]]) -> Mapping[str, list[Mapping[str, Any]]]:
    """Return whom one could move: those without a place, and those with one that may change."""
    found: dict[str, list[Mapping[str, Any]]] = {"unplaced": [], "placed": []}
    for each in outcomes:
        place = each["placement"]
        if place is None or not place["accepted"]:
            found["placed" if place else "unplaced"].append(each)
    return found


def _without(id_: str, moves: Iterable[Move], left_out: Move) -> str:
    """Return the address of the page without one of the moves."""
    others = [("move", each.code) for each in moves if each != left_out]
    return f"/plans/{id_}/move" + (f"?{urlencode(others)}" if others else "")

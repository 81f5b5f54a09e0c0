"""Who moves when a plan takes the place of another, and why nobody could let her stay.

The reason is tried, not guessed: with everybody else where the plan puts them, she is put back
into the seat she was offered, and the verifier says which rules break.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from models.store.offers import Seat, seats_of
from models.tables import Offer
from scheduler.plans import Plan
from scheduler.rounds import Round
from scheduler.verify import verify_document

GONE = "GONE"
"""The window, or she herself, is in the round no more."""

FEWEST = "FEWEST"
"""No rule forbids it for her alone: others who keep their seats would have to move for it."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody whose offer a plan takes back: `rules` that her old seat would break."""

    offer: Offer
    rules: tuple[str, ...]


def moved(round_: Round, plan: Plan, replaced: Sequence[Offer]) -> Iterator[Moved]:
    """Yield who moves, and why."""
    for offer in replaced:
        yield Moved(offer, _rules(round_, plan.document, offer))


def _rules(round_: Round, document: dict[str, Any], offer: Offer) -> tuple[str, ...]:
    windows = {seat.window for seat in seats_of(offer)}
    if offer.candidate not in round_.candidate or not windows <= round_.window.keys():
        return (GONE,)
    others = [p for p in document["placements"] if p["candidate"] != offer.candidate]
    back = map(_placement, seats_of(offer))
    placements = sorted([*others, *back], key=lambda p: (str(p["candidate"]), str(p["start"])))
    verdict = verify_document(round_, {"placements": placements})
    return tuple(sorted({broken.rule for broken in verdict.broken})) or (FEWEST,)


def _placement(seat: Seat) -> dict[str, Any]:
    """Return a seat as a plan's document has it."""
    months = {} if seat.months is None else {"months": seat.months}
    return months | {
        "candidate": seat.candidate,
        "window": seat.window,
        "unit": seat.unit,
        "start": str(seat.start),
        "end": str(seat.end),
        "class": seat.wish_class,
    }

"""Offers to those whom a published plan has placed: open, or withdrawn for a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import cycle

from models.tables import Offer
from scheduler import plans
from tests.api.outside import seeing
from tests.api.outside.planted_rounds import Planting
from tests.api.served import NOW


def offers(planting: Planting, publication: str, made: plans.Plan) -> Iterator[Offer]:
    """Yield the offer to everybody whom a plan places, every other one withdrawn."""
    municipalities = {id_: number for number, ids in planting.people.items() for id_ in ids}
    for placed, state in zip(made.placements, cycle(["open", "withdrawn"]), strict=False):
        number = municipalities[placed.candidate]
        owner = replace(planting.of(number, placed.candidate), unit=placed.unit)
        aviary = planting.world.aviary
        id_ = aviary.handle(seeing.OFFER, owner)
        planting.world.add("offer", owner, {"id": id_}, round=planting.owner)
        is_open = state == "open"
        yield Offer(
            id=id_,
            publication=publication,
            round=planting.id,
            municipality=number,
            candidate=placed.candidate,
            unit=placed.unit,
            window=placed.window,
            start=placed.start,
            end=placed.end,
            wish_class=placed.wish_class,
            state=state,
            offered_at=NOW,
            answer_by=NOW + timedelta(days=5),
            ended_at=None if is_open else NOW,
            ended_by=None if is_open else aviary.word(seeing.NOBODY, owner),
            reason=None if is_open else f"Bortfalt {aviary.word(seeing.WHY, owner)}",
        )

"""The forms of the document ``rotations/costs@1``: what posts cost."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Annotated, Literal

from pydantic import ConfigDict

from data.forms.fields import Form, Ident, Whole, described
from scheduler.errors import Fault, Place
from scheduler.rounds import Round

DEAREST = 1_000_000
"""Most that a post may cost: sums stay exact in every solver."""

Cost = Annotated[int, Whole(0, DEAREST)]


class UnitCostForm(Form):
    """What a post costs in one unit."""

    unit: Ident = described("Id of the unit.", "hammerfest-medisin")
    cost: Cost = described("Cost of one post there, in whatever is counted.", 3)


class CostsForm(Form):
    """What a post costs, where it differs from unit to unit."""

    model_config = ConfigDict(title="rotations/costs@1")

    format: Literal["rotations/costs@1"] = described("Name of the format.", "rotations/costs@1")
    default: Cost = described("Cost of one post in every other unit.", 1, default=1)
    units: list[UnitCostForm] = described(
        "Units with a cost of their own.",
        [{"unit": "hammerfest-medisin", "cost": 3}],
        default=[],
    )


def cost_faults(costs: Sequence[UnitCostForm], round_: Round, at: Place) -> Iterator[Fault]:
    """Yield the units that the round does not have, and those that are given twice."""
    yield from reference_faults([each.unit for each in costs], round_.unit, (*at, "unit"))


def reference_faults(
    ids: Sequence[str], known: Container[str], at: Place, among: str = "units"
) -> Iterator[Fault]:
    """Yield what a list's records name that is not known, or named before.

    Parameters
    ----------
    at
        Place of the list, and last the field that names.
    among
        The round's list in which the ids are looked for.
    """
    *place, field = at
    for position, name in enumerate(ids):
        if name not in known:
            yield Fault("id-unknown", (*place, position, field), {"list": among})
        elif name in ids[:position]:
            yield Fault("id-repeated", (*place, position, field))

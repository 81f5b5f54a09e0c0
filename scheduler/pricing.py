"""What options would come to that a round does not have, by the prices of its rows.

A bound holds for whatever is added to its program, as long as that is paid for: a further option
takes of each row what an option of the round would, at the row's price. Rows of PRIORITY in which
the further option itself would be in the way are left out, which can only raise the bound. Those
that it makes void, as it may fill a place that they are about, are for the caller to leave out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from scheduler.duality import SCALE, Bound
from scheduler.model import Limit, Model, Row
from scheduler.options import Option, Part
from scheduler.standing import Blocker, Envy
from scheduler.tiers import Level, Placed

Resource = tuple[str, str]
"""The rule and the subject of what is limited."""

Key = tuple[str, int | None]
"""The tier and the number of a level."""


@dataclass(slots=True)
class _Priced:
    """The prices of a bound's rows, by what they are about; rows without a price are left out."""

    one: dict[str, int] = field(default_factory=dict)
    limits: dict[Resource, list[tuple[date, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    served: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    filled: dict[Resource, list[tuple[Blocker, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    levels: list[tuple[Level, int]] = field(default_factory=list)
    placed: dict[str, int] = field(default_factory=dict)


class Pricing:
    """Prices options that a round does not have.

    Parameters
    ----------
    model
        The round's model, without them.
    rows, bound
        A relaxation's rows, and a bound that it has.
    """

    def __init__(self, model: Model, rows: Sequence[Row], bound: Bound) -> None:
        self._model, self.bound = model, bound
        self._priced = _Priced()
        for number, price in enumerate(bound.prices.tolist()):
            if price:
                self._index(rows[number].about, price)

    def room(self, resource: Resource) -> int:
        """Return what one place more of a resource adds to the bound at most."""
        return sum(max(price, 0) for _, price in self._priced.limits.get(resource, ()))

    def kept(self, gains: Mapping[Key, int]) -> int:
        """Return what it adds to the bound that levels before must be better by some gains."""
        return sum(
            price * gains.get((level.tier, level.level), 0) for level, price in self._priced.levels
        )

    def reduced(self, option: Option, weights: Mapping[Key, int]) -> int:
        """Return the reduced weight of an option.

        Parameters
        ----------
        weights
            What it weighs in each level; 0 where it is left out.
        """
        priced, model = self._priced, self._model
        home = model.round.candidate[option.candidate].municipality
        paid = priced.one.get(option.candidate, 0) - priced.placed.get(home, 0)
        paid -= sum(p for k, p in priced.served.get(option.candidate, ()) if option.wish_class <= k)
        paid += sum(p * weights.get((level.tier, level.level), 0) for level, p in priced.levels)
        paid += sum(self._taken(option.candidate, home, part) for part in option.parts)
        return self._weight(weights) - paid

    def step(self, municipality: str) -> int:
        """Return the reduced weight of counting one placement more of a municipality.

        It matters for somebody who had no option: nobody counted on her.
        """
        own = [s for s in self._model.steps if s.municipality == municipality]
        left = _unplaced(self._model, municipality) - sum(len(s.variables) for s in own)
        weights: dict[Key, int] = {("spread", None): -left}
        paid = self._priced.placed.get(municipality, 0)
        paid += sum(
            p * weights.get((level.tier, level.level), 0) for level, p in self._priced.levels
        )
        return self._weight(weights) - paid

    def _weight(self, weights: Mapping[Key, int]) -> int:
        level = self.bound.level
        weight = weights.get((level.tier, level.level), 0) * SCALE
        return weight if level.maximise else -weight

    def _taken(self, candidate: str, home: str, part: Part) -> int:
        """Return the price of the places that a part of an option takes."""
        paid = 0
        for resource in (("POSITIONS", part.window), ("SUPERVISED", part.unit), ("AWAY", home)):
            for day, price in self._priced.limits.get(resource, ()):
                paid += price if part.start <= day < part.end else 0
            for b, price in self._priced.filled.get(resource, ()):
                fills = b.colleague != candidate and part.start <= b.day < part.end
                paid += price if fills else 0
        return paid

    def _index(self, about: object, price: int) -> None:
        priced = self._priced
        if isinstance(about, str):
            priced.one[about] = price
        elif isinstance(about, Limit):
            priced.limits[about.rule, about.subject].append((about.day, price))
        elif isinstance(about, Blocker):
            priced.filled[about.rule, about.subject].append((about, price))
        elif isinstance(about, Envy):
            wanted = self._model.options[about.wanted]
            lenient = self._model.round.policy.priority == "placement"
            worst = len(self._model.round.candidate[wanted.candidate].wishes)
            priced.served[wanted.candidate].append((worst if lenient else wanted.wish_class, price))
        elif isinstance(about, Level):
            priced.levels.append((about, price))
        elif isinstance(about, Placed):
            priced.placed[about.municipality] = price


def weights_of(model: Model, levels: Iterable[Level]) -> dict[int, dict[Key, int]]:
    """Return what each option weighs in each level."""
    found: dict[int, dict[Key, int]] = {i: {} for i in range(len(model.options))}
    for level in levels:
        for i, weight in level.terms:
            if i in found:
                found[i][level.tier, level.level] = weight
    return found


def _unplaced(model: Model, municipality: str) -> int:
    """Return how many of a municipality hold no accepted seat."""
    own: Iterator[str] = iter(model.round.colleagues[municipality])
    return sum(candidate not in model.round.accepted for candidate in own)

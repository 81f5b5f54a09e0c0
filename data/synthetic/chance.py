"""Chance that is the same on every machine and in every version of Python.

Only ``Random.random()`` is promised to keep its sequence for a seed (documentation of `random`), so
everything here is drawn from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A seeded source of chance.

    Parameters
    ----------
    seed
        Any whole number; the same seed gives the same throws.
    """

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def below(self, limit: int) -> int:
        """Return a whole number from 0 up to but not including `limit`, at least 1."""
        return int(self._random.random() * limit)

    def between(self, first: int, last: int) -> int:
        """Return a whole number from `first` to `last`, both included."""
        return first + self.below(last - first + 1)

    def chance(self, percent: int) -> bool:
        """Tell whether something that happens in `percent` of 100 cases happens now."""
        return self.below(100) < percent

    def pick(self, items: Sequence[T]) -> T:
        """Return one of `items`, each as likely as the others."""
        return items[self.below(len(items))]

    def weighted(self, weights: Sequence[int]) -> int:
        """Return a position in `weights`, whole numbers at least 0, in proportion to them."""
        throw = self.below(sum(weights))
        for position, weight in enumerate(weights):
            throw -= weight
            if throw < 0:
                return position
        raise ValueError("all weights are 0")

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return `items` in a random order."""
        pile = list(items)
        for last in range(len(pile) - 1, 0, -1):
            other = self.below(last + 1)
            pile[last], pile[other] = pile[other], pile[last]
        return pile

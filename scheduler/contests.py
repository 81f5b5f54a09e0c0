"""Levels in which what a changed round allows is held against a plan, by the prices of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from scheduler.ceilings import Decided
from scheduler.options import Option
from scheduler.pricing import Key, Pricing


@dataclass(frozen=True, slots=True)
class Contest:
    """A level in a changed round: the value to beat, and what plans come to at most.

    Attributes
    ----------
    decided
        The level, with the value that is to be beaten.
    total
        The bound of any plan, in the sense and the scale of `scheduler.duality.Bound`.
    options, reduced
        Those that the changed round has of whoever gets others or may get a place, and their
        reduced weights.
    """

    decided: Decided
    total: int
    options: Sequence[Option]
    reduced: Sequence[int]

    def granting(self, her: str, wish: int) -> list[int]:
        """Return the options, by number, that grant a candidate a wish, or a better one."""
        return [
            i for i, o in enumerate(self.options) if o.candidate == her and o.wish_class <= wish
        ]

    def with_option(self, number: int) -> int:
        """Return the total where an option is taken."""
        return self.total + min(0, self.reduced[number])

    def without(self, numbers: Iterable[int]) -> int:
        """Return the total where some options are not taken."""
        return self.total - sum(max(0, self.reduced[i]) for i in numbers)


def beside(
    gains: Mapping[Key, int],
    decided: Decided,
    pricing: Pricing,
    total: int,
    options: Sequence[Option],
    reduced: Sequence[int],
) -> Contest:
    """Return a level as it is beside a plan that exceeds the planned one by some gains.

    Whatever is as good as that plan has its values in the levels before, so their rows may say so.
    """
    value = decided.value + gains.get((decided.level.tier, decided.level.level), 0)
    return Contest(replace(decided, value=value), total + pricing.kept(gains), options, reduced)


def all_lose(levels: Iterable[tuple[Decided, Mapping[int, int]]]) -> bool:
    """Tell whether each of some rivals loses in some level, and may win in none before.

    Parameters
    ----------
    levels
        Each with the total that it comes to at most by rival.
    """
    lost: set[int] = set()
    for decided, totals in levels:
        left = totals.keys() - lost
        if any(decided.may_win(totals[i]) for i in left):
            return False
        lost |= {i for i in left if decided.loses(totals[i])}
        if len(lost) == len(totals):
            return True
    return False

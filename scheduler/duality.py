"""What no plan can exceed: bounds from linear programs, proven in whole numbers.

A linear program is solved in floating point, and only its prices are taken. Whatever the prices,
weak duality makes a bound of them::

    value(x) <= sum(price * limit of each row) + sum(max(0, reduced weight of each variable))

with ``reduced weight = weight - sum(price * coefficient)``, prices of the sign that their row's
side asks for. Prices are rounded to whole multiples of ``1 / SCALE`` and everything is added up in
whole numbers, so the bound holds however badly the program was solved. Where some variable is one,
the bound falls by what its reduced weight is below zero.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scheduler.linear import Linear, Relaxed
from scheduler.model import Row
from scheduler.tiers import Level
from scheduler.watch import Stop

Whole = npt.NDArray[np.int64]

SCALE = 1 << 20
"""Prices are whole multiples of one part in so many."""

WHOLE = 1e-6
"""A share this close to 0 or 1 is taken for it."""

LARGEST = float(1 << 61)
"""Sums that might grow beyond would not be exact in 64 bits: they are made without a limit."""


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """What no plan exceeds in a level.

    All figures are in the sense "more is better" and `SCALE` times as large.

    Attributes
    ----------
    total
        The bound.
    reduced
        Reduced weight of each variable.
    prices
        Price of each row of the relaxation, in their order.
    """

    level: Level
    total: int
    reduced: Whole
    prices: Whole

    @property
    def value(self) -> int:
        """What no plan exceeds, as a value of the level."""
        return self.as_value(self.total)

    def as_value(self, total: int) -> int:
        """Return the value of the level that a total, rounded down, stands for."""
        return total // SCALE if self.level.maximise else -(total // SCALE)

    def with_option(self, variable: int) -> int:
        """Return the total where a variable is one."""
        return self.total + min(0, int(self.reduced[variable]))

    def below(self, value: int) -> tuple[int, ...]:
        """Return the variables that are zero wherever the level is at least as good as `value`."""
        least = (value if self.level.maximise else -value) * SCALE
        return tuple(np.flatnonzero(self.total + np.minimum(self.reduced, 0) < least).tolist())


class Program:
    """A linear program over variables between 0 and 1, whose bounds are proven.

    Parameters
    ----------
    linear
        An empty solver.
    """

    def __init__(self, linear: Linear) -> None:
        self._linear = linear
        self._entries, self._noted = _Entries(), _Entries()
        self._notes: list[Row] = []
        self.variables = 0
        self.rows: list[Row] = []
        self._closed: frozenset[int] = frozenset()
        self._sure = 0, 0, self._closed
        self._last: tuple[Level, tuple[Relaxed, Bound]] | None = None

    def add(self, variables: int, rows: Iterable[Row]) -> None:
        """Add rows for all levels to come, and variables until there are `variables`."""
        rows = list(rows)
        if rows or variables > self.variables:
            self._last = None
        self.variables = max(variables, self.variables)
        self._linear.add(self.variables, rows)
        self._entries.add(rows)
        self.rows += rows

    def note(self, rows: Iterable[Row]) -> None:
        """Let `allows` look at some rows that are left out of the program."""
        rows = list(rows)
        self._noted.add(rows)
        self._notes += rows

    def close(self, variables: Sequence[int]) -> None:
        """Let some variables be zero."""
        if not self._closed.issuperset(variables):
            self._last = None
        self._linear.close(variables)
        self._closed = self._closed.union(variables)

    def suppose(self) -> None:
        """Let what is added or closed from now on be supposed only."""
        self._sure = len(self.rows), len(self._notes), self._closed

    def recant(self) -> None:
        """Forget what was supposed; variables stay."""
        count, noted, self._closed = self._sure
        rows, self.rows = self.rows[:count], []
        notes, self._notes = self._notes[:noted], []
        self._entries, self._noted, self._last = _Entries(), _Entries(), None
        self._linear.forget()
        self.add(self.variables, rows)
        self.note(notes)
        self._linear.close(self._closed)

    def optimise(
        self, level: Level, stop: Stop | None = None, seconds: float | None = None
    ) -> tuple[Relaxed, Bound] | None:
        """Return a solution and a bound; None where it could not be solved."""
        if self._last is not None and self._last[0] == level:
            return self._last[1]
        relaxed = self._linear.optimise(level, stop, seconds)
        bound = self._proven(level, relaxed) if relaxed is not None else None
        if relaxed is None or bound is None:
            return None
        self._last = level, (relaxed, bound)
        return relaxed, bound

    def allows(self, chosen: Collection[int]) -> bool:
        """Tell whether every row holds where the variables in `chosen` are one, others zero."""
        numbers = np.array(sorted(chosen), dtype=np.int64)
        return all(each.hold(numbers, self.variables) for each in (self._entries, self._noted))

    def near(self, shares: Sequence[float], within: float) -> list[Row]:
        """Return the rows with a limit at most so near in which something is shared."""
        return [self.rows[number] for number in self._entries.near(np.array(shares), within)]

    def _proven(self, level: Level, relaxed: Relaxed) -> Bound | None:
        """Return the bound that prices prove; None where there are no prices."""
        sense = 1 if level.maximise else -1
        prices = np.rint(np.asarray(relaxed.prices) * (sense * SCALE))
        weights = sum(abs(weight) for _, weight in level.terms) * SCALE
        if not np.isfinite(prices).all():
            return None
        is_small = self._entries.size(prices) + weights <= LARGEST
        return self.priced(level, prices.astype(np.int64) if is_small else _unbounded(prices))

    def priced(self, level: Level, prices: Whole) -> Bound:
        """Return the bound that prices of the first rows make."""
        sense = 1 if level.maximise else -1
        weights = np.zeros(self.variables, dtype=prices.dtype)
        for i, weight in level.terms:
            weights[i] += sense * weight * SCALE
        limits, prices = self._entries.limits(prices)
        reduced = weights - self._entries.times(prices, self.variables)
        gains = np.maximum(reduced, 0)
        gains[list(self._closed)] = 0
        total = sense * level.constant * SCALE + limits + int(gains.sum())
        return Bound(level, total, reduced, prices)


class _Entries:
    """The coefficients and limits of rows, as arrays."""

    def __init__(self) -> None:
        self._row, self._variable, self._coefficient = [_nothing()], [_nothing()], [_nothing()]
        self._lower, self._upper = [_nothing()], [_nothing()]
        self._has_lower, self._has_upper = [_nothing(bool)], [_nothing(bool)]
        self._count = 0

    def add(self, rows: Sequence[Row]) -> None:
        """Add rows after those there are."""
        lengths = [len(row.terms) for row in rows]
        numbers = np.arange(self._count, self._count + len(rows))
        terms = np.array([term for row in rows for term in row.terms], dtype=np.int64)
        self._row.append(np.repeat(numbers, lengths))
        self._variable.append(terms.reshape(-1, 2)[:, 0])
        self._coefficient.append(terms.reshape(-1, 2)[:, 1])
        self._lower.append(np.array([row.lower or 0 for row in rows], dtype=np.int64))
        self._upper.append(np.array([row.upper or 0 for row in rows], dtype=np.int64))
        self._has_lower.append(np.array([row.lower is not None for row in rows], dtype=bool))
        self._has_upper.append(np.array([row.upper is not None for row in rows], dtype=bool))
        self._count += len(rows)

    def limits(self, prices: Whole) -> tuple[int, Whole]:
        """Return what the limits come to at prices of the first rows, and those that count.

        A price counts where its row has a limit on the side that its sign asks for.
        """
        known = len(prices)
        limit = np.where(prices > 0, _joined(self._upper)[:known], _joined(self._lower)[:known])
        limited = _joined(self._has_upper)[:known], _joined(self._has_lower)[:known]
        prices = np.where(np.where(prices > 0, *limited), prices, 0)
        return int((limit * prices).sum()), prices

    def hold(self, chosen: Whole, variables: int) -> bool:
        """Tell whether every row holds where some variables are one, and all others zero."""
        shares = np.zeros(variables, dtype=np.int64)
        shares[chosen] = 1
        sums = np.zeros(self._count, dtype=np.int64)
        products = _joined(self._coefficient) * shares[_joined(self._variable)]
        np.add.at(sums, _joined(self._row), products)
        too_few = _joined(self._has_lower) & (sums < _joined(self._lower))
        too_many = _joined(self._has_upper) & (sums > _joined(self._upper))
        return not (too_few | too_many).any()

    def near(self, shares: npt.NDArray[np.float64], within: float) -> list[int]:
        """Return the rows, by number, with a limit that near and a variable not 0 or 1."""
        rows, own = _joined(self._row), shares[_joined(self._variable)]
        sums = np.bincount(rows, own * _joined(self._coefficient), minlength=self._count)
        shared = np.bincount(rows, np.minimum(own, 1 - own) > WHOLE, minlength=self._count)
        is_low = _joined(self._has_lower) & (sums - _joined(self._lower) <= within)
        is_high = _joined(self._has_upper) & (_joined(self._upper) - sums <= within)
        return np.flatnonzero((shared > 0) & (is_low | is_high)).tolist()

    def times(self, prices: Whole, variables: int) -> Whole:
        """Return ``sum(price * coefficient)`` over the first rows, for each variable."""
        result = np.zeros(variables, dtype=prices.dtype)
        rows = _joined(self._row)
        known = int(np.searchsorted(rows, len(prices)))
        products = prices[rows[:known]] * _joined(self._coefficient)[:known]
        np.add.at(result, _joined(self._variable)[:known], products)
        return result

    def size(self, prices: npt.NDArray[np.float64]) -> float:
        """Return what no sum of prices times limits or coefficients exceeds, signs left out."""
        sizes = np.abs(prices)
        products = sizes[_joined(self._row)] * np.abs(_joined(self._coefficient)).astype(float)
        limits = np.maximum(np.abs(_joined(self._lower)), np.abs(_joined(self._upper)))
        return float(products.sum() + (sizes * limits).sum())


def _unbounded(values: npt.NDArray[np.float64]) -> Whole:
    """Return whole numbers of any size: the same sums, only slower."""
    return np.array([int(value) for value in values.tolist()], dtype=object)


def _nothing(kind: type = np.int64) -> npt.NDArray[np.int64]:
    return np.zeros(0, dtype=kind)


def _joined(parts: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Return arrays as one, and keep them so."""
    if len(parts) > 1:
        parts[:] = [np.concatenate(parts)]
    return parts[0]

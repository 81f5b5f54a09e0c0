"""Rows that follow from others by halving: they cut off shares of plans, and no plan.

Add up rows ``sum(coefficient * variable) <= limit`` in which everything is whole, and, where the
sum has an odd coefficient, ``-variable <= 0`` or ``variable <= 1``, so that all of them are even.
Half the sum is whole on the left, so its limit may be rounded down: that says more than the rows
do where the limit was odd. Which rows to add up is found by elimination modulo 2, as Caprara and
Fischetti's zero-half cuts are by Koster, Zymolka and Kutschka (Algorithms for generating
{0, 1/2}-cuts, 2009). That they hold needs no trust in the search: every one is added up anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from scheduler.duality import WHOLE
from scheduler.model import Row

MOST_CUTS = 100
"""How many rows are made at once, those that cut off most."""

TIGHT = 0.5
"""A row further from its limit takes no part."""

SLACK = 0.98
"""What the rows of a sum may be short of their limits together: from 1 on nothing is cut off."""

CUT = 1e-3
"""By how much a new row must be broken."""


@dataclass(frozen=True, slots=True)
class _Sum:
    """Some rows added up, modulo 2: sets of numbers are the bits of whole numbers.

    Attributes
    ----------
    slack
        How far from their limits the rows are together.
    odd
        The variables that are shared and have an odd coefficient.
    cuts
        Whether the limit is odd where variables that are one are taken out.
    rows
        Those that are added up.
    """

    slack: float
    odd: int
    cuts: bool
    rows: int

    def plus(self, other: _Sum) -> _Sum:
        """Return both together; what is in both is in neither."""
        return _Sum(
            self.slack + other.slack,
            self.odd ^ other.odd,
            self.cuts != other.cuts,
            self.rows ^ other.rows,
        )


def halved(rows: Sequence[Row], shares: Sequence[float]) -> list[Row]:
    """Return rows that follow from others and are broken by shares, the most broken first.

    Parameters
    ----------
    rows
        What holds.
    shares
        Between 0 and 1 for each variable, such that every row holds.
    """
    return _Halving(rows, shares).cuts()


class _Halving:
    def __init__(self, rows: Sequence[Row], shares: Sequence[float]) -> None:
        self._shares = shares
        self._bit: dict[int, int] = {}
        self._sides: list[tuple[Row, int]] = []
        self._sums = list(self._tight(rows))
        self._price = {bit: min(shares[i], 1 - shares[i]) for i, bit in self._bit.items()}

    def cuts(self) -> list[Row]:
        """Return the rows that sums of rows lead to, the most broken first."""
        found: dict[Row, float] = {}
        for _, rows in nsmallest(MOST_CUTS, self._eliminated(), key=lambda each: each[0]):
            cut = self._halved(rows)
            if cut is not None:
                broken = sum(c * self._shares[i] for i, c in cut.terms) - (cut.upper or 0)
                if broken > CUT:
                    found[cut] = broken / sum(c * c for _, c in cut.terms) ** 0.5
        return sorted(found, key=lambda cut: (-found[cut], cut.terms))

    def _tight(self, rows: Iterable[Row]) -> Iterator[_Sum]:
        """Yield every row that is near a limit, each side by itself; of rows alike the first."""
        seen: set[tuple[int, bool]] = set()
        for row in rows:
            shared = [WHOLE < self._shares[i] < 1 - WHOLE for i, _ in row.terms]
            if not any(shared):
                continue
            value = sum(c * self._shares[i] for i, c in row.terms)
            for sign, limit in ((1, row.upper), (-1, row.lower)):
                if limit is None or sign * (limit - value) > TIGHT:
                    continue
                odd, cuts = self._parity(row, shared, limit)
                if odd and (odd, cuts) not in seen:
                    seen.add((odd, cuts))
                    self._sides.append((row, sign))
                    slack = max(sign * (limit - value), 0.0)
                    yield _Sum(slack, odd, cuts, 1 << len(self._sides) - 1)

    def _parity(self, row: Row, shared: Sequence[bool], limit: int) -> tuple[int, bool]:
        """Return the shared variables with an odd coefficient, and whether the limit is odd."""
        odd, cuts = 0, bool(limit & 1)
        for (i, coefficient), is_shared in zip(row.terms, shared, strict=True):
            if coefficient & 1:
                if is_shared:
                    odd ^= 1 << self._bit.setdefault(i, len(self._bit))
                else:
                    cuts ^= self._shares[i] > 0.5
        return odd, cuts

    def _eliminated(self) -> Iterator[tuple[float, int]]:
        """Yield sums that cut something off, with what they leave of it, as sets of rows.

        Variable by variable, the dearest first, the row with the least slack is added to all others
        that have the variable, and goes.
        """
        left = self._sums
        yield from filter(None, map(self._cutting, left))
        for bit in sorted(self._price, key=lambda bit: (-self._price[bit], bit)):
            having = [each for each in left if each.odd >> bit & 1]
            if not having:
                continue
            pivot = min(having, key=lambda each: (each.slack, each.odd.bit_count(), each.rows))
            left = [each for each in left if not each.odd >> bit & 1]
            for each in having:
                if each is not pivot and each.slack + pivot.slack < SLACK:
                    both = each.plus(pivot)
                    if both.odd or both.cuts:
                        left.append(both)
                        yield from filter(None, (self._cutting(both),))

    def _cutting(self, each: _Sum) -> tuple[float, int] | None:
        """Return what a sum leaves of what it cuts off; None where it cuts nothing off."""
        if not each.cuts:
            return None
        left, odd = each.slack, each.odd
        while odd and left < SLACK:
            lowest = odd & -odd
            left += self._price[lowest.bit_length() - 1]
            odd ^= lowest
        return (left, each.rows) if left < SLACK else None

    def _halved(self, rows: int) -> Row | None:
        """Add up rows, make every coefficient even, and halve; None where nothing is gained."""
        terms, limit = self._added(rows)
        for i, coefficient in terms.items():
            if coefficient & 1:
                is_near_one = self._shares[i] > 0.5
                terms[i] += 1 if is_near_one else -1
                limit += is_near_one
        if not limit & 1:
            return None
        halves = ((i, coefficient // 2) for i, coefficient in sorted(terms.items()) if coefficient)
        return Row(tuple(halves), upper=limit // 2)

    def _added(self, rows: int) -> tuple[dict[int, int], int]:
        terms: dict[int, int] = {}
        total = 0
        while rows:
            lowest = rows & -rows
            rows ^= lowest
            row, sign = self._sides[lowest.bit_length() - 1]
            for i, coefficient in row.terms:
                terms[i] = terms.get(i, 0) + sign * coefficient
            limit = row.upper if sign > 0 else row.lower
            assert limit is not None, "only sides with a limit are added up"
            total += sign * limit
        return terms, total

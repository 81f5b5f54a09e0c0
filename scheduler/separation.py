"""Which rows of PRIORITY a solution of the linear program breaks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import chain

import numpy as np
import numpy.typing as npt

from scheduler.duality import SCALE, Whole
from scheduler.model import Model, Row
from scheduler.priority import Priority
from scheduler.solver import Shares
from scheduler.standing import Standing
from scheduler.suspicion import BROKEN, ONE, Suspicion

Narrow = npt.NDArray[np.int32]

MOST_ROWS = 400
"""How many broken rows are told at once, those that are broken most."""

FALL = 1000
"""A bound that falls by less than one part in so many of itself, or of one, has not fallen."""

STEPS = 20
"""Nor has one that would take so many rounds to fall to the next whole number."""


def is_whole(shares: Shares) -> bool:
    """Tell whether a bound is a whole number, or so little more that a plan may well come to it."""
    return shares.total % SCALE < SCALE // FALL


class Patience:
    """Tells when rows have stopped to lower a bound."""

    def __init__(self) -> None:
        self._lowest: int | None = None

    def is_out(self, total: int) -> bool:
        """Tell whether it is time to stop, as of what the bound came to in one more round."""
        is_idle = self._lowest is not None and total > self._lowest - _fall(self._lowest)
        if not is_idle:
            self._lowest = total
        return is_idle


def _fall(total: int) -> int:
    """Return the least by which a bound has to fall to be worth a round."""
    return max(SCALE // FALL, abs(total) // FALL, total % SCALE // STEPS)


class Separation:
    """Finds rows of PRIORITY that a solution breaks, each once.

    Parameters
    ----------
    model, priority
        Whose rows they are; blockers that come up are variables of the model.
    """

    def __init__(self, model: Model, priority: Priority) -> None:
        self._model, self._priority = model, priority
        self._suspicion = Suspicion(model, priority)
        self._told: set[int] = set()
        self._terms: dict[int, Narrow] = {}

    def rows(self, shares: Sequence[float]) -> list[Row]:
        """Return rows that are broken, with what says what their blockers are.

        Parameters
        ----------
        shares
            Between 0 and 1 for each variable that the solution has.
        """
        parts = np.rint(np.asarray(shares[: len(self._model.options)]) * ONE).astype(np.int64)
        untold = [
            (envy, row)
            for envy in self._suspicion.envies(parts)
            for row in self._priority.against(envy)
            if id(row) not in self._told
        ]
        excess = self._excess([row for _, row in untold], parts)
        broken = [(-e, *each) for e, each in zip(excess, untold, strict=True) if e > BROKEN]
        broken.sort(key=lambda each: each[:2])
        worst = [row for _, _, row in broken[:MOST_ROWS]]
        return self._untold((*self._priority.standing.defining(worst).values(), *worst))

    def _untold(self, rows: Sequence[Row]) -> list[Row]:
        new = [row for row in rows if id(row) not in self._told]
        self._told.update(map(id, new))
        return new

    def _excess(self, rows: Sequence[Row], shares: Whole) -> list[int]:
        """Return by how much each row is broken where its blockers do what they can."""
        if not rows:
            return []
        terms = [self._indexed(row) for row in rows]
        self._terms = dict(zip(map(id, rows), terms, strict=True))  # the others seldom come again
        firsts = np.cumsum([0, *(len(each) for each in terms[:-1])])
        variables, signs = np.concatenate(terms).T
        parts = self._filled(shares, variables)
        found: list[int] = np.add.reduceat(parts[variables] * signs, firsts).tolist()
        return found

    def _filled(self, shares: Whole, variables: Whole) -> Whole:
        """Return the share of each option; of each blocker among `variables`, what others fill."""
        options = len(self._model.options)
        parts = np.zeros(self._model.variables, dtype=np.int64)
        parts[variables] = 1
        others = np.flatnonzero(parts[options:]) + options
        parts[:options] = shares
        filling = _Filling(self._model, self._priority.standing, shares)
        parts[others] = [filling.most(number) for number in others.tolist()]
        return parts

    def _indexed(self, row: Row) -> Narrow:
        """Return the variables of a row with their coefficients, one below the other."""
        if id(row) not in self._terms:
            numbers = np.fromiter(chain.from_iterable(row.terms), np.int32, 2 * len(row.terms))
            self._terms[id(row)] = numbers.reshape(-1, 2)
        return self._terms[id(row)]


class _Filling:
    """How much of each variable that is no option shares of options allow."""

    def __init__(self, model: Model, standing: Standing, shares: Whole) -> None:
        self._options, self._standing = model.options, standing
        self._parts: list[int] = shares.tolist()
        self._shared = frozenset(np.flatnonzero(shares).tolist())
        self._taking: dict[tuple[str, str, date], frozenset[int]] = {}

    def most(self, number: int) -> int:
        """Return the share that a variable may have."""
        blocker = self._standing.blockers.get(number)
        if blocker is None:
            return min(ONE, sum(self._parts[i] for i in self._standing.gathered(number)))
        free, active = self._standing.on(blocker)
        place = blocker.rule, blocker.subject, blocker.day
        if place not in self._taking:
            self._taking[place] = active & self._shared
        others = (i for i in self._taking[place] if self._options[i].candidate != blocker.colleague)
        return min(ONE, sum(self._parts[i] for i in others) // free)

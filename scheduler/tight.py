"""An exact solver that looks at the linear program first.

Where its solution is whole and keeps every row, and the bound that its prices prove says that
nothing is better, there is nothing left to search. Else the exact solver searches, with the bound,
and without the variables that no solution as good as the value reached can take.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from scheduler.duality import Bound, Program
from scheduler.halving import TIGHT, halved
from scheduler.linear import Linear
from scheduler.model import Row
from scheduler.solver import Answer, Effort, Found, Outcome, Shares, Solver
from scheduler.tiers import Level
from scheduler.watch import Stop

WHOLE = 1e-5
"""A share this close to 0 or 1 is taken for it; what follows is checked in whole numbers."""


class Tight:
    """A `scheduler.solver.Solver` that tries a linear one before an exact one.

    Parameters
    ----------
    linear, exact
        Empty solvers.
    """

    def __init__(self, linear: Linear, exact: Solver) -> None:
        self._program, self._exact = Program(linear), exact
        self._untold: list[Row] = []
        self._bounds: dict[Level, Bound] = {}
        self._bounds_for_sure = self._bounds
        self._untold_for_sure: int | None = None

    def add(self, variables: int, rows: Iterable[Row]) -> None:
        """Add rows for all objectives to come, and Booleans until there are `variables`."""
        rows = list(rows)
        self._program.add(variables, (row for row in rows if not row.lazy))
        self._program.note(row for row in rows if row.lazy)
        self._untold += rows
        for row in rows:
            hopeless = self._hopeless(row)
            self._program.close(hopeless)
            self._untold += [Row(tuple((i, 1) for i in hopeless), upper=0)] if hopeless else []

    def optimise(
        self,
        level: Level,
        hint: Mapping[int, bool],
        effort: Effort,
        stop: Stop | None,
        found: Found,
    ) -> Answer:
        """Optimise one level, from the best solution known."""
        relaxed = None if effort.closed else self.relaxed(level, effort, stop)
        if relaxed is not None:
            if relaxed.whole is not None and level.value(relaxed.whole) == relaxed.bound:
                work = relaxed.deterministic
                return Answer(Outcome.OPTIMAL, relaxed.whole, relaxed.bound, 0.0, work)
            self._untold.append(level.at_most(relaxed.bound))
        self._tell()
        answer = self._exact.optimise(level, hint, effort, stop, found)
        spent = relaxed.deterministic if relaxed is not None else 0.0
        return replace(answer, deterministic=answer.deterministic + spent)

    def relaxed(self, level: Level, effort: Effort, stop: Stop | None) -> Shares | None:
        """Return what the linear program says of a level; None where it could not be solved."""
        solved = self._program.optimise(level, stop, effort.seconds)
        if solved is None:
            return None
        relaxed, self._bounds[level] = solved
        bound, whole = self._bounds[level], self._whole(relaxed.shares)
        return Shares(relaxed.shares, bound.value, bound.total, whole, relaxed.work)

    def sharpen(self, shares: Shares) -> bool:
        """Add rows that follow from those there are and that shares break; tell whether any.

        Only the linear program gets them: the exact solver has rows that say as much.
        """
        cuts = halved(self._program.near(shares.shares, TIGHT), shares.shares)
        self._program.add(self._program.variables, cuts)
        return bool(cuts)

    def suppose(self) -> None:
        """Let rows that are added from now on be supposed only."""
        self._untold_for_sure = len(self._untold)
        self._bounds_for_sure = self._bounds.copy()
        self._program.suppose()

    def recant(self) -> None:
        """Forget what was supposed, and every bound that hangs on it."""
        if self._untold_for_sure is None:
            self._exact.recant()
        del self._untold[self._untold_for_sure or 0 :]
        self._untold_for_sure, self._bounds = None, self._bounds_for_sure
        self._program.recant()

    def _tell(self) -> None:
        """Tell the exact solver what it has not heard yet, and what of it is supposed only."""
        if self._untold_for_sure is not None:
            self._exact.add(self._program.variables, self._untold[: self._untold_for_sure])
            self._exact.suppose()
        self._exact.add(self._program.variables, self._untold[self._untold_for_sure or 0 :])
        self._untold, self._untold_for_sure = [], None

    def _whole(self, shares: Sequence[float]) -> frozenset[int] | None:
        """Return the variables that are one where nothing is shared and every row is kept."""
        chosen = frozenset(i for i, share in enumerate(shares) if share > WHOLE)
        is_whole = all(shares[i] > 1 - WHOLE for i in chosen)
        return chosen if is_whole and self._program.allows(chosen) else None

    def _hopeless(self, row: Row) -> Sequence[int]:
        """Return the variables that no solution takes which keeps a level's row."""
        bound = self._bounds.get(row.about) if isinstance(row.about, Level) else None
        if bound is None:
            return ()
        limit = row.lower if bound.level.maximise else row.upper
        assert limit is not None, "a level's row says how good it must be"
        return bound.below(limit + bound.level.constant)

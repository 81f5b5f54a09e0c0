"""The relaxation of a round: its linear program, with the rows of PRIORITY that matter.

Rows of PRIORITY are added as a solution breaks them, as long as that lowers the bound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from scheduler.duality import Bound, Program
from scheduler.linear import Linear
from scheduler.model import Model, Row
from scheduler.priority import Priority
from scheduler.separation import Patience, Separation
from scheduler.standing import Envy
from scheduler.tiers import Level


class Relaxation:
    """The linear program of a model: its rows, the rows of PRIORITY that matter, and any more.

    Parameters
    ----------
    model, priority
        What is relaxed; blockers that come up are variables of the model.
    linear
        An empty solver.
    rows
        What holds from the start; not all of PRIORITY need be among it.
    """

    def __init__(
        self,
        model: Model,
        priority: Priority,
        linear: Linear,
        rows: Iterable[Row],
    ) -> None:
        self._model, self._separation = model, Separation(model, priority)
        self._program = Program(linear)
        self.add(rows)

    @property
    def rows(self) -> Sequence[Row]:
        """Every row so far."""
        return self._program.rows

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows for all levels to come."""
        self._program.add(self._model.variables, rows)

    def bound(self, level: Level, enough: Callable[[int], bool]) -> Bound | None:
        """Return a bound for a level, None where the program could not be solved.

        Parameters
        ----------
        enough
            Tells of a value of the level whether a bound need not be better than that.
        """
        best, patience = None, Patience()
        while True:
            solved = self._program.optimise(level)
            if solved is None:
                return best
            relaxed, found = solved
            best = found if best is None or found.total < best.total else best
            if patience.is_out(found.total) or enough(best.value):
                return best
            broken = self._separation.rows(relaxed.shares)
            if not broken:
                return best
            self.add(broken)

    def lifted(self, bound: Bound, may_be: Callable[[Envy], bool]) -> Bound:
        """Return what a bound comes to where some may be in their colleagues' way."""
        prices = bound.prices.copy()
        for number in prices.nonzero()[0].tolist():
            about = self.rows[number].about
            if isinstance(about, Envy) and may_be(about):
                prices[number] = 0
        return (
            bound if (prices == bound.prices).all() else self._program.priced(bound.level, prices)
        )

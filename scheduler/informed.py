"""A solver that is told what is known of a model, and how low linear programs make a level."""

from __future__ import annotations

from collections import deque

from scheduler.budget import Budget
from scheduler.model import Model, Row
from scheduler.separation import Patience, Separation
from scheduler.solver import Shares, Solver
from scheduler.suspicion import LEAST
from scheduler.tiers import Level, easy_bound

LATELY = 20
"""How many solutions of linear programs are remembered."""


class Informed:
    """A solver, and how much of a model it knows.

    Parameters
    ----------
    solver
        An empty one.
    model, separation
        Its rows, and where further ones come from.
    budget
        What is left of the limits.
    """

    def __init__(
        self, solver: Solver, model: Model, separation: Separation, budget: Budget
    ) -> None:
        self.solver = solver
        self._model, self._separation, self._budget = model, separation, budget
        self._known = self._known_for_sure = 0
        self._lately: deque[frozenset[int]] = deque(maxlen=LATELY)
        self._lately_for_sure = self._lately
        self.tell()

    @property
    def lately_shared(self) -> frozenset[int]:
        """The options that the last solutions of linear programs gave anybody a share of."""
        return frozenset().union(*self._lately)

    def tell(self, *rows: Row) -> None:
        """Add the rows that the model has got since, and more."""
        new = self._model.rows[self._known :]
        self._known = len(self._model.rows)
        self.solver.add(self._model.variables, (*new, *rows))

    def suppose(self) -> None:
        """Let what is told from now on be supposed only."""
        self._known_for_sure, self._lately_for_sure = self._known, self._lately.copy()
        self.solver.suppose()

    def recant(self) -> None:
        """Forget what was supposed; rows of the model found meanwhile hold, and stay."""
        self._known, self._lately = self._known_for_sure, self._lately_for_sure
        self.solver.recant()
        self.tell()

    def relaxed(
        self, level: Level, enough: int | None, care: bool = True
    ) -> tuple[int, Shares | None]:
        """Return the bound of a level as low as linear programs make it, or low enough.

        Orders that a solution breaks become rows, as long as they lower the bound; with care also
        what halving finds where none is broken. That takes half of what is left at most. The last
        solution comes with the bound.
        """
        bound, last = easy_bound(self._model, level), None
        patience, is_over = Patience(), self._budget.halfway()
        while bound != enough and not is_over():
            relaxed = self.solver.relaxed(level, self._budget.effort(), self._budget.stop)
            if relaxed is None:
                break
            last = relaxed
            options = range(len(self._model.options))
            self._lately.append(frozenset(i for i in options if relaxed.shares[i] > LEAST))
            self._budget.spend(0.0, relaxed.deterministic)
            rows = self._separation.rows(relaxed.shares)
            self._model.rows += rows
            self.tell()
            bound = relaxed.bound if level.beats(bound, relaxed.bound) else bound
            is_whole = relaxed.whole is not None and not rows
            may_go_on = bool(rows) and (care or not patience.is_out(relaxed.total))
            if not rows and care and not is_whole and not patience.is_out(relaxed.total):
                may_go_on = self.solver.sharpen(relaxed)
            if not may_go_on:
                break
        return bound, last

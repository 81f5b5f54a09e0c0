"""The other seam to OR-Tools: a model's rows as a linear program in GLOP, its simplex method.

The program is kept from one objective to the next. Each solve begins with GLOP's own preprocessing,
and so from scratch.
"""

from __future__ import annotations

from collections.abc import Iterable

from ortools.linear_solver import pywraplp

from scheduler.linear import Relaxed
from scheduler.model import Row, summed
from scheduler.tiers import Level
from scheduler.watch import Stop, halted

WORK = 1e-8
"""What one iteration of the simplex method takes for each row."""

DOUBTFUL = frozenset({pywraplp.Solver.ABNORMAL, pywraplp.Solver.INFEASIBLE})
"""What is asked once more, from scratch: going on from the last solution, errors add up."""

FOREVER = 0
"""What a program without a limit is told."""


class Glop:
    """A `scheduler.linear.Linear` on GLOP."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget every row and variable, and the last solution."""
        self._program = pywraplp.Solver.CreateSolver("GLOP")
        self._variables: list[pywraplp.Variable] = []
        self._rows: list[pywraplp.Constraint] = []
        self._given: list[Row] = []
        self._closed: set[int] = set()

    def add(self, variables: int, rows: Iterable[Row]) -> None:
        """Add rows for all objectives to come, and variables until there are `variables`."""
        while len(self._variables) < variables:
            self._variables.append(self._program.NumVar(0, 1, ""))
        for row in rows:
            self._given.append(row)
            self._rows.append(self._added(row))

    def close(self, variables: Iterable[int]) -> None:
        """Let some variables be zero."""
        for i in variables:
            self._closed.add(i)
            self._variables[i].SetUb(0)

    def optimise(
        self, level: Level, stop: Stop | None = None, seconds: float | None = None
    ) -> Relaxed | None:
        """Optimise one level, from the last solution; None where that failed or was stopped."""
        status = self._solved(level, stop, seconds)
        if status in DOUBTFUL:
            variables, rows, closed = len(self._variables), self._given, self._closed
            self.forget()
            self.add(variables, rows)
            self.close(closed)
            status = self._solved(level, stop, seconds)
        if status != pywraplp.Solver.OPTIMAL:
            return None
        shares = [variable.solution_value() for variable in self._variables]
        work = WORK * len(self._rows) * (1 + self._program.iterations())
        return Relaxed(shares, [row.dual_value() for row in self._rows], work)

    def _solved(self, level: Level, stop: Stop | None, seconds: float | None) -> int:
        """Solve for a level and return the status."""
        objective = self._program.Objective()
        objective.Clear()
        for i, weight in summed(level.terms).items():
            objective.SetCoefficient(self._variables[i], weight)
        objective.SetOptimizationDirection(level.maximise)
        self._program.SetTimeLimit(FOREVER if seconds is None else max(1, round(seconds * 1000)))
        with halted(stop, self._program.InterruptSolve):
            status: int = self._program.Solve()
        return status

    def _added(self, row: Row) -> pywraplp.Constraint:
        infinity = self._program.infinity()
        lower = -infinity if row.lower is None else row.lower
        upper = infinity if row.upper is None else row.upper
        added = self._program.Constraint(lower, upper)
        for i, coefficient in summed(row.terms).items():
            added.SetCoefficient(self._variables[i], coefficient)
        return added

"""The other seam to OR-Tools: a model's rows as a linear program in GLOP, its simplex method.

The program is kept from one objective to the next, and each solve goes on from where the last one
ended: after new rows by the dual simplex method, after a new objective by the primal one. That
takes a program without GLOP's preprocessing, and one in which variables are there before their rows
are, as GLOP begins from scratch where both are new.
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

PRIMAL = pywraplp.MPSolverParameters.PRIMAL
DUAL = pywraplp.MPSolverParameters.DUAL
"""Methods."""

STOCK = 4
"""For so many variables another one is made that is not asked for yet."""


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
        self._count = self._solved_rows = 0
        self._aim: Level | None = None

    def add(self, variables: int, rows: Iterable[Row]) -> None:
        """Add rows for all objectives to come, and variables until there are `variables`."""
        if variables > len(self._variables):
            stock = variables + variables // STOCK
            more = range(stock - len(self._variables))
            self._variables += (self._program.NumVar(0, 1, "") for _ in more)
        self._count = max(self._count, variables)
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
        status, iterations = self._solved(level, stop, seconds)
        if status in DOUBTFUL:
            variables, rows, closed = self._count, self._given, self._closed
            self.forget()
            self.add(variables, rows)
            self.close(closed)
            status, iterations = self._solved(level, stop, seconds)
        if status != pywraplp.Solver.OPTIMAL:
            return None
        shares = [variable.solution_value() for variable in self._variables[: self._count]]
        work = WORK * len(self._rows) * (1 + iterations)
        return Relaxed(shares, [row.dual_value() for row in self._rows], work)

    def _solved(self, level: Level, stop: Stop | None, seconds: float | None) -> tuple[int, int]:
        """Solve for a level; return the status, and how many iterations it took."""
        before, method = 0, DUAL
        if self._aim is not None and self._aim != level:
            if self._solved_rows < len(self._rows):
                seconds = None if seconds is None else seconds / 2
                _, before = self._run(DUAL, stop, seconds)
            method = PRIMAL
        if self._aim != level:
            self._take_aim(level)
        status, iterations = self._run(method, stop, seconds)
        return status, before + iterations

    def _run(self, method: int, stop: Stop | None, seconds: float | None) -> tuple[int, int]:
        """Go on by a method; return the status, and how many iterations it took."""
        parameters = pywraplp.MPSolverParameters()
        parameters.SetIntegerParam(parameters.PRESOLVE, parameters.PRESOLVE_OFF)
        parameters.SetIntegerParam(parameters.LP_ALGORITHM, method)
        parameters.SetIntegerParam(parameters.INCREMENTALITY, parameters.INCREMENTALITY_ON)
        self._program.SetTimeLimit(FOREVER if seconds is None else max(1, round(seconds * 1000)))
        with halted(stop, self._program.InterruptSolve):
            status: int = self._program.Solve(parameters)
        self._solved_rows = len(self._rows)
        return status, self._program.iterations()

    def _take_aim(self, level: Level) -> None:
        objective = self._program.Objective()
        objective.Clear()
        for i, weight in summed(level.terms).items():
            objective.SetCoefficient(self._variables[i], weight)
        objective.SetOptimizationDirection(level.maximise)
        self._aim = level

    def _added(self, row: Row) -> pywraplp.Constraint:
        infinity = self._program.infinity()
        lower = -infinity if row.lower is None else row.lower
        upper = infinity if row.upper is None else row.upper
        added = self._program.Constraint(lower, upper)
        for i, coefficient in summed(row.terms).items():
            added.SetCoefficient(self._variables[i], coefficient)
        return added

"""Another exact solver for the same rows: HiGHS, or SCIP, through OR-Tools' MathOpt.

It takes the place of CP-SAT in `scheduler.search`, so that both decide the same tiers on the same
rows; a proven plan must not depend on which of them found it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from math import isfinite
from time import perf_counter

from ortools.math_opt.python import mathopt  # type: ignore[import-untyped]

from scheduler.model import Row
from scheduler.solver import Answer, Effort, Found, Outcome, Shares
from scheduler.tiers import Level
from scheduler.watch import Stop


class MathOpt:
    """A `scheduler.solver.Solver` on one of MathOpt's mixed-integer solvers.

    Bounds are rounded inwards by `TOLERANCE`, since these solvers compute in floating point.
    """

    TOLERANCE = 1e-4

    def __init__(self, solver: mathopt.SolverType = mathopt.SolverType.HIGHS) -> None:
        self._solver = solver
        self._model = mathopt.Model()
        self._variables: list[mathopt.Variable] = []
        self._supposed: list[mathopt.LinearConstraint] = []

    def add(self, variables: int, rows: Iterable[Row]) -> None:
        """Add rows for all objectives to come, and Booleans until there are `variables`."""
        while len(self._variables) < variables:
            self._variables.append(self._model.add_binary_variable())
        for row in rows:
            added = self._model.add_linear_constraint(
                lb=float("-inf") if row.lower is None else row.lower,
                ub=float("inf") if row.upper is None else row.upper,
                expr=self._sum(row.terms),
            )
            self._supposed.append(added)

    def suppose(self) -> None:
        """Let rows that are added from now on be supposed only."""
        self._supposed.clear()

    def recant(self) -> None:
        """Forget what was supposed."""
        while self._supposed:
            self._model.delete_linear_constraint(self._supposed.pop())

    def sharpen(self, _: Shares) -> bool:
        """It needs no further rows."""
        return False

    def relaxed(self, *_: object) -> None:
        """It keeps its linear program to itself."""

    def optimise(
        self,
        level: Level,
        hint: Mapping[int, bool],
        effort: Effort,
        stop: Stop | None,  # noqa: ARG002 - MathOpt cannot interrupt HiGHS
        found: Found,  # noqa: ARG002 - nor does HiGHS report on its way
    ) -> Answer:
        """Optimise one level, from the best solution known; `stop` is not heard while it runs."""
        self._model.set_linear_objective(
            self._sum(level.terms) + level.constant, is_maximize=level.maximise
        )
        self._bound(effort.closed, 0.0)
        began = perf_counter()
        result = mathopt.solve(
            self._model,
            self._solver,
            params=mathopt.SolveParameters(
                time_limit=None if effort.seconds is None else timedelta(seconds=effort.seconds),
                random_seed=effort.seed,
                relative_gap_tolerance=0.0,
                absolute_gap_tolerance=0.0,
            ),
            model_params=mathopt.ModelSolveParameters(
                solution_hints=[
                    mathopt.SolutionHint(
                        variable_values={self._variables[i]: float(v) for i, v in hint.items()}
                    )
                ]
            ),
        )
        seconds = perf_counter() - began
        self._bound(effort.closed, 1.0)
        return self._answer(level, result, seconds)

    def _bound(self, variables: Iterable[int], most: float) -> None:
        for i in variables:
            self._variables[i].upper_bound = most

    def _answer(self, level: Level, result: mathopt.SolveResult, seconds: float) -> Answer:
        outcome = OUTCOMES.get(result.termination.reason, Outcome.UNKNOWN)
        if outcome in (Outcome.INFEASIBLE, Outcome.UNKNOWN):
            return Answer(outcome, frozenset(), None, seconds, 0.0)
        values = result.variable_values(self._variables)
        chosen = frozenset(i for i, value in enumerate(values) if value > 1 / 2)
        bound = result.termination.objective_bounds.dual_bound
        if not isfinite(bound):  # stopped before there was one
            return Answer(outcome, chosen, None, seconds, 0.0)
        slack = self.TOLERANCE if level.maximise else -self.TOLERANCE
        whole = int((bound + slack) // 1) if level.maximise else -int(-(bound + slack) // 1)
        return Answer(outcome, chosen, whole, seconds, 0.0)

    def _sum(self, terms: Iterable[tuple[int, int]]) -> mathopt.LinearTypes:
        return mathopt.LinearSum(weight * self._variables[i] for i, weight in terms)


OUTCOMES = {
    mathopt.TerminationReason.OPTIMAL: Outcome.OPTIMAL,
    mathopt.TerminationReason.FEASIBLE: Outcome.FEASIBLE,
    mathopt.TerminationReason.INFEASIBLE: Outcome.INFEASIBLE,
    mathopt.TerminationReason.NO_SOLUTION_FOUND: Outcome.UNKNOWN,
}

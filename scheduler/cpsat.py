"""The one seam to OR-Tools: a model's rows in CP-SAT, one objective at a time.

One worker with linear relaxation of every row (`linearization_level` 2) proves small and middle
rounds fastest; see docs/decisions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from threading import Event

from ortools.sat.python import cp_model

from scheduler.model import Row
from scheduler.solver import Answer, Effort, Found, Outcome, Shares
from scheduler.stopping import Watchman
from scheduler.tiers import Level

VERSION = version("ortools")


class CpSat:
    """A `scheduler.solver.Solver` on CP-SAT."""

    def __init__(self) -> None:
        self._model = cp_model.CpModel()
        self._variables: list[cp_model.IntVar] = []

    def add(self, variables: int, rows: Iterable[Row]) -> None:
        """Add rows for all objectives to come, and Booleans until there are `variables`."""
        while len(self._variables) < variables:
            self._variables.append(self._model.new_bool_var(""))
        for row in rows:
            self._add(row)

    def _add(self, row: Row) -> None:
        lower = cp_model.INT_MIN if row.lower is None else row.lower
        upper = cp_model.INT_MAX if row.upper is None else row.upper
        self._model.add_linear_constraint(self._sum(row.terms), lower, upper)

    def relaxed(self, *_: object) -> None:
        """It keeps its linear program to itself."""

    def sharpen(self, _: Shares) -> bool:
        """It needs no further rows."""
        return False

    def suppose(self) -> None:
        """Nothing is supposed of a solver without a linear program."""

    def recant(self) -> None:
        """Nothing was supposed."""

    def optimise(
        self,
        level: Level,
        hint: Mapping[int, bool],
        effort: Effort,
        stop: Event | None,
        found: Found,
    ) -> Answer:
        """Optimise one level, from the best solution known."""
        expression = self._sum(level.terms) + level.constant
        (self._model.maximize if level.maximise else self._model.minimize)(expression)
        self._model.clear_hints()  # type: ignore[no-untyped-call]
        for i, value in hint.items():
            self._model.add_hint(self._variables[i], value)
        solver = cp_model.CpSolver()
        _configure(solver, effort)
        solver.best_bound_callback = lambda bound: found(None, round(bound))
        with Watchman(stop, solver.stop_search):
            status = solver.solve(self._model, _Reporter(found))
        return self._answer(solver, status)

    def _sum(self, terms: Iterable[tuple[int, int]]) -> cp_model.LinearExprT:
        variables, weights = [], []
        for i, weight in terms:
            variables.append(self._variables[i])
            weights.append(weight)
        return cp_model.LinearExpr.weighted_sum(variables, weights)

    def _answer(self, solver: cp_model.CpSolver, status: cp_model.CpSolverStatus) -> Answer:
        outcome = OUTCOMES.get(status, Outcome.FAULT)
        solved = outcome in (Outcome.OPTIMAL, Outcome.FEASIBLE)
        response = solver.response_proto
        return Answer(
            outcome,
            frozenset(i for i, value in enumerate(response.solution) if value)
            if solved
            else frozenset(),
            # Without a solution CP-SAT shows 0 for a bound, which bounds nothing.
            round(solver.best_objective_bound) if solved else None,
            solver.wall_time,
            response.deterministic_time,
        )


OUTCOMES = {
    cp_model.OPTIMAL: Outcome.OPTIMAL,
    cp_model.FEASIBLE: Outcome.FEASIBLE,
    cp_model.INFEASIBLE: Outcome.INFEASIBLE,
    cp_model.UNKNOWN: Outcome.UNKNOWN,
}


def _configure(solver: cp_model.CpSolver, effort: Effort) -> None:
    parameters = solver.parameters
    parameters.num_workers = effort.workers
    parameters.linearization_level = 2
    parameters.random_seed = effort.seed
    parameters.cp_model_presolve = effort.presolve
    parameters.catch_sigint_signal = False
    if effort.seconds is not None:
        parameters.max_time_in_seconds = effort.seconds
    if effort.deterministic is not None:
        parameters.max_deterministic_time = effort.deterministic


class _Reporter(cp_model.CpSolverSolutionCallback):
    """Passes values and bounds on; holds the GIL only for that."""

    def __init__(self, found: Found) -> None:
        super().__init__()
        self._found = found

    def on_solution_callback(self) -> None:
        """Report a better solution."""
        self._found(round(self.objective_value), round(self.best_objective_bound))

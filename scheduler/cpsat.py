"""The one seam to OR-Tools: a model's rows in CP-SAT, one objective at a time.

One worker with linear relaxation of every row (`linearization_level` 2) proves small and middle
rounds fastest; see docs/decisions. The model is written as the protocol buffer that is solved:
`ortools.sat.python.cp_model` loads pandas, which takes longer than a small round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version

from ortools.sat.python import cp_model_helper as cp

from scheduler.model import Row, summed
from scheduler.solver import Answer, Effort, Found, Outcome, Shares
from scheduler.tiers import Level
from scheduler.watch import Stop, halted

VERSION = version("ortools")

SMALLEST, LARGEST = -(2**63), 2**63 - 1
"""What stands for no bound."""


class CpSat:
    """A `scheduler.solver.Solver` on CP-SAT."""

    def __init__(self) -> None:
        self._model = cp.CpModelProto()
        self._sure = 0

    def add(self, variables: int, rows: Iterable[Row]) -> None:
        """Add rows for all objectives to come, and Booleans until there are `variables`."""
        while len(self._model.variables) < variables:
            self._model.variables.add().domain.extend((0, 1))
        for row in rows:
            self._add(row)

    def _add(self, row: Row) -> None:
        linear = self._model.constraints.add().linear
        lower = SMALLEST if row.lower is None else row.lower
        upper = LARGEST if row.upper is None else row.upper
        linear.domain.extend((lower, upper))
        for i, coefficient in _ordered(row.terms):
            linear.vars.append(i)
            linear.coeffs.append(coefficient)

    def relaxed(self, *_: object) -> None:
        """It keeps its linear program to itself."""

    def sharpen(self, _: Shares) -> bool:
        """It needs no further rows."""
        return False

    def suppose(self) -> None:
        """Let rows that are added from now on be supposed only."""
        self._sure = len(self._model.constraints)

    def recant(self) -> None:
        """Forget what was supposed: of such a row nothing is left that could bind."""
        for number in range(self._sure, len(self._model.constraints)):
            self._model.constraints[number].clear_linear()

    def optimise(
        self,
        level: Level,
        hint: Mapping[int, bool],
        effort: Effort,
        stop: Stop | None,
        found: Found,
    ) -> Answer:
        """Optimise one level, from the best solution known."""
        self._aim(level, hint)
        solver = cp.SolveWrapper()
        solver.set_parameters(_parameters(effort))
        solver.add_best_bound_callback(lambda bound: found(None, round(bound)))
        reporter = _Reporter(found)
        solver.add_solution_callback(reporter)
        with self._without(effort.closed), halted(stop, solver.stop_search):
            response = solver.solve(self._model)  # type: ignore[no-untyped-call]
        solver.clear_solution_callback(reporter)
        return answered(response)

    @contextmanager
    def _without(self, closed: Iterable[int]) -> Iterator[None]:
        """Let some variables be zero within the block."""
        for i in closed:
            self._bound(i, 0)
        try:
            yield
        finally:
            for i in closed:
                self._bound(i, 1)

    def _bound(self, variable: int, most: int) -> None:
        domain = self._model.variables[variable].domain
        domain.clear()
        domain.extend((0, most))

    def _aim(self, level: Level, hint: Mapping[int, bool]) -> None:
        """Set the hint and the objective, which is minimised: what is to grow turns its sign."""
        self._model.clear_solution_hint()
        self._model.solution_hint.vars.extend(hint.keys())
        self._model.solution_hint.values.extend(hint.values())
        sign = -1 if level.maximise else 1
        self._model.clear_objective()
        objective = self._model.objective
        objective.scaling_factor = sign
        objective.offset = sign * level.constant
        for i, weight in _ordered(level.terms):
            objective.vars.append(i)
            objective.coeffs.append(sign * weight)


OUTCOMES = {
    cp.CpSolverStatus.OPTIMAL: Outcome.OPTIMAL,
    cp.CpSolverStatus.FEASIBLE: Outcome.FEASIBLE,
    cp.CpSolverStatus.INFEASIBLE: Outcome.INFEASIBLE,
    cp.CpSolverStatus.UNKNOWN: Outcome.UNKNOWN,
}


def _ordered(terms: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the terms that count, by variable."""
    return sorted((i, weight) for i, weight in summed(terms).items() if weight)


def answered(response: cp.CpSolverResponse) -> Answer:
    """Return what a response says."""
    outcome = OUTCOMES.get(response.status, Outcome.FAULT)
    solved = outcome in (Outcome.OPTIMAL, Outcome.FEASIBLE)
    return Answer(
        outcome,
        frozenset(i for i, value in enumerate(response.solution) if value)
        if solved
        else frozenset(),
        # Without a solution CP-SAT shows 0 for a bound, which bounds nothing.
        round(response.best_objective_bound) if solved else None,
        response.wall_time,
        response.deterministic_time,
    )


def _parameters(effort: Effort) -> cp.SatParameters:
    parameters = cp.SatParameters()
    parameters.num_workers = effort.workers
    parameters.linearization_level = 2
    parameters.random_seed = effort.seed
    parameters.cp_model_presolve = effort.presolve
    parameters.catch_sigint_signal = False
    if effort.seconds is not None:
        parameters.max_time_in_seconds = effort.seconds
    if effort.deterministic is not None:
        parameters.max_deterministic_time = effort.deterministic
    return parameters


class _Reporter(cp.SolutionCallback):
    """Passes values and bounds on; holds the GIL only for that."""

    def __init__(self, found: Found) -> None:
        super().__init__()
        self._found = found

    def OnSolutionCallback(self) -> None:  # noqa: N802 - CP-SAT calls it so
        """Report a better solution."""
        self._found(round(self.ObjectiveValue()), round(self.BestObjectiveBound()))

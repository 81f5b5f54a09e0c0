"""CP-SAT as it comes, on the same Booleans and rows: every parameter at its default.

So it takes as many workers as there are cores, and decides itself what to linearise.
"""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event

from ortools.sat.python import cp_model

from benchmarks.outcome import Outcome
from benchmarks.sides.searching import searched
from scheduler.cpsat import CpSat
from scheduler.rounds import Round
from scheduler.solver import Answer, Effort, Found
from scheduler.tiers import Level


class Plain(CpSat):
    """A `scheduler.solver.Solver` on CP-SAT without a word on how to search."""

    def optimise(
        self,
        level: Level,
        hint: Mapping[int, bool],
        effort: Effort,
        stop: Event | None,  # noqa: ARG002 - nothing is stopped here
        found: Found,  # noqa: ARG002 - nor looked at on its way
    ) -> Answer:
        """Optimise one level, from the best solution known."""
        expression = self._sum(level.terms) + level.constant
        (self._model.maximize if level.maximise else self._model.minimize)(expression)
        self._model.clear_hints()  # type: ignore[no-untyped-call]
        for i, value in hint.items():
            self._model.add_hint(self._variables[i], value)
        solver = cp_model.CpSolver()
        if effort.seconds is not None:
            solver.parameters.max_time_in_seconds = effort.seconds
        solver.parameters.cp_model_presolve = effort.presolve
        return self._answer(solver, solver.solve(self._model))


def decide(round_: Round, seconds: float) -> Outcome:
    """Decide a round with CP-SAT's defaults."""
    return searched(round_, seconds, Plain)

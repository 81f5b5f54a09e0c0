"""CP-SAT as it comes, on the same Booleans and rows: every parameter at its default.

So it takes as many workers as there are cores, and decides itself what to linearise.
"""

from __future__ import annotations

from collections.abc import Mapping

from ortools.sat.python import cp_model_helper as cp

from benchmarks.outcome import Outcome
from benchmarks.sides.searching import in_one_piece
from scheduler.cpsat import CpSat, answered
from scheduler.rounds import Round
from scheduler.solver import Answer, Effort, Found
from scheduler.tiers import Level
from scheduler.watch import Stop


class Plain(CpSat):
    """A `scheduler.solver.Solver` on CP-SAT without a word on how to search."""

    def optimise(
        self,
        level: Level,
        hint: Mapping[int, bool],
        effort: Effort,
        stop: Stop | None,  # noqa: ARG002 - nothing is stopped here
        found: Found,  # noqa: ARG002 - nor looked at on its way
    ) -> Answer:
        """Optimise one level, from the best solution known."""
        self._aim(level, hint)
        parameters = cp.SatParameters()
        if effort.seconds is not None:
            parameters.max_time_in_seconds = effort.seconds
        parameters.cp_model_presolve = effort.presolve
        solver = cp.SolveWrapper()
        solver.set_parameters(parameters)
        with self._without(effort.closed):
            return answered(solver.solve(self._model))  # type: ignore[no-untyped-call]


def decide(round_: Round, seconds: float) -> Outcome:
    """Decide a round with CP-SAT's defaults."""
    return in_one_piece(round_, seconds, Plain)

"""A single question to a solver, answered to proof or stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from scheduler.solver import Answer, Effort, Outcome, Solver
from scheduler.tiers import Level
from scheduler.watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a study asks: its solver, its stop, and who is told how far it is.

    `told` hears what is in work, how much of it is done, and of how much; 0 = nobody knows.
    """

    new_solver: Callable[[], Solver]
    watch: Watch = field(default_factory=Watch)
    told: Callable[[str, int, int], None] = lambda _work, _done, _of: None


class Stopped(Exception):
    """The search was stopped; `bound` is what no solution can beat, None where nothing is known."""

    def __init__(self, bound: int | None) -> None:
        super().__init__()
        self.bound = bound


def optimum(
    solver: Solver, level: Level, asking: Asking, hint: Mapping[int, bool] | None = None
) -> frozenset[int] | None:
    """Return the best solution in a level; None where there is none.

    That there is none is believed when it is said twice, the second time without presolve.

    Raises
    ------
    Stopped
        Where the watch's stop was asked for, or the solver has no verdict.
    """
    answer = _asked(solver, level, asking, hint or {}, presolve=True)
    if answer.outcome in (Outcome.INFEASIBLE, Outcome.FAULT):
        answer = _asked(solver, level, asking, hint or {}, presolve=False)
    if answer.outcome is Outcome.OPTIMAL:
        return answer.chosen
    if answer.outcome is Outcome.INFEASIBLE:
        return None
    raise Stopped(answer.bound)


def _asked(
    solver: Solver, level: Level, asking: Asking, hint: Mapping[int, bool], *, presolve: bool
) -> Answer:
    stop = asking.watch.stop.event if asking.watch.stop is not None else None
    return solver.optimise(level, hint, Effort(presolve=presolve), stop, _unheard)


def _unheard(_value: int | None, _bound: int | None) -> None:
    """Nobody listens to a single question."""

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

    Attributes
    ----------
    told
        Hears what is in work, how much of it is done, and of how much; 0 = nobody knows.
    work
        Most solver work for one question, in CP-SAT's deterministic seconds; None = until proven.
    until
        What the watch's clock shows when no more is to be asked; None = until proven.
    """

    new_solver: Callable[[], Solver]
    watch: Watch = field(default_factory=Watch)
    told: Callable[[str, int, int], None] = lambda _work, _done, _of: None
    work: float | None = None
    until: float | None = None

    @property
    def over(self) -> bool:
        """Tell whether a stop was asked for, or the time is up."""
        stop = self.watch.stop
        return (stop is not None and stop.requested) or (
            self.until is not None and self.watch.clock() >= self.until
        )

    @property
    def share(self) -> float | None:
        """Seconds for one question: half of what is left, so that later ones get their turn."""
        return None if self.until is None else max(self.until - self.watch.clock(), 0.0) / 2


class Stopped(Exception):
    """The search was stopped before its proof.

    Attributes
    ----------
    bound
        What no solution can beat, None where nothing is known.
    chosen
        The best solution so far, None without one.
    """

    def __init__(self, bound: int | None = None, chosen: frozenset[int] | None = None) -> None:
        super().__init__()
        self.bound, self.chosen = bound, chosen


def optimum(
    solver: Solver, level: Level, asking: Asking, hint: Mapping[int, bool] | None = None
) -> frozenset[int] | None:
    """Return the best solution in a level; None where there is none.

    That there is none is believed when it is said twice, the second time without presolve.

    Raises
    ------
    Stopped
        Where the watch's stop was asked for, the time is up, or the solver has no verdict.
    """
    if asking.over:
        raise Stopped
    answer = _asked(solver, level, asking, hint or {}, presolve=True)
    if answer.outcome in (Outcome.INFEASIBLE, Outcome.FAULT):
        answer = _asked(solver, level, asking, hint or {}, presolve=False)
    if answer.outcome is Outcome.OPTIMAL:
        return answer.chosen
    if answer.outcome is Outcome.INFEASIBLE:
        return None
    raise Stopped(answer.bound, answer.chosen if answer.outcome is Outcome.FEASIBLE else None)


def _asked(
    solver: Solver, level: Level, asking: Asking, hint: Mapping[int, bool], *, presolve: bool
) -> Answer:
    effort = Effort(seconds=asking.share, deterministic=asking.work, presolve=presolve)
    return solver.optimise(level, hint, effort, asking.watch.stop, _unheard)


def _unheard(_value: int | None, _bound: int | None) -> None:
    """Nobody listens to a single question."""

"""What sides share that decide tier by tier: the same climb, with a solver of their own.

The planner finds components, and plans them one by one; its rivals have the round in one piece.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from benchmarks.outcome import Outcome, seats_of
from scheduler.ascent import Ascent
from scheduler.budget import Budget
from scheduler.model import Model
from scheduler.plans import Status
from scheduler.priority import Priority
from scheduler.rounds import Round
from scheduler.search import search
from scheduler.solver import Solver
from scheduler.tiers import Level, levels
from scheduler.watch import Limits, Progress, Watch


class Trace:
    """Keeps how much was left to prove, whenever that changed.

    A level that is left without a proof is where it stops: those after it are proven of nothing.
    """

    def __init__(self) -> None:
        self.points: list[tuple[float, float]] = []
        self._position, self._gap = 1, 0.0

    def __call__(self, progress: Progress) -> None:
        """Keep a report: levels left, that in work counted as its gap, at most 1."""
        if progress.position > self._position and self._gap:
            return
        away, most = abs(progress.bound - progress.value), max(progress.value, progress.bound, 1)
        self._position, self._gap = progress.position, min(1.0, away / most)
        left = round(progress.of - progress.position + self._gap, 4)
        if not self.points or self.points[-1][1] != left:
            self.points.append((round(progress.seconds, 3), left))


def searched(round_: Round, seconds: float, new_solver: Callable[[], Solver]) -> Outcome:
    """Return what `scheduler.search` finds with a solver in so many seconds."""
    trace = Trace()
    watch = Watch(clock=monotonic, on_progress=trace)
    result = search(round_, Limits(seconds=seconds), watch, new_solver)
    return Outcome(
        seats=seats_of(round_, (*result.chosen, *result.accepted)),
        counter=result.lottery_counter,
        bounds=[tier.bound for tier in result.tiers],
        alone=result.status is Status.OPTIMAL,
        trace=trace.points,
    )


def in_one_piece(round_: Round, seconds: float, new_solver: Callable[[], Solver]) -> Outcome:
    """Return what a solver finds that is given the round as a whole, level by level."""
    model, trace = Model(round_), Trace()
    whole = levels(model)
    budget = Budget(Limits(seconds=seconds), Watch(clock=monotonic))

    def report(position: int, level: Level, value: int, bound: int) -> None:
        reading = level.tier, level.level, value, bound
        trace(Progress(*reading, budget.elapsed, position + 1, len(whole) + 2))

    ascent = Ascent(model, whole, Priority(model), new_solver, budget, report)
    counter, another = 0, ascent.climb()
    while another:
        counter += 1
        reached = [(each.level.value(ascent.chosen), each.bound) for each in ascent.decided]
        ascent.resume(ascent.chosen, reached[: len(whole)], counter)
        another = ascent.climb()
    chosen = [option for i, option in enumerate(model.options) if i in ascent.chosen]
    return Outcome(
        seats=seats_of(round_, (*chosen, *model.accepted)),
        counter=counter,
        bounds=[each.bound for each in ascent.decided],
        alone=another is False,
        trace=trace.points,
    )

"""What sides share that decide tier by tier: the same search, with a solver of their own."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from benchmarks.outcome import Outcome, seats_of
from scheduler.plans import Status
from scheduler.rounds import Round
from scheduler.search import search
from scheduler.solver import Solver
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


def searched(
    round_: Round, seconds: float, new_solver: Callable[[], Solver], workers: int = 1
) -> Outcome:
    """Return what `scheduler.search` finds with a solver in so many seconds."""
    trace = Trace()
    watch = Watch(clock=monotonic, on_progress=trace)
    result = search(round_, Limits(seconds=seconds, workers=workers), watch, new_solver)
    return Outcome(
        seats=seats_of(round_, (*result.chosen, *result.accepted)),
        counter=result.lottery_counter,
        bounds=[tier.bound for tier in result.tiers],
        alone=result.status is Status.OPTIMAL,
        trace=trace.points,
    )

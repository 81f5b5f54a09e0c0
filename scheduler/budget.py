"""What is left of a search's limits, and what the next solve may take of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from scheduler.solver import Effort
from scheduler.watch import Limits, Stop, Watch

VENTURE = 20.0
"""Most solver work for a question that may have no answer: some questions' worth."""


class Budget:
    """Counts what solves have taken.

    Parameters
    ----------
    limits, watch
        How long, and whose clock and stop count.
    """

    def __init__(self, limits: Limits, watch: Watch) -> None:
        self.watch = watch
        self._limits = limits
        self._clock: Callable[[], float] = watch.clock
        self._began = self._clock()
        self.deterministic = 0.0  # what solves have taken, in their own measure
        self._seconds = 0.0
        self._until = limits.seconds
        self._until_deterministic = limits.deterministic

    def narrow(self, share: float) -> None:
        """Let solves take no more than a share of what is left, 0 < `share` <= 1, from now on."""
        self._until = _part(self._limits.seconds, self.elapsed, share)
        self._until_deterministic = _part(self._limits.deterministic, self.deterministic, share)

    def spend(self, seconds: float, deterministic: float) -> None:
        """Count what a solve took."""
        self._seconds += seconds
        self.deterministic += deterministic

    def effort(self, presolve: bool = True) -> Effort:
        """Return what the next solve may take: half of what is left."""
        return Effort(
            seconds=_share(self._until, self.elapsed),
            deterministic=_share(self._until_deterministic, self.deterministic),
            workers=self._limits.workers,
            seed=self._limits.seed,
            presolve=presolve,
        )

    def venture(self) -> Effort:
        """Return what a question may take that may have no answer: half of that, and not long."""
        effort = self.effort()
        seconds, work = effort.seconds, effort.deterministic
        return replace(
            effort,
            seconds=None if seconds is None else seconds / 2,
            deterministic=VENTURE if work is None else min(VENTURE, work / 2),
        )

    def halfway(self) -> Callable[[], bool]:
        """Return what tells whether half of what is left now has gone."""
        seconds = _part(self._until, self.elapsed, 0.5)
        work = _part(self._until_deterministic, self.deterministic, 0.5)
        return lambda: self._is_over(seconds, work)

    @property
    def stop(self) -> Stop | None:
        """By what somebody asks to stop."""
        return self.watch.stop

    @property
    def elapsed(self) -> float:
        """Seconds since the search began, or those of its solves if they are more."""
        return max(self._clock() - self._began, self._seconds)

    @property
    def is_exhausted(self) -> bool:
        """Whether nothing may be asked any more."""
        return self._is_over(self._until, self._until_deterministic)

    def _is_over(self, seconds: float | None, work: float | None) -> bool:
        return (
            (self.stop is not None and self.stop.requested)
            or (seconds is not None and self.elapsed >= seconds)
            or (work is not None and self.deterministic >= work)
        )


def _share(limit: float | None, spent: float) -> float | None:
    """Return half of what is left, so that later tiers get their turn too."""
    return None if limit is None else max(limit - spent, 0.0) / 2


def _part(limit: float | None, spent: float, share: float) -> float | None:
    """Return where a share of what is left ends."""
    return None if limit is None else spent + max(limit - spent, 0.0) * share

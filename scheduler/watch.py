"""How long a search may take, who watches it, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from threading import Condition, Event, Thread

UNIQUENESS = "uniqueness"
"""What reports call the last step, which is no tier: is the plan the only best one?"""

AGAIN_SECONDS = 0.05
"""How long after it was asked to stop what runs is asked again: too early a request is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long to search, None = until proven.

    Attributes
    ----------
    seconds
        Wall time for the whole search; what it stops is not reproducible.
    deterministic
        Solver work for the whole search in CP-SAT's deterministic seconds; with one worker the
        same limit gives the same plan.
    workers
        Solver threads; one proves small and middle rounds fastest.
    seed
        Solver seed; a proven plan does not depend on it.
    """

    seconds: float | None = None
    deterministic: float | None = None
    workers: int = 1
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the search stands: tier in work, best value, bound, seconds since the start.

    `position` counts levels from 1 to `of`; the last one is the proof of uniqueness.
    """

    tier: str
    level: int | None
    value: int
    bound: int
    seconds: float
    position: int
    of: int


@dataclass(frozen=True, slots=True)
class Incident:
    """A solver verdict that cannot be true: what was said of which level, and after what."""

    tier: str
    level: int | None
    outcome: str
    presolve: bool


class Stop:
    """A wish to stop and keep the best plan; may be asked for from any thread.

    Solves are many and short, and most wishes are never made: it takes a thread to halt what runs,
    none to be ready for it.
    """

    def __init__(self) -> None:
        self._wished, self._ended = Event(), Condition()
        self._running: list[Callable[[], object]] = []

    @property
    def requested(self) -> bool:
        """Tell whether a stop has been asked for."""
        return self._wished.is_set()

    def request(self) -> None:
        """Ask for a stop."""
        self._wished.set()
        if self._running:
            self._insist()

    @contextmanager
    def halting(self, halt: Callable[[], object]) -> Iterator[None]:
        """Have what runs within the block halted once a stop is wished.

        Parameters
        ----------
        halt
            Asks what runs to stop; from another thread, again and again until it has.
        """
        self._running.append(halt)
        if self.requested:
            self._insist()
        try:
            yield
        finally:
            with self._ended:
                self._running.remove(halt)
                self._ended.notify_all()

    def _insist(self) -> None:
        Thread(target=self._halt, daemon=True).start()

    def _halt(self) -> None:
        with self._ended:
            while self._running:
                for halt in self._running:
                    halt()
                self._ended.wait(AGAIN_SECONDS)


def halted(stop: Stop | None, halt: Callable[[], object]) -> AbstractContextManager[None]:
    """Have what runs within a block halted by a stop, if there can be one."""
    return nullcontext() if stop is None else stop.halting(halt)


def _ignore(_: object) -> None:
    """Let a report pass."""


def _no_clock() -> float:
    return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How the search talks to the world: the room itself reads no clock.

    Callbacks come from the solver's thread and should only pass on what they are given.
    """

    on_progress: Callable[[Progress], None] = _ignore
    on_incident: Callable[[Incident], None] = _ignore
    clock: Callable[[], float] = _no_clock
    stop: Stop | None = None

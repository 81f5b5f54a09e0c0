"""How long a search may take, who watches it, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

UNIQUENESS = "uniqueness"
"""What reports call the last step, which is no tier: is the plan the only best one?"""


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
    """A wish to stop and keep the best plan; may be asked for from any thread."""

    def __init__(self) -> None:
        self.event = Event()

    @property
    def requested(self) -> bool:
        """Tell whether a stop has been asked for."""
        return self.event.is_set()

    def request(self) -> None:
        """Ask for a stop."""
        self.event.set()


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

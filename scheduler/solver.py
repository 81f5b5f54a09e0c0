"""What the search asks of a solver, whichever it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from scheduler.model import Row
from scheduler.tiers import Level
from scheduler.watch import Stop


class Outcome(StrEnum):
    """What the solver says of one objective."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    UNKNOWN = "unknown"
    INFEASIBLE = "infeasible"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Answer:
    """A solver's answer for one objective.

    Attributes
    ----------
    outcome
        Its verdict; read it first, the rest means nothing otherwise.
    chosen
        Variables that are one; empty without a solution.
    bound
        What no solution can beat; None where the solver gave none.
    seconds, deterministic
        Wall time, and the solver's own repeatable measure of work.
    """

    outcome: Outcome
    chosen: frozenset[int]
    bound: int | None
    seconds: float
    deterministic: float


@dataclass(frozen=True, slots=True)
class Shares:
    """A solution in which options may be shared, and what no whole one exceeds.

    Attributes
    ----------
    shares
        Between 0 and 1 for each variable.
    bound
        What no solution can beat, proven.
    total
        The bound before it was rounded to a value of the level, the better the greater; what it
        is counted in is the solver's affair.
    whole
        The variables that are one, where nothing is shared and every row is kept; else None.
    deterministic
        A repeatable measure of the work it took.
    """

    shares: Sequence[float]
    bound: int
    total: int
    whole: frozenset[int] | None
    deterministic: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How one objective may be solved: limits (None = none), workers, seed, presolve.

    Variables that are `closed` are zero this time; a bound then says nothing of other times.
    """

    seconds: float | None = None
    deterministic: float | None = None
    workers: int = 1
    seed: int = 0
    presolve: bool = True
    closed: frozenset[int] = frozenset()


Found = Callable[[int | None, int | None], None]
"""Called with the value and the bound reached so far, from the solver's thread."""


class Solver(Protocol):
    """An exact solver holding a growing set of rows over numbered Booleans."""

    def add(self, variables: int, rows: Iterable[Row]) -> None:
        """Add rows for all objectives to come, and Booleans until there are `variables`."""

    def relaxed(self, level: Level, effort: Effort, stop: Stop | None) -> Shares | None:
        """Return what the linear program says of a level; None where there is none, or no time."""

    def sharpen(self, shares: Shares) -> bool:
        """Add rows that every whole solution keeps and these shares do not; tell whether any."""

    def suppose(self) -> None:
        """Let rows that are added from now on be supposed only; what was supposed before holds."""

    def recant(self) -> None:
        """Forget what was supposed; variables stay."""

    def optimise(
        self,
        level: Level,
        hint: Mapping[int, bool],
        effort: Effort,
        stop: Stop | None,
        found: Found,
    ) -> Answer:
        """Optimise one level.

        Parameters
        ----------
        level
            What to maximise or minimise.
        hint
            Values of variables in a known solution; a wish, not a promise.
        effort
            Limits, workers, seed and presolve.
        stop
            Once it is wished, the solve ends with the best solution so far.
        found
            Told of every better solution and bound.
        """

"""What bounds ask of a solver of linear programs, whichever it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from scheduler.model import Row
from scheduler.tiers import Level
from scheduler.watch import Stop


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A solution of a linear program, as exact as floating point is: a hint, never a proof.

    Attributes
    ----------
    shares
        Between 0 and 1 for each variable.
    prices
        The dual value of each row, in the order in which rows were added.
    work
        What it took, in a measure that is the same each time; about seconds.
    """

    shares: Sequence[float]
    prices: Sequence[float]
    work: float = 0.0


class Linear(Protocol):
    """Solves a growing linear program over numbered variables between 0 and 1."""

    def add(self, variables: int, rows: Iterable[Row]) -> None:
        """Add rows for all objectives to come, and variables until there are `variables`."""

    def close(self, variables: Iterable[int]) -> None:
        """Let some variables be zero."""

    def forget(self) -> None:
        """Forget every row and variable, and the last solution."""

    def optimise(
        self, level: Level, stop: Stop | None = None, seconds: float | None = None
    ) -> Relaxed | None:
        """Optimise one level, from the last solution; None where that failed or was stopped.

        Parameters
        ----------
        stop
            Once it is wished, the solve ends.
        seconds
            How long it may take; None = as long as it does.
        """

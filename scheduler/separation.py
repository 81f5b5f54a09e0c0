"""Which rows of PRIORITY a solution of the linear program breaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scheduler.duality import SCALE
from scheduler.model import Model, Row
from scheduler.options import is_offer
from scheduler.priority import Priority
from scheduler.solver import Shares
from scheduler.standing import Envy

MOST_ROWS = 400
"""How many broken rows are told at once, those that are broken most."""

BROKEN = 1e-6
"""By how much a row must be broken to count as such."""


LEAST = 1e-9
"""Shares of less are none."""


FALL = 1000
"""A bound that falls by less than one part in so many of itself, or of one, has not fallen."""

STEPS = 20
"""Nor has one that would take so many rounds to fall to the next whole number."""


def is_whole(shares: Shares) -> bool:
    """Tell whether a bound is a whole number, or so little more that a plan may well come to it."""
    return shares.total % SCALE < SCALE // FALL


class Patience:
    """Tells when rows have stopped to lower a bound."""

    def __init__(self) -> None:
        self._lowest: int | None = None

    def is_out(self, total: int) -> bool:
        """Tell whether it is time to stop, as of what the bound came to in one more round."""
        is_idle = self._lowest is not None and total > self._lowest - _fall(self._lowest)
        if not is_idle:
            self._lowest = total
        return is_idle


def _fall(total: int) -> int:
    """Return the least by which a bound has to fall to be worth a round."""
    return max(SCALE // FALL, abs(total) // FALL, total % SCALE // STEPS)


class Separation:
    """Finds rows of PRIORITY that a solution breaks, each once.

    Parameters
    ----------
    model, priority
        Whose rows they are; blockers that come up are variables of the model.
    """

    def __init__(self, model: Model, priority: Priority) -> None:
        self._model, self._priority = model, priority
        self._told: set[int] = set()
        self._filled: dict[int, float] = {}

    def rows(self, shares: Sequence[float]) -> list[Row]:
        """Return rows that are broken, with what says what their blockers are.

        Parameters
        ----------
        shares
            Between 0 and 1 for each variable that the solution has.
        """
        self._filled.clear()
        broken = []
        for envy in self._suspects(shares):
            for row in self._priority.against(envy):
                if id(row) not in self._told:
                    excess = self._excess(row, shares)
                    if excess > BROKEN:
                        broken.append((-excess, envy, row))
        broken.sort(key=lambda each: each[:2])
        worst = [row for _, _, row in broken[:MOST_ROWS]]
        return self._untold((*self._priority.standing.defining(worst).values(), *worst))

    def _suspects(self, shares: Sequence[float]) -> Iterator[Envy]:
        """Yield every envy in a plan of shares, whether or not there is room.

        Parameters
        ----------
        shares
            Between 0 and 1 for each option.
        """
        if self._model.round.policy.priority == "advisory":
            return
        served: dict[int, float] = {}
        for junior, numbers in self._seated(shares).items():
            taking: dict[int, float] = {}
            for y in numbers:
                for o in dict.fromkeys(self._priority.wanted(self._model.options[y])):
                    taking[o] = taking.get(o, 0.0) + shares[y]
            for o, share in taking.items():
                if o not in served:
                    served[o] = sum(
                        shares[i] for i in self._priority.serving(self._model.options[o])
                    )
                if share > served[o] + LEAST:
                    yield Envy(o, junior)

    def _seated(self, shares: Sequence[float]) -> dict[str, list[int]]:
        """Return by candidate the options that she has a share of, offers left out."""
        seated: dict[str, list[int]] = {}
        for i, option in enumerate(self._model.options):
            if shares[i] > LEAST and not is_offer(self._model.round, option):
                seated.setdefault(option.candidate, []).append(i)
        return seated

    def _untold(self, rows: Sequence[Row]) -> list[Row]:
        new = [row for row in rows if id(row) not in self._told]
        self._told.update(map(id, new))
        return new

    def _excess(self, row: Row, shares: Sequence[float]) -> float:
        """Return by how much a row is broken where its blockers do what they can."""
        options = len(self._model.options)
        excess = 0.0
        for i, sign in row.terms:
            if i < options:
                excess += sign * shares[i]
            else:
                excess -= self._filling(i, shares)
        return excess

    def _filling(self, blocker: int, shares: Sequence[float]) -> float:
        """Return how much of a resource others than a blocker's colleague fill, at most 1."""
        if blocker not in self._filled:
            (_, places), *others = self._priority.standing.definition(blocker).terms
            self._filled[blocker] = min(1.0, sum([shares[i] for i, _ in others]) / -places)
        return self._filled[blocker]

"""The best plan so far, the levels that it has decided, and what is tried in its stead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from scheduler.model import Model
from scheduler.options import is_offer
from scheduler.priority import Priority
from scheduler.solver import Shares
from scheduler.standing import Envy
from scheduler.suspicion import LEAST
from scheduler.tiers import Level, lottery


@dataclass(frozen=True, slots=True)
class Decided:
    """A level that has had its turn: the value that later plans must reach, and its bound."""

    level: Level
    value: int
    bound: int


class Incumbent:
    """The best plan so far, from the empty one on.

    Parameters
    ----------
    model, levels
        A component of a round, or all of it, and its levels, without the lottery.
    priority
        Finds who is in the way.

    Attributes
    ----------
    chosen
        Its variables that are one.
    decided
        The levels that have had their turn.
    """

    def __init__(self, model: Model, levels: Sequence[Level], priority: Priority) -> None:
        self._model, self._priority = model, priority
        self._levels = levels
        self._lottery = lottery(model, 0)
        self.chosen: frozenset[int] = frozenset()
        self.decided: list[Decided] = []

    def resume(
        self, chosen: Iterable[int], reached: Iterable[tuple[int, int]], counter: int
    ) -> None:
        """Go on from options chosen, and value and bound of the first levels, under a draw."""
        self._lottery = lottery(self._model, counter)
        self.chosen = self._model.completed(chosen)
        ahead = (*self._levels, self._lottery)
        self.decided = [Decided(level, *each) for level, each in zip(ahead, reached, strict=False)]

    @property
    def ahead(self) -> Sequence[Level]:
        """What is not decided yet."""
        return (*self._levels, self._lottery)[len(self.decided) :]

    @property
    def proven(self) -> int:
        """How many levels, from the first, are decided and come to their bound."""
        return len(self.met(self.decided))

    def met(self, bounds: Iterable[Decided]) -> list[Decided]:
        """Return the first ones that the plan comes to."""
        return list(takewhile(lambda each: each.level.value(self.chosen) == each.bound, bounds))

    def comes_to(self, bounds: Sequence[Decided]) -> bool:
        """Tell whether the plan comes to every bound."""
        return len(self.met(bounds)) == len(bounds)

    def take(self, shares: Shares) -> None:
        """Take the plan that is nearest to shares, the largest first, where it is better."""
        given = shares.shares
        wanted = (i for i in self._numbers if given[i] > LEAST)
        self._consider(self._priority.together(sorted(wanted, key=lambda i: (-given[i], i))))

    def serve(self) -> None:
        """Take the plan that serves who comes first, where it is better.

        That is offers, and then who stands first in her municipality's order.
        """
        self._consider(self._priority.together(sorted(self._numbers, key=self._turn)))

    def fill(self) -> None:
        """Give whoever has nothing what is left, in turn, where that is better.

        Either somebody makes room where orders ask for it, or nobody does, and who would be in the
        way gets nothing: what that leaves is never worse than what was.
        """
        has = sorted(self.chosen.intersection(self._numbers))
        in_turn = sorted(self._numbers, key=self._turn)
        filled = self._priority.together([*has, *in_turn])
        self._consider(filled)
        self._adopt(self._beside(frozenset(has), filled), self.ahead)

    def _beside(self, has: frozenset[int], filled: Iterable[int]) -> frozenset[int]:
        """Return what may stand of a fuller plan beside one without envy, which stays as it is."""
        plan, options = frozenset(filled), self._model.options
        while plan != has and (envies := self._priority.envies(plan)):
            juniors = {envy.junior for envy in envies}
            plan = frozenset(i for i in plan if i in has or options[i].candidate not in juniors)
        return plan

    def settle(self, chosen: Iterable[int], *ahead: Level) -> list[Envy]:
        """Take the plan without envy that is near options, where it is better.

        The envies met on the way are returned.
        """
        plan, envies = self._priority.settled(chosen)
        self._adopt(plan, ahead)
        return envies

    def _consider(self, options: Iterable[int]) -> None:
        self.settle(options, *self.ahead)

    def _adopt(self, plan: Iterable[int], ahead: Sequence[Level]) -> None:
        """Take a plan that loses nothing decided and is better in the first level that differs.

        Levels ahead are named beside all because `lottery` and uniqueness are not among these.
        """
        chosen = self._model.completed(plan)
        if any(d.level.beats(d.value, d.level.value(chosen)) for d in self.decided):
            return
        for each in (*(d.level for d in self.decided), *ahead, *self._levels):
            value, own = each.value(chosen), each.value(self.chosen)
            if value != own:
                if each.beats(value, own):
                    self.chosen = chosen
                return

    @property
    def _numbers(self) -> range:
        return range(len(self._model.options))

    def _turn(self, number: int) -> tuple[bool, int, int]:
        """Return when an option has its turn where everybody takes what is left."""
        round_, option = self._model.round, self._model.options[number]
        order = round_.order(round_.candidate[option.candidate].municipality)
        return not is_offer(round_, option), order.index(option.candidate), option.wish_class

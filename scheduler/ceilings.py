"""How far every option can be from the best plan, before anything is solved for it.

For each tier level in turn, the bound of the model's relaxation tells what no plan exceeds that
loses nothing in the levels before; and by what it falls where an option is taken. An option whose
ceiling is below the plan's value loses in that level at the latest. What is told so is proven; what
is not told may still be true.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

from scheduler.duality import Bound
from scheduler.linear import Linear
from scheduler.model import Model, Row
from scheduler.plans import Plan
from scheduler.priority import Priority
from scheduler.relaxation import Relaxation
from scheduler.rounds import Round
from scheduler.standing import Envy
from scheduler.tiers import Level, levels


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Where options lose at the latest.

    Attributes
    ----------
    position
        Of the level; that of the lottery where nothing is known to be lost before.
    value
        What the level comes to at best; None where that is not known.
    closed
        Options that no plan with one of them takes which comes to that.
    """

    position: int
    value: int | None = None
    closed: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Decided:
    """A level, the value that the plan has in it, and the bound of the relaxation, if any."""

    level: Level
    value: int
    bound: Bound | None

    def loses(self, total: int) -> bool:
        """Tell whether what comes to at most `total` is worse than the plan."""
        return self.bound is not None and self.level.beats(self.value, self.bound.as_value(total))

    def may_win(self, total: int) -> bool:
        """Tell whether what comes to at most `total` might be better than the plan."""
        return self.bound is None or self.level.beats(self.bound.as_value(total), self.value)


class Ceilings:
    """What each option of a planned round can come to at most, level by level, lottery left out.

    Parameters
    ----------
    round_, plan
        A round and a plan of it that is proven best.
    new_linear
        Makes an empty solver of linear programs.
    model
        Of a component; None = of the whole round.
    """

    def __init__(
        self,
        round_: Round,
        plan: Plan,
        new_linear: Callable[[], Linear],
        model: Model | None = None,
    ) -> None:
        self.model = Model(round_) if model is None else model
        self._levels = levels(self.model)
        self.own = self.model.completed(self.model.given(plan.placements))
        self._new_linear = new_linear
        self._relaxation = Relaxation(
            self.model, Priority(self.model), new_linear(), self.model.rows
        )
        self._lifted: dict[str, Sequence[Decided]] = {}

    def loss(self, options: Collection[int]) -> Ceiling:
        """Return where a plan with one of some options of a candidate loses at the latest.

        No plan with one of them is better than the ceiling in its level, unless it loses before.
        """
        found = self._first_loss(options) or Ceiling(len(self._levels))
        at_once = self._lowered(options, (found.position,)) if found.value is not None else None
        return at_once or self._lowered(options, range(found.position)) or found

    def are_below(self, options: Collection[int], exempt: str) -> bool:
        """Tell whether options lose in some level although a candidate may be in others' way."""
        return self._first_loss(options, exempt) is not None

    def _first_loss(self, options: Collection[int], exempt: str | None = None) -> Ceiling | None:
        """Return where options lose at the latest by their reduced weights alone."""
        left = set(options)
        for position, decided in enumerate(self.decided(exempt)):
            if decided.bound is None and exempt is None:
                continue
            if decided.bound is None:
                return None  # for all that is known, she wins here
            totals = {i: decided.bound.with_option(i) for i in left}
            if exempt is not None and any(map(decided.may_win, totals.values())):
                return None
            left = {i for i in left if not decided.loses(totals[i])}
            if not left:
                return Ceiling(position, decided.bound.as_value(max(totals.values())))
        return None

    def _lowered(self, options: Collection[int], positions: Iterable[int]) -> Ceiling | None:
        """Return the first of some levels in which options lose once they are forced.

        It is the last thing that can be lost where some solution loses nothing before.
        """
        relaxation = self._relaxed(options)
        kept = 0
        for position in positions:
            decided = self._decided[position]
            before = self._decided[kept:position]
            relaxation.add(each.level.at_least(each.value) for each in before)
            kept = position
            bound = relaxation.bound(decided.level, lambda _: False)
            if bound is not None and decided.level.beats(decided.value, bound.value):
                closed = self._options(bound.below(bound.value))
                return Ceiling(position, bound.value, closed)
        return None

    def _relaxed(self, options: Collection[int]) -> Relaxation:
        """Return the relaxation of the round with options forced, as if nothing had been asked."""
        model = copy(self.model)
        wanted = Row(tuple((i, 1) for i in sorted(options)), lower=1)
        return Relaxation(model, Priority(model), self._new_linear(), (*self._hard, wanted))

    def hopeless(self, position: int) -> frozenset[int]:
        """Return the options that no plan takes which loses nothing before a level."""
        bounds = ((d.bound, d.value) for d in self._decided[:position])
        below = (bound.below(value) for bound, value in bounds if bound is not None)
        return self._options(frozenset().union(*below))

    def _options(self, variables: Iterable[int]) -> frozenset[int]:
        options = len(self.model.options)
        return frozenset(i for i in variables if i < options)

    def decided(self, exempt: str | None = None) -> Sequence[Decided]:
        """Return every level with its bound, as it is where a candidate is exempt."""
        if exempt is None:
            return self._decided
        if exempt not in self._lifted:
            self._lifted[exempt] = tuple(self._without(exempt))
        return self._lifted[exempt]

    def _without(self, junior: str) -> Iterator[Decided]:
        for decided in self._decided:
            bound = decided.bound
            yield (
                decided
                if bound is None
                else replace(decided, bound=self.lifted(bound, lambda e: e.junior == junior))
            )

    def lifted(self, bound: Bound, may_be: Callable[[Envy], bool]) -> Bound:
        """Return what the bound of a level comes to where some may be in their colleagues' way."""
        return self._relaxation.lifted(bound, may_be)

    @property
    def rows(self) -> Sequence[Row]:
        """The rows of the relaxation; the prices of a bound are those of the first of them."""
        self.decided()  # which gathers them
        return self._relaxation.rows

    @cached_property
    def _decided(self) -> Sequence[Decided]:
        return tuple(self._decide())

    def _decide(self) -> Iterator[Decided]:
        for level in self._levels:
            value = level.value(self.own)
            yield Decided(level, value, self._relaxation.bound(level, value.__eq__))
            self._relaxation.add([level.at_least(value)])

    @cached_property
    def _hard(self) -> Sequence[Row]:
        """The rows that any plan keeps, as far as they mattered."""
        return [row for row in self.rows if not isinstance(row.about, Level)]

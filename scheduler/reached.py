"""What all components of a search have come to together, level by level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scheduler.model import Model
from scheduler.options import Option
from scheduler.shares import Climbed, Step
from scheduler.tiers import Level, easy_bounds
from scheduler.watch import UNIQUENESS

Reading = tuple[str, int | None, int, int]
"""Tier and level, with value and bound."""


class Reached:
    """Adds up values and bounds of components.

    Parameters
    ----------
    model
        Of the whole round.
    whole
        Its levels.
    parts
        The options of each component.
    """

    def __init__(
        self, model: Model, whole: Sequence[Level], parts: Sequence[Sequence[Option]]
    ) -> None:
        self._model, self._levels = model, whole
        self._parts = len(parts)
        self._part_of = dict(_belonging(model, parts))
        self._easy = [self._easily(level) for level in whole]
        self._of = [[(0, bounds[i]) for bounds in self._easy] for i in range(len(parts))]
        self._sums = [[0, sum(bounds)] for bounds in self._easy]
        self._steps = [0] * len(parts)
        self._proven = len(whole) + 1  # levels, in every component done so far
        self.steps = 0

    @property
    def of(self) -> int:
        """How many steps the search has: every level, the lottery and uniqueness, of each."""
        return (len(self._levels) + 2) * self._parts

    def after(self, step: Step) -> Reading:
        """Return what the level of a step has come to; of lottery and uniqueness, in this one."""
        position = step.position
        self.steps += max(0, position + 1 - self._steps[step.number])
        self._steps[step.number] = max(self._steps[step.number], position + 1)
        if position >= len(self._levels):
            tier = "lottery" if position == len(self._levels) else UNIQUENESS
            return tier, None, step.value, step.bound
        before = self._of[step.number][position]
        self._of[step.number][position] = step.value, step.bound
        sums, level = self._sums[position], self._levels[position]
        sums[0] += step.value - before[0]
        sums[1] += step.bound - before[1]
        is_open = position > min(self._proven, step.proven) and self._parts > 1
        bound = sum(self._easy[position]) if is_open else sums[1]
        return level.tier, level.level, level.constant + sums[0], level.constant + bound

    def news(self, number: int, climbed: Climbed) -> Iterator[Step]:
        """Yield steps of a component that nobody has reported."""
        own = self._of[number]
        for position, (value, bound) in enumerate(climbed.reached):
            is_known = self._steps[number] > position and (
                position >= len(own) or own[position] == (value, bound)
            )
            if not is_known:
                yield Step(number, position, value, bound, climbed.proven, 0.0)
        if climbed.another is False and self._steps[number] <= len(self._levels) + 1:
            placed = len(climbed.chosen)
            yield Step(number, len(self._levels) + 1, placed, placed, climbed.proven, 0.0)

    def done(self, climbed: Climbed) -> None:
        """Note how far a component is proven that has had its turn."""
        self._proven = min(self._proven, climbed.proven)

    def bound(
        self, position: int, level: Level, climbed: Sequence[Climbed], *, is_open: bool
    ) -> int:
        """Return what bounds a level, also where a component has not come so far."""
        lacking = any(len(each.reached) <= position for each in climbed)
        if not lacking and not (is_open and len(climbed) > 1):
            return level.constant + sum(each.reached[position][1] for each in climbed)
        easy = self._easily(level)
        if is_open and len(climbed) > 1:
            return level.constant + sum(easy)
        known = (
            each.reached[position][1] if len(each.reached) > position else own
            for each, own in zip(climbed, easy, strict=True)
        )
        return level.constant + sum(known)

    def _easily(self, level: Level) -> tuple[int, ...]:
        return easy_bounds(self._model, level, self._part_of, self._parts)


def _belonging(model: Model, parts: Sequence[Sequence[Option]]) -> Iterator[tuple[str | int, int]]:
    """Yield the component of each candidate, and of each variable that counts what she is given."""
    part_of = {option.candidate: number for number, own in enumerate(parts) for option in own}
    yield from part_of.items()
    for steps in model.steps:
        for variable in steps.variables:
            yield variable, part_of[model.options[steps.options[0]].candidate]

"""Works out a share: the climb in each of its components, on an extract of the round."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from scheduler.ascent import Ascent
from scheduler.budget import Budget
from scheduler.components import Extracts
from scheduler.model import Model
from scheduler.options import Option, options_of
from scheduler.priority import Priority
from scheduler.rounds import Round
from scheduler.shares import Climbed, Outcome, Report, Share, Step
from scheduler.solver import Solver
from scheduler.tiers import Level, levels
from scheduler.watch import Incident, Watch


class Ground:
    """What shares are worked out on: a round, and how.

    Parameters
    ----------
    round_
        The round, not refused.
    new_solver
        Makes an empty solver.
    lifted
        Ids of municipalities whose orders do not bind.
    whole
        The model of the round, where it is known: its options are those to decide on.
    """

    def __init__(
        self,
        round_: Round,
        new_solver: Callable[[], Solver],
        lifted: Collection[str] = (),
        whole: Model | None = None,
    ) -> None:
        self._round, self._whole = round_, whole
        self._new_solver, self._lifted = new_solver, lifted

    def outcome(
        self,
        share: Share,
        watch: Watch,
        report: Report,
        ready: tuple[Model, tuple[Level, ...]] | None = None,
    ) -> Outcome:
        """Work out a share.

        Parameters
        ----------
        watch
            Whose clock and stop count.
        report
            Told of each step.
        ready
            Model and levels of the share's only component, of which nothing is decided yet.
        """
        incidents: list[Incident] = []
        budget = Budget(share.limits, replace(watch, on_incident=incidents.append))
        built = [ready] if ready else [self._built(share, i) for i in range(len(share.numbers))]
        ascents = [
            self._ascent(number, *each, budget, report)
            for number, each in zip(share.numbers, built, strict=True)
        ]
        for ascent, climbed in zip(ascents, share.climbed, strict=True):
            ascent.resume(climbed.chosen, _with_constants(ascent, climbed), share.counter)
        for ascent, climbed in zip(_in_turn(ascents, budget), share.climbed, strict=True):
            if not climbed.reached:
                ascent.glance()
        climbs: list[Climbed] = []
        for ascent in _in_turn(ascents, budget):
            another = None if share.at_a_glance else ascent.climb()
            climbs.append(_climbed(ascent, another))
        return Outcome(tuple(climbs), budget.elapsed, budget.deterministic, tuple(incidents))

    def _built(self, share: Share, place: int) -> tuple[Model, tuple[Level, ...]]:
        people = [self._round.candidates[i].id for i in share.candidates[place]]
        options = tuple(sorted(o for candidate in people for o in self._options(candidate)))
        model = Model(self._extracts.of(options), options, options, share.classes)
        return model, levels(model)

    def _options(self, candidate: str) -> Iterable[Option]:
        if self._whole is None:
            return options_of(self._round, self._round.candidate[candidate])
        return (self._whole.options[i] for i in self._whole.of_candidate[candidate])

    @cached_property
    def _extracts(self) -> Extracts:
        return Extracts(self._round)

    def _ascent(
        self,
        number: int,
        model: Model,
        model_levels: tuple[Level, ...],
        budget: Budget,
        report: Report,
    ) -> Ascent:
        def told(position: int, level: Level, value: int, bound: int) -> None:
            own = value - level.constant, bound - level.constant
            report(Step(number, position, *own, ascent.proven, budget.elapsed))

        priority = Priority(model, self._lifted)
        ascent = Ascent(model, model_levels, priority, self._new_solver, budget, told)
        return ascent  # which `told` speaks of


def _in_turn(ascents: Sequence[Ascent], budget: Budget) -> Iterator[Ascent]:
    """Yield each component, with a part of what is left of the limits by its size."""
    left = sum(len(ascent.model.options) for ascent in ascents)
    for ascent in ascents:
        own = len(ascent.model.options)
        budget.narrow(own / left if left else 1)
        left -= own
        yield ascent


def _with_constants(ascent: Ascent, climbed: Climbed) -> Iterator[tuple[int, int]]:
    """Yield value and bound of each level reached; a lottery has no constant."""
    constants = [*(level.constant for level in ascent.levels), 0]
    for constant, (value, bound) in zip(constants, climbed.reached, strict=False):
        yield value + constant, bound + constant


def _climbed(ascent: Ascent, another: bool | None) -> Climbed:
    options = range(len(ascent.model.options))
    reached = (
        (each.level.value(ascent.chosen) - each.level.constant, each.bound - each.level.constant)
        for each in ascent.decided
    )
    return Climbed(tuple(i for i in sorted(ascent.chosen) if i in options), tuple(reached), another)

"""The best plan of a round: that of each of its components, and proof that it is the only one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from scheduler.ascent import Ascent
from scheduler.budget import Budget
from scheduler.components import components
from scheduler.model import Model
from scheduler.options import Option
from scheduler.plans import Status, TierResult
from scheduler.priority import Priority
from scheduler.rounds import Round
from scheduler.solver import Solver
from scheduler.tiers import Level, easy_bound, levels, lottery
from scheduler.watch import Limits, Progress, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The best plan found: options chosen, tiers, and which draw of the lottery decided."""

    status: Status
    chosen: tuple[Option, ...]
    accepted: tuple[Option, ...]
    tiers: tuple[TierResult, ...]
    lottery_counter: int


def search(
    round_: Round,
    limits: Limits,
    watch: Watch,
    new_solver: Callable[[], Solver],
    lifted: Collection[str] = (),
) -> Result:
    """Find the best plan of a round whose accepted commitments do not contradict each other.

    Parameters
    ----------
    round_
        The round, not refused.
    limits, watch
        How long, and who listens.
    new_solver
        Makes an empty solver; which one makes no difference to a proven plan.
    lifted
        Ids of municipalities whose orders do not bind.

    Raises
    ------
    InvalidRound
        Where stays may be divided in more ways than `scheduler.options.MAX_OPTIONS`.
    """
    return _Search(Model(round_), limits, watch, new_solver, lifted).run()


def decide(model: Model, limits: Limits, watch: Watch, new_solver: Callable[[], Solver]) -> Result:
    """Find the best plan of the options of a model, of which no level has been built."""
    return _Search(model, limits, watch, new_solver, ()).run()


class _Search:
    """Climbs in each component, the smallest first, and adds up what they come to."""

    def __init__(
        self,
        model: Model,
        limits: Limits,
        watch: Watch,
        new_solver: Callable[[], Solver],
        lifted: Collection[str],
    ) -> None:
        self._watch = watch
        self._budget = Budget(limits, watch)
        self._model = model
        self._levels = levels(self._model)
        self._new_solver, self._lifted = new_solver, lifted
        parts = components(model.round, model.options)
        self._ascents = (
            [self._ascent(i, self._component(own)) for i, own in enumerate(parts)]
            if len(parts) > 1
            else [self._ascent(0, self._model, self._levels)]
        )
        self._furthest = 0
        self._proven = len(self._levels) + 1  # levels, in every component done so far
        self._reached = _Reached(self._levels, self._ascents)

    def run(self) -> Result:
        """Decide every level, then draw the lottery until one plan is left."""
        for ascent in self._in_turn():
            ascent.glance()
        counter = 0
        while True:
            others = []
            for ascent in self._in_turn():
                others.append(ascent.climb())
                self._proven = min(self._proven, ascent.proven)
            if True not in others:
                break
            counter += 1
            for ascent in self._ascents:
                ascent.draw_again(counter)
        chosen = sorted(o for a in self._ascents for o in _options(a))
        return Result(
            status=Status.OPTIMAL if None not in others else Status.FEASIBLE,
            chosen=tuple(chosen),
            accepted=self._model.accepted,
            tiers=tuple(self._tiers(chosen, lottery(self._model, counter))),
            lottery_counter=counter,
        )

    def _component(self, options: tuple[Option, ...]) -> Model:
        return Model(self._model.round, self._model.admissible, options)

    def _ascent(
        self, number: int, model: Model, model_levels: tuple[Level, ...] | None = None
    ) -> Ascent:
        def report(position: int, level: Level, value: int, bound: int) -> None:
            self._tell(number, position, level, value, bound)

        return Ascent(
            model,
            model_levels or levels(model),
            Priority(model, self._lifted),
            self._new_solver,
            self._budget,
            report,
        )

    def _in_turn(self) -> Iterator[Ascent]:
        """Yield each component, with a share of what is left of the limits by its size."""
        left = sum(len(ascent.model.options) for ascent in self._ascents)
        for ascent in self._ascents:
            own = len(ascent.model.options)
            self._budget.narrow(own / left if left else 1)
            left -= own
            yield ascent

    def _tell(self, number: int, position: int, level: Level, value: int, bound: int) -> None:
        """Report where the search stands."""
        value, bound = self._reached.with_component(number, position, level, value, bound)
        is_open = position > min(self._proven, self._ascents[number].proven)
        if is_open and position < len(self._levels) and len(self._ascents) > 1:
            bound = easy_bound(self._model, self._levels[position])
        done = sum(len(ascent.decided) + 1 for ascent in self._ascents[:number])
        self._furthest = max(self._furthest, done + position + 1)
        self._watch.on_progress(
            Progress(
                level.tier,
                level.level,
                value,
                bound,
                self._budget.elapsed,
                self._furthest,
                (len(self._levels) + 2) * len(self._ascents),
            )
        )

    def _tiers(self, chosen: Collection[Option], drawn: Level) -> Iterator[TierResult]:
        """Yield what each level came to in the best plan, which may outdo what was decided.

        What a component is bounded by holds beside its own values in the levels before. Behind a
        level that is left open, others could share the same sums, so nothing is known of them.
        """
        own = set(chosen)
        numbers = (i for i, option in enumerate(self._model.options) if option in own)
        plan, proven = self._model.completed(numbers), True
        for position, level in enumerate((*self._levels, drawn)):
            decided = [ascent.decided[position] for ascent in self._ascents]
            if not proven and len(decided) > 1:
                bound = easy_bound(self._model, level)
            else:
                bound = level.constant + sum(d.bound - d.level.constant for d in decided)
            proven = proven and level.value(plan) == bound
            yield TierResult(level.tier, level.level, level.value(plan), bound, proven)


def _options(ascent: Ascent) -> Iterator[Option]:
    options = ascent.model.options
    return (options[i] for i in ascent.chosen if i < len(options))


class _Reached:
    """What all components together have come to so far, level by level."""

    def __init__(self, whole: tuple[Level, ...], ascents: list[Ascent]) -> None:
        self._constants = [level.constant for level in whole]
        self._of: list[list[tuple[int, int]]] = [
            [(0, easy_bound(a.model, own) - own.constant) for own in a.levels] for a in ascents
        ]
        self._sums = [
            tuple(map(sum, zip(*each, strict=True))) for each in zip(*self._of, strict=True)
        ]

    def with_component(
        self, number: int, position: int, level: Level, value: int, bound: int
    ) -> tuple[int, int]:
        """Return value and bound of a level, as of what a component has come to in it.

        Of the lottery and of uniqueness, which have no sum before all are done, the component's.
        """
        if position >= len(self._constants):
            return value, bound
        own = value - level.constant, bound - level.constant
        before = self._of[number][position]
        self._of[number][position] = own
        sums = self._sums[position]
        self._sums[position] = sums[0] - before[0] + own[0], sums[1] - before[1] + own[1]
        constant = self._constants[position]
        return constant + self._sums[position][0], constant + self._sums[position][1]

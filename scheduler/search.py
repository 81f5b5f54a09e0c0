"""The best plan of a round: that of each of its components, and proof that it is the only one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace

from scheduler.budget import Budget
from scheduler.components import components
from scheduler.ground import Ground
from scheduler.model import Model
from scheduler.options import Option
from scheduler.plans import Status, TierResult
from scheduler.priority import Priority
from scheduler.reached import Reached
from scheduler.rounds import Round
from scheduler.shares import Alone, Climbed, Crew, Outcome, Share, Step
from scheduler.solver import Solver
from scheduler.tiers import levels, lottery
from scheduler.watch import Limits, Progress, Watch

SIZE = 4_000
"""Options of a share: some ten seconds of work, beside which handing it on is nothing."""

LAPS = 3
"""How often components that are not proven go on, where others have left them time."""

WORTH_A_LAP = 0.05
"""What part of the limits must be left for that."""


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
    crew: Crew | None = None,
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
    crew
        Who works out shares where there are several; None = this process. Others know neither of
        `new_solver` nor of `lifted`: they take `scheduler.exact`, and every order binds.

    Raises
    ------
    InvalidRound
        Where stays may be divided in more ways than `scheduler.options.MAX_OPTIONS`.
    """
    return _Search(Model(round_), limits, watch, new_solver, lifted, crew).run()


def decide(
    model: Model,
    limits: Limits,
    watch: Watch,
    new_solver: Callable[[], Solver],
    known: Set[Option] = frozenset(),
) -> Result:
    """Find the best plan of the options of a model, of which no level has been built.

    `known` are options that go together, to begin from as far as the model has them and orders let
    them stand.
    """
    return _Search(model, limits, watch, new_solver).run(known)


class _Search:
    """Has each component climbed, in shares, and adds up what they come to."""

    def __init__(
        self,
        model: Model,
        limits: Limits,
        watch: Watch,
        new_solver: Callable[[], Solver],
        lifted: Collection[str] = (),
        crew: Crew | None = None,
    ) -> None:
        self._model, self._limits, self._watch = model, limits, watch
        self._budget = Budget(limits, watch)
        self._deterministic = self._seconds = 0.0
        self._levels = levels(model)
        self._parts = components(model.round, model.options) or [()]
        self._ground = Ground(model.round, new_solver, lifted, model)
        self._crew: Crew = crew or Alone()
        self._lifted = lifted
        self._climbed = [Climbed() for _ in self._parts]
        self._ready = (model, self._levels) if len(self._parts) == 1 else None
        self._counter = 0
        self._reached = Reached(model, self._levels, self._parts)

    def run(self, known: Set[Option] = frozenset()) -> Result:
        """Decide every level, then draw the lottery until one plan is left.

        `known` are options to begin from, as in `decide`.
        """
        if known:
            self._begin(known)
        every = range(len(self._parts))
        if len(self._grouped(every, SIZE)) > 1:
            self._lap(every, SIZE, at_a_glance=True)
        self._lap(every, SIZE)
        laps = 0
        while True:
            if any(each.another for each in self._climbed):
                self._counter += 1
                self._climbed = [each.back(len(self._levels)) for each in self._climbed]
                self._lap(every, SIZE)
            elif laps < LAPS and self._may_go_on():
                laps += 1
                open_ = [i for i in every if self._climbed[i].another is None]
                for i in open_:
                    self._climbed[i] = self._climbed[i].back(self._climbed[i].proven)
                self._lap(open_, 1)
            else:
                return self._result()

    def _begin(self, known: Set[Option]) -> None:
        """Let each component begin from what orders leave of some options."""
        options = self._model.options
        numbers = (i for i, option in enumerate(options) if option in known)
        plan, _ = Priority(self._model, self._lifted).settled(numbers)
        chosen = {options[i] for i in plan}
        self._climbed = [
            Climbed(tuple(i for i, option in enumerate(own) if option in chosen))
            for own in self._parts
        ]

    @property
    def _is_stopped(self) -> bool:
        return self._watch.stop is not None and self._watch.stop.requested

    def _may_go_on(self) -> bool:
        """Tell whether a component is left open, and others have left it some of the limits."""
        limits = self._limits
        lefts = [
            1 - spent / limit
            for limit, spent in (
                (limits.seconds, self._budget.elapsed),
                (limits.deterministic, self._deterministic),
            )
            if limit
        ]
        is_open = any(each.another is None for each in self._climbed)
        return is_open and not self._is_stopped and bool(lefts) and min(lefts) > WORTH_A_LAP

    def _lap(self, numbers: Sequence[int], size: int, *, at_a_glance: bool = False) -> None:
        """Have components climb as far as they get, each with its part of what is left."""
        total = sum(len(self._parts[i]) for i in numbers) or 1
        shares = [
            self._share(own, sum(len(self._parts[i]) for i in own) / total, at_a_glance)
            for own in self._grouped(numbers, size)
        ]
        crew = self._crew if len(shares) > 1 else Alone()
        for place, outcome in crew.outcomes(shares, self._own):
            self._take(shares[place], outcome)

    def _grouped(self, numbers: Iterable[int], size: int) -> list[tuple[int, ...]]:
        """Return components in groups of so many options, or one that has more; largest first."""
        groups: list[tuple[int, ...]] = []
        own: list[int] = []
        options = 0
        for number in numbers:
            if own and options + len(self._parts[number]) > size:
                groups.append(tuple(own))
                own, options = [], 0
            own.append(number)
            options += len(self._parts[number])
        return [tuple(own), *reversed(groups)]

    def _share(self, numbers: tuple[int, ...], part: float, at_a_glance: bool) -> Share:
        seconds, work = self._limits.seconds, self._limits.deterministic
        if seconds is not None:
            at_once = 1 if part == 1 else self._crew.hands
            seconds = max(seconds - self._budget.elapsed, 0.0) * min(1, part * at_once)
        if work is not None:
            work = max(work - self._deterministic, 0.0) * part
        return Share(
            numbers=numbers,
            candidates=tuple(self._places(number) for number in numbers),
            climbed=tuple(self._climbed[number] for number in numbers),
            classes=self._model.classes,
            counter=self._counter,
            at_a_glance=at_a_glance,
            limits=replace(self._limits, seconds=seconds, deterministic=work),
        )

    def _places(self, number: int) -> tuple[int, ...]:
        place = self._model.round.place
        return tuple(sorted({place[option.candidate] for option in self._parts[number]}))

    def _own(self, share: Share) -> Outcome:
        """Work out a share in this process; after a stop, what has a plan is left at that.

        So it is without time, but not without work: of that, all have their part, whoever works.
        """
        has_plan = all(climbed.chosen for climbed in share.climbed)
        is_late = share.limits.seconds is not None and share.limits.seconds <= 0
        if (self._is_stopped or is_late) and (has_plan or share.at_a_glance):
            return Outcome(share.climbed, 0.0, 0.0, ())
        began = self._budget.elapsed
        ready, self._ready = self._ready, None  # later climbs would find its levels built upon
        outcome = self._ground.outcome(
            share, self._watch, lambda step: self._tell(step, began + step.seconds), ready
        )
        self._budget.spend(outcome.seconds, 0.0)
        return outcome

    def _take(self, share: Share, outcome: Outcome) -> None:
        """Take over what a share has come to."""
        self._deterministic += outcome.deterministic
        for incident in outcome.incidents:
            self._watch.on_incident(incident)
        for number, climbed in zip(share.numbers, outcome.climbed, strict=True):
            self._climbed[number] = climbed
            if not share.at_a_glance:
                for step in self._reached.news(number, climbed):
                    self._tell(step, self._budget.elapsed)
                self._reached.done(climbed)

    def _tell(self, step: Step, seconds: float) -> None:
        """Report where the search stands."""
        self._seconds = max(self._seconds, seconds, self._budget.elapsed)
        tier, level, value, bound = self._reached.after(step)
        self._watch.on_progress(
            Progress(
                tier, level, value, bound, self._seconds, self._reached.steps, self._reached.of
            )
        )

    def _result(self) -> Result:
        chosen = sorted(
            own[i]
            for own, climbed in zip(self._parts, self._climbed, strict=True)
            for i in climbed.chosen
        )
        is_proven = all(each.another is False for each in self._climbed)
        return Result(
            status=Status.OPTIMAL if is_proven else Status.FEASIBLE,
            chosen=tuple(chosen),
            accepted=self._model.accepted,
            tiers=tuple(self._tiers(chosen)),
            lottery_counter=self._counter,
        )

    def _tiers(self, chosen: Collection[Option]) -> Iterator[TierResult]:
        """Yield what each level came to in the best plan, which may outdo what was decided.

        What a component is bounded by holds beside its own values in the levels before. Behind a
        level that is left open, others could share the same sums, so nothing is known of them.
        """
        own = set(chosen)
        numbers = (i for i, option in enumerate(self._model.options) if option in own)
        plan, proven = self._model.completed(numbers), True
        drawn = lottery(self._model, self._counter)
        for position, level in enumerate((*self._levels, drawn)):
            bound = self._reached.bound(position, level, self._climbed, is_open=not proven)
            proven = proven and level.value(plan) == bound
            yield TierResult(level.tier, level.level, level.value(plan), bound, proven)

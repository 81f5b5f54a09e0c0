"""What if: the best plan in which a candidate gets what the plan did not give her.

A plan that is proven best is lost as soon as something else is forced. How much is lost shows in
the first tier that comes out worse: earlier tiers are as they were, in a plan that is named. So
what is solved is only what that plan does not show by itself, level by level, with the plan's own
values as bounds.

A junior can be *exempt*: then PRIORITY does not count her as being in anybody's way. What she could
have then, and not otherwise, is what her municipality's order keeps from her.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from scheduler.ceilings import Ceilings
from scheduler.model import Model, Row
from scheduler.plans import Plan, Status
from scheduler.priority import Priority
from scheduler.questions import Asked, Questions
from scheduler.rounds import Round
from scheduler.solver import Outcome, Solver
from scheduler.tiers import Level, levels, lottery
from scheduler.watch import Watch

POSSIBLE = Level("possible", None, True, ())
"""Asks for any plan."""


class Loss(StrEnum):
    """How the best plan with something forced compares with the plan."""

    IMPOSSIBLE = "impossible"
    """No plan keeps every hard rule."""

    WORSE = "worse"
    """It loses in some tier, and in none before it."""

    NONE = "none"
    """It is as good in every tier, or better in the first that differs."""

    UNDECIDED = "undecided"
    """The search was stopped before that was known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forced:
    """What forcing something comes to.

    Attributes
    ----------
    level
        The first level that differs from the plan; None where none does, or no plan is known.
    value
        What `level` comes to at best.
    chosen
        Options of a plan that shows it, by number; it is best up to `level`.
    """

    loss: Loss
    level: Level | None = None
    value: int = 0
    chosen: frozenset[int] = frozenset()


class Forcing:
    """Forces options of a round, one question after the other, and compares with a plan.

    Parameters
    ----------
    round_
        The round.
    plan
        The plan to compare with; where the round has been changed since, of the round before.
    new_solver
        Makes an empty solver.
    watch
        Its stop ends a question as undecided.
    ceilings
        Those of the round and the plan, where they are known: then the plan is proven best.
    model
        Of the component in which options are forced; None = of the whole round. Levels are then
        compared there: elsewhere nothing changes.
    """

    def __init__(
        self,
        round_: Round,
        plan: Plan,
        new_solver: Callable[[], Solver],
        watch: Watch,
        ceilings: Ceilings | None = None,
        model: Model | None = None,
    ) -> None:
        self._ceilings = ceilings
        self._proven = plan.status is Status.OPTIMAL and plan.round_hash == round_.hash
        self.model = Model(round_) if model is None else model
        self._levels = (*levels(self.model), lottery(self.model, plan.lottery_counter))
        self._priority = Priority(self.model)
        self._plan = plan
        self.own = self.model.completed(self.model.given(plan.placements))
        near = tuple((i, 1) for i in sorted(self.own) if i < len(self.model.options))
        self._near = Level("near", None, True, near)
        self._questions = Questions(self.model, self._priority, self.own, new_solver, watch)

    def in_round(self, level: Level, value: int) -> int:
        """Return what a value in the component comes to in the whole round that was planned."""
        whole = {(tier.tier, tier.level): tier.value for tier in self._plan.tiers}
        return whole[level.tier, level.level] + value - level.value(self.own)

    def force(
        self, options: Collection[int], exempt: str | None = None, nearest: bool = False
    ) -> Forced:
        """Return what giving one of some options of a candidate comes to.

        Parameters
        ----------
        options
            Numbers in `model.options`, all of one candidate.
        exempt
            Candidate whom PRIORITY does not count as being in anybody's way.
        nearest
            Whether the plan that shows a loss must keep as many placements as such a plan can.
        """
        if self._ceilings is not None and exempt is None:
            return self._foreseen(self._ceilings, options)
        asked = self._questions.asked(_one_of(options), exempt)
        found = self._questions.best(asked, self._near)
        if isinstance(found, Outcome):
            return _without(found)
        forced = self._compared(asked, found)
        return self._nearest(asked, forced) if nearest and forced.loss is Loss.WORSE else forced

    def is_costly(self, options: Collection[int], exempt: str) -> bool:
        """Tell whether it is known that a tier loses although a candidate of options is exempt."""
        if not self._priority.is_below_others(options):
            return True
        return self._ceilings is not None and self._ceilings.are_below(options, exempt)

    def _foreseen(self, ceilings: Ceilings, options: Collection[int]) -> Forced:
        """Return what the ceilings lead to; the plan that shows it is the nearest one."""
        ceiling = ceilings.loss(options)
        position, value = ceiling.position, ceiling.value
        if value is None:
            return self._descended(ceilings, options, position, ())
        level = self._levels[position]
        asked = self._keeping(ceilings, options, position, (), ceiling.closed)
        self._questions.add(asked, [level.at_least(value)])
        found = self._questions.best(asked, self._near)
        if found is Outcome.INFEASIBLE:
            return self._descended(ceilings, options, position, asked.met)
        if isinstance(found, Outcome):
            return _without(found)
        return Forced(loss=Loss.WORSE, level=level, value=value, chosen=found)

    def _descended(
        self, ceilings: Ceilings, options: Collection[int], most: int, met: Iterable[Row]
    ) -> Forced:
        """Return what is lost once the levels are kept that can be; at most the first `most`."""
        kept, lost = -1, most + 1
        while lost - kept > 1:
            tried = (kept + lost + 1) // 2 if kept < 0 else (kept + lost) // 2
            asked = self._keeping(ceilings, options, tried, met)
            found = self._questions.best(asked, POSSIBLE)
            met = asked.met
            if isinstance(found, Outcome) and found is not Outcome.INFEASIBLE:
                return _without(found)
            kept, lost = (kept, tried) if isinstance(found, Outcome) else (tried, lost)
        if kept < 0:
            return _without(Outcome.INFEASIBLE)
        asked = self._keeping(ceilings, options, kept, met)
        level = self._levels[kept]
        found = self._questions.best(asked, level)
        if isinstance(found, Outcome):
            return Forced(loss=Loss.UNDECIDED)
        forced = Forced(loss=Loss.WORSE, level=level, value=level.value(found), chosen=found)
        return self._nearest(asked, forced)

    def _keeping(
        self,
        ceilings: Ceilings,
        options: Collection[int],
        position: int,
        met: Iterable[Row],
        closed: Iterable[int] = (),
    ) -> Asked:
        """Return a question in which nothing is lost before a level."""
        hopeless = ceilings.hopeless(position).union(closed)
        asked = self._questions.asked(_one_of(options), closed=hopeless)
        kept = (each.at_least(each.value(self.own)) for each in self._levels[:position])
        self._questions.add(asked, [*kept, *met])
        asked.met += met
        return asked

    def in_the_way_of(self, chosen: Collection[int], junior: str) -> tuple[str, ...]:
        """Return the colleagues, sorted, in whose way a junior is in a plan."""
        options = self.model.options
        envies = self._priority.envies(chosen)
        return tuple(sorted({options[e.wanted].candidate for e in envies if e.junior == junior}))

    def _compared(self, asked: Asked, found: frozenset[int]) -> Forced:
        """Return the first level in which the best plan differs; `found` keeps every row."""
        for level in self._levels:
            own = level.value(self.own)
            if level.beats(own, level.value(found)):
                if self._proven and asked.exempt is None:
                    self._questions.add(asked, [level.at_most(own)])
                better = self._questions.best(asked, level)
                if isinstance(better, Outcome):
                    return Forced(loss=Loss.UNDECIDED)
                found = better
            value = level.value(found)
            if value != own:
                loss = Loss.WORSE if level.beats(own, value) else Loss.NONE
                return Forced(loss=loss, level=level, value=value, chosen=found)
            self._questions.add(asked, [level.at_least(own)])
        return Forced(loss=Loss.NONE, chosen=found)

    def _nearest(self, asked: Asked, forced: Forced) -> Forced:
        """Return the same loss, shown by a plan that keeps as many placements as it can."""
        assert forced.level is not None, "something is worse"
        self._questions.add(asked, [forced.level.at_least(forced.value)])
        near = self._questions.best(asked, self._near)
        return forced if isinstance(near, Outcome) else replace(forced, chosen=near)


def _one_of(options: Collection[int]) -> Row:
    """Return the row that gives a candidate one of her options."""
    return Row(tuple((i, 1) for i in sorted(options)), lower=1)


def _without(outcome: Outcome) -> Forced:
    """Return what it comes to when a solver finds no plan."""
    impossible = outcome is Outcome.INFEASIBLE
    return Forced(loss=Loss.IMPOSSIBLE if impossible else Loss.UNDECIDED)

"""What if: the best plan in which a candidate gets what the plan did not give her.

A plan that is proven best is lost as soon as something else is forced. How much is lost shows in
the first tier that comes out worse: earlier tiers are as they were, in a plan that is named. So
what is solved is only what that plan does not show by itself, level by level, with the plan's own
values as bounds.

A junior can be *exempt*: then PRIORITY does not count her as being in anybody's way. What she could
have then, and not otherwise, is what her municipality's order keeps from her.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from scheduler.model import Model, Row
from scheduler.plans import Plan, Status
from scheduler.priority import Envy, Priority
from scheduler.rounds import Round
from scheduler.solver import Answer, Effort, Outcome, Solver
from scheduler.tiers import Level, easy_bound, levels, lottery
from scheduler.watch import Watch

OFTEN = 3
"""An envy that so many questions have met is ruled out from the start of the next."""


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


@dataclass(slots=True)
class _Asked:
    """A question: its solver, who is exempt in it, and how many of the model's rows it knows."""

    solver: Solver
    exempt: str | None
    known: int = 0


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
    """

    def __init__(
        self, round_: Round, plan: Plan, new_solver: Callable[[], Solver], watch: Watch
    ) -> None:
        self._new_solver, self._watch = new_solver, watch
        self._proven = plan.status is Status.OPTIMAL and plan.round_hash == round_.hash
        self.model = Model(round_)
        self._levels = (*levels(self.model), lottery(self.model, plan.lottery_counter))
        self._priority = Priority(self.model)
        self._given = frozenset(p.candidate for p in plan.placements)
        self.own = self.model.completed(self.model.given(plan.placements))
        near = tuple((i, 1) for i in sorted(self.own) if i < len(self.model.options))
        self._near = Level("near", None, True, near)
        self._against: dict[Envy, tuple[Row, ...]] = {}
        self._met: Counter[Envy] = Counter()

    @property
    def is_lawful(self) -> bool:
        """Whether nobody is in the way of a colleague in the plan, as the round is now."""
        return not self._priority.envies(self.own)

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
        asked = self._asked(Row(_all(options), lower=1), exempt)
        found = self._best(asked, self._near)
        if isinstance(found, Outcome):
            impossible = found is Outcome.INFEASIBLE
            return Forced(loss=Loss.IMPOSSIBLE if impossible else Loss.UNDECIDED)
        forced = self._compared(asked, found)
        return self._nearest(asked, forced) if nearest and forced.loss is Loss.WORSE else forced

    def keeps(self, candidate: str) -> bool:
        """Tell whether what the plan gives a candidate, if anything, is an option of the round."""
        own = self.model.of_candidate.get(candidate, ())
        return candidate not in self._given or not self.own.isdisjoint(own)

    def is_better_with(self, option: int) -> bool:
        """Tell whether the plan is better when a candidate just takes an option, and nobody moves.

        That is: in the first tier that differs, the lottery left out.
        """
        options = self.model.options
        her = options[option].candidate
        others = {i for i in self.own if i < len(options) and options[i].candidate != her}
        if not self._priority.has_room(option, others):
            return False
        plan = self.model.completed({*others, option})
        for level in self._levels[:-1]:
            own, value = level.value(self.own), level.value(plan)
            if own != value:
                return level.beats(value, own) and not self._priority.envies(plan)
        return False

    def is_ahead(self, granted: Forced, other: Forced) -> bool | None:
        """Tell whether what beats the plan beats something else too; None where that is not known.

        Parameters
        ----------
        granted
            Better than the plan in its `level`, which is not the lottery.
        """
        if other.loss is Loss.UNDECIDED:
            return None
        if other.loss is not Loss.NONE or other.level is None or other.level.tier == "lottery":
            return True
        assert granted.level is not None, "better in some level"
        first, second = map(self._levels.index, (granted.level, other.level))
        if first != second:
            return first < second
        same = granted.value == other.value
        return None if same else granted.level.beats(granted.value, other.value)

    def gives(self, options: Collection[int]) -> bool | None:
        """Tell whether the best plan of the round gives one of some options of a candidate.

        None where the search was stopped, or where only the lottery would tell. The best plan with
        one of them and the best one without are held against each other, level by level.
        """
        sides = [self._asked(Row(_all(options), lower=1)), self._asked(Row(_all(options), upper=0))]
        found: list[frozenset[int]] = [frozenset(), frozenset()]
        for position, level in enumerate(self._levels[:-1]):
            for side, asked in enumerate(sides):
                if position and level.value(found[side]) == easy_bound(self.model, level):
                    continue
                best = self._best(asked, level)
                if best is Outcome.INFEASIBLE and not (position or side):
                    return False
                if isinstance(best, Outcome):
                    return None
                found[side] = best
            given, withheld = map(level.value, found)
            if given != withheld:
                return level.beats(given, withheld)
            for asked in sides:
                self._add(asked, [level.at_least(given)])
        return None

    def _asked(self, row: Row, exempt: str | None = None) -> _Asked:
        """Return a question: a row, what every plan keeps, and what earlier ones have often met."""
        often = (e for e, times in self._met.items() if times >= OFTEN and e.junior != exempt)
        asked = _Asked(self._new_solver(), exempt)
        self._add(asked, (row, *(known for envy in often for known in self._against[envy])))
        return asked

    def _add(self, asked: _Asked, rows: Iterable[Row]) -> None:
        """Add rows to a question, and what has come up meanwhile that they may need."""
        self.model.rows += self._priority.definitions()
        asked.solver.add(self.model.variables, (*self.model.rows[asked.known :], *rows))
        asked.known = len(self.model.rows)

    def in_the_way_of(self, chosen: Collection[int], junior: str) -> tuple[str, ...]:
        """Return the colleagues, sorted, in whose way a junior is in a plan."""
        options = self.model.options
        envies = self._priority.envies(chosen)
        return tuple(sorted({options[e.wanted].candidate for e in envies if e.junior == junior}))

    def _compared(self, asked: _Asked, found: frozenset[int]) -> Forced:
        """Return the first level in which the best plan differs; `found` keeps every row."""
        for level in self._levels:
            own = level.value(self.own)
            if level.beats(own, level.value(found)):
                if self._proven and asked.exempt is None:
                    self._add(asked, [level.at_most(own)])
                better = self._best(asked, level)
                if isinstance(better, Outcome):
                    return Forced(loss=Loss.UNDECIDED)
                found = better
            value = level.value(found)
            if value != own:
                loss = Loss.WORSE if level.beats(own, value) else Loss.NONE
                return Forced(loss=loss, level=level, value=value, chosen=found)
            self._add(asked, [level.at_least(own)])
        return Forced(loss=Loss.NONE, chosen=found)

    def _nearest(self, asked: _Asked, forced: Forced) -> Forced:
        """Return the same loss, shown by a plan that keeps as many placements as it can."""
        assert forced.level is not None, "something is worse"
        self._add(asked, [forced.level.at_least(forced.value)])
        near = self._best(asked, self._near)
        return forced if isinstance(near, Outcome) else replace(forced, chosen=near)

    def _best(self, asked: _Asked, level: Level) -> frozenset[int] | Outcome:
        """Return the best plan in a level, or the verdict where there is none."""
        while True:
            answer = self._ask(asked.solver, level)
            if answer.outcome is not Outcome.OPTIMAL:
                return answer.outcome
            envies = self._priority.envies(answer.chosen)
            met = [envy for envy in envies if envy.junior != asked.exempt]
            if not met:
                return self.model.completed(answer.chosen)
            self._add(asked, [row for envy in met for row in self._rows(envy)])

    def _ask(self, solver: Solver, level: Level) -> Answer:
        """Ask the solver; that nothing is possible is believed when it is said twice."""
        stop = self._watch.stop.event if self._watch.stop is not None else None
        hint = {i: i in self.own for i in range(len(self.model.options))}
        for presolve in (True, False):
            answer = solver.optimise(level, hint, Effort(presolve=presolve), stop, _unheard)
            if answer.outcome not in (Outcome.INFEASIBLE, Outcome.FAULT):
                break
        return answer

    def _rows(self, envy: Envy) -> tuple[Row, ...]:
        """Return the rows against an envy."""
        self._met[envy] += 1
        if envy not in self._against:
            self._against[envy] = self._priority.against(envy)
        return self._against[envy]


def _all(options: Collection[int]) -> tuple[tuple[int, int], ...]:
    return tuple((i, 1) for i in sorted(options))


def _unheard(_value: int | None, _bound: int | None) -> None:
    """Nobody listens to a single question."""

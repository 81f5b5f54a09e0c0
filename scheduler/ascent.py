"""Tiers in order, each to proof, then proof that the plan is the only best one.

Each level is taken to come to what linear programs allow, as long as one plan shows that it does;
else it is optimised alone. Its value becomes a row, the plan found a hint, and the next level
follows. A stop, a limit or a solver fault keeps the best plan so far: its levels then stand with
the bounds that were proven. An empty plan always exists, so "no plan" from the solver is a fault:
recorded, tried again without presolve, never passed on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from scheduler.budget import Budget
from scheduler.informed import Informed
from scheduler.model import Model
from scheduler.options import is_offer
from scheduler.priority import Priority
from scheduler.separation import Separation, is_whole
from scheduler.solver import Answer, Outcome, Shares, Solver
from scheduler.suspicion import LEAST
from scheduler.tiers import Level, easy_bound, lottery
from scheduler.watch import UNIQUENESS, Incident


@dataclass(frozen=True, slots=True)
class Decided:
    """A level that has had its turn: the value that later plans must reach, and its bound."""

    level: Level
    value: int
    bound: int


class Ascent:
    """Goes from level to level, each to proof, and keeps the best plan so far.

    Parameters
    ----------
    model
        A component of a round, or all of it.
    model_levels
        Its levels.
    priority
        Finds who is in the way.
    new_solver
        Makes an empty solver.
    budget
        What is left of the limits; its watch is told of verdicts that cannot be true.
    report
        Called with the position of a level, 0 = first, and the value and bound reached there.
    """

    def __init__(
        self,
        model: Model,
        model_levels: Sequence[Level],
        priority: Priority,
        new_solver: Callable[[], Solver],
        budget: Budget,
        report: Callable[[int, Level, int, int], None],
    ) -> None:
        self.model, self.levels = model, model_levels
        self.chosen: frozenset[int] = frozenset()
        self.decided: list[Decided] = []
        self._priority, self._separation = priority, Separation(model, priority)
        self._new_solver = new_solver
        self._budget, self._report = budget, report
        self._lottery = lottery(model, 0)
        self._at_hand: Informed | None = None
        self._sight = len(model_levels) + 1

    def glance(self) -> None:
        """Decide what is seen at a glance, and take the plan that it leads to."""
        if not self._budget.is_exhausted:
            solver = self._solver()
            self.decided += self._met(self._foreseen(solver, self._ahead, care=False))
            self._at_hand = None if self._ahead else solver
        if self._ahead and self.chosen:
            self._fill()

    def climb(self) -> bool | None:
        """Decide every level that is left; tell whether another plan is as good in all of them.

        None where that is not known.
        """
        for position, each in enumerate(self.decided):
            self._report(position, each.level, each.value, each.bound)
        solver, self._at_hand = self._at_hand or self._solver(), None
        while self._ahead and not self._budget.is_exhausted:
            self._go_on(solver)
        if self._ahead or not self.chosen:
            self._close()
        return self._another(solver) if self.proven > len(self.levels) else None

    def resume(
        self, chosen: Iterable[int], reached: Iterable[tuple[int, int]], counter: int
    ) -> None:
        """Go on from options chosen, and value and bound of the first levels, under a draw."""
        self._lottery = lottery(self.model, counter)
        self.chosen = self.model.completed(chosen)
        ahead = (*self.levels, self._lottery)
        self.decided = [Decided(level, *each) for level, each in zip(ahead, reached, strict=False)]

    @property
    def proven(self) -> int:
        """How many levels, from the first, are decided and come to their bound."""
        met = takewhile(lambda d: d.level.value(self.chosen) == d.bound, self.decided)
        return sum(1 for _ in met)

    @property
    def _ahead(self) -> Sequence[Level]:
        """What is not decided yet."""
        return (*self.levels, self._lottery)[len(self.decided) :]

    def _close(self) -> None:
        """Take what is left as it is, or as who comes first is served, and what nobody has."""
        self._consider(self._rounded(None))
        self._fill()
        for level in self._ahead:
            self._decide(level, easy_bound(self.model, level))

    def _go_on(self, solver: Informed) -> None:
        """Decide the next level, and those behind it that can be foreseen.

        What linear programs say of a level is supposed where it is a whole number, and the level
        behind is looked at. As soon as a level comes to less, one is looked at alone; with each
        that comes to what was said of it, twice as many.
        """
        level, *behind = self._ahead[: self._sight]
        linear, shares = solver.relaxed(level, level.value(self.chosen))
        if shares is not None and level.value(self.chosen) != linear:
            self._take(shares)
            may_come_to_it = is_whole(shares) and level.value(self.chosen) != linear
            first = Decided(level, linear, linear)
            if may_come_to_it and behind and self._supposed(solver, first, behind):
                return
        self._decide(level, self._searched(solver, level, linear))
        solver.tell(level.at_least(self.decided[-1].value))
        self._sight = self._sight * 2 if self.decided[-1].value == linear else 1

    def _supposed(self, solver: Informed, first: Decided, behind: Sequence[Level]) -> int:
        """Decide levels as far as the plan meets them that their bounds together lead to.

        Returns how many.
        """
        solver.suppose()
        solver.tell(first.level.at_least(first.bound))
        bounds = [first, *self._foreseen(solver, behind, care=True)]
        met = self._met(bounds)
        if met != bounds:
            solver.recant()
            solver.tell(*(each.level.at_least(each.value) for each in met))
            self._sight = 1
        for each in met:
            self._decide(each.level, each.bound)
        return len(met)

    def _foreseen(self, solver: Informed, ahead: Sequence[Level], care: bool) -> list[Decided]:
        """Return what linear programs say of levels, each taken to come to its bound.

        The plan that this leads to is taken. With care, only as far as bounds are whole numbers.
        """
        bounds: list[Decided] = []
        shares: Shares | None = None
        for level in ahead:
            bound, found = solver.relaxed(level, None, care)
            if found is None:
                break
            shares = found
            if care and not is_whole(found):
                break
            bounds.append(Decided(level, bound, bound))
            solver.tell(level.at_least(bound))
        if shares is not None:
            self._take(shares)
        return bounds

    def _met(self, bounds: Iterable[Decided]) -> list[Decided]:
        """Return the first ones that the plan comes to."""
        return list(takewhile(lambda each: each.level.value(self.chosen) == each.bound, bounds))

    def _take(self, shares: Shares) -> None:
        """Take the plan that is nearest to shares, where it is better."""
        self._consider(self._rounded(shares))

    def _fill(self) -> None:
        """Give whoever has nothing what is left, in turn, where that is better."""
        numbers = range(len(self.model.options))
        has = sorted(self.chosen.intersection(numbers))
        self._consider(self._priority.together([*has, *sorted(numbers, key=self._turn)]))

    def _consider(self, options: Iterable[int]) -> None:
        """Take the plan without envy that is near some options, where it is better."""
        plan, _ = self._priority.settled(options)
        self._adopt(plan, *self._ahead)

    def _rounded(self, shares: Shares | None) -> set[int]:
        """Return options that go together, those with the largest shares first.

        Without shares, offers first, and then who stands first in her municipality's order.
        """
        numbers = range(len(self.model.options))
        if shares is None:
            return self._priority.together(sorted(numbers, key=self._turn))
        given = shares.shares
        wanted = (i for i in numbers if given[i] > LEAST)
        return self._priority.together(sorted(wanted, key=lambda i: (-given[i], i)))

    def _turn(self, number: int) -> tuple[bool, int, int]:
        """Return when an option has its turn where everybody takes what is left."""
        round_, option = self.model.round, self.model.options[number]
        order = round_.order(round_.candidate[option.candidate].municipality)
        return not is_offer(round_, option), order.index(option.candidate), option.wish_class

    def _solver(self) -> Informed:
        """Return a solver that knows what has been decided."""
        solver = Informed(self._new_solver(), self.model, self._separation, self._budget)
        solver.tell(*(d.level.at_least(d.value) for d in self.decided))
        return solver

    def _decide(self, level: Level, bound: int) -> None:
        """Let a level stand as it is."""
        value = level.value(self.chosen)
        self._reporter(level)(value, bound)
        self.decided.append(Decided(level, value, bound))

    def _searched(self, solver: Informed, level: Level, bound: int) -> int:
        """Improve the best plan in a level until it meets its bound; return the bound."""
        while level.value(self.chosen) != bound and not self._budget.is_exhausted:
            answer = self._believed(solver, level)
            if answer is None:
                break
            if answer.bound is not None and level.beats(bound, answer.bound):
                bound = answer.bound
            plan, envies = self._priority.settled(answer.chosen)
            self._adopt(plan, level)
            rows = self._priority.rows(self._priority.alike(envies))
            self.model.rows += (replace(row, lazy=True) for row in rows)
            solver.tell()
            if answer.outcome is not Outcome.OPTIMAL or not envies:
                break
        return bound

    def _adopt(self, plan: Iterable[int], *ahead: Level) -> None:
        """Take a plan that loses nothing decided and is better in the first level that differs.

        Levels ahead are named beside all because `lottery` and uniqueness are not among these.
        """
        chosen = self.model.completed(plan)
        if any(d.level.beats(d.value, d.level.value(chosen)) for d in self.decided):
            return
        for each in (*(d.level for d in self.decided), *ahead, *self.levels):
            value, own = each.value(chosen), each.value(self.chosen)
            if value != own:
                if each.beats(value, own):
                    self.chosen = chosen
                return

    def _believed(self, solver: Informed, level: Level) -> Answer | None:
        """Ask the solver, without presolve where its verdict cannot be true; None without one."""
        for presolve in (True, False):
            answer = self._ask(solver, level, presolve)
            if not self._incredible(level, answer):
                return answer
            incident = Incident(level.tier, level.level, answer.outcome, presolve)
            self._budget.watch.on_incident(incident)
        return None

    def _incredible(self, level: Level, answer: Answer) -> bool:
        """Tell whether an answer contradicts the plan already in hand."""
        value = level.value(self.chosen)
        if answer.outcome in (Outcome.INFEASIBLE, Outcome.FAULT):
            return True
        if answer.bound is not None and level.beats(value, answer.bound):
            return True
        worse = level.beats(value, level.value(self.model.completed(answer.chosen)))
        return answer.outcome is Outcome.OPTIMAL and worse

    def _another(self, solver: Informed) -> bool | None:
        """Tell whether another plan has the same value in every tier; None where unknown.

        Leaving the plan costs at least one placement fewer of it or one more beside it, so the
        plan is the only best one when no plan comes below its own count.
        """
        numbers = range(len(self.model.options))
        own = self.chosen.intersection(numbers)
        terms = tuple((i, 1 if i in own else -1) for i in numbers)
        apart = Level(UNIQUENESS, None, False, terms)
        plan = self.chosen
        bound, _ = solver.relaxed(apart, apart.value(plan))
        bound = self._searched(solver, apart, bound)
        found = apart.value(self.chosen)
        self._reporter(apart)(found, bound)
        self.chosen = plan
        if found < len(own):
            return True
        return False if bound == len(own) else None

    def _ask(self, solver: Informed, level: Level, presolve: bool) -> Answer:
        hint = {i: i in self.chosen for i in range(len(self.model.options))}
        answer = solver.solver.optimise(
            level, hint, self._budget.effort(presolve), self._budget.stop, self._reporter(level)
        )
        self._budget.spend(answer.seconds, answer.deterministic)
        return answer

    def _reporter(self, level: Level) -> Callable[[int | None, int | None], None]:
        """Return a callback that merges values and bounds into reports of progress."""
        reached = [level.value(self.chosen), easy_bound(self.model, level)]
        position = len(self.decided)

        def found(value: int | None, bound: int | None) -> None:
            reached[0] = reached[0] if value is None else value
            if bound is not None and level.beats(reached[1], bound):
                reached[1] = bound
            self._report(position, level, reached[0], reached[1])

        return found

"""Tiers in order, each to proof, then proof that the plan is the only best one.

Levels are taken to come to what linear programs allow, as long as one plan shows that they do. It
is made of their solution, or asked for; where there is none, a level is optimised alone. Its value
becomes a row, the plan found a hint, and the next level follows. A stop, a limit or a solver fault
keeps the best plan so far: its levels then stand with the bounds that were proven. An empty plan
always exists, so "no plan" from the solver is a fault: recorded, tried again without presolve,
never passed on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from scheduler.budget import Budget
from scheduler.incumbent import Decided, Incumbent
from scheduler.informed import Informed
from scheduler.inquiry import Inquiry, Report
from scheduler.model import Model
from scheduler.priority import Priority
from scheduler.separation import Separation, is_whole
from scheduler.solver import Outcome, Shares, Solver
from scheduler.tiers import Level, easy_bound
from scheduler.watch import UNIQUENESS


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
        report: Report,
    ) -> None:
        self.model, self.levels = model, model_levels
        self._best = Incumbent(model, model_levels, priority)
        self._inquiry = Inquiry(model, priority, self._best, budget, report)
        self._priority, self._separation = priority, Separation(model, priority)
        self._new_solver = new_solver
        self._budget, self._report = budget, report
        self._at_hand: Informed | None = None
        self._sight = len(model_levels) + 1

    def glance(self) -> None:
        """Decide what is seen at a glance, and take the plan that it leads to."""
        if not self._budget.is_exhausted:
            solver = self._solver()
            foreseen = self._foreseen(solver, self._ahead, care=False)
            self._best.decided += self._best.met(foreseen)
            self._at_hand = None if self._ahead else solver
        if self._ahead and self.chosen:
            self._best.fill()

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
        self._best.resume(chosen, reached, counter)

    @property
    def chosen(self) -> frozenset[int]:
        """The variables that are one in the best plan so far."""
        return self._best.chosen

    @property
    def decided(self) -> Sequence[Decided]:
        """The levels that have had their turn."""
        return self._best.decided

    @property
    def proven(self) -> int:
        """How many levels, from the first, are decided and come to their bound."""
        return self._best.proven

    @property
    def _ahead(self) -> Sequence[Level]:
        return self._best.ahead

    def _close(self) -> None:
        """Take what is left as it is, or as who comes first is served, and what nobody has."""
        self._best.serve()
        self._best.fill()
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
            self._best.take(shares)
            may_come_to_it = is_whole(shares) and level.value(self.chosen) != linear
            first = Decided(level, linear, linear)
            if may_come_to_it and behind and self._supposed(solver, first, behind):
                return
            if level.value(self.chosen) != linear:
                self._inquiry.glean(solver, level, [], level)
        self._decide(level, self._inquiry.searched(solver, level, linear))
        solver.tell(level.at_least(self.decided[-1].value))
        self._sight = self._sight * 2 if self.decided[-1].value == linear else 1

    def _supposed(self, solver: Informed, first: Decided, behind: Sequence[Level]) -> int:
        """Decide levels that come to their bounds together; return how many.

        Where the plan does not come to them that the linear programs lead to, one is asked for.
        """
        solver.suppose()
        solver.tell(first.level.at_least(first.bound))
        bounds = [first, *self._foreseen(solver, behind, care=True)]
        if not self._best.comes_to(bounds):
            bounds += self._sought(solver, bounds)
        met = self._best.met(bounds)
        if met != bounds:
            solver.recant()
            solver.tell(*(each.level.at_least(each.value) for each in met))
            self._sight = 1
        for each in met:
            self._decide(each.level, each.bound)
        return len(met)

    def _sought(self, solver: Informed, supposed: Sequence[Decided]) -> Sequence[Decided]:
        """Ask for a plan that comes to all that is supposed, the best one in the level behind.

        That level is returned where it is decided too. Where there is no such plan, none is taken.
        """
        behind = self._ahead[len(supposed) : len(supposed) + 1]
        level = (*behind, supposed[-1].level)[0]
        self._inquiry.glean(solver, level, supposed, *self._ahead)
        if not behind and self._best.comes_to(supposed):
            return ()
        near: Collection[int] = self.chosen
        while not self._budget.is_exhausted:
            answer = self._inquiry.ask(solver, level, near, self._budget.venture())
            if answer.bound is None:
                break
            decided = [Decided(each, answer.bound, answer.bound) for each in behind]
            near = self._inquiry.learnt(solver, level, answer, [*supposed, *decided], *self._ahead)
            if self._best.comes_to([*supposed, *decided]):
                solver.tell(*(each.level.at_least(each.value) for each in decided))
                return decided
            if answer.outcome is not Outcome.OPTIMAL or not self._priority.envies(near):
                break
        return ()

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
            self._best.take(shares)
        return bounds

    def _solver(self) -> Informed:
        """Return a solver that knows what has been decided."""
        solver = Informed(self._new_solver(), self.model, self._separation, self._budget)
        solver.tell(*(d.level.at_least(d.value) for d in self.decided))
        return solver

    def _decide(self, level: Level, bound: int) -> None:
        """Let a level stand as it is."""
        value = level.value(self.chosen)
        self._inquiry.reporter(level)(value, bound)
        self._best.decided.append(Decided(level, value, bound))

    def _another(self, solver: Informed) -> bool | None:
        """Tell whether another plan has the same value in every tier; None where unknown.

        Leaving the plan costs at least one placement fewer of it or one more beside it, so the
        plan is the only best one when no plan comes below its own count.
        """
        numbers = range(len(self.model.options))
        own = self.chosen.intersection(numbers)
        terms = tuple((i, 1 if i in own else -1) for i in numbers)
        apart = Level(UNIQUENESS, None, False, terms)
        plan = self._best.chosen
        bound, _ = solver.relaxed(apart, apart.value(plan))
        bound = self._inquiry.searched(solver, apart, bound)
        found = apart.value(self.chosen)
        self._inquiry.reporter(apart)(found, bound)
        self._best.chosen = plan
        if found < len(own):
            return True
        return False if bound == len(own) else None

"""Asks the exact solver for the best plan in a level, and makes of its answer one without envy.

An answer may break orders, as their rows come when a plan breaks them. What has then to be asked is
mostly small: the same plan with other places for a few. So that is asked first. And where questions
have turned out to be hard, they are first asked of the few options that linear programs gave shares
of: where a plan that good is at hand, only proof is left to be found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from scheduler.budget import Budget
from scheduler.incumbent import Decided, Incumbent
from scheduler.informed import Informed
from scheduler.model import Model
from scheduler.priority import Priority
from scheduler.solver import Answer, Effort, Found, Outcome
from scheduler.tiers import Level, easy_bound
from scheduler.vicinity import apart
from scheduler.watch import Incident

MENDS = 12
"""How often an answer is changed near envies before the whole question is asked again."""

HARD = 1.0
"""Solver work, that of linear programs too, from which on a question is hard."""

GLEANS = 4
"""How often few options are asked at most, while answers break orders."""

SOLVED = frozenset({Outcome.OPTIMAL, Outcome.FEASIBLE})
CUT_OFF = frozenset({Outcome.FEASIBLE, Outcome.UNKNOWN})
"""Outcomes with a plan, and without a proof."""

LEFT_OUT = 0.2
"""What part of the options must be left out for a question to be easier than the whole one."""

Report = Callable[[int, Level, int, int], None]
"""Called with the position of a level, 0 = first, and the value and bound reached there."""


class Inquiry:
    """Asks, believes what can be true, and learns.

    Parameters
    ----------
    model, priority
        What is asked about, and who is in the way.
    best
        The best plan so far, which answers improve.
    budget
        What is left of the limits; its watch is told of verdicts that cannot be true.
    report
        Told how far a level is.
    """

    def __init__(
        self, model: Model, priority: Priority, best: Incumbent, budget: Budget, report: Report
    ) -> None:
        self._model, self._priority, self._best = model, priority, best
        self._budget, self._report = budget, report
        self._is_hard = False  # whether a question of all options has been

    def glean(
        self, solver: Informed, level: Level, supposed: Sequence[Decided], *ahead: Level
    ) -> None:
        """Improve the best plan by what the last linear programs shared out, if questions are hard.

        What is supposed of other levels is wanted of it too. That takes half of what is left at
        most, and what comes of it bounds no other plan.
        """
        is_over = self._budget.halfway()
        for _ in range(GLEANS if self._is_hard else 0):
            answer = None if is_over() else self._gleaned(solver, level)
            if answer is None:
                break
            value = level.value(self._model.completed(answer.chosen))
            wanted = [*supposed, Decided(level, value, value)]
            near = self.learnt(solver, level, answer, wanted, *ahead)
            is_done = self._best.comes_to(wanted) or not self._priority.envies(near)
            if is_done or answer.outcome is not Outcome.OPTIMAL:
                break

    def _gleaned(self, solver: Informed, level: Level) -> Answer | None:
        """Return the best plan of options shared out or in the best plan; None without one."""
        options = range(len(self._model.options))
        closed = frozenset(options) - solver.lately_shared - self._best.chosen
        if len(closed) < len(options) * LEFT_OUT or self._budget.is_exhausted:
            return None
        effort = replace(self._budget.venture(), closed=closed)
        answer = self.ask(solver, level, self._best.chosen, effort)
        return replace(answer, bound=None) if answer.outcome in SOLVED else None

    def searched(self, solver: Informed, level: Level, bound: int) -> int:
        """Improve the best plan in a level until it meets its bound; return the bound."""
        near: Collection[int] = self._best.chosen
        while level.value(self._best.chosen) != bound and not self._budget.is_exhausted:
            answer = self._believed(solver, level, near)
            if answer is None:
                break
            if answer.bound is not None and level.beats(bound, answer.bound):
                bound = answer.bound
            near = self.learnt(solver, level, answer, [Decided(level, bound, bound)], level)
            if answer.outcome is not Outcome.OPTIMAL or not self._priority.envies(near):
                break
        return bound

    def learnt(
        self,
        solver: Informed,
        level: Level,
        answer: Answer,
        wanted: Sequence[Decided],
        *ahead: Level,
    ) -> Collection[int]:
        """Learn from an answer: its bound becomes a row, and so do the envies in its way.

        Until the plan comes to what is wanted, what is as good and differs near the envies alone is
        asked for. What the last answer takes is returned.
        """
        if answer.bound is not None:
            solver.tell(replace(level.at_most(answer.bound), lazy=True))
        self._rule_out(solver, answer, *ahead)
        for _ in range(MENDS):
            mended = None if self._best.comes_to(wanted) else self._mended(solver, level, answer)
            if mended is None:
                break
            answer = mended
            self._rule_out(solver, answer, *ahead)
        return answer.chosen

    def _rule_out(self, solver: Informed, answer: Answer, *ahead: Level) -> None:
        """Take the plan that an answer leads to, where it is better; make its envies rows."""
        envies = self._best.settle(answer.chosen, *ahead)
        rows = self._priority.rows(self._priority.alike(envies))
        self._model.rows += (replace(row, lazy=True) for row in rows)
        solver.tell()

    def _mended(self, solver: Informed, level: Level, answer: Answer) -> Answer | None:
        """Return an answer as good that differs near envies alone; None where that is not found."""
        options = self._model.options
        envies = self._priority.envies(answer.chosen)
        people = {who for e in envies for who in (options[e.wanted].candidate, e.junior)}
        closed = apart(self._model, answer.chosen, people)
        if not envies or len(closed) < len(options) * LEFT_OUT or self._budget.is_exhausted:
            return None
        effort = replace(self._budget.venture(), closed=closed)
        mended = self.ask(solver, level, answer.chosen, effort)
        values = {level.value(self._model.completed(each.chosen)) for each in (answer, mended)}
        return mended if mended.outcome is Outcome.OPTIMAL and len(values) == 1 else None

    def _believed(self, solver: Informed, level: Level, near: Collection[int]) -> Answer | None:
        """Ask the solver, without presolve where its verdict cannot be true; None without one."""
        for presolve in (True, False):
            effort = self._budget.effort(presolve)
            answer = self.ask(solver, level, near, effort, self.reporter(level))
            if not self._incredible(level, answer):
                return answer
            incident = Incident(level.tier, level.level, answer.outcome, presolve)
            self._budget.watch.on_incident(incident)
        return None

    def _incredible(self, level: Level, answer: Answer) -> bool:
        """Tell whether an answer contradicts the plan already in hand."""
        value = level.value(self._best.chosen)
        if answer.outcome in (Outcome.INFEASIBLE, Outcome.FAULT):
            return True
        if answer.bound is not None and level.beats(value, answer.bound):
            return True
        worse = level.beats(value, level.value(self._model.completed(answer.chosen)))
        return answer.outcome is Outcome.OPTIMAL and worse

    def ask(
        self,
        solver: Informed,
        level: Level,
        near: Collection[int],
        effort: Effort,
        found: Found = lambda _value, _bound: None,
    ) -> Answer:
        """Ask the solver for the best plan in a level, from the options of one near it.

        Whether that is hard where nothing is left out, later ones are told by.
        """
        plan = self._model.completed(near)
        ones = plan.union(self._priority.standing.filled(plan))
        hint = {i: i in ones for i in range(self._model.variables)}
        answer = solver.solver.optimise(level, hint, effort, self._budget.stop, found)
        if not effort.closed:
            self._is_hard |= answer.outcome in CUT_OFF or answer.deterministic >= HARD
        self._budget.spend(answer.seconds, answer.deterministic)
        return answer

    def reporter(self, level: Level) -> Found:
        """Return a callback that merges values and bounds into reports of progress."""
        reached = [level.value(self._best.chosen), easy_bound(self._model, level)]
        position = len(self._best.decided)

        def found(value: int | None, bound: int | None) -> None:
            reached[0] = reached[0] if value is None else value
            if bound is not None and level.beats(reached[1], bound):
                reached[1] = bound
            self._report(position, level, reached[0], reached[1])

        return found

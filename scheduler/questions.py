"""Questions about a round: which plan is best if something more must hold.

Each question is a solver of its own with the round's rows, and gets the rows of PRIORITY that its
answers break. What many questions have met is ruled out from the start of the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from scheduler.model import Model, Row
from scheduler.priority import Priority
from scheduler.solver import Answer, Effort, Outcome, Solver
from scheduler.standing import Envy
from scheduler.tiers import Level
from scheduler.watch import Watch

OFTEN = 3
"""An envy that so many questions have met is ruled out from the start of the next."""


@dataclass(slots=True)
class Asked:
    """A question: its solver, who is exempt in it, and which variables are known to be zero.

    `known` are the blockers that the solver knows, `met` the rows that came up on the way.
    """

    solver: Solver
    exempt: str | None
    closed: frozenset[int]
    known: set[int] = field(default_factory=set)
    met: list[Row] = field(default_factory=list)


class Questions:
    """Asks for the best plans of a round, with whatever more must hold.

    Parameters
    ----------
    model, priority
        The round's.
    own
        A known plan, from which each search begins.
    new_solver
        Makes an empty solver.
    watch
        Its stop ends a question.
    """

    def __init__(
        self,
        model: Model,
        priority: Priority,
        own: frozenset[int],
        new_solver: Callable[[], Solver],
        watch: Watch,
    ) -> None:
        self.model, self._priority, self._own = model, priority, own
        self._new_solver, self._watch = new_solver, watch
        self._met: Counter[Envy] = Counter()

    def asked(
        self, row: Row, exempt: str | None = None, closed: frozenset[int] = frozenset()
    ) -> Asked:
        """Return a question: a row, what every plan keeps, and what earlier ones have often met."""
        asked = Asked(self._new_solver(), exempt, closed)
        often = (e for e, times in self._met.items() if times >= OFTEN and e.junior != exempt)
        met = (known for envy in often for known in self._priority.against(envy))
        self.add(asked, (*self.model.rows, row, *met))
        return asked

    def add(self, asked: Asked, rows: Iterable[Row]) -> None:
        """Add rows to a question, and what says what their blockers are."""
        rows = list(rows)
        defining = self._priority.standing.defining(rows)
        new = [row for blocker, row in defining.items() if blocker not in asked.known]
        asked.known.update(defining)
        reduced = (row.without(asked.closed) for row in (*new, *rows))
        asked.solver.add(self.model.variables, (row for row in reduced if not row.is_idle))

    def best(self, asked: Asked, level: Level) -> frozenset[int] | Outcome:
        """Return the best plan in a level, or the verdict where there is none."""
        while True:
            answer = self._ask(asked, level)
            if answer.outcome is not Outcome.OPTIMAL:
                return answer.outcome
            chosen = answer.chosen - asked.closed
            envies = self._priority.envies(chosen)
            met = [envy for envy in envies if envy.junior != asked.exempt]
            if not met:
                return self.model.completed(chosen)
            self._met.update(met)
            rows = [row for envy in met for row in self._priority.against(envy)]
            self.add(asked, rows)
            asked.met += rows

    def _ask(self, asked: Asked, level: Level) -> Answer:
        """Ask the solver; that nothing is possible is believed when it is said twice."""
        level = level.without(asked.closed)
        own = self._own - asked.closed
        hint = {i: i in own for i in range(len(self.model.options))}
        for presolve in (True, False):
            answer = asked.solver.optimise(
                level, hint, Effort(presolve=presolve), self._watch.stop, _unheard
            )
            if answer.outcome not in (Outcome.INFEASIBLE, Outcome.FAULT):
                break
        return answer


def _unheard(_value: int | None, _bound: int | None) -> None:
    """Nobody listens to a single question."""

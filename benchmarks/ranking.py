"""PRIORITY and the limits in full, as lists of numbers, for searches that go from plan to plan."""

from __future__ import annotations

from datetime import date

from scheduler.model import Model
from scheduler.priority import Priority
from scheduler.standing import Blocker

Limit = tuple[str, str]


class Ranking:
    """What a plan's hard rules hang on.

    A *slot* is a place of a limit on a day that matters.

    Attributes
    ----------
    free
        Places of each slot that accepted commitments leave.
    slots
        For each option, the slots that it takes.
    claims
        For each option, what stands against it: ``[claim, …]``.
    colleagues
        For each claim, whose it is.
    serving
        For each claim, the options that serve her.
    blockers
        For each claim, the slots of which one must be filled by others for it to be void.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._number: dict[tuple[Limit, date], int] = {}
        self.free: list[int] = []
        self.slots: list[list[int]] = [[] for _ in model.options]
        self.claims: list[list[int]] = [[] for _ in model.options]
        self.colleagues: list[str] = []
        self.serving: list[list[int]] = []
        self.blockers: list[list[int]] = []
        for resource in model.resources:
            for day in resource.starts:
                self._slot((resource.rule, resource.subject), day)
        self._rank()

    def _rank(self) -> None:
        """Gather the rows of PRIORITY; of those alike but for blockers, the shortest is enough."""
        priority, options = Priority(self._model), len(self._model.options)
        gathered: dict[tuple[tuple[int, ...], tuple[int, ...]], set[frozenset[int]]] = {}
        for envy in priority.possible():
            for row in priority.plainly(envy):
                taking = tuple(i for i, sign in row.terms if sign > 0)
                others = [i for i, sign in row.terms if sign < 0]
                serving = tuple(i for i in others if i < options)
                blockers = frozenset(i for i in others if i >= options)
                gathered.setdefault((taking, serving), set()).add(blockers)
        meaning = priority.standing.blockers
        for (taking, serving), sets in gathered.items():
            for blockers in sets:
                if not any(other < blockers for other in sets):
                    self._claim(taking, serving, [meaning[i] for i in sorted(blockers)])

    def _claim(
        self, taking: tuple[int, ...], serving: tuple[int, ...], blockers: list[Blocker]
    ) -> None:
        for y in taking:
            self.claims[y].append(len(self.colleagues))
        self.colleagues.append(self._model.options[serving[0]].candidate)
        self.serving.append(list(serving))
        self.blockers.append([self._slot((b.rule, b.subject), b.day) for b in blockers])

    def _slot(self, limit: Limit, day: date) -> int:
        """Return the number of a slot, and have it kept for those who take it."""
        if (limit, day) not in self._number:
            resource = self._model.resource[limit]
            self._number[limit, day] = len(self.free)
            for i in resource.active(day):
                self.slots[i].append(len(self.free))
            self.free.append(resource.free(day))
        return self._number[limit, day]

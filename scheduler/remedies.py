"""The smallest change that would have helped: one thing changed, planned again, and looked at.

============  ======================================================================
WAIVER        a written reason to set the lead time aside
LATER         the wish allows starts until `latest`, `days` later than it does
EARLIER       the wish allows starts from `earliest`, `days` earlier than it does
SHORTER       the stay is `months` shorter
EXPERIENCE    `months` more in general practice
FTE           a post of `percent` percent is enough
AVAILABLE     no leave keeps her from any stay
LIS1          LIS1 is completed by `by`
SUPERVISOR    she has a supervisor
IN_PLAN       the wish stands in her individual plan
REGISTERED    the municipality is registered by `by`
AGREEMENT     the municipality has an agreement with `trust`, signed by `by`
PLACE         one place more of `rule` for `subject`
============  ======================================================================

What is told has been planned: in the best plan of the round so changed she has the wish, or a
better one, and in none with less of the same change. What is not told has not been found: changes
of two kinds at once are not tried, nor small steps where the furthest one does not help.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from scheduler.changes import KINDS, Changed, Question
from scheduler.forcing import Forcing, Loss
from scheduler.options import Option, options_of
from scheduler.planner import plan_round
from scheduler.plans import Reason, Status
from scheduler.solver import Solver
from scheduler.watch import Watch

TRIES = 12
"""How many steps of one kind of change are tried, the smallest first."""

WIDENED = ("LATER", "EARLIER", "SHORTER")
"""Kinds whose furthest step is tried first: where that does not help, smaller ones seldom do."""


def remedies(
    question: Question, new_solver: Callable[[], Solver], watch: Watch
) -> Iterator[Reason]:
    """Yield the smallest change of each kind that would have helped, as far as one was found."""
    search = _Search(question, new_solver, watch)
    for code, steps in KINDS.items():
        tried = list(islice(filter(search.is_new, steps(question)), TRIES))
        if code in WIDENED and tried and not search.helps(tried[-1]):
            continue
        helping = next(filter(search.helps, tried), None)
        if helping is not None:
            yield Reason(code, question.position, helping.figures)


class _Search:
    """Plans changed rounds, as far as it takes to see what the candidate gets."""

    def __init__(self, question: Question, new_solver: Callable[[], Solver], watch: Watch) -> None:
        self._question, self._new_solver, self._watch = question, new_solver, watch
        self._own = frozenset(options_of(question.round, question.candidate))

    def is_new(self, changed: Changed) -> bool:
        """Tell whether a change can matter: it gives her stays, or makes a place."""
        return changed.makes_place or self._options(changed) != self._own

    def helps(self, changed: Changed) -> bool:
        """Tell whether the best plan of a changed round grants the wish, or a better one."""
        if self._watch.stop is not None and self._watch.stop.requested:
            return False
        forcing = Forcing(changed.round, self._question.plan, self._new_solver, self._watch)
        options = forcing.model.options
        granting = [
            i
            for i in forcing.model.of_candidate.get(self._question.candidate.id, ())
            if options[i].wish_class <= self._question.position
        ]
        if not granting:
            return False
        if self._only_adds(changed, forcing):
            forced = forcing.force(granting)
            if forced.level is None or forced.level.tier != "lottery":
                return forced.loss is Loss.NONE and forced.level is not None
        given = forcing.gives(granting)
        return self._is_planned(changed) if given is None else given

    def _only_adds(self, changed: Changed, forcing: Forcing) -> bool:
        """Tell whether all that a change does is to give her stays that grant the wish.

        Then whoever is given none of them is planned as before, at best: the plan says how well.
        """
        now = self._options(changed)
        return (
            changed.is_hers
            and self._question.plan.status is Status.OPTIMAL
            and self._own <= now
            and all(o.wish_class <= self._question.position for o in now - self._own)
            and forcing.is_lawful
        )

    def _options(self, changed: Changed) -> frozenset[Option]:
        candidate = changed.round.candidate[self._question.candidate.id]
        return frozenset(options_of(changed.round, candidate))

    def _is_planned(self, changed: Changed) -> bool:
        plan = plan_round(changed.round, watch=self._watch)
        return plan.status is Status.OPTIMAL and any(
            p.candidate == self._question.candidate.id
            and (p.wish_class or 1) <= self._question.position
            for p in plan.placements
        )

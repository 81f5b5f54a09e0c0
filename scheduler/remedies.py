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

What is told is proven: in the best plan of the round so changed she has the wish, or a
better one, and in none with less of the same change. What is not told has not been found: changes
of two kinds at once are not tried, nor small steps where the furthest one does not help.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from scheduler.afresh import Afresh
from scheduler.changes import KINDS, Changed, Question
from scheduler.options import Option, options_of
from scheduler.plans import Reason
from scheduler.prospects import Prospects
from scheduler.solver import Solver
from scheduler.watch import Watch

TRIES = 12
"""How many steps of one kind of change are tried, the smallest first."""

WIDENED = ("LATER", "EARLIER", "SHORTER")
"""Kinds whose furthest step is tried first: where that does not help, smaller ones seldom do."""


def remedies(
    question: Question,
    new_solver: Callable[[], Solver],
    watch: Watch,
    prospects: Prospects | None = None,
) -> Iterator[Reason]:
    """Yield the smallest change of each kind that would have helped, as far as one was found.

    `prospects` are those of the planned round, where they are known: they spare much.
    """
    return remedied(question, Afresh(question.model, question.plan, new_solver, prospects), watch)


def remedied(question: Question, afresh: Afresh, watch: Watch) -> Iterator[Reason]:
    """Yield the same, where some changed rounds may have been planned before."""
    search = _Search(question, afresh, watch)
    for code, steps in KINDS.items():
        tried = list(islice(filter(search.is_new, steps(question)), TRIES))
        if code in WIDENED and tried and not search.helps(tried[-1]):
            continue
        helping = next(filter(search.helps, tried), None)
        if helping is not None:
            yield Reason(code, question.position, helping.figures)


class _Search:
    """Looks at what the candidate gets in changed rounds."""

    def __init__(self, question: Question, afresh: Afresh, watch: Watch) -> None:
        self._question, self._afresh, self._watch = question, afresh, watch
        self._own = frozenset(options_of(question.round, question.candidate))

    def is_new(self, changed: Changed) -> bool:
        """Tell whether a change can matter: it gives her stays, or makes a place."""
        return changed.room is not None or self._options(changed) != self._own

    def helps(self, changed: Changed) -> bool:
        """Tell whether the best plan of a changed round grants the wish, or a better one."""
        if self._watch.stop is not None and self._watch.stop.requested:
            return False
        her, wish = self._question.candidate.id, self._question.position
        return self._has_prospects(changed) and self._afresh.grants(changed, her, wish, self._watch)

    def _has_prospects(self, changed: Changed) -> bool:
        """Tell whether a change gives her stays that grant the wish, as far as is known at once."""
        her, wish = self._question.candidate, self._question.position
        if not any(option.wish_class <= wish for option in self._options(changed)):
            return False
        prospects = self._afresh.prospects
        if prospects is None:
            return True
        if changed.room is not None:
            model = self._question.model
            own = model.of_candidate.get(her.id, ())
            granting = [i for i in own if model.options[i].wish_class <= wish]
            return not prospects.is_hopeless_with_room(changed.room, granting)
        return not prospects.is_hopeless(changed.round, changed.concerned, her.id, wish)

    def _options(self, changed: Changed) -> frozenset[Option]:
        candidate = changed.round.candidate[self._question.candidate.id]
        return frozenset(options_of(changed.round, candidate))

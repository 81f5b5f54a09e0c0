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
from scheduler.components import components
from scheduler.model import Model
from scheduler.options import Option, options_of
from scheduler.plans import Reason, Status
from scheduler.prospects import Prospects
from scheduler.search import decide
from scheduler.solver import Solver
from scheduler.watch import Limits, Watch

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
    search = _Search(question, new_solver, watch, prospects)
    for code, steps in KINDS.items():
        tried = list(islice(filter(search.is_new, steps(question)), TRIES))
        if code in WIDENED and tried and not search.helps(tried[-1]):
            continue
        helping = next(filter(search.helps, tried), None)
        if helping is not None:
            yield Reason(code, question.position, helping.figures)


class _Search:
    """Plans changed rounds, as far as it takes to see what the candidate gets."""

    def __init__(
        self,
        question: Question,
        new_solver: Callable[[], Solver],
        watch: Watch,
        prospects: Prospects | None,
    ) -> None:
        self._question, self._new_solver, self._watch = question, new_solver, watch
        self._prospects = prospects
        self._own = frozenset(options_of(question.round, question.candidate))

    def is_new(self, changed: Changed) -> bool:
        """Tell whether a change can matter: it gives her stays, or makes a place."""
        return changed.room is not None or self._options(changed) != self._own

    def helps(self, changed: Changed) -> bool:
        """Tell whether the best plan of a changed round grants the wish, or a better one."""
        if self._watch.stop is not None and self._watch.stop.requested:
            return False
        return self._has_prospects(changed) and self._is_granted(changed)

    def _is_granted(self, changed: Changed) -> bool:
        """Tell whether the best plan of a changed round, once planned, grants the wish."""
        watch = Watch(stop=self._watch.stop)
        result = decide(self._around(changed), Limits(), watch, self._new_solver)
        return result.status is Status.OPTIMAL and any(
            option.candidate == self._question.candidate.id
            and option.wish_class <= self._question.position
            for option in result.chosen
        )

    def _around(self, changed: Changed) -> Model:
        """Return the model of what hangs together with the candidate in a changed round.

        Elsewhere the plan stays the best there is.
        """
        round_, her = changed.round, self._question.candidate
        concerned = {her.id} if changed.is_hers else set(round_.colleagues[her.municipality])
        free = concerned.difference(round_.accepted)
        model = self._question.model
        new = [o for c in sorted(concerned) for o in options_of(round_, round_.candidate[c])]
        admissible = [o for o in model.admissible if o.candidate not in concerned] + new
        options = [o for o in model.options if o.candidate not in concerned]
        options += [o for o in new if o.candidate in free]
        own = next(
            component
            for component in components(round_, sorted(options))
            if any(option.candidate == her.id for option in component)
        )
        return Model(round_, tuple(sorted(admissible)), own)

    def _has_prospects(self, changed: Changed) -> bool:
        """Tell whether a change gives her stays that grant the wish, as far as is known at once."""
        her, wish = self._question.candidate, self._question.position
        if not any(option.wish_class <= wish for option in self._options(changed)):
            return False
        if self._prospects is None:
            return True
        if changed.room is not None:
            model = self._question.model
            own = model.of_candidate.get(her.id, ())
            granting = [i for i in own if model.options[i].wish_class <= wish]
            return not self._prospects.is_hopeless_with_room(changed.room, granting)
        colleagues = self._question.round.colleagues[her.municipality]
        who = [her.id] if changed.is_hers else colleagues
        return not self._prospects.is_hopeless(changed.round, who, her.id, wish)

    def _options(self, changed: Changed) -> frozenset[Option]:
        candidate = changed.round.candidate[self._question.candidate.id]
        return frozenset(options_of(changed.round, candidate))

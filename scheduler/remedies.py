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

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from scheduler.changes import KINDS, Changed, Question
from scheduler.forcing import Forcing, Loss
from scheduler.options import Option, options_of
from scheduler.planner import plan_round
from scheduler.plans import Reason, Status
from scheduler.prospects import Prospects
from scheduler.rounds import Round
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
        if not self._has_prospects(changed):
            return False
        forcing = Forcing(changed.round, self._question.plan, self._new_solver, self._watch)
        own = forcing.model.of_candidate.get(self._question.candidate.id, ())
        wished = self._question.position
        granting = [i for i in own if forcing.model.options[i].wish_class <= wished]
        others = [i for i in own if i not in granting]
        alone = self._concerns_her_alone(changed, forcing)
        if alone and not others and any(map(forcing.is_better_with, granting)):
            return True
        helps = self._compared(forcing, granting, others, alone)
        if helps is None:
            helps = forcing.gives(granting)
        return self._is_planned(changed) if helps is None else helps

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

    def _compared(
        self, forcing: Forcing, granting: Sequence[int], others: Sequence[int], alone: bool
    ) -> bool | None:
        """Tell whether granting the wish makes a better plan; None where the plan does not tell.

        As long as the plan is lawful in the changed round, whatever is worse than it is not best.
        Where the change concerns her alone, nothing without her is better than the plan.
        """
        granted = forcing.force(granting)
        if granted.loss is Loss.IMPOSSIBLE:
            return False
        if granted.level is None or granted.level.tier == "lottery" or not forcing.is_lawful:
            return None
        if granted.loss is Loss.WORSE:
            return False
        if not alone:
            return None
        return True if not others else forcing.is_ahead(granted, forcing.force(others))

    def _concerns_her_alone(self, changed: Changed, forcing: Forcing) -> bool:
        """Tell whether a change leaves nothing better, but for what it gives to her.

        There is no more room; what the plan gives her is still an option; no colleague's options
        change; and none of hers is gone for whose sake somebody below her had to stand back.
        """
        if changed.room is not None or self._question.plan.status is not Status.OPTIMAL:
            return False
        lost = self._own - self._options(changed)
        return (
            forcing.is_lawful
            and forcing.keeps(self._question.candidate.id)
            and (
                changed.is_hers or self._others(changed.round) == self._others(self._question.round)
            )
            and not any(self._has_juniors(part.unit) for option in lost for part in option.parts)
        )

    def _has_juniors(self, unit: str) -> bool:
        her = self._question.candidate
        return self._question.round.order(her.municipality, unit)[-1] != her.id

    def _others(self, round_: Round) -> list[frozenset[Option]]:
        """Return the options of her colleagues: nobody else hangs on her municipality."""
        her = self._question.candidate
        colleagues = (c for c in round_.colleagues[her.municipality] if c != her.id)
        return [frozenset(options_of(round_, round_.candidate[c])) for c in colleagues]

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

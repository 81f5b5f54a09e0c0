"""Why not, and what would have helped: each candidate's wishes that are better than her outcome."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from scheduler.accounts import accounts
from scheduler.afresh import Afresh
from scheduler.causes import causes
from scheduler.ceilings import Ceilings
from scheduler.changes import Question
from scheduler.components import components
from scheduler.exact import exact
from scheduler.explained import Explanation, WishExplained
from scheduler.forcing import Forcing
from scheduler.glop import Glop
from scheduler.model import Model
from scheduler.options import Option
from scheduler.plans import Plan, Reason, Status, by_candidate
from scheduler.prospects import Prospects
from scheduler.remedies import remedied
from scheduler.rounds import Round
from scheduler.watch import Watch


def explanations(
    round_: Round,
    plan: Plan,
    candidates: Collection[str] | None = None,
    watch: Watch | None = None,
) -> Iterator[Explanation]:
    """Yield the explanation for each candidate, by id.

    Parameters
    ----------
    round_, plan
        A round and a verified plan of it; one that is not proven best is explained as far as it
        goes.
    candidates
        Ids of those to explain; None = everybody.
    watch
        Its stop leaves out what has not been solved again.
    """
    explainer = Explainer(round_, plan)
    for candidate in round_.candidates:
        if candidates is None or candidate.id in candidates:
            yield explainer.explanation(candidate.id, watch)


class Explainer:
    """Explains a plan to one candidate at a time, to each as if she alone had asked."""

    def __init__(self, round_: Round, plan: Plan) -> None:
        self._round, self._plan = round_, plan
        decided = plan.status is Status.OPTIMAL
        owed = accounts(round_, plan.placements, plan.lottery_counter, decided)
        self._reasons = {account.candidate: account.reasons for each in owed for account in each}
        self._given = by_candidate(plan.placements)
        self._ceilings_of: dict[int, Ceilings] = {}

    def explanation(self, candidate: str, watch: Watch | None = None) -> Explanation:
        """Explain the outcome of a candidate, by id."""
        watch = watch or Watch()
        given = self._given.get(candidate, ())
        wishes = range(1, self._better(candidate) + 1)
        forcing = self._forcing(candidate, watch) if wishes else None
        return Explanation(
            candidate,
            given,
            self._said(candidate, None),
            tuple(self._wish(forcing, candidate, wish, watch) for wish in wishes),
        )

    def _forcing(self, candidate: str, watch: Watch) -> Forcing | None:
        """Return what forces her options among those that hang together with them, if any."""
        number = self._component.get(candidate)
        if number is None:
            return None
        ceilings = None
        if self._plan.status is Status.OPTIMAL:
            if number not in self._ceilings_of:
                model = self._model_of(number)
                self._ceilings_of[number] = Ceilings(self._round, self._plan, Glop, model)
            ceilings = self._ceilings_of[number]
        model = self._model_of(number)
        return Forcing(self._round, self._plan, exact, watch, ceilings, model)

    def _model_of(self, component: int) -> Model:
        return Model(self._round, self._model.admissible, self._components[component])

    @cached_property
    def _model(self) -> Model:
        return Model(self._round)

    @cached_property
    def _components(self) -> Sequence[tuple[Option, ...]]:
        return components(self._round, self._model.options)

    @cached_property
    def _component(self) -> Mapping[str, int]:
        return {o.candidate: number for number, own in enumerate(self._components) for o in own}

    @cached_property
    def _ceilings(self) -> Ceilings | None:
        proven = self._plan.status is Status.OPTIMAL
        return Ceilings(self._round, self._plan, Glop) if proven else None

    @cached_property
    def _afresh(self) -> Afresh:
        prospects = None if self._ceilings is None else Prospects(self._ceilings)
        return Afresh(self._model, self._plan, exact, prospects)

    def _better(self, candidate: str) -> int:
        """Return how many of her wishes are better than what she got."""
        given = self._given.get(candidate)
        if candidate in self._round.accepted:
            return 0
        if given:
            return (given[0].wish_class or 1) - 1
        return len(self._round.candidate[candidate].wishes)

    def _wish(
        self, forcing: Forcing | None, candidate: str, wish: int, watch: Watch
    ) -> WishExplained:
        question = Question(self._model, self._plan, self._round.candidate[candidate], wish)
        return WishExplained(
            wish,
            self._said(candidate, wish),
            () if forcing is None else tuple(causes(forcing, candidate, wish)),
            tuple(remedied(question, self._afresh, watch)),
        )

    def _said(self, candidate: str, wish: int | None) -> tuple[Reason, ...]:
        reasons = self._reasons.get(candidate, ())
        return tuple(reason for reason in reasons if reason.wish == wish)

"""What the best plan of a changed round grants, shown with as little planning as that takes.

A plan *near* the planned one takes only options that lose nothing to it, those that the change is
about, and those that somebody would claim: it is soon found. Where it is better than the planned
one and grants the wish, and whatever does not was possible in the planned round, the best plan
grants the wish. Else what differs from it in granting the wish is worse by the prices of the levels
(`prospects`), or by linear programs of the changed round (`rivals`): then the best plan, whichever
it is, grants what that one does. Else the changed round is planned, once however many ask about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from scheduler.changes import Changed, Record
from scheduler.components import components
from scheduler.glop import Glop
from scheduler.model import Model
from scheduler.options import Option, options_of
from scheduler.plans import Plan, Status
from scheduler.pricing import Key
from scheduler.priority import Priority
from scheduler.prospects import Prospects
from scheduler.rivals import outdoes
from scheduler.search import Result, decide
from scheduler.solver import Solver
from scheduler.tiers import levels
from scheduler.watch import Limits, Watch


@dataclass(frozen=True, slots=True)
class _Near:
    """A plan near the planned one.

    Attributes
    ----------
    chosen, classes
        What it gives, and the class of that by candidate.
    gains
        What its values exceed those of the planned one by, level by level.
    is_better
        Whether it is better in the first level that differs.
    """

    chosen: frozenset[Option]
    classes: Mapping[str, int]
    gains: Mapping[Key, int]
    is_better: bool

    def grants(self, her: str, wish: int) -> bool:
        """Tell whether it gives a candidate a wish, or a better one."""
        return self.classes.get(her, wish + 1) <= wish


class Afresh:
    """Plans changes of one round.

    Parameters
    ----------
    model, plan
        The round's, and its plan.
    new_solver
        Makes an empty solver.
    prospects
        Those of the planned round, where they are known: they spare much.
    """

    def __init__(
        self,
        model: Model,
        plan: Plan,
        new_solver: Callable[[], Solver],
        prospects: Prospects | None = None,
    ) -> None:
        self.prospects = prospects
        self._model, self._new_solver = model, new_solver
        given = model.given(plan.placements)
        self._plan = frozenset(o for i, o in enumerate(model.options) if i in given)
        self._best: dict[Record, Mapping[str, int]] = {}
        self._granted: dict[tuple[Record, str], int] = {}
        self._near: dict[Record, _Near | None] = {}
        self._ever_claimed: set[Option] = set()  # and likely to be claimed again

    def grants(self, changed: Changed, her: str, wish: int, watch: Watch) -> bool:
        """Tell whether the best plan of a changed round grants a wish, or a better one.

        Not where the search was stopped.
        """
        if changed.record not in self._best:
            if self._granted.get((changed.record, her), wish + 1) <= wish:
                return True
            settled = self._settled(changed, her, wish, watch)
            if settled:
                self._granted[changed.record, her] = wish
            if settled is not None:
                return settled
            near = self._near.get(changed.record)
            known = self._plan if near is None else near.chosen
            result = self._decided(self._around(changed, her), known, watch)
            if result.status is not Status.OPTIMAL:
                return False
            self._best[changed.record] = _classes(result.chosen)
        return self._best[changed.record].get(her, wish + 1) <= wish

    def _settled(self, changed: Changed, her: str, wish: int, watch: Watch) -> bool | None:
        """Tell whether the best plan grants a wish, where one near the planned one shows that."""
        prospects = self.prospects
        if prospects is None:
            return None
        is_first = changed.record not in self._near
        if is_first:
            self._near[changed.record] = self._found_near(prospects, changed, her, watch)
        near = self._near[changed.record]
        if near is None:
            return None
        granted = near.grants(her, wish)
        # then nothing that does not grant the wish is better than the planned plan
        if granted and near.is_better and prospects.only_grants(changed, her, wish):
            return True
        if prospects.settles(changed, her, wish, granted, near.gains):
            return granted
        # what more than one may ask about is planned once for all of them
        if (is_first or changed.is_hers) and self._outdoes(prospects, changed, near, her, wish):
            return granted
        return None

    def _outdoes(
        self, prospects: Prospects, changed: Changed, near: _Near, her: str, wish: int
    ) -> bool:
        """Tell whether linear programs show that a plan beats those that differ in a wish."""
        model = self._around(changed, her)
        own = model.of_candidate[her]
        granting = [i for i in own if model.options[i].wish_class <= wish]
        return outdoes(model, near.chosen, granting, prospects.envies(), Glop)

    def _found_near(
        self, prospects: Prospects, changed: Changed, her: str, watch: Watch
    ) -> _Near | None:
        """Return the best plan of what loses nothing, and what the change is about, or is claimed.

        None where the search was stopped.
        """
        whole, about = self._around(changed, her), self._ever_claimed.union(self._about(changed))
        options = {o for o in whole.options if o in prospects.near or o in about}
        known: Set[Option] = self._plan
        while True:
            taken = tuple(sorted(options))
            result = self._decided(Model(whole.round, whole.admissible, taken), known, watch)
            if result.status is not Status.OPTIMAL:
                return None
            known = frozenset(result.chosen)
            claimed = _claimed(whole, known)
            if not claimed:
                return self._beside_plan(Model(whole.round, whole.admissible, taken), known)
            options |= claimed
            self._ever_claimed |= claimed

    def _beside_plan(self, model: Model, chosen: frozenset[Option]) -> _Near:
        """Return a plan of a changed round, beside the planned one."""
        compared, numbers = levels(model), range(len(model.options))
        old, new = (
            model.completed(i for i in numbers if model.options[i] in plan)
            for plan in (self._plan, chosen)
        )
        gains = [(level, level.value(new) - level.value(old)) for level in compared]
        first = next(((level, gain) for level, gain in gains if gain), None)
        return _Near(
            chosen,
            _classes(chosen),
            {(level.tier, level.level): gain for level, gain in gains},
            first is not None and first[0].beats(first[1], 0),
        )

    def _decided(self, model: Model, known: Set[Option], watch: Watch) -> Result:
        return decide(model, Limits(), Watch(stop=watch.stop), self._new_solver, known)

    def _about(self, changed: Changed) -> Iterator[Option]:
        """Yield the options that a change gives, or may give a place."""
        if changed.room is not None:
            yield from (self._model.options[i] for i, _ in changed.room.members)
        for candidate in changed.concerned:
            yield from options_of(changed.round, changed.round.candidate[candidate])

    def _around(self, changed: Changed, her: str) -> Model:
        """Return the model of what hangs together with a candidate in a changed round.

        Elsewhere the plan stays the best there is.
        """
        round_, model, concerned = changed.round, self._model, set(changed.concerned)
        new = [o for c in sorted(concerned) for o in options_of(round_, round_.candidate[c])]
        admissible = [o for o in model.admissible if o.candidate not in concerned] + new
        options = [o for o in model.options if o.candidate not in concerned]
        options += [o for o in new if o.candidate not in round_.accepted]
        own = next(
            component
            for component in components(round_, sorted(options))
            if any(option.candidate == her for option in component)
        )
        return Model(round_, tuple(sorted(admissible)), own)


def _classes(chosen: Iterable[Option]) -> Mapping[str, int]:
    return {option.candidate: option.wish_class for option in chosen}


def _claimed(whole: Model, chosen: Set[Option]) -> set[Option]:
    """Return the options that somebody is kept from by whom she stands above."""
    plan = (i for i, option in enumerate(whole.options) if option in chosen)
    return {whole.options[envy.wanted] for envy in Priority(whole).envies(plan)}

"""Whether a changed round could be better with somebody than the plan is without: no, or unknown.

What a change adds is priced against the bounds of the round as it was, level by level. Where the
plan still holds in the changed round, and whatever gives her the wish loses in some level without
winning in one before, the wish is hopeless there: nothing need be planned to see it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from scheduler.ceilings import Ceilings, Decided
from scheduler.changes import Changed
from scheduler.contests import Contest, all_lose, beside
from scheduler.model import Model, Resource
from scheduler.options import Option, options_of
from scheduler.pricing import Key, Pricing, weights_of
from scheduler.room import meet
from scheduler.rounds import Round
from scheduler.standing import Envy
from scheduler.tiers import levels


@dataclass(frozen=True, slots=True)
class _Further:
    """The options that some candidates have in a changed round, instead of those they had."""

    options: Sequence[Option]
    weights: Mapping[int, Mapping[Key, int]]
    instead_of: Sequence[int]
    newcomers: Sequence[str]


class Prospects:
    """Tells what is hopeless in rounds that differ a little from a planned one."""

    def __init__(self, ceilings: Ceilings) -> None:
        self._ceilings = ceilings
        self._model = ceilings.model

    def is_hopeless(self, changed: Round, who: Collection[str], her: str, wish: int) -> bool:
        """Tell whether no plan of a changed round that grants a wish is as good as the plan.

        Parameters
        ----------
        changed
            A round in which nothing differs but the options of the candidates in `who`.
        her, wish
            A candidate among them, and the position of a wish of hers, 1 = first.
        """
        further = self._further(changed, who)
        return self._holds(further) and all_lose(
            (at.decided, {i: at.with_option(i) for i in at.granting(her, wish)})
            for at in self._priced(further, {})
        )

    def is_hopeless_with_room(self, resource: Resource, options: Collection[int]) -> bool:
        """Tell whether options of a candidate lose although there is one place more."""
        return self._holds_with_room(resource) and all_lose(
            (at.decided, {i: at.with_option(i) for i in options})
            for at in self._priced_with_room(resource, {})
        )

    def settles(
        self, changed: Changed, her: str, wish: int, granted: bool, gains: Mapping[Key, int]
    ) -> bool:
        """Tell whether the best plan of a changed round grants a wish as one that is known does.

        That is so where whatever grants it loses to the known plan, or whatever does not.

        Parameters
        ----------
        changed
            What differs from the planned round.
        her, wish
            A candidate, and the position of a wish of hers, 1 = first.
        granted
            Whether the known plan grants it, or a better one.
        gains
            By what the known plan exceeds the planned one, level by level.
        """
        found = ((at, at.granting(her, wish)) for at in self._at(changed, gains))
        if granted:
            return all_lose((at.decided, {0: at.without(numbers)}) for at, numbers in found)
        return all_lose(
            (at.decided, {i: at.with_option(i) for i in numbers}) for at, numbers in found
        )

    def only_grants(self, changed: Changed, her: str, wish: int) -> bool:
        """Tell whether plans that do not grant a wish are plans of the planned round.

        So it is where nothing but a candidate is another; where what is new to her grants her the
        wish, or a better one; and where nothing is gone that she has in the plan, or might claim.
        """
        if not changed.is_hers:
            return False
        further = self._further(changed.round, [her])
        had = {self._model.options[i]: self._weights[i] for i in further.instead_of}
        left = {option.parts: option.wish_class for option in further.options}
        is_left = all(
            left.get(option.parts, option.wish_class + 1) <= option.wish_class
            or not any(self._below(her, part.unit) for part in option.parts)
            for option in had
        )
        return (
            is_left
            and self._keeps(further)
            and all(
                had.get(option) == further.weights[i]
                for i, option in enumerate(further.options)
                if option.wish_class > wish
            )
        )

    def envies(self) -> Iterator[tuple[Option, str]]:
        """Yield who was in whose way in some solution: the option kept away, and the junior."""
        for row in self._ceilings.rows:
            if isinstance(row.about, Envy):
                yield self._model.options[row.about.wanted], row.about.junior

    @cached_property
    def near(self) -> frozenset[Option]:
        """Options that a plan may take which loses nothing to the plan but in the lottery."""
        options = self._model.options
        hopeless = self._ceilings.hopeless(len(self._ceilings.decided()))
        return frozenset(o for i, o in enumerate(options) if i not in hopeless)

    def _at(self, changed: Changed, gains: Mapping[Key, int]) -> Iterator[Contest]:
        """Yield each level as it is where a plan of a changed round is known, if that compares."""
        known = {(each.level.tier, each.level.level) for each, _ in self._levels}
        if any(gain for key, gain in gains.items() if key not in known):
            return
        if changed.room is not None:
            yield from self._priced_with_room(changed.room, gains)
            return
        further = self._further(changed.round, changed.concerned)
        if self._keeps(further):
            yield from self._priced(further, gains)

    def _priced(self, further: _Further, gains: Mapping[Key, int]) -> Iterator[Contest]:
        """Yield each level as it is where some have further options."""
        for decided, known in self._levels:
            pricing = self._lifted(known, further)
            reduced = [
                pricing.reduced(o, further.weights[i]) for i, o in enumerate(further.options)
            ]
            total = self._total(pricing, further, reduced)
            yield beside(gains, decided, pricing, total, further.options, reduced)

    def _priced_with_room(self, resource: Resource, gains: Mapping[Key, int]) -> Iterator[Contest]:
        """Yield each level as it is where there is one place more."""
        for decided, known in self._levels:
            pricing = self._roomier(known, resource)
            room = pricing.room((resource.rule, resource.subject))
            bound = pricing.bound
            yield beside(
                gains,
                decided,
                pricing,
                bound.total + room,
                self._model.options,
                bound.reduced.tolist(),
            )

    def _holds(self, further: _Further) -> bool:
        """Tell whether the plan holds in the changed round, as far as is known at once."""
        return self._keeps(further) and not any(map(self._may_envy, further.options))

    def _holds_with_room(self, resource: Resource) -> bool:
        taking = {i for i, _ in resource.members}
        return not any(self._may_envy(self._model.options[i]) for i in taking)

    def _further(self, changed: Round, who: Collection[str]) -> _Further:
        found = (o for c in who for o in options_of(changed, changed.candidate[c]))
        model = Model(changed, tuple(sorted(found)))
        own = self._model.of_candidate
        return _Further(
            options=model.options,
            weights=weights_of(model, levels(model)),
            instead_of=[i for c in who for i in own.get(c, ())],
            newcomers=[c for c in model.of_candidate if c not in own],
        )

    def _total(self, pricing: Pricing, further: _Further, reduced: Sequence[int]) -> int:
        """Return what a level's bound comes to in the changed round."""
        bound = pricing.bound
        total = bound.total - sum(max(0, int(bound.reduced[i])) for i in further.instead_of)
        home = (self._model.round.candidate[c].municipality for c in further.newcomers)
        return total + sum(max(0, r) for r in (*reduced, *map(pricing.step, home)))

    def _keeps(self, further: _Further) -> bool:
        """Tell whether what the plan gives is still an option of those whose options change.

        It also has to weigh what it did: a stay in parts may start by a wish that is another now.
        """
        weights = {o: further.weights[i] for i, o in enumerate(further.options)}
        own = (i for i in further.instead_of if i in self._ceilings.own)
        return all(weights.get(self._model.options[i]) == self._weights[i] for i in own)

    def _lifted(self, pricing: Pricing, further: _Further) -> Pricing:
        """Return the prices without rows of PRIORITY that need not hold in the changed round.

        A row holds as long as the colleague still has the option that it is about, and no further
        option fills a place that it takes: that would be a blocker which has no share in the price.
        """
        had = {self._model.options[i] for i in further.instead_of}
        gone = had.difference(further.options)

        def need_not_hold(envy: Envy) -> bool:
            wanted = self._model.options[envy.wanted]
            known = (wanted.candidate, envy.junior)
            return wanted in gone or any(
                o.candidate not in known and self._fills(o, wanted) for o in further.options
            )

        return self._without(pricing, need_not_hold)

    def _roomier(self, pricing: Pricing, resource: Resource) -> Pricing:
        """Return the prices without rows of PRIORITY that may count on a limit as it was."""
        round_, subject = self._model.round, resource.subject
        people = round_.candidate
        unit = round_.window[subject].unit if resource.rule == "POSITIONS" else subject

        def hangs_on_it(envy: Envy) -> bool:
            wanted = self._model.options[envy.wanted]
            if resource.rule == "AWAY":
                return people[wanted.candidate].municipality == resource.subject
            return any(part.unit == unit for part in wanted.parts)

        return self._without(pricing, hangs_on_it)

    def _without(self, pricing: Pricing, may_be: Callable[[Envy], bool]) -> Pricing:
        """Return the prices without rows of PRIORITY against some envies."""
        bound = self._ceilings.lifted(pricing.bound, may_be)
        if bound is pricing.bound:
            return pricing
        return Pricing(self._model, self._ceilings.rows, bound)

    def _fills(self, option: Option, wanted: Option) -> bool:
        """Tell whether an option takes a place that another one wants, on some day."""
        resource, people = self._model.resource, self._model.round.candidate
        home = people[wanted.candidate].municipality
        is_away = people[option.candidate].municipality == home and ("AWAY", home) in resource
        return any(
            meet(part, other)
            and (
                is_away
                or part.window == other.window
                or (part.unit == other.unit and ("SUPERVISED", part.unit) in resource)
            )
            for part in option.parts
            for other in wanted.parts
        )

    def _may_envy(self, option: Option) -> bool:
        """Tell whether somebody below may be in the way of an option, room or not."""
        own = self._placed.get(option.candidate)
        if own is not None and own.wish_class <= option.wish_class:
            return False
        return any(
            part.unit == other.unit and meet(part, other)
            for part in option.parts
            for junior in self._below(option.candidate, part.unit)
            if junior in self._placed
            for other in self._placed[junior].parts
        )

    def _below(self, candidate: str, unit: str) -> Sequence[str]:
        """Return those whom an order puts below a candidate."""
        round_ = self._model.round
        order = round_.order(round_.candidate[candidate].municipality, unit)
        return order[order.index(candidate) + 1 :] if candidate in order else ()

    @cached_property
    def _placed(self) -> dict[str, Option]:
        options = self._model.options
        return {options[i].candidate: options[i] for i in self._ceilings.own if i < len(options)}

    @cached_property
    def _levels(self) -> Sequence[tuple[Decided, Pricing]]:
        """The levels up to the first without a bound: in that, anything might win."""
        rows, priced = self._ceilings.rows, []
        for decided in self._ceilings.decided():
            if decided.bound is None:
                break
            priced.append((decided, Pricing(self._model, rows, decided.bound)))
        return priced

    @cached_property
    def _weights(self) -> Mapping[int, Mapping[Key, int]]:
        return weights_of(self._model, (each.level for each in self._ceilings.decided()))

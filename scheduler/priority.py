"""Who is in a higher-ranked colleague's way (docs/model.md, section 3), and rows against it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set

from scheduler.model import Model, Row
from scheduler.options import Option, Part, is_offer
from scheduler.room import has_room, meet
from scheduler.standing import Envy, Standing

Taken = dict[tuple[str, str], list[tuple[int, Part]]]
"""Options, each with a part of it, by the rule and subject of what they take a place of."""


class Priority:
    """Finds who is in the way in a set of chosen options, and builds the rows against it.

    Rows are built lazily: most pairs of colleagues never meet, and a plan without envy is right
    however few rows it took. Under ``advisory`` nobody is ever in the way, and never a candidate of
    a municipality in `lifted`, whose orders do not bind.
    """

    def __init__(
        self, model: Model, lifted: Collection[str] = (), standing: Standing | None = None
    ) -> None:
        self._model = model
        self._lifted = frozenset(lifted)
        self.standing = standing or Standing(model)
        self._against: dict[Envy, tuple[Row, ...]] = {}
        self._given: set[Envy] = set()
        self._in_unit: dict[tuple[str, str], list[tuple[int, Part]]] = {}
        for i, option in enumerate(model.options):
            for part in option.parts:
                self._in_unit.setdefault((option.candidate, part.unit), []).append((i, part))

    def envies(self, chosen: Iterable[int]) -> list[Envy]:
        """Return every envy in a plan, sorted; variables that are no options are passed over."""
        if self._model.round.policy.priority == "advisory":
            return []
        options = self._model.options
        numbers = sorted(i for i in chosen if i < len(options))
        plan = {options[i].candidate: i for i in numbers}
        taken = self._taken(numbers)
        found = set()
        for y in numbers:
            if not is_offer(self._model.round, options[y]):
                for o in self._claims(plan, options[y]):
                    own = plan.get(options[o].candidate)
                    if self._fits(options[o], taken, {y, own}):
                        found.add(Envy(o, options[y].candidate))
        return sorted(found)

    def rows(self, envies: Iterable[Envy]) -> Iterator[Row]:
        """Yield the rows that rule these envies out; none for envies that already have theirs."""
        new = [envy for envy in dict.fromkeys(envies) if envy not in self._given]
        self._given.update(new)
        rows = [row for envy in new for row in self.against(envy)]
        yield from (*rows, *self.standing.definitions(rows))

    def alike(self, envies: Iterable[Envy]) -> Iterator[Envy]:
        """Yield every envy of the same colleagues, for options in the same units; some twice."""
        for envy in envies:
            wanted = self._model.options[envy.wanted]
            for part in wanted.parts:
                for i, _ in self._in_unit[wanted.candidate, part.unit]:
                    yield Envy(i, envy.junior)

    def possible(self) -> Iterator[Envy]:
        """Yield every envy that some choice of options could hold, perhaps twice; all have rows."""
        if self._model.round.policy.priority == "advisory":
            return
        round_ = self._model.round
        for (colleague, unit), wanted in self._in_unit.items():
            municipality = round_.candidate[colleague].municipality
            if municipality in self._lifted:
                continue
            order = round_.order(municipality, unit)
            for junior in order[order.index(colleague) + 1 :]:
                if (junior, unit) in self._in_unit:
                    yield from (Envy(number, junior) for number, _ in wanted)

    def against(self, envy: Envy) -> tuple[Row, ...]:
        """Return the rows that rule one envy out, at most 1 above their bound without it.

        They need what is `defining` their blockers.
        """
        if envy not in self._against:
            self._against[envy] = tuple(self.standing.tight(envy, *self._claim(envy)))
        return self._against[envy]

    def plainly(self, envy: Envy) -> Iterator[Row]:
        """Yield rows that rule one envy out and are easy to read: a Boolean for each blocker."""
        return self.standing.plain(envy, *self._claim(envy))

    def settled(self, chosen: Iterable[int]) -> tuple[frozenset[int], list[Envy]]:
        """Return a plan without envy near `chosen`, and every envy met on the way to it.

        Whoever is in the way makes room, and the colleague takes what she was kept from. Orders
        that differ from unit to unit can lead in a circle: from then on people only make room.
        """
        options = self._model.options
        plan = frozenset(i for i in chosen if i < len(options))
        seen: set[frozenset[int]] = set()
        met: list[Envy] = []
        while envies := self.envies(plan):
            met += envies
            envy, circling = envies[0], plan in seen
            seen.add(plan)
            leaving = {envy.junior} if circling else {envy.junior, options[envy.wanted].candidate}
            plan = frozenset(i for i in plan if options[i].candidate not in leaving)
            if not circling:
                plan |= {envy.wanted}
        return plan, met

    def is_below_others(self, options: Iterable[int]) -> bool:
        """Tell whether somebody stands above a candidate in a unit of some of her options."""
        own = (self._model.options[i] for i in options)
        return any(self.above(o.candidate, part.unit) for o in own for part in o.parts)

    def together(self, numbers: Iterable[int]) -> set[int]:
        """Return options that go together, one a candidate, each that fits beside those before."""
        options = self._model.options
        taken: Taken = {}
        plan: dict[str, int] = {}
        for i in numbers:
            candidate = options[i].candidate
            if candidate not in plan and self._fits(options[i], taken, frozenset()):
                plan[candidate] = i
                self._take(taken, i)
        return set(plan.values())

    def has_room(self, option: int, plan: Iterable[int]) -> bool:
        """Tell whether an option fits beside a plan in which its candidate has nothing."""
        return self._fits(self._model.options[option], self._taken(plan), frozenset())

    def _claims(self, plan: Mapping[str, int], y: Option) -> Iterator[int]:
        """Yield the options at the time of `y` that a higher-ranked colleague would rather have."""
        options, mode = self._model.options, self._model.round.policy.priority
        for part in y.parts:
            for colleague in self.above(y.candidate, part.unit):
                own = plan.get(colleague)
                if own is not None and mode == "placement":
                    continue
                for o, wanted in self._in_unit.get((colleague, part.unit), ()):
                    better = own is None or options[o].wish_class < options[own].wish_class
                    if better and meet(wanted, part):
                        yield o

    def above(self, junior: str, unit: str) -> Sequence[str]:
        """Return the colleagues whom an order that binds puts above a candidate for a unit.

        Nobody stands above somebody who does not wish the unit, and so is in no order for it.
        """
        municipality = self._model.round.candidate[junior].municipality
        if municipality in self._lifted:
            return ()
        order = self._model.round.order(municipality, unit)
        return order[: order.index(junior)] if junior in order else ()

    def _taken(self, numbers: Iterable[int]) -> Taken:
        """Return the parts of the chosen options by the resources they take."""
        taken: Taken = {}
        for i in numbers:
            self._take(taken, i)
        return taken

    def _take(self, taken: Taken, number: int) -> None:
        option = self._model.options[number]
        for part in option.parts:
            for resource in self.standing.resources(option.candidate, part):
                taken.setdefault((resource.rule, resource.subject), []).append((number, part))

    def _fits(self, o: Option, taken: Taken, leaving: Set[int | None]) -> bool:
        return all(
            has_room(resource, part, taken.get((resource.rule, resource.subject), []), leaving)
            for part in o.parts
            for resource in self.standing.resources(o.candidate, part)
        )

    def _claim(self, envy: Envy) -> tuple[Iterable[int], Sequence[int]]:
        """Return the options of a junior that are in the way of one, and those that serve."""
        options, wanted = self._model.options, self._model.options[envy.wanted]
        taking = self._meeting(wanted, envy.junior)
        moving = (i for i in taking if not is_offer(self._model.round, options[i]))
        return moving, self.serving(wanted)

    def _meeting(self, wanted: Option, junior: str) -> Iterable[int]:
        """Return a junior's options that meet an option of a colleague where she ranks higher."""
        found: dict[int, None] = {}
        for part in wanted.parts:
            if wanted.candidate in self.above(junior, part.unit):
                own = self._in_unit.get((junior, part.unit), ())
                found |= {i: None for i, other in own if meet(part, other)}
        return found

    def serving(self, wanted: Option) -> tuple[int, ...]:
        """Options that leave no claim to `wanted`: as good a class, or any placement at all."""
        own = self._model.of_candidate[wanted.candidate]
        if self._model.round.policy.priority == "placement":
            return own
        options = self._model.options
        return tuple(i for i in own if options[i].wish_class <= wanted.wish_class)

"""PRIORITY as rows: nobody is in the way of a higher-ranked colleague (docs/model.md, section 3).

For a colleague *a*, an option *o* of hers, and a lower-ranked *b* placed by *y*, in the unit of a
part of *o* at an overlapping time: *y* may stand only if *a* is served as well as *o* would serve
her, or if *o* would not fit even without *b*'s placement and her own. What keeps *o* out is a
*blocker*: on some day of *o* on which *y* takes no place of a resource, others than *a* already
fill it. Hence

    sum(y) <= sum(options that serve a) + sum(blockers of o beside y)

with, for each blocker of resource R on day t, ``free(R, t) * blocker <= sum(others active in R)``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from itertools import chain

from scheduler.model import Model, Resource, Row
from scheduler.options import Option, Part, is_offer
from scheduler.room import days, has_room, meet

Taken = dict[tuple[str, str], list[tuple[int, Part]]]
"""Options, each with a part of it, by the rule and subject of what they take a place of."""


@dataclass(frozen=True, slots=True, order=True)
class Envy:
    """A junior in the way: `wanted` is the number of the option that she keeps a colleague from."""

    wanted: int
    junior: str


@dataclass(frozen=True, slots=True)
class Blocker:
    """A Boolean that may be one only if others than `colleague` fill a resource on `day`."""

    colleague: str
    rule: str
    subject: str
    day: date


class Priority:
    """Finds who is in the way in a set of chosen options, and builds the rows against it.

    Rows are built lazily: most pairs of colleagues never meet, and a plan without envy is right
    however few rows it took. Under ``advisory`` nobody is ever in the way, and never a candidate of
    a municipality in `lifted`, whose orders do not bind.
    """

    def __init__(self, model: Model, lifted: Collection[str] = ()) -> None:
        self._model = model
        self._lifted = frozenset(lifted)
        self._against: dict[Envy, tuple[Row, ...]] = {}
        self._given: set[Envy] = set()
        self._blockers: dict[tuple[str, str, str, date], int | None] = {}
        self._definition: dict[int, Row] = {}
        self._defined: set[int] = set()
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
        for envy in envies:
            if envy not in self._given:
                self._given.add(envy)
                yield from self.against(envy)
        yield from self.definitions()

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

    @property
    def blockers(self) -> dict[int, Blocker]:
        """What the blockers mean that have come up so far, by variable."""
        return {
            number: Blocker(*meaning)
            for meaning, number in self._blockers.items()
            if number is not None and number >= 0
        }

    def against(self, envy: Envy) -> tuple[Row, ...]:
        """Return the rows that rule one envy out, at most 1 above their bound without it.

        They need what is `defining` their blockers.
        """
        if envy not in self._against:
            self._against[envy] = tuple(self._beside(envy.wanted, envy.junior))
        return self._against[envy]

    def definitions(self) -> Iterator[Row]:
        """Yield the rows that say what blockers are, each once; they bind no option."""
        yield from (row for i, row in self._definition.items() if i not in self._defined)
        self._defined.update(self._definition)

    def definition(self, blocker: int) -> Row:
        """Return the row that says what a blocker is."""
        return self._definition[blocker]

    def defining(self, rows: Iterable[Row]) -> dict[int, Row]:
        """Return, by blocker, what says what the blockers of some rows are."""
        blockers = {i for row in rows for i, _ in row.terms if i in self._definition}
        return {i: self._definition[i] for i in sorted(blockers)}

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
        return any(self._above(o.candidate, part.unit) for o in own for part in o.parts)

    def has_room(self, option: int, plan: Iterable[int]) -> bool:
        """Tell whether an option fits beside a plan in which its candidate has nothing."""
        return self._fits(self._model.options[option], self._taken(plan), frozenset())

    def _claims(self, plan: Mapping[str, int], y: Option) -> Iterator[int]:
        """Yield the options at the time of `y` that a higher-ranked colleague would rather have."""
        options, mode = self._model.options, self._model.round.policy.priority
        for part in y.parts:
            for colleague in self._above(y.candidate, part.unit):
                own = plan.get(colleague)
                if own is not None and mode == "placement":
                    continue
                for o, wanted in self._in_unit.get((colleague, part.unit), ()):
                    better = own is None or options[o].wish_class < options[own].wish_class
                    if better and meet(wanted, part):
                        yield o

    def wanted(self, y: Option) -> Iterator[int]:
        """Yield the options of higher-ranked colleagues in a unit of `y` at its time."""
        for part in y.parts:
            for colleague in self._above(y.candidate, part.unit):
                for o, wanted in self._in_unit.get((colleague, part.unit), ()):
                    if meet(wanted, part):
                        yield o

    def _above(self, junior: str, unit: str) -> Sequence[str]:
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
            option = self._model.options[i]
            for part in option.parts:
                for resource in self._resources(option.candidate, part):
                    taken.setdefault((resource.rule, resource.subject), []).append((i, part))
        return taken

    def _fits(self, o: Option, taken: Taken, leaving: Set[int | None]) -> bool:
        return all(
            has_room(resource, part, taken.get((resource.rule, resource.subject), []), leaving)
            for part in o.parts
            for resource in self._resources(o.candidate, part)
        )

    def _beside(self, number: int, junior: str) -> Iterator[Row]:
        """Yield the rows that keep `junior` out of the way of one option of a colleague."""
        options = self._model.options
        wanted = options[number]
        groups: dict[tuple[int, ...] | None, list[int]] = {}
        for i in self._meeting(wanted, junior):
            if not is_offer(self._model.round, options[i]):
                groups.setdefault(self._blockers_beside(wanted, options[i]), []).append(i)
        served = self.serving(wanted)
        for blockers, taking in groups.items():
            if blockers is not None:
                terms = chain(
                    ((i, 1) for i in taking),
                    ((i, -1) for i in served),
                    ((g, -1) for g in blockers),
                )
                yield Row(tuple(terms), upper=0, about=Envy(number, junior))

    def _meeting(self, wanted: Option, junior: str) -> Iterable[int]:
        """Return a junior's options that meet an option of a colleague where she ranks higher."""
        found: dict[int, None] = {}
        for part in wanted.parts:
            if wanted.candidate in self._above(junior, part.unit):
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

    def _blockers_beside(self, wanted: Option, y: Option) -> tuple[int, ...] | None:
        """Return the blockers of `wanted` that do not hang on `y`; None where one always holds."""
        found: list[int] = []
        for part in wanted.parts:
            for resource in self._resources(wanted.candidate, part):
                for day in days(resource, part, y):
                    blocker = self._blocker(wanted.candidate, resource, day)
                    if blocker is None:
                        return None
                    if blocker >= 0:
                        found.append(blocker)
        return tuple(sorted(set(found)))

    def _resources(self, candidate: str, part: Part) -> Iterator[Resource]:
        """Yield what a part of a candidate's stay takes a place of, where that is limited."""
        municipality = self._model.round.candidate[candidate].municipality
        subjects = (("POSITIONS", part.window), ("SUPERVISED", part.unit), ("AWAY", municipality))
        return (self._model.resource[key] for key in subjects if key in self._model.resource)

    def _blocker(self, colleague: str, resource: Resource, day: date) -> int | None:
        """Return the variable "others than `colleague` fill the resource on `day`".

        None where they always do, -1 where they never can.
        """
        key = (colleague, resource.rule, resource.subject, day)
        if key not in self._blockers:
            self._blockers[key] = self._define(colleague, resource, day)
        return self._blockers[key]

    def _define(self, colleague: str, resource: Resource, day: date) -> int | None:
        options, free = self._model.options, resource.free(day)
        if free <= 0:
            return None
        others = [i for i in resource.active(day) if options[i].candidate != colleague]
        if len({options[i].candidate for i in others}) < free:
            return -1
        blocker = self._model.variable()
        terms = ((blocker, -free), *((i, 1) for i in others))
        about = Blocker(colleague, resource.rule, resource.subject, day)
        self._definition[blocker] = Row(terms, lower=0, about=about)
        return blocker

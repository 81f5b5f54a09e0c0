"""PRIORITY as rows: nobody is in the way of a higher-ranked colleague (docs/model.md, section 3).

For a colleague *a*, an option *o* of hers in unit *u*, and a lower-ranked *b* placed there by *y*
at an overlapping time: *y* may stand only if *a* is served as well as *o* would serve her, or if
*o* would not fit even without *b*'s placement and her own. What keeps *o* out is a *blocker*: on
some day of *o* on which *y* takes no place of a resource, others than *a* already fill it. Hence

    sum(y) <= sum(options that serve a) + sum(blockers of o beside y)

with, for each blocker of resource R on day t, ``free(R, t) * blocker <= sum(others active in R)``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date
from itertools import chain

from scheduler.dates import overlap
from scheduler.model import Model, Resource, Row
from scheduler.options import Option


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
        self._given: set[Envy] = set()
        self._blockers: dict[tuple[str, str, str, date], int | None] = {}
        self._definitions: list[Row] = []
        self._in_unit: dict[tuple[str, str], list[int]] = {}
        for i, option in enumerate(model.options):
            self._in_unit.setdefault((option.candidate, option.unit), []).append(i)

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
            if not self._is_offer(options[y]):
                for o in self._claims(plan, options[y]):
                    own = plan.get(options[o].candidate)
                    if self._fits(options[o], taken, {y, own}):
                        found.add(Envy(o, options[y].candidate))
        return sorted(found)

    def rows(self, envies: Iterable[Envy]) -> Iterator[Row]:
        """Yield the rows that rule these envies out; none for envies that already have theirs."""
        for envy in envies:
            yield from self.against(envy)
        yield from self.definitions()

    def possible(self) -> Iterator[Envy]:
        """Yield every envy that some choice of options could hold; they all have rows."""
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
                    yield from (Envy(number, junior) for number in wanted)

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

        They need the `definitions` that come up meanwhile. None for an envy that has its rows.
        """
        if envy in self._given:
            return ()
        self._given.add(envy)
        return tuple(self._beside(envy.wanted, envy.junior))

    def definitions(self) -> Iterator[Row]:
        """Yield the rows that say what blockers are, each once; they bind no option."""
        yield from self._definitions
        self._definitions.clear()

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

    def _claims(self, plan: Mapping[str, int], y: Option) -> Iterator[int]:
        """Yield the options at the time of `y` that a higher-ranked colleague would rather have."""
        round_, options = self._model.round, self._model.options
        municipality = round_.candidate[y.candidate].municipality
        if municipality in self._lifted:
            return
        order = round_.order(municipality, y.unit)
        for colleague in order[: order.index(y.candidate)]:
            own = plan.get(colleague)
            if own is not None and round_.policy.priority == "placement":
                continue
            for o in self._in_unit.get((colleague, y.unit), ()):
                better = own is None or options[o].wish_class < options[own].wish_class
                if better and overlap(options[o].start, options[o].end, y.start, y.end):
                    yield o

    def _taken(self, numbers: Iterable[int]) -> dict[tuple[str, str], list[int]]:
        """Return the chosen options by the resources they take."""
        taken: dict[tuple[str, str], list[int]] = {}
        for i in numbers:
            for resource in self._resources(self._model.options[i]):
                taken.setdefault((resource.rule, resource.subject), []).append(i)
        return taken

    def _fits(
        self, o: Option, taken: Mapping[tuple[str, str], list[int]], leaving: Set[int | None]
    ) -> bool:
        options = self._model.options
        for resource in self._resources(o):
            others = taken.get((resource.rule, resource.subject), [])
            active = [options[i] for i in others if i not in leaving]
            for day in {o.start, *(p.start for p in (*active, *resource.fixed))}:
                count = sum(p.start <= day < p.end for p in active)
                if o.start <= day < o.end and count >= resource.free(day):
                    return False
        return True

    def _beside(self, number: int, junior: str) -> Iterator[Row]:
        """Yield the rows that keep `junior` out of the way of one option of a colleague."""
        options = self._model.options
        wanted = options[number]
        groups: dict[tuple[int, ...] | None, list[int]] = {}
        for i in self._in_unit.get((junior, wanted.unit), ()):
            y = options[i]
            meets = overlap(wanted.start, wanted.end, y.start, y.end)
            if meets and not self._is_offer(y):
                groups.setdefault(self._blockers_beside(wanted, y), []).append(i)
        served = self._serving(wanted)
        for blockers, taking in groups.items():
            if blockers is not None:
                terms = chain(
                    ((i, 1) for i in taking),
                    ((i, -1) for i in served),
                    ((g, -1) for g in blockers),
                )
                yield Row(tuple(terms), upper=0)

    def _is_offer(self, option: Option) -> bool:
        offer = self._model.round.offered.get(option.candidate)
        return offer is not None and (offer.window, offer.start) == (option.window, option.start)

    def _serving(self, wanted: Option) -> tuple[int, ...]:
        """Options that leave no claim to `wanted`: as good a class, or any placement at all."""
        own = self._model.of_candidate[wanted.candidate]
        if self._model.round.policy.priority == "placement":
            return own
        options = self._model.options
        return tuple(i for i in own if options[i].wish_class <= wanted.wish_class)

    def _blockers_beside(self, wanted: Option, y: Option) -> tuple[int, ...] | None:
        """Return the blockers of `wanted` that do not hang on `y`; None where one always holds."""
        found: list[int] = []
        for resource in self._resources(wanted):
            shares = resource.rule != "POSITIONS" or y.window == wanted.window
            for day in _days(resource, wanted, y):
                if shares and y.start <= day < y.end:
                    continue
                blocker = self._blocker(wanted.candidate, resource, day)
                if blocker is None:
                    return None
                if blocker >= 0:
                    found.append(blocker)
        return tuple(sorted(set(found)))

    def _resources(self, wanted: Option) -> Iterator[Resource]:
        municipality = self._model.round.candidate[wanted.candidate].municipality
        subjects = (
            ("POSITIONS", wanted.window),
            ("SUPERVISED", wanted.unit),
            ("AWAY", municipality),
        )
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
        self._definitions.append(Row(((blocker, -free), *((i, 1) for i in others)), lower=0))
        return blocker


def _days(resource: Resource, wanted: Option, y: Option) -> list[date]:
    """Days of `wanted` on which the count of others can peak, seen apart from the days of `y`."""
    days = [day for day in resource.starts if wanted.start < day < wanted.end]
    return [wanted.start, *days, *([y.end] if y.end < wanted.end else [])]

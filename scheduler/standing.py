"""What lets a junior stand beside a colleague's claim, as rows (docs/model.md, appendix).

For a colleague *a*, an option *o* of hers, and a lower-ranked *b* placed by *y*, in the unit of a
part of *o* at an overlapping time: *y* may stand only if *a* is served as well as *o* would serve
her, or if *o* would not fit even without *b*'s placement and her own. What keeps *o* out is a
*blocker*: on some day of *o* on which *y* takes no place of a resource, others than *a* already
fill it. Said *plainly*::

    sum(y) <= sum(options that serve a) + sum(blockers of o beside y)

with, for each blocker of resource R on day t, ``free(R, t) * blocker <= sum(others active in R)``.

*Tight* rows say the same of plans, and more of shares of plans. Where one place is free, who takes
it is the blocker: her options stand in the row themselves, each once however many days she fills.
And what cannot stand beside *y* lets nobody stand: other options of *b*, and options that need a
last free place which *y* takes.

What serves *a* is the same in many rows, and long: one variable stands for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date
from itertools import chain

from scheduler.model import LESS, MORE, Model, Resource, Row
from scheduler.options import Option, Part
from scheduler.room import days, meet

MANY = 4
"""From how many on options have a variable for all of them."""


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


class Standing:
    """Builds the rows of PRIORITY of a model, and what says what their blockers are.

    Parameters
    ----------
    model
        Blockers that come up become variables of it.

    Attributes
    ----------
    blockers
        What the blockers mean that have come up so far, by variable.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self.blockers: dict[int, Blocker] = {}
        self._blockers: dict[tuple[str, str, str, date], int | None] = {}
        self._gathered: dict[int, tuple[int, ...]] = {}
        self._gathering: dict[tuple[int, ...], int] = {}
        self._definition: dict[int, Row] = {}
        self._defined: set[int] = set()
        self._active: dict[tuple[str, str, date], tuple[int, frozenset[int]]] = {}
        self._people: dict[tuple[str, str, date], frozenset[str]] = {}
        self._apart: dict[tuple[int, frozenset[str]], frozenset[int]] = {}

    def plain(self, envy: Envy, taking: Iterable[int], served: Sequence[int]) -> Iterator[Row]:
        """Yield rows against an envy, one for each set of blockers.

        Parameters
        ----------
        taking
            Options of the junior that are in the way of the wanted one.
        served
            Options of the colleague that leave no claim to it.
        """
        wanted = self._model.options[envy.wanted]
        groups: dict[tuple[int, ...] | None, list[int]] = {}
        for y in taking:
            groups.setdefault(self._blockers_beside(wanted, self._model.options[y]), []).append(y)
        for blockers, own in groups.items():
            if blockers is not None:
                yield _against(envy, own, served, blockers)

    def tight(self, envy: Envy, taking: Iterable[int], served: Sequence[int]) -> Iterator[Row]:
        """Yield rows against an envy that say the same of plans, and more of shares of plans."""
        wanted = self._model.options[envy.wanted]
        units = frozenset(part.unit for part in wanted.parts)
        groups: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
        for y in taking:
            keeping = self._keeping_out(wanted, y)
            if keeping is not None:
                apart = self.not_beside(y, units)
                serving = tuple(i for i in served if i not in apart)
                groups.setdefault((serving, tuple(sorted(keeping - apart))), []).append(y)
        for (serving, keeping_out), own in groups.items():
            yield _against(envy, own, self._gather(serving), keeping_out)

    def definitions(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield what says what the blockers of some rows are, each once; no option is bound."""
        for number, row in self.defining(rows).items():
            if number not in self._defined:
                self._defined.add(number)
                yield row

    def defining(self, rows: Iterable[Row]) -> dict[int, Row]:
        """Return, by blocker, what says what the blockers of some rows are."""
        numbers = {i for row in rows for i, _ in row.terms}
        found = numbers.intersection(self.blockers) | numbers.intersection(self._gathered)
        return {number: self.definition(number) for number in sorted(found)}

    def definition(self, blocker: int) -> Row:
        """Return the row that says what a blocker is."""
        if blocker not in self._definition:
            self._definition[blocker] = self._define(blocker)
        return self._definition[blocker]

    def gathered(self, number: int) -> tuple[int, ...]:
        """Return the options that a variable stands for which is no blocker."""
        return self._gathered[number]

    def filled(self, plan: Set[int]) -> Iterator[int]:
        """Yield the variables that are no steps of a level and that options of a plan make one."""
        for number, options in self._gathered.items():
            if not plan.isdisjoint(options):
                yield number
        taking: dict[tuple[str, str, date], list[str]] = {}
        for number, blocker in self.blockers.items():
            free, active = self.on(blocker)
            place = blocker.rule, blocker.subject, blocker.day
            if place not in taking:
                taking[place] = [self._model.options[i].candidate for i in active & plan]
            if len(taking[place]) - taking[place].count(blocker.colleague) >= free:
                yield number

    def on(self, blocker: Blocker) -> tuple[int, frozenset[int]]:
        """Return how many places a blocker is about, and which options would take one."""
        return self._day(self._model.resource[blocker.rule, blocker.subject], blocker.day)

    def resources(self, candidate: str, part: Part) -> Iterator[Resource]:
        """Yield what a part of a candidate's stay takes a place of, where that is limited."""
        municipality = self._model.round.candidate[candidate].municipality
        subjects = (("POSITIONS", part.window), ("SUPERVISED", part.unit), ("AWAY", municipality))
        return (self._model.resource[key] for key in subjects if key in self._model.resource)

    def days(self, wanted: Option, y: Option) -> Iterator[tuple[Resource, date]]:
        """Yield where and when others can keep an option out although `y` makes room."""
        for part in wanted.parts:
            for resource in self.resources(wanted.candidate, part):
                for day in days(resource, part, y):
                    yield resource, day

    def _gather(self, serving: tuple[int, ...]) -> tuple[int, ...]:
        """Return a variable that may be one only if one of some options is; few stay as they are.

        Many rows speak of the same options of a colleague, and there are many of them.
        """
        if len(serving) < MANY:
            return serving
        if serving not in self._gathering:
            self._gathering[serving] = number = self._model.variable()
            self._gathered[number] = serving
        return (self._gathering[serving],)

    def _blockers_beside(self, wanted: Option, y: Option) -> tuple[int, ...] | None:
        """Return the blockers of `wanted` that do not hang on `y`; None where one always holds."""
        found: set[int] = set()
        for resource, day in self.days(wanted, y):
            blocker = self._blocker(wanted.candidate, resource, day)
            if blocker is None:
                return None
            if blocker >= 0:
                found.add(blocker)
        return tuple(sorted(found))

    def _keeping_out(self, wanted: Option, y: int) -> set[int] | None:
        """Return what keeps an option out beside `y`: options, and blockers where several must.

        None where it never fits.
        """
        beside, found = self._model.options[y], set[int]()
        for resource, day in self.days(wanted, beside):
            free, active = self._day(resource, day)
            if free <= 0:
                return None
            if free == 1:
                found |= active
            elif (blocker := self._blocker(wanted.candidate, resource, day)) is not None:
                found |= {blocker} - {NEVER}
        own = self._model.of_candidate
        return found.difference(own[wanted.candidate], own[beside.candidate])

    def not_beside(self, y: int, units: frozenset[str]) -> frozenset[int]:
        """Return options that need a last free place which `y` takes in some units.

        Only there, so that whoever changes a limit knows which rows hang on it.
        """
        if (y, units) not in self._apart:
            self._apart[y, units] = frozenset(self._excluded(y, units))
        return self._apart[y, units]

    def _excluded(self, y: int, units: frozenset[str]) -> Iterator[int]:
        option = self._model.options[y]
        for part in option.parts:
            for resource in self.resources(option.candidate, part):
                may_be_full = resource.capacity - len(resource.fixed) <= 1
                if may_be_full and (resource.rule == "AWAY" or part.unit in units):
                    for i, other in resource.members:
                        both = max(part.start, other.start)
                        if i != y and meet(part, other) and self._day(resource, both)[0] <= 1:
                            yield i

    def free(self, resource: Resource, day: date) -> int:
        """Return how many places accepted commitments leave on a day."""
        return self._day(resource, day)[0]

    def may_fill(self, colleague: str, resource: Resource, day: date) -> bool:
        """Tell whether others than a colleague are so many that they can fill what is free."""
        key = (resource.rule, resource.subject, day)
        free, active = self._day(resource, day)
        if key not in self._people:
            self._people[key] = frozenset(self._model.options[i].candidate for i in active)
        people = self._people[key]
        return len(people) - (colleague in people) >= free

    def _day(self, resource: Resource, day: date) -> tuple[int, frozenset[int]]:
        """Return how many places are free on a day, and which options would take one."""
        key = (resource.rule, resource.subject, day)
        if key not in self._active:
            self._active[key] = resource.free(day), frozenset(resource.active(day))
        return self._active[key]

    def _blocker(self, colleague: str, resource: Resource, day: date) -> int | None:
        """Return the variable "others than `colleague` fill the resource on `day`".

        None where they always do, `NEVER` where they cannot.
        """
        key = (colleague, resource.rule, resource.subject, day)
        if key not in self._blockers:
            self._blockers[key] = self._come_up(colleague, resource, day)
        return self._blockers[key]

    def _come_up(self, colleague: str, resource: Resource, day: date) -> int | None:
        if self.free(resource, day) <= 0:
            return None
        if not self.may_fill(colleague, resource, day):
            return NEVER
        return self._number(Blocker(colleague, resource.rule, resource.subject, day))

    def _number(self, blocker: Blocker) -> int:
        number = self._model.variable()
        self.blockers[number] = blocker
        return number

    def _define(self, number: int) -> Row:
        if number in self._gathered:
            return Row((LESS[number], *map(MORE.__getitem__, self._gathered[number])), lower=0)
        blocker, options = self.blockers[number], self._model.options
        free, active = self.on(blocker)
        others = sorted(i for i in active if options[i].candidate != blocker.colleague)
        return Row(((number, -free), *map(MORE.__getitem__, others)), lower=0, about=blocker)


NEVER = -1
"""Stands for a blocker that is zero in every plan."""


def _against(
    envy: Envy, taking: Iterable[int], served: Iterable[int], keeping_out: Iterable[int]
) -> Row:
    terms = (*map(MORE.__getitem__, taking), *map(LESS.__getitem__, chain(served, keeping_out)))
    return Row(terms, upper=0, about=envy)

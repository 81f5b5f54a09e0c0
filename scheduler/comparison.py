"""Two plans held against each other, person by person and tier by tier; their rounds may differ.

Turned round, a comparison says the opposite: whoever gained loses, and nothing else is otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import Any

from scheduler.plans import Given, Plan, by_candidate, seat_record
from scheduler.rounds import Round


class Difference(StrEnum):
    """What the second of two plans means for a person."""

    PLACED = "placed"
    """A place, where the first plan gave none."""

    LOST = "lost"
    """No place, where the first plan gave one."""

    BETTER = "better"
    """A place of a better class."""

    WORSE = "worse"
    """A place of a worse class."""

    MOVED = "moved"
    """Another place, but of the same class; or a class where there was none to compare."""

    SAME = "same"
    """The same place, or none in both."""

    ONLY_FIRST = "only-first"
    """The second round does not know the person."""

    ONLY_SECOND = "only-second"
    """The first round does not know the person."""


GAINS = (Difference.PLACED, Difference.BETTER)
LOSSES = (Difference.LOST, Difference.WORSE)


@dataclass(frozen=True)
class Side:
    """A plan and its round."""

    round: Round
    plan: Plan

    @cached_property
    def given(self) -> dict[str, Given]:
        """What each placed candidate got, accepted seats too.

        `months` that say no more than what a candidate needs are left out, as the planner does.
        """
        needed = {c.id: c.months_needed for c in self.round.candidates}
        return by_candidate(
            replace(p, months=None) if p.months == needed[p.candidate] else p
            for p in self.plan.placements
        )

    @cached_property
    def classes(self) -> tuple[tuple[int, int], ...]:
        """How many are placed in each class that occurs, the best first; no class is left out."""
        classes = (own[0].wish_class for own in self.given.values())
        found = Counter(number for number in classes if number is not None)
        return tuple(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class PersonCompared:
    """What two plans give a candidate."""

    candidate: str
    difference: Difference
    first: Given
    second: Given


@dataclass(frozen=True, slots=True)
class TierCompared:
    """What a tier, or one level of it, comes to in two plans; None where a round lacks it."""

    tier: str
    level: int | None
    first: int | None
    second: int | None


@dataclass(frozen=True)
class Comparison:
    """Two plans held together: people sorted by id, tiers as the first round decides them."""

    people: tuple[PersonCompared, ...]
    tiers: tuple[TierCompared, ...]

    @property
    def counts(self) -> dict[Difference, int]:
        """How many people each difference befalls, none left out."""
        found = Counter(person.difference for person in self.people)
        return {difference: found[difference] for difference in Difference}

    @property
    def gaining(self) -> tuple[str, ...]:
        """Who gets a place, or one of a better class."""
        return tuple(p.candidate for p in self.people if p.difference in GAINS)

    @property
    def losing(self) -> tuple[str, ...]:
        """Who loses a place, or gets one of a worse class."""
        return tuple(p.candidate for p in self.people if p.difference in LOSSES)

    @property
    def document(self) -> dict[str, Any]:
        """The comparison as plain values, without names of people."""
        return {
            "counts": {str(difference): count for difference, count in self.counts.items()},
            "tiers": [
                {"tier": t.tier, "level": t.level, "first": t.first, "second": t.second}
                for t in self.tiers
            ],
            "people": [
                {
                    "candidate": p.candidate,
                    "difference": str(p.difference),
                    "first": seat_record(p.first),
                    "second": seat_record(p.second),
                }
                for p in self.people
            ],
        }


def compared(first: Side, second: Side) -> Comparison:
    """Compare two plans, each proven or not, of the same round or of two."""
    ids = sorted(first.round.candidate.keys() | second.round.candidate.keys())
    people = tuple(_person(candidate, first, second) for candidate in ids)
    tiers = (
        TierCompared(tier, level, *values)
        for tier, level, values in side_by_side((first.plan, second.plan))
    )
    return Comparison(people, tuple(tiers))


def _person(candidate: str, first: Side, second: Side) -> PersonCompared:
    before, after = first.given.get(candidate, ()), second.given.get(candidate, ())
    if candidate not in second.round.candidate:
        difference = Difference.ONLY_FIRST
    elif candidate not in first.round.candidate:
        difference = Difference.ONLY_SECOND
    else:
        difference = _difference(before, after)
    return PersonCompared(candidate, difference, before, after)


def _difference(before: Given, after: Given) -> Difference:
    if before == after:
        return Difference.SAME
    if not before or not after:
        return Difference.LOST if before else Difference.PLACED
    was, is_now = before[0].wish_class, after[0].wish_class
    if was == is_now or was is None or is_now is None:
        return Difference.MOVED
    better = is_now < was
    return Difference.BETTER if better else Difference.WORSE


def side_by_side(plans: Sequence[Plan]) -> Iterator[tuple[str, int | None, tuple[int | None, ...]]]:
    """Yield tier, level and the values in each plan of every level that one of them has.

    Levels of one tier stand together and the lottery last. The longest list of a tier's levels
    says their order: it holds the others', for a round with more wishes has further levels.
    """
    values = [{(t.tier, t.level): t.value for t in plan.tiers} for plan in plans]
    tiers = dict.fromkeys(tier for each in values for tier, _ in each)
    for tier in sorted(tiers, key=lambda name: name == "lottery"):
        own = [tuple(level for name, level in each if name == tier) for each in values]
        own.sort(key=len, reverse=True)
        for level in dict.fromkeys(chain.from_iterable(own)):
            yield tier, level, tuple(each.get((tier, level)) for each in values)

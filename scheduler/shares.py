"""A search in shares: components that are worked out together, by whoever has the round.

A share is plain values, and so is its outcome: which candidates, how far they have come, and how
long to search. Whoever works it out comes to the same, within limits of solver work too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Protocol

from scheduler.watch import Incident, Limits


@dataclass(frozen=True, slots=True)
class Climbed:
    """How far a component has come.

    Attributes
    ----------
    chosen
        Numbers of its options, sorted.
    reached
        Value and bound of each level that has had its turn, the lottery last; constants left out.
    another
        Whether another plan is as good in all of them; None where that is not known.
    """

    chosen: tuple[int, ...] = ()
    reached: tuple[tuple[int, int], ...] = ()
    another: bool | None = None

    @property
    def proven(self) -> int:
        """How many levels, from the first, come to their bound."""
        return sum(1 for _ in takewhile(lambda each: each[0] == each[1], self.reached))

    def back(self, levels: int) -> Climbed:
        """Return how far it had come when so many levels were decided, with the plan of now."""
        return Climbed(self.chosen, self.reached[:levels])


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Components to work out, one after the other.

    Attributes
    ----------
    numbers
        Of the components, for reports.
    candidates
        Of each component: their places among the round's, sorted.
    climbed
        How far each component has come.
    classes
        How many wish classes the levels tell apart.
    counter
        Which draw of the lottery decides.
    at_a_glance
        Whether to decide only what is seen at a glance.
    limits
        How long.
    """

    numbers: tuple[int, ...]
    candidates: tuple[tuple[int, ...], ...]
    climbed: tuple[Climbed, ...]
    classes: int
    counter: int
    at_a_glance: bool
    limits: Limits

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Share:
        """Return the share that `dataclasses.asdict` has made a record of, perhaps by way of JSON.

        Raises
        ------
        KeyError, TypeError, ValueError
            It is no such record.
        """
        plain = {name: record[name] for name in ("classes", "counter", "at_a_glance")}
        return cls(
            numbers=tuple(record["numbers"]),
            candidates=tuple(map(tuple, record["candidates"])),
            climbed=_climbs(record["climbed"]),
            limits=Limits(**record["limits"]),
            **plain,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a share: how far each component has come, and what it took."""

    climbed: tuple[Climbed, ...]
    seconds: float
    deterministic: float
    incidents: tuple[Incident, ...]

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Outcome:
        """Return the outcome of a record, as `Share.of` does."""
        incidents = tuple(Incident(**each) for each in record["incidents"])
        taken = float(record["seconds"]), float(record["deterministic"])
        return cls(_climbs(record["climbed"]), *taken, incidents)


def _climbs(records: Iterable[Mapping[str, Any]]) -> tuple[Climbed, ...]:
    return tuple(
        Climbed(
            tuple(each["chosen"]),
            tuple((value, bound) for value, bound in each["reached"]),
            each["another"],
        )
        for each in records
    )


@dataclass(frozen=True, slots=True)
class Step:
    """Where a component stands within its share: a level in work, constants left out.

    Attributes
    ----------
    number, position
        Of the component, and of the level, 0 = the first.
    proven
        How many of its levels, from the first, come to their bound.
    seconds
        Since its share was begun.
    """

    number: int
    position: int
    value: int
    bound: int
    proven: int
    seconds: float


Report = Callable[[Step], None]
Own = Callable[[Share], Outcome]
"""Works a share out in this process, and reports."""


class Crew(Protocol):
    """Whoever works out shares.

    Attributes
    ----------
    hands
        How many shares are likely to be in work at a time.
    """

    hands: int

    def outcomes(self, shares: Sequence[Share], own: Own) -> Iterator[tuple[int, Outcome]]:
        """Yield the place of each share among them and its outcome, as they come in.

        Once a stop is wished, whatever nobody has begun is for `own`, which is quick then.
        """


def beside_the_largest(shares: Iterable[Share]) -> int:
    """Return how many candidates are in shares other than the largest: what others can take."""
    people = sorted(sum(map(len, share.candidates)) for share in shares)
    return sum(people[:-1])


class Alone:
    """Nobody but this process, which works out one share after the other."""

    hands = 1

    def outcomes(self, shares: Sequence[Share], own: Own) -> Iterator[tuple[int, Outcome]]:
        """Yield the outcome of each share in order."""
        return ((place, own(share)) for place, share in enumerate(shares))

"""Figures for a regional board: what became of the candidates, and which rules were set aside.

No count of fewer than `LEAST` people is told, nor does one follow from what is told: whoever cannot
be counted alone is counted among the others, and others are joined by the smallest of the rest
until their own counts may be told. So all that is told are counts of groups that have nobody in
common, each of at least `LEAST` people; a count that is nought for everybody is told as nought.
Outcomes that cannot be told apart are told together: `without` is waiting and unplaced,
`candidates` everybody. How often a rule was set aside is told in the same way: where that is about
a few people alone, the count is None.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from data.exports.frames import Frame
from data.exports.plan_csv import written_csv

LEAST = 5
"""Fewest people that a count may be about."""

Outcome = Literal["placed", "waiting", "unplaced"]

OUTCOMES: tuple[Outcome, ...] = ("placed", "waiting", "unplaced")
"""A place that was accepted; one that is offered, and the answer awaited; neither."""

COLUMNS = ("candidates", "placed", "without", "waiting", "unplaced")

Counts = Mapping[str, int]
"""Counts by some of `COLUMNS`: those that may be told."""


@dataclass(frozen=True, slots=True)
class Person:
    """A candidate's municipality, what became of her, and the unit of her place or offer."""

    municipality: str
    outcome: Outcome
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What may be told: of each that can be counted alone, by id, and of the others together."""

    alone: Mapping[str, Counts] = field(default_factory=dict)
    others: Counts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BoardFigures:
    """What may be told of everybody, of municipalities, of units, and of rules set aside."""

    total: Counts = field(default_factory=dict)
    municipalities: Told = field(default_factory=Told)
    units: Told = field(default_factory=Told)
    overrides: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Groups:
    """Groups with nobody in common; `others` None = everybody is counted alone."""

    names: tuple[str, ...]
    alone: Mapping[str, tuple[int, ...]]
    others: tuple[int, ...] | None
    total: tuple[int, ...]

    def named(self, counts: tuple[int, ...]) -> Counts:
        """Return counts by their names, with what they come to together."""
        by_name = dict(zip(self.names, counts, strict=True))
        if "unplaced" in by_name:
            by_name["without"] = by_name["waiting"] + by_name["unplaced"]
        return by_name | {"candidates": sum(counts)}


def board_figures(people: Sequence[Person]) -> BoardFigures:
    """Count people so that every count may be told to anybody."""
    found = list(_ways(people))
    if not found:
        return BoardFigures()
    finest = found[0]
    loses_some = len(found) > 2 and len(found[1].alone) > len(finest.alone)
    rows = found[1] if loses_some else finest
    municipalities = Told(
        {key: rows.named(counts) for key, counts in rows.alone.items()},
        {} if rows.others is None else rows.named(rows.others),
    )
    total = finest.named(finest.total)
    return BoardFigures(total, municipalities, _units(people, total))


def told_overrides(times: Mapping[str, int], people: Mapping[str, int]) -> Mapping[str, int | None]:
    """Return how often rules were set aside, by kind: None where that is about a few people.

    Parameters
    ----------
    people
        How many people it is about, by kind; 0 = it is about nobody, but the round.
    """
    return {
        kind: count if people[kind] == 0 or people[kind] >= LEAST else None
        for kind, count in times.items()
    }


def _ways(people: Sequence[Person]) -> Iterator[_Groups]:
    """Yield the ways in which municipalities can be counted, that which tells most first."""
    counted = Counter((each.municipality, each.outcome) for each in people)
    outcomes = {
        place: tuple(counted[place, outcome] for outcome in OUTCOMES)
        for place in sorted({each.municipality for each in people})
    }
    joined = {place: (n[0], n[1] + n[2]) for place, n in outcomes.items()}
    everybody = {place: (sum(n),) for place, n in outcomes.items()}
    for names, counts in (
        (OUTCOMES, outcomes),
        (("placed", "without"), joined),
        (("candidates",), everybody),
    ):
        if (groups := _grouped(names, counts)) is not None:
            yield groups


def _units(people: Sequence[Person], total: Counts) -> Told:
    """Count the places and the offers of units, each by itself, as far as their sums are told."""
    alone: dict[str, dict[str, int]] = {}
    others: dict[str, int] = {}
    for outcome in OUTCOMES[:2]:
        counted = Counter(p.unit for p in people if p.outcome == outcome and p.unit is not None)
        groups = _grouped((outcome,), {unit: (n,) for unit, n in sorted(counted.items())})
        if outcome not in total or groups is None:
            continue
        for unit, (count,) in groups.alone.items():
            alone.setdefault(unit, {})[outcome] = count
        if groups.others is not None:
            (others[outcome],) = groups.others
    return Told(alone, others)


def _grouped(names: tuple[str, ...], counts: Mapping[str, tuple[int, ...]]) -> _Groups | None:
    """Return who can be counted alone, and the others together; None where not even all can.

    Whoever has one count that is too small has none told: the rest of a group known to be of some
    size would give it away.
    """
    if not counts:
        return None
    total = _sum(counts.values())

    def may_be_told(each: tuple[int, ...]) -> bool:
        return all(n >= LEAST or whole == 0 for n, whole in zip(each, total, strict=True))

    if not may_be_told(total):
        return None
    ordered = sorted(counts, key=lambda key: (may_be_told(counts[key]), sum(counts[key]), key))
    hidden = sum(not may_be_told(each) for each in counts.values())
    while 0 < hidden < len(ordered):
        if may_be_told(_sum(counts[key] for key in ordered[:hidden])):
            break
        hidden += 1
    alone = {key: counts[key] for key in sorted(ordered[hidden:])}
    return _Groups(
        names, alone, _sum(counts[k] for k in ordered[:hidden]) if hidden else None, total
    )


def _sum(counts: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*counts, strict=True)))


def figures_csv(figures: BoardFigures) -> bytes:
    """Return the figures as a CSV file; what may not be told is empty, as is the others' id."""
    rows = [("all", "", figures.total)]
    for kind, told in (("municipality", figures.municipalities), ("unit", figures.units)):
        rows += [(kind, key, counts) for key, counts in told.alone.items()]
        rows += [(kind, "", told.others)] if told.others else []
    values = [(kind, key, *(counts.get(c) for c in COLUMNS), None) for kind, key, counts in rows]
    nothing = (None,) * len(COLUMNS)
    values += [("override", kind, *nothing, times) for kind, times in figures.overrides.items()]
    return written_csv(Frame(("kind", "id", *COLUMNS, "times"), tuple(values)))

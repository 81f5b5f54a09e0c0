"""How a plan came out, in counts; for whoever may not see everybody, none that is about a few.

A count is told where it counts at least `LEAST` people whose outcome its reader cannot see. Parts
of a whole are told all or none, so that none follows from the others: neighbouring wish classes, or
months, are counted together until enough others are among them. Those others are told in steps of
`LEAST`: two plans that differ by one person look alike, or seem to differ by five.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date

from api.outcomes.excerpts import LEAST
from scheduler.plans import Plan, by_candidate
from scheduler.rounds import Round


@dataclass(frozen=True, slots=True)
class Span:
    """People counted from key `first` to key `last`; None = from the beginning, to the end."""

    first: int | None
    last: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Candidates with and without a place; those placed by wish class and by month of start.

    None, or nothing, where a count is not told. Accepted seats count as places; one that no wish
    covers is of no class, and in the open span after the last. Months are numbered throughout, 12
    to the year.
    """

    candidates: int | None
    placed: int | None
    unplaced: int | None
    classes: tuple[Span, ...]
    starts: tuple[Span, ...]


def counts(round_: Round, plan: Plan, known: Set[str] | None) -> Counts:
    """Count a plan's outcome.

    Parameters
    ----------
    known
        The candidates whose outcome the reader can see; None = all, and everything is told.
    """
    everybody = frozenset(round_.candidate)
    placed = frozenset(p.candidate for p in plan.placements)
    classes = _groups({p.candidate: p.wish_class for p in plan.placements if p.wish_class})
    starts = _groups({c: _month(own[0].start) for c, own in by_candidate(plan.placements).items()})
    unplaced = everybody - placed
    if known is None:
        return Counts(len(everybody), len(placed), len(unplaced), _single(classes), _single(starts))
    told = _roughly(everybody, known) if _are_many(everybody, known) else None
    if not _are_many(placed, known) or not _are_many(unplaced, known):
        return Counts(told, None, None, (), ())
    spans = (_merged(groups, placed, known) for groups in (classes, starts))
    return Counts(told, _roughly(placed, known), _roughly(unplaced, known), *spans)


def _roughly(people: Set[str], known: Set[str]) -> int:
    others = len(people - known)
    return len(people) - others % LEAST


def _are_many(people: Set[str], known: Set[str]) -> bool:
    return len(people - known) >= LEAST


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _groups(keys: Mapping[str, int]) -> dict[int, frozenset[str]]:
    """Return the people of every key from the smallest to the largest, in order."""
    if not keys:
        return {}
    span = range(min(keys.values()), max(keys.values()) + 1)
    return {key: frozenset(c for c, own in keys.items() if own == key) for key in span}


def _single(groups: Mapping[int, Set[str]]) -> tuple[Span, ...]:
    return tuple(Span(key, key, len(people)) for key, people in groups.items() if people)


def _merged(
    groups: Mapping[int, frozenset[str]], all_of_them: frozenset[str], known: Set[str]
) -> tuple[Span, ...]:
    """Return spans of at least `LEAST` others; the last one takes who is left, in a group or not.

    The first and the last span are open, so that no end tells the key of one person.
    """
    ends: list[int | None] = []
    spans: list[Set[str]] = []
    gathered: frozenset[str] = frozenset()
    for key, people in groups.items():
        gathered |= people
        if _are_many(gathered, known):
            ends.append(key)
            spans.append(gathered)
            gathered = frozenset()
    ends[-1:] = [None]
    spans[-1:] = [all_of_them.difference(*spans[:-1])]
    starts = (None, *(end + 1 for end in ends if end is not None))
    return tuple(map(Span, starts, ends, (_roughly(people, known) for people in spans)))

"""Relations between the records of a round, each broken one reported with its place.

The checks take whatever records have the right form, so that a door can report faults of form and
faults of relation together: a reference to a record whose own form is broken is no fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import MAXYEAR
from unicodedata import is_normalized

from scheduler.dates import add_months
from scheduler.domain import (
    MOST_PARTS,
    Candidate,
    Commitment,
    Municipality,
    Priority,
    Unit,
    Window,
)
from scheduler.errors import Fault, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The well-formed records of a round, each list by its 0-based position in the document.

    `broken` holds, by list name (``units``, …, and ``sites``, ``trusts``), the ids of records whose
    own form is broken, under ``priorities`` the municipalities whose order is: they may be referred
    to, but nothing is concluded from them.
    """

    units: Mapping[int, Unit]
    windows: Mapping[int, Window]
    municipalities: Mapping[int, Municipality]
    candidates: Mapping[int, Candidate]
    priorities: Mapping[int, Priority]
    commitments: Mapping[int, Commitment]
    broken: Mapping[str, Set[str]] = field(default_factory=dict)


def cross_check(records: Records) -> tuple[Fault, ...]:
    """Return every fault in the relations between `records`, in document order."""
    known = _Known(records)
    return (
        *_ids(records),
        *_places(records),
        *_windows(records, known),
        *_candidates(records, known),
        *_priorities(records, known),
        *_commitments(records, known),
    )


class _Known:
    """What may be referred to, and who wishes which unit."""

    def __init__(self, records: Records) -> None:
        broken = records.broken
        units = records.units.values()
        self.units = {u.id: u for u in units}
        self.windows = {w.id: w for w in records.windows.values()}
        self.candidates = {c.id: c for c in records.candidates.values()}
        self.unit_ids = self.units.keys() | broken.get("units", set())
        self.window_ids = self.windows.keys() | broken.get("windows", set())
        self.candidate_ids = self.candidates.keys() | broken.get("candidates", set())
        self.broken_candidates = broken.get("candidates", set())
        self.municipality_ids = {m.id for m in records.municipalities.values()} | broken.get(
            "municipalities", set()
        )
        self.targets = (
            self.unit_ids
            | {u.site for u in units}
            | {u.trust for u in units}
            | broken.get("sites", set())
            | broken.get("trusts", set())
        )

    def targets_exist(self, candidate: Candidate) -> bool:
        """Tell whether every wish names something that is known."""
        return all(wish.target in self.targets for wish in candidate.wishes)

    def wishes(self, candidate: Candidate, unit: Unit) -> bool:
        """Tell whether some wish names the unit, its site or its trust, whatever its period."""
        return any(w.target in (unit.id, unit.site, unit.trust) for w in candidate.wishes)


def wished_starts(
    units: Iterable[Unit],
    windows: Iterable[Window],
    candidates: Iterable[Candidate],
    days_a_month: int,
) -> int:
    """Return how many start days all wishes could ask for at most, without looking at any."""
    at: dict[str, list[Window]] = {}
    places = {u.id: (u.id, u.site, u.trust) for u in units}
    for window in windows:
        for target in places[window.unit]:
            at.setdefault(target, []).append(window)
    months = 0
    for candidate in candidates:
        for wish in candidate.wishes:
            for window in at.get(wish.target, ()):
                first = max(window.opens, wish.earliest)
                last = min(window.closes, wish.latest)
                if first <= last:
                    months += (last.year - first.year) * 12 + last.month - first.month + 1
    return months * (days_a_month + 1)


def _ids(records: Records) -> Iterator[Fault]:
    """Ids are unique per list, not empty and NFC."""
    lists: dict[str, Mapping[int, Unit | Window | Municipality | Candidate]] = {
        "units": dict(records.units),
        "windows": dict(records.windows),
        "municipalities": dict(records.municipalities),
        "candidates": dict(records.candidates),
    }
    for name, items in lists.items():
        seen = set(records.broken.get(name, set()))
        for position, item in items.items():
            if not item.id or not is_normalized("NFC", item.id):
                yield Fault("id-form", (name, position, "id"))
            if item.id in seen:
                yield Fault("id-repeated", (name, position, "id"))
            seen.add(item.id)


def _places(records: Records) -> Iterator[Fault]:
    """A site belongs to one trust; ids of units, sites and trusts differ."""
    units = records.units
    unit_ids = {u.id for u in units.values()}
    trusts = {u.trust for u in units.values()}
    trust_of: dict[str, str] = {}
    for position, unit in units.items():
        if trust_of.setdefault(unit.site, unit.trust) != unit.trust:
            yield Fault("site-in-two-trusts", ("units", position, "trust"))
        if unit.site in unit_ids or unit.site in trusts:
            yield Fault("id-collides", ("units", position, "site"))
        if unit.trust in unit_ids:
            yield Fault("id-collides", ("units", position, "trust"))


def _windows(records: Records, known: _Known) -> Iterator[Fault]:
    for position, window in records.windows.items():
        if window.unit not in known.unit_ids:
            yield Fault("id-unknown", ("windows", position, "unit"), {"list": "units"})
        if window.opens >= window.closes:
            yield Fault("dates-reversed", ("windows", position, "closes"), {"after": "opens"})


def _candidates(records: Records, known: _Known) -> Iterator[Fault]:
    for position, candidate in records.candidates.items():
        at: Place = ("candidates", position)
        if candidate.municipality not in known.municipality_ids:
            yield Fault("id-unknown", (*at, "municipality"), {"list": "municipalities"})
        for n, period in enumerate(candidate.unavailable):
            if period.start >= period.end:
                yield Fault("dates-reversed", (*at, "unavailable", n, "to"), {"after": "from"})
        for n, wish in enumerate(candidate.wishes):
            if wish.target not in known.targets:
                yield Fault("id-unknown", (*at, "wishes", n, "target"), {"list": "units"})
            if wish.earliest > wish.latest:
                yield Fault("dates-reversed", (*at, "wishes", n, "latest"), {"from": "earliest"})


def _priorities(records: Records, known: _Known) -> Iterator[Fault]:
    """Each order ranks exactly the candidates it should; whoever has two candidates gives one."""
    own: dict[str, list[Candidate]] = {}
    for candidate in records.candidates.values():
        own.setdefault(candidate.municipality, []).append(candidate)
    given: set[tuple[str, str | None]] = set()
    for position, priority in records.priorities.items():
        at: Place = ("priorities", position)
        key = (priority.municipality, priority.unit)
        if key in given:
            yield Fault("order-repeated", at)
        given.add(key)
        yield from _references(at, priority, known)
        unit = known.units.get(priority.unit) if priority.unit is not None else None
        if priority.unit is not None and unit is None:
            continue
        ranked = own.get(priority.municipality, [])
        expected = {c.id for c in ranked if unit is None or known.wishes(c, unit)}
        unsure = {c.id for c in ranked if not known.targets_exist(c)} | known.broken_candidates
        yield from _order(at, priority.order, expected, unsure, known)
    unreadable = records.broken.get("priorities", set())
    for position, municipality in records.municipalities.items():
        several = len(own.get(municipality.id, [])) > 1
        if several and (municipality.id, None) not in given and municipality.id not in unreadable:
            yield Fault("order-missing", ("municipalities", position))


def _references(at: Place, priority: Priority, known: _Known) -> Iterator[Fault]:
    if priority.municipality not in known.municipality_ids:
        yield Fault("id-unknown", (*at, "municipality"), {"list": "municipalities"})
    if priority.unit is not None and priority.unit not in known.unit_ids:
        yield Fault("id-unknown", (*at, "unit"), {"list": "units"})


def _order(
    at: Place, order: Iterable[str], expected: Set[str], unsure: Set[str], known: _Known
) -> Iterator[Fault]:
    """An order lists each of the expected candidates exactly once, and nobody else.

    Candidates in `unsure` may stand in it or not: their own record is at fault.
    """
    counts: Counter[str] = Counter()
    for n, candidate in enumerate(order):
        counts[candidate] += 1
        if candidate not in known.candidate_ids:
            yield Fault("id-unknown", (*at, "order", n), {"list": "candidates"})
        elif candidate not in expected | unsure:
            yield Fault("order-foreigner", (*at, "order", n))
        if counts[candidate] == 2:
            yield Fault("order-repeats", (*at, "order", n))
    missing = expected - counts.keys()
    if missing:
        yield Fault("order-incomplete", (*at, "order"), {"missing": len(missing)})


def _commitments(records: Records, known: _Known) -> Iterator[Fault]:
    """One commitment a candidate, save the two parts of an offer and several accepted ones.

    Whether accepted ones are parts of one stay is for `scheduler.conflicts` to say.
    """
    held: dict[str, list[Commitment]] = {}
    for position, commitment in records.commitments.items():
        at: Place = ("commitments", position)
        if commitment.candidate not in known.candidate_ids:
            yield Fault("id-unknown", (*at, "candidate"), {"list": "candidates"})
        if commitment.window not in known.window_ids:
            yield Fault("id-unknown", (*at, "window"), {"list": "windows"})
        if commitment.state == "accepted" and not _ends(commitment, known):
            yield Fault("end-beyond-calendar", (*at, "start"), {"year": MAXYEAR})
        earlier = held.setdefault(commitment.candidate, [])
        if commitment in earlier:
            yield Fault("commitment-repeated", at)
        elif earlier and not (
            _are_accepted(commitment, *earlier) or _is_split(commitment, *earlier)
        ):
            yield Fault("commitment-second", (*at, "candidate"))
        earlier.append(commitment)


def _are_accepted(*commitments: Commitment) -> bool:
    return all(commitment.state == "accepted" for commitment in commitments)


def _is_split(*commitments: Commitment) -> bool:
    """Tell whether commitments are the two parts of an offer, each with its months."""
    offered = all(c.state == "offered" and c.months is not None for c in commitments)
    return offered and len(commitments) == MOST_PARTS


def _ends(commitment: Commitment, known: _Known) -> bool:
    """Tell whether an accepted commitment ends within the calendar; unknown references pass."""
    candidate = known.candidates.get(commitment.candidate)
    window = known.windows.get(commitment.window)
    if candidate is None or window is None:
        return True
    months = commitment.months or candidate.months_needed
    return add_months(commitment.start, -(-months * 100 // window.fte_percent)) is not None

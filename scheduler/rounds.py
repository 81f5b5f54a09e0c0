"""A round: everything known on its decision date, checked, indexed and frozen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from scheduler.canonical import digest
from scheduler.crosschecks import Records, cross_check, wished_starts
from scheduler.domain import (
    Candidate,
    Commitment,
    CommitmentState,
    Municipality,
    Period,
    Policy,
    Priority,
    Unit,
    Window,
)
from scheduler.errors import Fault, InvalidRound

FORMAT = "rotations/round@1"

MAX_STARTS = 20_000_000
"""Most start days that all wishes may ask for: 1,000 candidates of a country ask for 120,000."""

LATER = frozenset({"parts", "months"})
"""Keys that are left out where they are null: older rounds, without them, keep their hashes."""


@dataclass(frozen=True, kw_only=True)
class Round:
    """One planning quarter. Lists are kept sorted by id, so their order means nothing.

    Raises
    ------
    InvalidRound
        With every cross-check that fails; a `Round` that exists is coherent.
    """

    id: str
    decision_date: date
    policy: Policy
    name: str | None = None
    units: tuple[Unit, ...] = ()
    windows: tuple[Window, ...] = ()
    municipalities: tuple[Municipality, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    priorities: tuple[Priority, ...] = ()
    commitments: tuple[Commitment, ...] = ()

    def __post_init__(self) -> None:
        faults = cross_check(
            Records(
                units=dict(enumerate(self.units)),
                windows=dict(enumerate(self.windows)),
                municipalities=dict(enumerate(self.municipalities)),
                candidates=dict(enumerate(self.candidates)),
                priorities=dict(enumerate(self.priorities)),
                commitments=dict(enumerate(self.commitments)),
            )
        )
        if faults:
            raise InvalidRound(faults)
        starts = wished_starts(
            self.units, self.windows, self.candidates, len(self.policy.start_days)
        )
        if starts > MAX_STARTS:
            raise InvalidRound(
                (Fault("too-many-starts", ("candidates",), {"maximum": MAX_STARTS}),)
            )
        for field in ("units", "windows", "municipalities", "candidates"):
            records = tuple(sorted(getattr(self, field), key=lambda record: record.id))
            object.__setattr__(self, field, records)
        orders = sorted(self.priorities, key=lambda p: (p.municipality, p.unit or ""))
        object.__setattr__(self, "priorities", tuple(orders))
        held = sorted(
            self.commitments, key=lambda c: (c.candidate, c.window, c.start, c.months or 0)
        )
        object.__setattr__(self, "commitments", tuple(held))

    def replace(self, **changes: Any) -> Round:
        """Return a round with these fields changed, checked again."""
        return replace(self, **changes)

    def amended(self, record: Unit | Window | Municipality | Candidate) -> Round:
        """Return a round with one record in the place of its namesake, not checked again.

        Who amends keeps what others refer to: units, sites, trusts, municipalities and orders.
        """
        place = PLACES[type(record)]
        records = tuple(record if r.id == record.id else r for r in getattr(self, place))
        amended = object.__new__(Round)
        known = {name: value for name, value in vars(self).items() if name not in STALE[place]}
        vars(amended).update(known | {place: records})
        return amended

    def extract(self, **records: tuple[Any, ...]) -> Round:
        """Return a round with fewer records, in the same order, not checked again.

        Who extracts keeps what others refer to, but for candidates who are named in orders.
        """
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        extract = object.__new__(Round)
        vars(extract).update(own | records)
        return extract

    @cached_property
    def unit(self) -> dict[str, Unit]:
        """Units by id."""
        return {unit.id: unit for unit in self.units}

    @cached_property
    def window(self) -> dict[str, Window]:
        """Windows by id."""
        return {window.id: window for window in self.windows}

    @cached_property
    def windows_at(self) -> dict[str, tuple[Window, ...]]:
        """Windows by each target that a wish may name, sorted by id; unknown targets are absent."""
        found: dict[str, list[Window]] = {}
        for window in self.windows:
            unit = self.unit[window.unit]
            for target in (unit.id, unit.site, unit.trust):
                found.setdefault(target, []).append(window)
        return {target: tuple(windows) for target, windows in found.items()}

    @cached_property
    def municipality(self) -> dict[str, Municipality]:
        """Municipalities by id."""
        return {municipality.id: municipality for municipality in self.municipalities}

    @cached_property
    def candidate(self) -> dict[str, Candidate]:
        """Candidates by id."""
        return {candidate.id: candidate for candidate in self.candidates}

    @cached_property
    def place(self) -> dict[str, int]:
        """Where each candidate stands among the candidates, 0 = first, by id."""
        return {candidate.id: place for place, candidate in enumerate(self.candidates)}

    @cached_property
    def accepted(self) -> dict[str, tuple[Commitment, ...]]:
        """Accepted commitments by candidate, in the order of their starts."""
        return self._held("accepted")

    @cached_property
    def offered(self) -> dict[str, tuple[Commitment, ...]]:
        """Offered commitments by candidate, in the order of their starts."""
        return self._held("offered")

    def _held(self, state: CommitmentState) -> dict[str, tuple[Commitment, ...]]:
        found: dict[str, list[Commitment]] = {}
        for commitment in sorted(self.commitments, key=lambda c: c.start):
            if commitment.state == state:
                found.setdefault(commitment.candidate, []).append(commitment)
        return {candidate: tuple(own) for candidate, own in found.items()}

    def months(self, commitment: Commitment) -> int:
        """Return the full-time months of a commitment: its own, or all that she needs."""
        return commitment.months or self.candidate[commitment.candidate].months_needed

    @cached_property
    def colleagues(self) -> dict[str, tuple[str, ...]]:
        """Candidate ids by municipality id, sorted."""
        by_id: dict[str, list[str]] = {m.id: [] for m in self.municipalities}
        for candidate in self.candidates:
            by_id[candidate.municipality].append(candidate.id)
        return {municipality: tuple(ids) for municipality, ids in by_id.items()}

    def order(self, municipality: str, unit: str | None = None) -> tuple[str, ...]:
        """Return a municipality's order for a unit, highest first, or the default one."""
        given = self._orders
        default = given.get((municipality, None), self.colleagues[municipality])
        return given.get((municipality, unit), default)

    @cached_property
    def _orders(self) -> dict[tuple[str, str | None], tuple[str, ...]]:
        return {(p.municipality, p.unit): p.order for p in self.priorities}

    @cached_property
    def document(self) -> dict[str, Any]:
        """The document ``rotations/round@1``: plain values, defaults filled in, lists sorted."""
        policy = _plain(self.policy) | {"tiers": list(self.policy.tiers_in_force)}
        policy["start_days"] = sorted(self.policy.start_days)
        if self.policy.parts is not None:
            policy["parts"]["divisions"].sort()
        return {
            "format": FORMAT,
            "round": {"id": self.id, "name": self.name, "decision_date": str(self.decision_date)},
            "policy": policy,
            "units": _records(self.units),
            "windows": _records(self.windows),
            "municipalities": _records(self.municipalities),
            "candidates": _records(self.candidates),
            "priorities": _records(self.priorities),
            "commitments": _records(self.commitments),
        }

    @cached_property
    def hash(self) -> str:
        """``sha256:…`` of the canonical document; rounds of one hash have one plan."""
        return digest(self.document)


PLACES: Mapping[type, str] = {
    Unit: "units",
    Window: "windows",
    Municipality: "municipalities",
    Candidate: "candidates",
}
"""Where a round keeps records of each kind."""

STALE: Mapping[str, frozenset[str]] = {
    "units": frozenset({"unit", "windows_at", "document", "hash"}),
    "windows": frozenset({"window", "windows_at", "document", "hash"}),
    "municipalities": frozenset({"municipality", "document", "hash"}),
    "candidates": frozenset({"candidate", "document", "hash"}),
}
"""What a round has worked out that hangs on records of a kind."""


def _records(records: Iterable[Any]) -> list[Any]:
    return [_plain(record) for record in records]


def _plain(value: Any) -> Any:
    """Turn a record into document values: ISO dates, lists, `from` and `to`."""
    if isinstance(value, Period):
        return {"from": str(value.start), "to": str(value.end)}
    if is_dataclass(value):
        found = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {key: item for key, item in found.items() if item is not None or key not in LATER}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, date) else value

"""A plan: the set of placements for a round, with its tiers, reasons and hashes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from scheduler.canonical import digest

FORMAT = "rotations/plan@1"


class Status(StrEnum):
    """How far the search came."""

    OPTIMAL = "optimal"
    """Every tier is proven, and the plan is proven to be the only best one."""

    FEASIBLE = "feasible"
    """Stopped early: the best plan found, each tier with its bound."""


@dataclass(frozen=True, slots=True, order=True)
class Placement:
    """One candidate in one window for ``[start, end)``; she has one for each part of her stay.

    `wish_class` is the position (1 = first) of the first wish that covers the part that comes off
    worst; None where an accepted commitment has a part covered by none. `months` are the full-time
    months of this part, None where it is all that she needs.
    """

    candidate: str
    window: str
    unit: str
    start: date
    end: date
    wish_class: int | None
    months: int | None = None


Given = tuple[Placement, ...]
"""What a candidate got: a placement for each part of her stay, in order; none = nothing."""


def by_candidate(placements: Iterable[Placement]) -> dict[str, Given]:
    """Return the placements of each candidate, in the order of their starts."""
    found: dict[str, list[Placement]] = {}
    for placement in sorted(placements, key=lambda p: (p.candidate, p.start)):
        found.setdefault(placement.candidate, []).append(placement)
    return {candidate: tuple(own) for candidate, own in found.items()}


def seat_record(given: Given) -> dict[str, Any] | None:
    """Return what a candidate got as plain values, None for nothing; `then` is a second part."""
    if not given:
        return None
    first, *then = given
    record = _seat(first) | {"class": first.wish_class}
    return record | {"then": _seat(*then)} if then else record


def _seat(placement: Placement) -> dict[str, Any]:
    return {
        "window": placement.window,
        "unit": placement.unit,
        "start": str(placement.start),
        "end": str(placement.end),
        **({} if placement.months is None else {"months": placement.months}),
    }


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a wish did not come true: a code and the figures a sentence about it needs.

    Attributes
    ----------
    code
        A rule's name, or a code listed in `scheduler.accounts`.
    wish
        Position of the wish, 1 = first; None where the reason holds for every wish.
    figures
        Whole numbers, ISO dates, ids and lists of ids.
    """

    code: str
    wish: int | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """The reasons a candidate is owed: unplaced, or placed below a better wish."""

    candidate: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class TierResult:
    """What a tier, or one level of it, came to.

    `bound` is what no plan with the same values in every earlier tier can beat; `proven` says that
    this value and every earlier one equal their bounds.
    """

    tier: str
    level: int | None
    value: int
    bound: int
    proven: bool


@dataclass(frozen=True, slots=True)
class Engine:
    """Who computed the plan: versions of this project and of OR-Tools."""

    version: str
    ortools: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A plan for the round with hash `round_hash`; lists are sorted by candidate, then start.

    `lottery_counter` says which draw of the tickets decided: 0, or more where earlier draws tied.
    """

    round_id: str
    round_hash: str
    status: Status
    placements: tuple[Placement, ...]
    unplaced: tuple[Account, ...]
    passed_over: tuple[Account, ...]
    tiers: tuple[TierResult, ...]
    engine: Engine
    lottery_counter: int = 0
    verified: bool = False

    @property
    def placed(self) -> int:
        """Candidates with a place, accepted before or new."""
        return len({placement.candidate for placement in self.placements})

    @cached_property
    def document(self) -> dict[str, Any]:
        """The document ``rotations/plan@1``, plain values."""
        return self._content | {
            "engine": {"version": self.engine.version, "ortools": self.engine.ortools},
            "plan_hash": self.hash,
        }

    @cached_property
    def hash(self) -> str:
        """``sha256:…`` of the canonical document without `engine` and `plan_hash` itself."""
        return digest(self._content)

    @cached_property
    def _content(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "round": self.round_id,
            "round_hash": self.round_hash,
            "status": str(self.status),
            "placements": [
                {
                    "candidate": p.candidate,
                    "window": p.window,
                    "unit": p.unit,
                    "start": str(p.start),
                    "end": str(p.end),
                    "class": p.wish_class,
                    **({} if p.months is None else {"months": p.months}),
                }
                for p in self.placements
            ],
            "unplaced": [_account(account) for account in self.unplaced],
            "passed_over": [_account(account) for account in self.passed_over],
            "tiers": [
                {
                    "tier": t.tier,
                    "level": t.level,
                    "value": t.value,
                    "bound": t.bound,
                    "proven": t.proven,
                }
                for t in self.tiers
            ],
            "lottery_counter": self.lottery_counter,
            "verified": self.verified,
        }


def _account(account: Account) -> dict[str, Any]:
    return {
        "candidate": account.candidate,
        "reasons": [
            {"code": reason.code, "wish": reason.wish, **reason.figures}
            for reason in account.reasons
        ],
    }

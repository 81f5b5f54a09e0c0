"""Who holds the seats: why a stay that is admissible was not given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from scheduler.dates import overlap
from scheduler.options import Stay
from scheduler.plans import Placement, Reason
from scheduler.rounds import Round
from scheduler.verify.admission import Stay as Verified
from scheduler.verify.admission import stay as verified
from scheduler.verify.hard import admissible_stays, priority_broken
from scheduler.verify.values import MAXIMISED, TierValue, tier_values, worst_class

NEAREST_FIRST = ("OPEN", "TIER", "CHAIN", "PRIORITY", "HELD")
"""Codes by how near they come to being given, nearest first."""


class Seats:
    """The seats of a plan and their holders."""

    def __init__(
        self, round_: Round, placements: Sequence[Placement], lottery_counter: int, decided: bool
    ) -> None:
        self._round = round_
        self._counter = lottery_counter
        self._decided = decided
        self._options = admissible_stays(round_)
        self.of = {p.candidate: p for p in placements}
        self._taking = _grouped(placements, lambda p: p.window)
        self._in_unit = _grouped(placements, lambda p: p.unit)
        self._away = _grouped(placements, self._home)
        self._verified: dict[str, Verified] = {}
        for p in placements:
            s = verified(round_, p.candidate, p.window, p.start)
            assert s is not None, "placements end within the calendar"
            self._verified[p.candidate] = s

    def reason(self, stays: Sequence[Stay], wish: int) -> Reason:
        """Say why none of a candidate's admissible stays in one window was given.

        The stay that comes nearest speaks for the window: first the least grave code, then the
        fewest holders, then the earliest start.
        """
        said = []
        for stay in stays:
            said.append(self._verdict(stay))
            if said[-1][0] == NEAREST_FIRST[0]:
                break
        code, figures = min(said, key=lambda v: (NEAREST_FIRST.index(v[0]), _holders(v[1])))
        at = {"window": stays[0].window.id, "unit": stays[0].window.unit}
        return Reason(code, wish, at | figures)

    def _verdict(self, stay: Stay) -> tuple[str, dict[str, Any]]:
        held = self._held(stay)
        if held is not None:
            return "HELD", held
        if not self._decided:
            return "OPEN", {}
        moved = self._moved(stay)
        touched = self._touched(stay.candidate.id)
        broken = list(priority_broken(self._round, moved, self._options, touched))
        if broken:
            above = sorted({b.subjects[1] for b in broken if b.subjects[0] == stay.candidate.id})
            return ("PRIORITY", {"colleagues": above}) if above else ("CHAIN", {})
        values = tier_values(self._round, moved, self._counter, self._worst)
        for (tier, level, value), (_, _, own) in zip(values, self._values, strict=True):
            if value != own:
                worse = (value < own) == (tier in MAXIMISED)
                return ("TIER", {"tier": tier, "level": level}) if worse else ("OPEN", {})
        return "OPEN", {}

    def _touched(self, candidate: str) -> set[str]:
        """Return who may come to be in somebody's way when a candidate moves.

        She herself; and where she leaves a seat, whoever is in its unit or of her municipality,
        since only there can something fit that did not before.
        """
        own = self.of.get(candidate)
        if own is None:
            return {candidate}
        home = self._round.candidate[candidate].municipality
        near = (p for p in self.of.values() if p.unit == own.unit or self._home(p) == home)
        return {candidate, *(p.candidate for p in near)}

    def _moved(self, stay: Stay) -> list[Verified]:
        """Return the plan with the candidate moved to a stay and all others left in place."""
        new = verified(self._round, stay.candidate.id, stay.window.id, stay.start)
        assert new is not None, "admissible stays end within the calendar"
        return [*(s for c, s in self._verified.items() if c != stay.candidate.id), new]

    def _held(self, stay: Stay) -> dict[str, Any] | None:
        """Return the limit that others fill on some day of the stay, with its holders.

        Higher-ranked colleagues are named, everybody else is only counted.
        """
        town = stay.candidate.municipality
        above = self._above(stay)
        limits = (
            ("POSITIONS", stay.window.positions, self._taking[stay.window.id]),
            ("SUPERVISED", stay.unit.supervised_places, self._in_unit[stay.unit.id]),
            ("AWAY", self._round.municipality[town].max_away, self._away[town]),
        )
        for rule, limit, placed in limits:
            if limit is None:
                continue
            taking = [
                p
                for p in placed
                if p.candidate != stay.candidate.id
                and overlap(p.start, p.end, stay.start, stay.end)
            ]
            for day in sorted({stay.start, *(max(p.start, stay.start) for p in taking)}):
                active = [p for p in taking if p.start <= day < p.end]
                if len(active) >= limit:
                    named = sorted(p.candidate for p in active if p.candidate in above)
                    others = len(active) - len(named)
                    return {"rule": rule, "colleagues": named, "others": others}
        return None

    def _above(self, stay: Stay) -> tuple[str, ...]:
        """Return the colleagues whom the municipality ranks higher for the unit."""
        order = self._round.order(stay.candidate.municipality, stay.unit.id)
        return order[: order.index(stay.candidate.id)]

    def _home(self, placement: Placement) -> str:
        return self._round.candidate[placement.candidate].municipality

    @cached_property
    def _worst(self) -> int:
        return worst_class(self._round)

    @cached_property
    def _values(self) -> list[TierValue]:
        stays = list(self._verified.values())
        return tier_values(self._round, stays, self._counter, self._worst)


def _grouped(
    placements: Sequence[Placement], key: Callable[[Placement], str]
) -> Mapping[str, list[Placement]]:
    groups: dict[str, list[Placement]] = defaultdict(list)
    for placement in placements:
        groups[key(placement)].append(placement)
    return groups


def _holders(figures: dict[str, Any]) -> int:
    return len(figures.get("colleagues", ())) + int(figures.get("others", 0))

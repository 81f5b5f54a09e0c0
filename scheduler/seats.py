"""Who holds the seats: why a stay that is admissible was not given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from scheduler.dates import overlap
from scheduler.domain import Window
from scheduler.options import Option, Part
from scheduler.plans import Placement, Reason, by_candidate
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
        self.of = by_candidate(placements)
        self._taking = _grouped(placements, lambda p: p.window)
        self._in_unit = _grouped(placements, lambda p: p.unit)
        self._away = _grouped(placements, self._home)
        self._verified: dict[str, list[Verified]] = {}
        for p in placements:
            s = verified(round_, p.candidate, p.window, p.start, p.months)
            assert s is not None, "placements end within the calendar"
            self._verified.setdefault(p.candidate, []).append(s)

    def reason(self, options: Sequence[Option], wish: int, window: Window) -> Reason:
        """Say why none of a candidate's options in one window was given.

        The option that comes nearest speaks for the window: first the least grave code, then the
        fewest holders, then the earliest start.
        """
        said = []
        for option in options:
            said.append(self._verdict(option))
            if said[-1][0] == NEAREST_FIRST[0] or (self._decided and said[-1][0] == "TIER"):
                break  # nothing is nearer; in a plan that is decided, nothing is left open
        code, figures = min(said, key=lambda v: (NEAREST_FIRST.index(v[0]), _holders(v[1])))
        return Reason(code, wish, {"window": window.id, "unit": window.unit} | figures)

    def _verdict(self, option: Option) -> tuple[str, dict[str, Any]]:
        held = self._held(option)
        if held is not None:
            return "HELD", held
        if not self._decided:
            return "OPEN", {}
        moved = self._moved(option)
        touched = self._touched(option.candidate)
        broken = list(priority_broken(self._round, moved, self._options, touched))
        if broken:
            above = sorted({b.subjects[1] for b in broken if b.subjects[0] == option.candidate})
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
        left = [p for place in own for p in self._in_unit[place.unit]]
        return {candidate, *(p.candidate for p in (*left, *self._away[home]))}

    def _moved(self, option: Option) -> list[Verified]:
        """Return the plan with the candidate moved to an option and all others left in place."""
        others = (s for c, own in self._verified.items() if c != option.candidate for s in own)
        seats = ((option.candidate, p.window, p.start, p.months) for p in option.parts)
        new = [s for seat in seats if (s := verified(self._round, *seat)) is not None]
        assert len(new) == len(option.parts), "admissible stays end within the calendar"
        return [*others, *new]

    def _held(self, option: Option) -> dict[str, Any] | None:
        """Return the limit that others fill on some day of an option, with its holders.

        Higher-ranked colleagues are named, everybody else is only counted.
        """
        town = self._round.candidate[option.candidate].municipality
        for part in option.parts:
            window, unit = self._round.window[part.window], self._round.unit[part.unit]
            limits = (
                ("POSITIONS", window.positions, self._taking[window.id]),
                ("SUPERVISED", unit.supervised_places, self._in_unit[unit.id]),
                ("AWAY", self._round.municipality[town].max_away, self._away[town]),
            )
            for rule, limit, placed in limits:
                others = [p for p in placed if p.candidate != option.candidate]
                active = None if limit is None else _filling(limit, others, part)
                if active is not None:
                    above = self._above(option.candidate, part.unit)
                    named = sorted(p.candidate for p in active if p.candidate in above)
                    count = len(active) - len(named)
                    return {"rule": rule, "colleagues": named, "others": count}
        return None

    def _above(self, candidate: str, unit: str) -> tuple[str, ...]:
        """Return the colleagues whom the municipality ranks higher for the unit."""
        order = self._round.order(self._round.candidate[candidate].municipality, unit)
        return order[: order.index(candidate)]

    def _home(self, placement: Placement) -> str:
        return self._round.candidate[placement.candidate].municipality

    @cached_property
    def _worst(self) -> int:
        return worst_class(self._round)

    @cached_property
    def _values(self) -> list[TierValue]:
        stays = [s for own in self._verified.values() for s in own]
        return tier_values(self._round, stays, self._counter, self._worst)


def _filling(limit: int, others: Sequence[Placement], part: Part) -> list[Placement] | None:
    """Return who fills a limit on the first such day of a part; None where nobody does."""
    taking = [p for p in others if overlap(p.start, p.end, part.start, part.end)]
    for day in sorted({part.start, *(max(p.start, part.start) for p in taking)}):
        active = [p for p in taking if p.start <= day < p.end]
        if len(active) >= limit:
            return active
    return None


def _grouped(
    placements: Sequence[Placement], key: Callable[[Placement], str]
) -> Mapping[str, list[Placement]]:
    groups: dict[str, list[Placement]] = defaultdict(list)
    for placement in placements:
        groups[key(placement)].append(placement)
    return groups


def _holders(figures: dict[str, Any]) -> int:
    return len(figures.get("colleagues", ())) + int(figures.get("others", 0))

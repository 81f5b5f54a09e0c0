"""Plans side by side as a document and as a workbook: scenarios with their base, modes of priority.

Candidates go by id. Each pair of sides is compared, the first of them named first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

from data.exports.frames import framed
from data.exports.plan_workbook import written_workbook
from data.sentences import Language, sentence
from data.wording import last_day, tier_name
from scheduler.comparison import Comparison, Side, compared
from scheduler.plans import Given
from scheduler.price import Price
from scheduler.rounds import Round

FORMAT, PRICE_FORMAT = "rotations/comparison@1", "rotations/price@1"

SEAT = ("window", "unit", "start", "last_day", "class")
SIDES = ("scenario", "status", "placed", "unplaced", "round_hash", "plan_hash")
TIERS = ("first", "second", "tier", "level", "tier_name", "value_first", "value_second")
PEOPLE = (
    *("first", "second", "candidate", "difference"),
    *(f"{name}_{side}" for side in ("first", "second") for name in SEAT),
)


@dataclass(frozen=True)
class Compared:
    """A round and what scenarios make of it.

    Attributes
    ----------
    names
        Names of the sides; None = the round as it is.
    sides
        At least two, the round as it is first.
    """

    names: Sequence[str | None]
    sides: Sequence[Side]

    @cached_property
    def pairs(self) -> Mapping[tuple[int, int], Comparison]:
        """Each side with each later one, by their positions."""
        pairs = combinations(range(len(self.sides)), 2)
        return {(a, b): compared(self.sides[a], self.sides[b]) for a, b in pairs}

    @property
    def document(self) -> dict[str, Any]:
        """The document ``rotations/comparison@1``, plain values."""
        sides = zip(self.names, self.sides, strict=True)
        return {
            "format": FORMAT,
            "round": self.sides[0].round.id,
            "sides": [{"scenario": name} | side_record(side) for name, side in sides],
            "comparisons": [
                {"first": first, "second": second} | comparison.document
                for (first, second), comparison in self.pairs.items()
            ],
        }

    def workbook(self, language: Language) -> bytes:
        """Return the same as an xlsx file: the sides, their tiers and their people."""
        shown = [name or sentence(language, "report.scenario-none") for name in self.names]
        tables = {
            "compared_sides": framed(self._sides(shown, language), SIDES),
            "compared_tiers": framed(self._tiers(shown, language), TIERS),
            "compared_people": framed(self._people(shown, language), PEOPLE),
        }
        base = self.sides[0].round
        return written_workbook(tables, base.id, base.decision_date, language)

    def _sides(self, shown: Sequence[str], language: Language) -> Iterator[dict[str, Any]]:
        for name, side in zip(shown, self.sides, strict=True):
            status = sentence(language, f"report.status-{side.plan.status}")
            yield side_record(side) | {"scenario": name, "status": status}

    def _tiers(self, shown: Sequence[str], language: Language) -> Iterator[dict[str, Any]]:
        for (first, second), comparison in self.pairs.items():
            for t in comparison.tiers:
                yield {
                    "first": shown[first],
                    "second": shown[second],
                    "tier": t.tier,
                    "level": t.level,
                    "tier_name": tier_name(language, t.tier, t.level),
                    "value_first": t.first,
                    "value_second": t.second,
                }

    def _people(self, shown: Sequence[str], language: Language) -> Iterator[dict[str, Any]]:
        for (first, second), comparison in self.pairs.items():
            for p in comparison.people:
                yield {
                    "first": shown[first],
                    "second": shown[second],
                    "candidate": p.candidate,
                    "difference": sentence(language, f"report.difference-{p.difference}"),
                    **_seat("first", p.first),
                    **_seat("second", p.second),
                }


def price_document(round_: Round, price: Price) -> dict[str, Any]:
    """Return the document ``rotations/price@1``, plain values."""
    return {
        "format": PRICE_FORMAT,
        "round": round_.id,
        "round_hash": round_.hash,
        "sides": [{"priority": mode} | side_record(side) for mode, side in price.sides.items()],
        "comparisons": [
            {"first": 0, "second": position} | price.against_strict(mode).document
            for position, mode in enumerate(price.sides)
            if position
        ],
        "lost": price.lost,
        "lists": None if price.lists is None else list(price.lists),
    }


def side_record(side: Side) -> dict[str, Any]:
    """Return what a plan comes to, plain values."""
    return {
        "round_hash": side.round.hash,
        "plan_hash": side.plan.hash,
        "status": str(side.plan.status),
        "placed": side.plan.placed,
        "unplaced": len(side.plan.unplaced),
        "classes": [{"class": number, "placed": placed} for number, placed in side.classes],
        "tiers": side.plan.document["tiers"],
    }


def _seat(side: str, given: Given) -> dict[str, Any]:
    """Return what a candidate got as cells: of a stay in parts, its first and its last day."""
    if not given:
        return {}
    values = (
        " + ".join(placement.window for placement in given),
        " + ".join(placement.unit for placement in given),
        given[0].start,
        last_day(given[-1].end),
        given[0].wish_class,
    )
    return {f"{name}_{side}": value for name, value in zip(SEAT, values, strict=True)}

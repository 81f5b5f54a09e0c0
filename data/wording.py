"""A plan's codes in words: units, reasons, tiers and conflicts as one language puts them.

Ids stand as they are; units, municipalities and places go by their names. Candidates go by id here:
a sentence about one candidate names colleagues of the same municipality by id, others as a count.
Who may not know so much gets reasons with less in them (`api.outcomes`): colleagues as a count or
as nothing, others without their number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

from data.sentences import Language, Verbatim, sentence, written_date
from scheduler.domain import Wish
from scheduler.errors import Conflict
from scheduler.plans import Placement, Reason, TierResult
from scheduler.rounds import Round
from scheduler.tiers import RANK_LEVELS

MINIMISED = frozenset({"wish", "spread", "start"})
"""Tiers in which less is better; in the others more is."""

ID_FIGURES = frozenset({"window", "colleagues", "goals"})
VARIANTS = {"REGISTERED": "registered_on", "LIS1": "lis1_completed_on"}
"""Codes that read otherwise where this date is missing."""


@dataclass(frozen=True)
class Wording:
    """Words what a plan for `round` says, in `language`.

    Attributes
    ----------
    places
        What sites and trusts are called, by id, as far as it is known: a round says only ids.
    """

    round: Round
    language: Language
    places: Mapping[str, str] = field(default_factory=dict)

    def unit(self, unit: str) -> str:
        """Return a unit's name, with its site where another unit is called the same."""
        record = self.round.unit[unit]
        name = record.name or record.id
        return f"{name} ({self.place(record.site)})" if self._unit_names[name] > 1 else name

    def place(self, place: str) -> str:
        """Return the name of a site or trust, or its id where none is known."""
        return self.places.get(place, place)

    def municipality(self, municipality: str) -> str:
        """Return a municipality's name, or its id where it has none."""
        return self.round.municipality[municipality].name or municipality

    def target(self, target: str) -> str:
        """Return the name of what a wish is for: a unit, a site or a trust."""
        return self.unit(target) if target in self.round.unit else self.place(target)

    def day(self, day: date) -> str:
        """Return a date as people write it."""
        return written_date(self.language, day)

    def stretch(self, start: date, end: date) -> str:
        """Return ``[start, end)`` from its first to its last day, as people write it."""
        return f"{self.day(start)} – {self.day(last_day(end))}"

    def wish(self, wish: Wish) -> str:
        """Return a wish's target and the period it may start in."""
        period = f"{self.day(wish.earliest)} – {self.day(wish.latest)}"
        return self._report("wish-line", target=self.target(wish.target), period=period)

    def wish_class(self, placement: Placement) -> str:
        """Return ``1. ønske``, or that no wish covers the placement."""
        if placement.wish_class is None:
            return self._report("class-none")
        return self._report("class", number=placement.wish_class)

    def reason(self, reason: Reason) -> str:
        """Return the sentence for a reason, without the place it is about."""
        key, figures = reason.code, self._figures(reason.figures)
        missing = VARIANTS.get(key)
        if missing is not None and figures.get(missing) is None:
            key = f"{key}-never"
        if key == "HELD":
            key = f"HELD-{figures['rule']}"
            figures["holders"] = self._holders(figures)
        if key == "TIER":
            figures["tier"] = self.tier(reason.figures["tier"], reason.figures["level"])
        return sentence(self.language, f"reasons.{key}", _verbatim(figures))

    def reason_place(self, reason: Reason) -> str:
        """Return the unit and window a reason is about; empty where it is about neither."""
        if "window" not in reason.figures:
            return ""
        figures = _verbatim(self._figures(reason.figures))
        return sentence(self.language, "reasons.place", figures)

    def placed_reason(self, reason: Reason) -> str:
        """Return the place and the sentence together, as a terminal shows them."""
        place, said = self.reason_place(reason), self.reason(reason)
        if not place:
            return said
        figures = {"place": Verbatim(place), "sentence": said}
        return sentence(self.language, "reasons.placed-sentence", figures)

    def tier(self, tier: str, level: int | None) -> str:
        """Return a tier's name, with its level where it has one."""
        return tier_name(self.language, tier, level)

    def tier_meaning(self, tier: str) -> str:
        """Return what a tier asks for."""
        return sentence(self.language, f"tiers.about-{tier}")

    def tier_value(self, tier: str, value: int) -> str:
        """Return a tier's value with its noun: ``12 kandidater``."""
        return tier_value(self.language, tier, value)

    def proof(self, result: TierResult) -> str:
        """Return whether a tier's value is proven, and what that says about other plans."""
        return f"{self.proven(result)}. {self.limit(result)}"

    def proven(self, result: TierResult) -> str:
        """Return ``Bevist`` or ``Ikke bevist``."""
        return sentence(self.language, f"tiers.{'proven' if result.proven else 'open'}")

    def limit(self, result: TierResult) -> str:
        """Return what other plans could come to in this tier."""
        sense = "least" if result.tier in MINIMISED else "most"
        key = f"tiers.{'proven' if result.proven else 'open'}-{sense}"
        bound = self.tier_value(result.tier, result.bound)
        return sentence(self.language, key, {"bound": bound})

    def conflict(self, conflict: Conflict) -> str:
        """Return the sentence for accepted commitments that cannot stand together, with names."""
        subject = conflict.subject
        match conflict.rule:
            case "POSITIONS":
                named = f"{subject} ({self.unit(self.round.window[subject].unit)})"
            case "SUPERVISED":
                named = self.unit(subject)
            case "AWAY":
                named = self.municipality(subject)
            case _:
                named = subject
        return conflict_sentence(self.language, replace(conflict, subject=named))

    def unnamed(self, colleagues: int | None) -> str:
        """Return how colleagues are called who are not named: by their number, or not even that."""
        key = "reasons.colleagues-" + ("untold" if colleagues is None else "counted")
        return sentence(self.language, key, {"count": colleagues})

    @cached_property
    def _unit_names(self) -> Counter[str]:
        return Counter(unit.name or unit.id for unit in self.round.units)

    def _report(self, key: str, **figures: object) -> str:
        return sentence(self.language, f"report.{key}", _verbatim(figures))

    def _figures(self, figures: Mapping[str, object]) -> dict[str, object]:
        """Return a reason's figures with names for ids and the last day for the end."""
        worded = dict(figures)
        if isinstance(unit := figures.get("unit"), str):
            worded["unit"] = Verbatim(self.unit(unit))
        if isinstance(target := figures.get("target"), str):
            worded["target"] = Verbatim(self.target(target))
        if isinstance(trust := figures.get("trust"), str):
            worded["trust"] = Verbatim(self.place(trust))
        if isinstance(end := figures.get("end"), str):
            worded["last_day"] = last_day(date.fromisoformat(end))
        colleagues = figures.get("colleagues", ())
        if colleagues is None or isinstance(colleagues, int):
            worded["colleagues"] = Verbatim(self.unnamed(colleagues))
        return worded

    def _holders(self, figures: Mapping[str, object]) -> str:
        own, others = bool(figures["colleagues"]), figures["others"] != 0
        kind = {(True, True): "both", (True, False): "own", (False, True): "others"}
        key = f"reasons.holders-{kind.get((own, others), 'nobody')}"
        if figures["others"] is None:
            key += "-untold"
        return sentence(self.language, key, _verbatim(figures))


def tier_name(language: Language, tier: str, level: int | None) -> str:
    """Return a tier's name, with its level where it has one."""
    if level is None:
        return sentence(language, f"tiers.name-{tier}")
    last = tier == "rank" and level == RANK_LEVELS
    key = f"tiers.name-{tier}-{'last' if last else 'level'}"
    return sentence(language, key, {"level": level})


def tier_value(language: Language, tier: str, value: int) -> str:
    """Return a tier's value with its noun: ``12 kandidater``."""
    return sentence(language, f"tiers.value-{tier}", {"value": value})


def conflict_sentence(language: Language, conflict: Conflict) -> str:
    """Return the sentence for accepted commitments that cannot stand together."""
    figures = dict(conflict.figures) | {
        "subject": Verbatim(conflict.subject),
        "candidates": [Verbatim(candidate) for candidate in conflict.candidates],
    }
    return sentence(language, f"conflicts.{conflict.rule}", figures)


def last_day(end: date) -> date:
    """Return the last day of a period whose first day after is `end`."""
    return end - timedelta(days=1)


def _verbatim(figures: Mapping[str, object]) -> dict[str, object]:
    """Mark ids so that none is taken for a date."""
    worded = dict(figures)
    for name in ID_FIGURES & worded.keys():
        value = worded[name]
        if isinstance(value, str):
            worded[name] = Verbatim(value)
        elif isinstance(value, list | tuple):
            worded[name] = [Verbatim(item) for item in value]
    return worded

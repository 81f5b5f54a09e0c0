"""Explanations in words: what kept a candidate from a wish, and what would have helped.

Colleagues of the candidate's own municipality go by id, everybody else by number. Who may not know
so much gets causes with less in them (`api.outcomes`), worded without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.sentences import Verbatim, sentence
from data.wording import Wording
from scheduler.plans import Reason

DATES = frozenset({"start", "latest", "earliest", "by"})
"""Figures that are dates; every other text is an id."""


@dataclass(frozen=True)
class Explaining:
    """Words the explanation that one candidate is owed."""

    words: Wording
    candidate: str

    def causes(self, causes: Sequence[Reason]) -> Iterator[str]:
        """Yield a sentence for each cause of one wish, in their order."""
        ranked = False
        for cause in causes:
            yield self._cause(cause, besides=ranked)
            ranked = ranked or cause.code == "PRIORITY"

    def remedy(self, remedy: Reason) -> str:
        """Return the change that would have helped."""
        key = remedy.code
        figures = _marked(remedy.figures)
        if key == "PLACE":
            key, figures["subject"] = self._limit(remedy)
        if "trust" in figures:
            figures["trust"] = Verbatim(self.words.place(figures["trust"]))
        return sentence(self.words.language, f"remedies.{key}", figures)

    def _cause(self, cause: Reason, besides: bool) -> str:
        """Return a cause with the stay it is about; `besides` where the order has been told."""
        key, figures = cause.code, _marked(cause.figures)
        if key == "FULL":
            key, figures["subject"] = self._limit(cause)
            held = self._people(cause.figures, "holders")
            figures["holders"] = Verbatim(held)
            key += "" if held else "-nobody"
        if key == "PRIORITY":
            figures["colleagues"] = self._colleagues(cause.figures["colleagues"])
        if key == "TIER":
            key, figures = self._tier(cause, figures, besides)
        said = self._with_losers(cause, self._text(key, figures))
        if "window" not in cause.figures:
            return said
        place = self._text("place", figures | {"unit": Verbatim(self.words.unit(figures["unit"]))})
        about = {"place": Verbatim(place), "sentence": Verbatim(said)}
        return sentence(self.words.language, "reasons.placed-sentence", about)

    def _tier(
        self, cause: Reason, figures: dict[str, Any], besides: bool
    ) -> tuple[str, dict[str, Any]]:
        """Return key and figures of a tier that would be worse; what it comes to may be untold."""
        tier, level = cause.figures["tier"], cause.figures["level"]
        worded = figures | {"tier": Verbatim(self.words.tier(tier, level))}
        key = "TIER-besides" if besides else "TIER"
        if "value" not in cause.figures:
            return f"{key}-untold", worded
        for name in ("value", "forced"):
            worded[name] = Verbatim(self.words.tier_value(tier, cause.figures[name]))
        return key, worded

    def _with_losers(self, cause: Reason, said: str) -> str:
        """Add at whose cost it would be; where places would be lost may be untold."""
        losers = self._people(cause.figures, "losers") if cause.code == "TIER" else ""
        if not losers:
            return said
        figures = {"sentence": Verbatim(said), "losers": Verbatim(losers)}
        if "units" not in cause.figures:
            return self._text("losers-untold", figures)
        units = [Verbatim(self.words.unit(unit)) for unit in cause.figures["units"]]
        return self._text(f"losers-{'none' if units else 'worse'}", figures | {"units": units})

    def _limit(self, reason: Reason) -> tuple[str, Verbatim]:
        """Return the key of a text about a limit, and what the limit is of."""
        rule, subject = reason.figures["rule"], reason.figures["subject"]
        if rule == "SUPERVISED":
            subject = self.words.unit(subject)
        if rule == "AWAY":
            subject = self.words.municipality(subject)
        return f"{reason.code}-{rule}", Verbatim(subject)

    def _people(self, figures: Mapping[str, Any], name: str) -> str:
        """Return colleagues by id, and how many others there are; empty where there is nobody.

        Where `name` has been taken out of the figures, `colleagues` and `others` tell what is left.
        """
        own, others = figures.get("colleagues"), figures.get("others")
        if name in figures:
            home = self.words.round.candidate
            town = home[self.candidate].municipality
            own = [c for c in figures[name] if home[c].municipality == town]
            others = len(figures[name]) - len(own)
        if own == [] and others == 0:
            return ""
        kind = "own" if others == 0 else "others" if own == [] else "both"
        key = f"people-{kind}" + ("-untold" if others is None else "")
        return self._text(key, {"own": self._colleagues(own), "others": others})

    def _colleagues(self, told: Sequence[str] | int | None) -> Sequence[str]:
        """Return colleagues by id, or how they are called who are not named."""
        if isinstance(told, int) or told is None:
            return [Verbatim(self.words.unnamed(told))]
        return [Verbatim(candidate) for candidate in told]

    def _text(self, code: str, figures: dict[str, Any]) -> str:
        return sentence(self.words.language, f"causes.{code}", figures)


def _marked(figures: Any) -> dict[str, Any]:
    """Mark ids so that none is taken for a date."""
    marked = dict(figures)
    for name, value in figures.items():
        if isinstance(value, str) and name not in DATES:
            marked[name] = Verbatim(value)
        elif isinstance(value, list):
            marked[name] = [Verbatim(each) for each in value]
    return marked

"""Explanations in words: what kept a candidate from a wish, and what would have helped.

Colleagues of the candidate's own municipality go by id, everybody else by number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
        return sentence(self.words.language, f"remedies.{key}", figures)

    def _cause(self, cause: Reason, besides: bool) -> str:
        """Return a cause with the stay it is about; `besides` where the order has been told."""
        key, figures = cause.code, _marked(cause.figures)
        if key == "FULL":
            key, figures["subject"] = self._limit(cause)
            figures["holders"] = Verbatim(self._people(cause.figures["holders"]))
            key += "" if cause.figures["holders"] else "-nobody"
        if key == "TIER":
            key += "-besides" if besides else ""
            tier, level = cause.figures["tier"], cause.figures["level"]
            figures["tier"] = Verbatim(self.words.tier(tier, level))
            for name in ("value", "forced"):
                figures[name] = Verbatim(self.words.tier_value(tier, cause.figures[name]))
        said = self._with_losers(cause, self._text(key, figures))
        if "window" not in cause.figures:
            return said
        place = self._text("place", figures | {"unit": Verbatim(self.words.unit(figures["unit"]))})
        about = {"place": Verbatim(place), "sentence": Verbatim(said)}
        return sentence(self.words.language, "reasons.placed-sentence", about)

    def _with_losers(self, cause: Reason, said: str) -> str:
        """Add at whose cost it would be."""
        losers = cause.figures.get("losers")
        if not losers:
            return said
        units = [Verbatim(self.words.unit(unit)) for unit in cause.figures["units"]]
        figures = {
            "sentence": Verbatim(said),
            "losers": Verbatim(self._people(losers)),
            "units": units,
        }
        return self._text(f"losers-{'none' if units else 'worse'}", figures)

    def _limit(self, reason: Reason) -> tuple[str, Verbatim]:
        """Return the key of a text about a limit, and what the limit is of."""
        rule, subject = reason.figures["rule"], reason.figures["subject"]
        if rule == "SUPERVISED":
            subject = self.words.unit(subject)
        if rule == "AWAY":
            subject = self.words.municipality(subject)
        return f"{reason.code}-{rule}", Verbatim(subject)

    def _people(self, candidates: Sequence[str]) -> str:
        """Return colleagues by id, and how many others there are."""
        home = self.words.round.candidate
        town = home[self.candidate].municipality
        own = [Verbatim(c) for c in candidates if home[c].municipality == town]
        others = len(candidates) - len(own)
        kind = "both" if own and others else "own" if own else "others"
        return self._text(f"people-{kind}", {"own": own, "others": others})

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

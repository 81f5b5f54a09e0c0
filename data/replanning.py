"""Planning again in words: who moves and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data.explaining import Explaining
from data.sentences import Verbatim, sentence
from data.wording import Wording
from scheduler.causes import CAUSES
from scheduler.plans import Given, Placement, Reason
from scheduler.replanning import Moved

OWN = frozenset({"ACCEPTED", "WITHDRAWN", "WISH", "DIVISION", "LENGTH"})
"""Codes that only planning again has."""


@dataclass(frozen=True)
class Replanning:
    """Words what planning again means for those who move.

    `before` words the round before the change, which alone may know a window that was withdrawn.
    """

    before: Wording
    after: Wording

    def lines(self, moved: Moved) -> Iterator[str]:
        """Yield from where to where somebody moves, then a sentence for each reason."""
        figures = {"candidate": moved.candidate, "before": _seats(self.before, moved.before)}
        if not moved.after:
            yield _said(self.after, "loses", **figures)
        else:
            yield _said(self.after, "moves", **figures, after=_seats(self.after, moved.after))
        for reason in moved.reasons:
            yield from self._sentences(moved, reason)

    def _sentences(self, moved: Moved, reason: Reason) -> Iterator[str]:
        if reason.code in OWN:
            yield _said(self.after, reason.code)
        elif reason.code in CAUSES:
            yield from Explaining(self.after, moved.candidate).causes([reason])
        else:
            yield self.after.reason(reason)


def _seats(words: Wording, given: Given) -> str:
    return ", ".join(_seat(words, placement) for placement in given)


def _seat(words: Wording, placement: Placement) -> str:
    figures = {
        "unit": words.unit(placement.unit),
        "window": placement.window,
        "start": words.day(placement.start),
    }
    return _said(words, "seat", **figures)


def _said(words: Wording, key: str, **figures: str) -> str:
    verbatim = {name: Verbatim(value) for name, value in figures.items()}
    return sentence(words.language, f"replanning.{key}", verbatim)

"""Explanations as records: who shows one loads no solver."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.plans import Given, Reason


@dataclass(frozen=True, slots=True)
class WishExplained:
    """A wish better than what a candidate got.

    Attributes
    ----------
    reasons
        As the plan says them: rules that fail, and who holds the seats.
    causes
        What kept her from it although the rules allow it, found by solving again.
    remedies
        The smallest change of each kind with which she would have had it, or a better one.
    """

    wish: int
    reasons: tuple[Reason, ...]
    causes: tuple[Reason, ...]
    remedies: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a candidate got, what was better, and why she has not got that.

    `reasons` are those that hold for every wish. Nothing is better than an accepted seat or a first
    wish: then there are no wishes.
    """

    candidate: str
    given: Given
    reasons: tuple[Reason, ...]
    wishes: tuple[WishExplained, ...]

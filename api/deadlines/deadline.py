"""A deadline: who must have done what, and by which day in Norway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from data.sentences import Language, Verbatim, sentence

KINDS = (
    "list-due",
    "wish-target",
    "wish-minimum",
    "window-release",
    "offer-answer",
    "start-due",
    "evaluation-due",
    "completion-due",
    "placement-overdue",
    "exemption-ends",
    "agreement-ends",
)
"""What can be due."""

PARTIES = ("municipality", "unit", "candidate", "organisation")
"""Who must do it."""

NAMESPACE = UUID("4c6f8a35-6a1d-5b7e-9c58-2f0b7a9d3e14")
"""Drawn once for this project; a deadline's id is a UUID of version 5 within it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """Something that a party must have done by the end of a day.

    Attributes
    ----------
    subject
        Id of what it is about: a round, window, offer, placement or supervisor.
    day
        The last day on which there is time, in Norway.
    at
        The instant, where there is one.
    number
        Of a wish: its position in the candidate's list, from 1.
    figures
        What its sentence needs beside the ids.
    """

    kind: str
    party: str
    subject: str
    day: date
    at: datetime | None = None
    organisation: str | None = None
    municipality: str | None = None
    unit: str | None = None
    candidate: str | None = None
    round: str | None = None
    number: int | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The same as long as it is about the same: a deadline that moves keeps it."""
        parties = (self.organisation, self.municipality, self.unit, self.candidate)
        about = (self.kind, self.subject, *parties, self.number)
        return uuid5(NAMESPACE, "/".join(str(each) for each in about)).hex

    def is_over(self, now: datetime, today: date) -> bool:
        """Tell whether the time has run out."""
        return self.at <= now if self.at is not None else self.day < today

    def text(self, language: Language) -> str:
        """Return what is to be done, as a sentence."""
        ids = {
            name: Verbatim(value)
            for name in ("organisation", "municipality", "unit", "candidate")
            if (value := getattr(self, name)) is not None
        }
        divided = "-divided" if "then_unit" in self.figures else ""
        return sentence(language, f"deadlines.{self.kind}{divided}", {**self.figures, **ids})


def in_order(deadline: Deadline) -> tuple[date, int, str]:
    """Sort key: by day, then by kind; never by chance."""
    return deadline.day, KINDS.index(deadline.kind), deadline.id

"""Figures for a regional board, as they are answered."""

from __future__ import annotations

from pydantic import Field

from api.schemas.fields import Answer
from data.forms.fields import described


class BoardCounts(Answer):
    """Counts of people; null where one, or another that follows from it, is below five."""

    candidates: int | None = described("Candidates.", 60, default=None)
    placed: int | None = described("Those who have accepted a place.", 41, default=None)
    without: int | None = described("Those who have none: waiting or unplaced.", 19, default=None)
    waiting: int | None = described("Those who have an offer to answer.", 8, default=None)
    unplaced: int | None = described("Those who have neither.", 11, default=None)


class BoardRow(BoardCounts):
    """Counts of one municipality, or of one unit."""

    id: str = described("Number of the municipality, or id of the unit.", "5501")


class BoardOverride(Answer):
    """How often a rule of the round was set aside; why is for the round's staff alone."""

    kind: str = described("Which rule: a stable code.", "late-list")
    text: str = described("What was done, in your language.", "A list taken after the deadline")
    times: int | None = described("How often; null where that is about fewer than five people.", 2)


class BoardFiguresAnswer(Answer):
    """What became of a round's candidates, in counts that may be told to anybody.

    A municipality or unit that cannot be counted alone is counted among the others.
    """

    total: BoardCounts = Field(description="Everybody.")
    municipalities: list[BoardRow] = Field(description="Municipalities counted alone.")
    other_municipalities: BoardCounts = Field(description="The other municipalities together.")
    units: list[BoardRow] = Field(description="Units counted alone: places and offers there.")
    other_units: BoardCounts = Field(description="The other units together.")
    overrides: list[BoardOverride] = Field(description="Rules that were set aside, by kind.")

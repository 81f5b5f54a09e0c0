"""Deadlines, as they are answered."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from api.deadlines.deadline import KINDS, PARTIES
from api.schemas.fields import Answer, Instant, MunicipalityNumber, Slug
from data.forms.fields import Day, OneOf, described

Kind = Annotated[str, OneOf(KINDS)]
Party = Annotated[str, OneOf(PARTIES)]


class DeadlineAnswer(Answer):
    """Something that a party must have done by the end of a day."""

    id: str = described(
        "The same as long as it is about the same, also where the day moves.",
        "5f0c1e2d3b4a59687766554433221100",
    )
    kind: str = described("What is due.", "offer-answer")
    party: str = described(
        "Who must do it: `municipality`, `unit`, `candidate` or, as who plans, `organisation`.",
        "candidate",
    )
    day: date = described("The last day on which there is time, in Norway.", "2027-01-20")
    at: Instant | None = described("The instant, where there is one.", "2027-01-20T23:00:00Z")
    over: bool = described("Whether the time has run out.", False)
    subject: str = described(
        "Id of the round, window, offer, placement, supervisor or organisation that it is about.",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    )
    organisation: str | None = described("The trust of an agreement.", None)
    municipality: str | None = described("The municipality concerned.", "5601")
    unit: str | None = described("The unit concerned.", "hammerfest-medisin")
    candidate: str | None = described("The candidate concerned.", "5601-c1")
    round: str | None = described("Id of the round.", "00112233445566778899aabbccddeeff")
    number: int | None = described("Of a wish: its position in the candidate's list.", None)
    sentence: str = described(
        "What is to be done.",
        "Answer the offer to 5601-c1 of a place at hammerfest-medisin from 1 Aug 2027 to"
        " 31 Jan 2028.",
    )


class DeadlineFilter(BaseModel):
    """Which deadlines are asked for."""

    party: Party | None = Field(default=None, description="Only what such a party must do.")
    kind: Kind | None = Field(default=None, description="Only of this kind.")
    municipality: MunicipalityNumber | None = Field(
        default=None, description="Only what concerns this municipality."
    )
    unit: Slug | None = Field(default=None, description="Only what concerns this unit.")
    until: Day | None = Field(default=None, description="Only up to this day, with it.")

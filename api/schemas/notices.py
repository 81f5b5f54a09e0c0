"""Notices, as they are answered."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from api.schemas.fields import HANDLE_PATTERN, Answer, Instant
from data.forms.fields import OneOf, described
from models.store.notices import KINDS
from models.tables.accountability import NOTICE_STATES

Kind = Annotated[str, OneOf(tuple(KINDS))]
State = Annotated[str, OneOf(NOTICE_STATES)]


class NoticeAnswer(Answer):
    """A message to a party, and whether it has arrived."""

    id: str = described(
        "Id of the notice: a letter's Message-ID and a delivery's `webhook-id` hold it.",
        "5f0c1e2d3b4a59687766554433221100",
    )
    kind: str = described("What it tells of.", "offer-made")
    title: str = described("The same in a few words.", "Place offered at hammerfest-medisin")
    subject: str = described(
        "Id of what it is about: an offer, publication, placement, round …",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    )
    organisation: str = described("Whose doing it tells of.", "983974880")
    round: str | None = described("Id of the round.", "00112233445566778899aabbccddeeff")
    municipality: str | None = described("The municipality that it goes to.", "5601")
    unit: str | None = described(
        "The unit that it goes to; with no municipality either: the organisation itself.", None
    )
    channel: str = described("`email` or `webhook`.", "email")
    recipient: str = described(
        "A role's address, or the id of a webhook.", "alis@alta.kommune.example"
    )
    state: str = described("`waiting`, `sent`, or `failed`: given up.", "sent")
    attempts: int = described("How often it was tried.", 1)
    made_at: Instant = described("When it was written down.", "2027-01-15T09:00:00Z")
    due_at: Instant = described(
        "Of one that waits: when it is tried next, at the earliest.", "2027-01-15T09:00:30Z"
    )
    sent_at: Instant | None = described("When its receiver had taken it.", "2027-01-15T09:00:02Z")
    failure: str | None = described("Why it could not be sent the last time: a code.", None)


class NoticeFilter(BaseModel):
    """Which notices are asked for."""

    state: State | None = Field(default=None, description="Only in this state.")
    kind: Kind | None = Field(default=None, description="Only of this kind.")
    round: Annotated[str, Field(pattern=HANDLE_PATTERN)] | None = Field(
        default=None, description="Only about this round, by its id."
    )

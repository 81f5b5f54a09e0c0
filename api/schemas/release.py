"""Release of plans, and offers, as they are sent and answered."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from api.schemas.fields import (
    HANDLE_PATTERN,
    Answer,
    Instant,
    MunicipalityNumber,
    Reason,
)
from api.schemas.plans import PartAnswer
from data.forms.fields import Day, Form, described

_PLAN = ("Id of the plan.", "0b6f0a4c5d0e4f3f9b1f5a3c2d1e0f9a")
_ROUND = ("Id of the round.", "0b6f0a4c5d0e4f3f9b1f5a3c2d1e0f9a")
_WHY = ("Why, in writing; about the matter, never about somebody's health.", "Feil vedlegg")

OfferState = Literal["open", "accepted", "declined", "expired", "withdrawn", "replaced", "voided"]


class PublishForm(Form):
    """How a plan is published."""

    answer_by: Day | None = described(
        "Last day on which the offers can be answered, in Norway; at the earliest the third working"
        " day from now, which is also what holds if nothing is said.",
        "2027-02-01",
        default=None,
    )


class WithdrawalForm(Form):
    """Why something is taken back."""

    reason: Reason = described(*_WHY)


class ReplanForm(Form):
    """Why, and from which day, seats are planned anew."""

    reason: Reason = described("Why, in writing.", "To har takket nei")
    decision_date: Day | None = described(
        "Date from which lead time counts now, not before that of the round; none = as before.",
        "2027-03-01",
        default=None,
    )


class ChangeRecord(Answer):
    """A record of the frozen document that is no more as it was."""

    kind: str = described("Which list it stands in.", "windows")
    id: str = described("Its id.", "w1")
    fields: list[str] = described("What differs; nothing = it is gone.", ["closes"])


class RecipientRecord(Answer):
    """Somebody who will be written to."""

    kind: str = described("What about.", "offer-made")
    channel: Literal["email", "webhook"] = described("How.", "email")
    recipient: str | None = described(
        "A role's address; null for a webhook, which is its owner's affair.", "alis@alta.example"
    )
    municipality: str | None = described("Number of the municipality.", "5601")
    unit: str | None = described("Id of the unit.", None)


class MovedRecord(Answer):
    """Somebody whose open offer the plan takes back."""

    candidate: str = described("Id of the candidate.", "5601-c1")
    municipality: str = described("Number of the municipality.", "5601")
    offer: str = described("Id of the offer.", "0" * 32)
    rules: list[str] = described(
        "Rules that her seat would break beside the others of the plan; GONE = the seat or she is"
        " in the round no more, FEWEST = more people would have to move for it.",
        ["POSITIONS"],
    )


class ReleaseAnswer(Answer):
    """What publishing a plan would bring about."""

    plan: str = described(*_PLAN)
    approved: bool = described("Another person than who asked for it has approved it.", True)
    changes: list[ChangeRecord] = described(
        "What has changed since the round was frozen; with any, it can be neither approved nor"
        " published.",
        [],
    )
    made: int = described("Offers that are made.", 10)
    kept: int = described("Offers that stand as they are.", 0)
    moved: list[MovedRecord] = Field(description="Who loses an open offer, and why.")
    unplaced: int = described("Candidates without a place.", 8)
    recipients: list[RecipientRecord] = Field(description="Everybody who is written to.")
    recipients_total: int = described("How many they are.", 14)


class PublicationAnswer(Answer):
    """A plan in force, or one that was."""

    plan: str = described(*_PLAN)
    published_at: Instant = described("When it came into force.", "2027-01-20T09:00:00Z")
    ended_at: Instant | None = described("When it ended.", None)
    ending: Literal["replaced", "voided"] | None = described("How it ended.", None)
    reason: str | None = described("Why it was voided. Staff only.", None)


class PublicationsAnswer(Answer):
    """Publications of a round."""

    items: list[PublicationAnswer] = Field(description="The newest first.")


class ReplanAnswer(Answer):
    """A round frozen anew."""

    snapshot: int = described("Number of the frozen document to be planned from.", 2)
    accepted: int = described("Seats that stand.", 7)
    offered: int = described("Open offers, to be kept where no hard rule forbids it.", 2)
    left: list[str] = described("Candidates who are in the round no more.", ["5601-c2"])


class OfferFilter(BaseModel):
    """Which offers are asked for."""

    round: str | None = Field(
        default=None, description="Only those of this round.", pattern=HANDLE_PATTERN
    )
    state: OfferState | None = Field(default=None, description="Only those in this state.")
    municipality: MunicipalityNumber | None = Field(
        default=None, description="Only those of this municipality."
    )


class OfferAnswer(PartAnswer):
    """A place offered to a candidate; where her stay is divided, its first part.

    To a unit it is the part there alone.
    """

    id: str = described("Id of the offer.", "0" * 32)
    round: str = described(*_ROUND)
    candidate: str = described("Id of the candidate.", "5601-c1")
    municipality: str = described("Number of the municipality.", "5601")
    then: PartAnswer | None = described(
        "The second part, where the stay is divided: it is answered together with the first.", None
    )
    wish_class: int | None = described(
        "Which wish it meets, 1 = the first; null for units.", 1, serialization_alias="class"
    )
    state: OfferState = described("What has become of it.", "open")
    offered_at: Instant = described("When it was made.", "2027-01-20T09:00:00Z")
    answer_by: Instant = described(
        "The instant from which it can be answered no more.", "2027-01-25T23:00:00Z"
    )
    ended_at: Instant | None = described("When it was answered, or ended otherwise.", None)
    reason: str | None = described("Why it was withdrawn. Not for units.", None)

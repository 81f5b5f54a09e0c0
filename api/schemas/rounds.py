"""Rounds, as they are sent and answered."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.schemas.fields import (
    HANDLE_PATTERN,
    Answer,
    Instant,
    MunicipalityNumber,
    OrganisationNumber,
    Reason,
)
from api.web.problems import FaultRecord
from data.forms.fields import Day, Distinct, Form, Ident, Note, described
from data.forms.rounds import CommitmentForm, Count

MAX_PARTICIPANTS = 400
"""Norway has 357 municipalities; Oslo takes part by city districts."""

MAX_LABEL = 100
"""Longest label of a round, in characters."""

PolicyId = Annotated[str, Field(pattern=HANDLE_PATTERN)]
Participants = Annotated[list[MunicipalityNumber], *Distinct, Field(max_length=MAX_PARTICIPANTS)]

State = Literal["draft", "open", "locked", "closed"]
Origin = Literal["collected", "imported"]

_ID = ("Id of the round in addresses.", "0b6f0a4c5d0e4f3f9b1f5a3c2d1e0f9a")
_LABEL = ("Id of the round in its document; one of its kind in the organisation.", "2027-Q1")
_NAME = ("What people call the round.", "Finnmark, winter 2027")
_DECISION = ("Date of the decision; lead time counts from it.", "2027-01-15")
_DEADLINE = ("After this instant no municipality can hand in a list.", "2026-12-15T23:00:00Z")
_POLICY = (
    "Id of the policy: the organisation's own, or its region's, in force on the decision date.",
    "5d0e4f3f9b1f5a3c2d1e0f9a0b6f0a4c",
)
_TENTATIVE = ("Whether windows that are not confirmed take part too.", False)
_HASH = "sha256:" + 64 * "0"
_PARTICIPANTS = ("Numbers of the municipalities that take part.", ["5601", "5607"])


class CollectedRoundForm(Form):
    """A round that is going to be collected from its parties."""

    organisation: OrganisationNumber = described(
        "Organisation number of the trust, or of the region whose trusts it covers.", "983974880"
    )
    label: Ident = described(*_LABEL, max_length=MAX_LABEL)
    name: Note = described(*_NAME, default=None)
    decision_date: Day = described(*_DECISION)
    deadline: Instant = described(*_DEADLINE)
    policy: PolicyId = described(*_POLICY)
    tentative_windows: bool = described(*_TENTATIVE, default=False)
    participants: Participants = described(*_PARTICIPANTS, default=[])


class RoundChangeForm(Form):
    """What is to be changed of a round; what is left out stays as it is.

    The deadline of an open round moves later only.
    """

    name: Note = described(*_NAME, default=None)
    decision_date: Day = described(*_DECISION, default=None)
    deadline: Instant = described(*_DEADLINE, default=None)
    policy: PolicyId = described(*_POLICY, default=None)
    tentative_windows: bool = described(*_TENTATIVE, default=None)
    participants: Participants = described(*_PARTICIPANTS, default=None)
    reason: Note = described(
        "Written reason; asked for where the round is open, and recorded.",
        "The deadline fell into the week of a storm",
        default=None,
    )


class ClosingForm(Form):
    """Why a round ends without a plan."""

    reason: Reason = described("Written reason; recorded.", "Every vacancy was withdrawn")


class ReopeningForm(Form):
    """Why something is done."""

    reason: Reason = described("Written reason; recorded.", "A trust has withdrawn three vacancies")


class RoundFilter(BaseModel):
    """Which rounds are asked for."""

    organisation: OrganisationNumber | None = Field(
        default=None, description="Only this organisation's own."
    )
    label: Ident | None = Field(
        default=None, max_length=MAX_LABEL, description="Only with this label."
    )
    state: State | None = Field(default=None, description="Only in this state.")


class RoundSummary(Answer):
    """A round, without its participants."""

    id: str = described(*_ID)
    organisation: str = described("Organisation number of who plans it.", "983974880")
    label: str = described(*_LABEL)
    name: str | None = described(*_NAME)
    decision_date: date = described(*_DECISION)
    deadline: Instant | None = described(*_DEADLINE)
    policy: str | None = described(*_POLICY)
    tentative_windows: bool = described(*_TENTATIVE)
    state: State = described("Prepared, collecting lists, frozen, or ended without a plan.", "open")
    origin: Origin = described(
        "Collected from its parties, or imported as one document.", "collected"
    )


class RoundAnswer(RoundSummary):
    """A round."""

    participants: list[str] = described(
        "Numbers of the municipalities that take part, as far as the caller may see them.",
        ["5601", "5607"],
    )


class TransitionAnswer(Answer):
    """A round's change of state, or another one that was given a reason."""

    number: int = described("Position within the round, from 1.", 2)
    state: State = described("State from then on.", "open")
    reason: str | None = described("Written reason.", None)
    changes: dict[str, dict[str, Any]] | None = described(
        "What changed while it stayed open: from what to what, by field.",
        {"deadline": {"from": "2026-12-01T22:00:00Z", "to": "2026-12-08T22:00:00Z"}},
    )
    moved_at: Instant = described("When.", "2026-10-01T08:00:00Z")
    moved_by: str = described("Who: issuer and subject.", "rotations-local|planner")
    organisation: str | None = described(
        "Number of the organisation as whose planner it was done; null where a command did it.",
        "983974880",
    )


class Transitions(Answer):
    """What has been done to a round."""

    items: list[TransitionAnswer] = Field(description="Every change, the first one first.")


class SnapshotAnswer(Answer):
    """A round's document, frozen."""

    round: str = described(*_ID)
    number: int = described("Which one of the round, from 1.", 1)
    hash: str = described("Hash of the document's canonical form.", _HASH)
    made_at: Instant = described("When it was frozen.", "2026-12-16T08:00:00Z")


class CommitmentsForm(Form):
    """Every seat that candidates of a round already hold."""

    commitments: list[CommitmentForm] = Field(description="Seats that are accepted or offered.")


class StandingForm(Form):
    """What a planner knows of a candidate."""

    rounds_waited: Count = described("Earlier rounds without a placement.", 1)
    lead_waiver: Note = described(
        "Written reason for setting the lead time aside; none = it holds.", None, default=None
    )


class StandingAnswer(Answer):
    """What a planner and the calendar know of a candidate."""

    candidate: str = described("Id of the candidate.", "5601-c1")
    municipality: str = described("Number of the municipality.", "5601")
    submitted_on: date = described("Day on which she first stood in a list.", "2026-12-01")
    rounds_waited: int = described("Earlier rounds without a placement.", 1)
    lead_waiver: str | None = described("Written reason for setting the lead time aside.", None)


class MonthFigures(Answer):
    """Supply and demand on the first day of a month."""

    month: str = described("The month.", "2027-08")
    positions: int = described("Positions of windows open to the round on that day.", 12)
    candidates: int | None = described(
        "Candidates who would be away on that day if every first wish came true on the day hoped"
        " for; none = too few to tell.",
        10,
    )


class RoundFiguresAnswer(Answer):
    """How far a round has come, and what it is about, in figures.

    Planner, approver and auditor see them all. Others see nothing about fewer than five people
    beside their own, and larger counts of others in steps of five, so that no two readings differ
    by a few.
    """

    participants: int = described("Municipalities that take part.", 18)
    lists: int | None = described("Lists handed in; none = the round was imported.", 14)
    missing: list[str] | None = described(
        "Municipalities without a list; none = imported, or not the caller's to see.", ["5630"]
    )
    faults: int | None = described(
        "What still keeps the round from being locked; none = not the caller's to see.", 0
    )
    candidates: int | None = described("Candidates; none = too few others to tell.", 18)
    windows: int = described("Windows open to the round.", 14)
    six_month_seats: int = described(
        "Stays of six full-time months that these windows hold one after another.", 26
    )
    months: list[MonthFigures] = Field(
        description="From the decision date until the last window closes, five years at most."
    )


class ImportAnswer(Answer):
    """What a document holds, and the round it has become; of a dry run, what it would become."""

    round: str | None = described(
        "Id of the round in addresses; none = a dry run.", _ID[1], default=None
    )
    label: str | None = described(*_LABEL, default=None)
    hash: str | None = described(
        "Hash of the document's canonical form; none = it has faults.", _HASH, default=None
    )
    units: int | None = described("Units.", 13, default=None)
    windows: int | None = described("Windows.", 14, default=None)
    municipalities: int | None = described("Municipalities.", 18, default=None)
    candidates: int | None = described("Candidates.", 18, default=None)
    commitments: int | None = described("Seats already held.", 2, default=None)
    faults: list[FaultRecord] = Field(
        default=[], description="Of a dry run: every fault of the document."
    )

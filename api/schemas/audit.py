"""Entries of the audit, as they are answered."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from api.schemas.fields import (
    HANDLE_PATTERN,
    Answer,
    Instant,
    MunicipalityNumber,
)
from data.forms.fields import Day, Ident, described

MOST_ENTRIES = 200


class EntryFilter(BaseModel):
    """Which entries are asked for, from where on."""

    candidate: Ident | None = Field(
        default=None, description="Only about this candidate, by her id or as one of all."
    )
    municipality: MunicipalityNumber | None = Field(
        default=None, description="The candidate's, where her id does not begin with it."
    )
    round: str | None = Field(
        default=None, pattern=HANDLE_PATTERN, description="Only about this round."
    )
    actor: str | None = Field(
        default=None, max_length=600, description="Only of this one: issuer and subject."
    )
    operation: str | None = Field(
        default=None, max_length=100, description="Only of this operation or command."
    )
    action: Literal["change", "read"] | None = Field(
        default=None, description="Only changes, or only readings."
    )
    since: Day | None = Field(default=None, description="Only from this day on, in Norway.")
    until: Day | None = Field(default=None, description="Only to this day, in Norway, included.")
    newest_first: bool = Field(default=False, description="The newest first, not the oldest.")
    after: int = Field(
        default=0, ge=0, le=2**31 - 1, description="Only those that follow this number; 0 = all."
    )
    limit: int = Field(default=50, ge=1, le=MOST_ENTRIES, description="Most entries of an answer.")


class ActingAnswer(Answer):
    """What somebody may act as, or might: a right without whom it names."""

    role: str = described("The role.", "coordinator")
    organisation: str = described("The organisation that gave the right.", "983974880")
    unit: str | None = described("The unit of a unit leader.", None)
    municipality: str | None = described(
        "The municipality of a coordinator or a candidate.", "5601"
    )


class EntryAnswer(Answer):
    """One change, or one reading of what concerns candidates."""

    number: int = described("Number of the entry, from 1.", 17)
    at: Instant = described("When.", "2027-01-15T09:00:00Z")
    actor: str = described("Who: issuer and subject.", "rotations-local|planner")
    acting: list[ActingAnswer] = described(
        "As what they may have done it: rights that your organisation gave them and that include"
        " the operation, also those taken back since; none for the service's own work.",
        [ActingAnswer(role="planner", organisation="983974880", unit=None, municipality=None)],
    )
    supplier: str | None = described("Who acted for them: an organisation number.", None)
    organisation: str | None = described(
        "Whose auditors read it: who plans the round, owns what is named, or keeps the "
        "municipality's record; else for whom the actor acted, if that is one.",
        "983974880",
    )
    operation: str = described("What was called.", "list_outcomes")
    action: Literal["change", "read"] = described("Whether something was changed or read.", "read")
    round: str | None = described("Id of the round.", "0b6f0a4c5d0e4f3f9b1f5a3c2d1e0f9a")
    plan: str | None = described("Id of the plan.", None)
    municipality: str | None = described("Number of the municipality.", "5601")
    candidates: list[str] | None = described(
        "Ids of the candidates; null of a reading: everybody of the municipality, or of the round.",
        ["5601-c1"],
    )
    named: dict[str, str] = described("What else the address named.", {})
    override: str | None = described("Which rule was set aside.", "late-list")
    reason: str | None = described(
        "The written reason, if there is one that is not forgotten.", "The coordinator was ill"
    )
    forgotten: list[int] | None = described("Numbers of entries whose reasons were forgotten.", [])
    hashes: dict[str, str] = described(
        "Of an erasure: the new hash, by the old one, of each document and plan that lost a text.",
        {},
    )
    hash: str = described("SHA-256 of the hash before and of the entry.", 64 * "0")


class Entries(Answer):
    """Entries of the audit."""

    items: list[EntryAnswer] = Field(description="The entries, in the order asked for.")
    next: int | None = described("What to send as `after` for those that follow, if any.", 17)


class Overrides(Answer):
    """How often rules of a round were set aside, and why each time."""

    counts: dict[str, int] = described("How often, by kind.", {"late-list": 1, "lead-waiver": 2})
    items: list[EntryAnswer] = Field(description="Each, the first one first.")

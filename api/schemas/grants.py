"""Rights: who may act as what, and for whom, as they are sent and answered."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from api.schemas.fields import (
    Answer,
    Instant,
    MunicipalityNumber,
    OrganisationNumber,
    Slug,
)
from data.forms.fields import Day, Form, Ident, OneOf, Text, described
from models.tables.access import ROLES

Role = Annotated[str, OneOf(ROLES)]

_ISSUER = ("Issuer of the tokens that name the subject, exactly as in `iss`.", "rotations-local")
_SUBJECT = (
    "What the issuer calls them; never a national identity number.",
    "c0ffee00-1111-4222-8333-444455556666",
)


class GrantForm(Form):
    """A right: who may act in which role, and for whom."""

    issuer: Text = described(*_ISSUER)
    subject: Text = described(*_SUBJECT)
    role: Role = described("What they may act as.", "coordinator")
    organisation: OrganisationNumber = described(
        "Organisation number of the trust or region that gives the right; a right in the role of"
        " planner, approver, regional_reader, auditor or administrator reaches all of it.",
        "983974880",
    )
    unit: Slug | None = described("The unit of a unit_leader.", None, default=None)
    municipality: MunicipalityNumber | None = described(
        "The municipality of a coordinator or candidate; the organisation keeps its record.",
        "5601",
        default=None,
    )
    candidate: Ident | None = described(
        "A candidate's own id, as in the municipality's list.", None, default=None
    )
    ends_on: Day | None = described(
        "From this day on the right is good for nothing; none = it holds until it is taken back. A"
        " candidate's must have one.",
        None,
        default=None,
    )


class RightAnswer(Answer):
    """A right of yours."""

    role: str = described("What you may act as.", "coordinator")
    organisation: str = described("The organisation that gave the right.", "983974880")
    unit: str | None = described("The unit you lead.", None)
    municipality: str | None = described("The municipality you act for.", "5601")
    candidate: str | None = described("Your own id as a candidate.", None)
    ends_on: date | None = described(
        "From this day on the right is good for nothing; none = until it is taken back.", None
    )


class MeAnswer(Answer):
    """Who you are to the service, and what you may act as."""

    issuer: str = described("Who issued your token.", "rotations-local")
    subject: str = described("What the issuer calls you.", _SUBJECT[1])
    rights: list[RightAnswer] = described(
        "Your rights, the oldest first.",
        [
            {
                "role": "coordinator",
                "organisation": "983974880",
                "unit": None,
                "municipality": "5601",
                "candidate": None,
                "ends_on": None,
            }
        ],
    )


class GrantAnswer(RightAnswer):
    """A right that was given."""

    id: str = described("Id of the right.", "5f0c1e2d3b4a59687766554433221100")
    issuer: str = described(*_ISSUER)
    subject: str = described(*_SUBJECT)
    role: str = described("What they may act as.", "coordinator")
    unit: str | None = described("The unit of a unit leader.", None)
    municipality: str | None = described("The municipality they act for.", "5601")
    candidate: str | None = described("A candidate's own id.", None)
    granted_at: Instant = described("When it was given.", "2026-11-02T09:00:00Z")
    granted_by: str = described("Who gave it: issuer and subject.", "rotations-local|admin")
    revoked_at: Instant | None = described("When it was taken back; none = it was not.", None)


class GrantFilter(BaseModel):
    """Which rights are asked for."""

    organisation: OrganisationNumber | None = Field(
        default=None, description="Only those this organisation gave."
    )
    role: Role | None = Field(default=None, description="Only in this role.")
    revoked: bool = Field(
        default=False, description="Those taken back or ended, instead of those that hold."
    )

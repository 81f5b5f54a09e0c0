"""Policies of planning organisations, as they are sent and answered."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.fields import Instant, OrganisationNumber
from data.forms import rounds
from data.forms.fields import Day, described


class PolicyForm(rounds.PolicyForm):
    """The policy of a round document: whose it is, and from when. It is never changed."""

    organisation: OrganisationNumber = described(
        "Organisation number of the trust or region whose policy it is.", "983974880"
    )
    valid_from: Day = described("Date from which it holds.", "2027-01-01")


class PolicyAnswer(rounds.PolicyForm):
    """A policy of an organisation, in the words of a round document."""

    model_config = ConfigDict(extra="ignore")

    id: str = described("Id of this version.", "5f0c1e2d3b4a59687766554433221100")
    organisation: str = described("Whose policy it is.", "983974880")
    valid_from: date = described("Date from which it holds.", "2027-01-01")
    made_at: Instant = described("When it was made.", "2026-11-02T09:00:00Z")


class PolicyFilter(BaseModel):
    """Which policies are asked for."""

    organisation: OrganisationNumber | None = Field(
        default=None, description="Only this organisation's own."
    )

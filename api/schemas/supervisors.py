"""Supervisors of a municipality, as they are sent and answered."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from api.schemas.fields import Answer, MunicipalityNumber
from data.forms.fields import Day, Form, Text, described
from data.forms.rounds import Count

YARDSTICK_HOURS = 4
"""Hours of supervision a month that a trainee should be promised."""

HALF_MONTHS = 21
"""Half months of supervision in a year: 10.5 months, for July and holidays are left out."""


class SupervisorForm(Form):
    """A supervisor: a specialist in general practice, or one exempt from that for some time."""

    name: Text = described("Name.", "Ola Eksempel")
    specialist: bool = described("Is a specialist in general practice.", True)
    exempt_from: Day | None = described(
        "First day of the exemption; only for one who is no specialist.", None, default=None
    )
    exempt_until: Day | None = described(
        "The day after the last day of the exemption.", None, default=None
    )
    capacity: Count = described("Most trainees at a time.", 2)
    hours_per_month: Count = described("Hours a month promised to each trainee.", 4)


class SupervisorAnswer(Answer):
    """A supervisor of a municipality."""

    id: str = described("Id, as lists of candidates name it.", "5f0c1e2d3b4a59687766554433221100")
    municipality: str = described("Number of the municipality.", "5601")
    name: str = described("Name.", "Ola Eksempel")
    specialist: bool = described("Is a specialist in general practice.", True)
    exempt_from: date | None = described("First day of the exemption.", None)
    exempt_until: date | None = described("The day after its last day.", None)
    capacity: int = described("Most trainees at a time.", 2)
    hours_per_month: int = described("Hours a month promised to each trainee.", 4)
    hours_per_year: float = described(
        "Hours a year, counted over 10.5 months: whole or half hours, so the number is exact.", 42.0
    )
    reaches_yardstick: bool = described("At least 42 hours a year: 4 a month.", True)


class SupervisorFilter(BaseModel):
    """Whose supervisors are asked for."""

    municipality: MunicipalityNumber | None = Field(
        default=None, description="Only this municipality's."
    )

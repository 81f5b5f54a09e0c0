"""Vacancies that units publish, as they are sent and answered: dates and figures, no free text."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.schemas.fields import Answer, Instant, OrganisationNumber, Slug
from data.forms.fields import Day, Form, Whole, described
from data.forms.rounds import AtLeastOne, Count
from scheduler.domain import WindowKind

Certainty = Literal["confirmed", "tentative"]


class WindowForm(Form):
    """A vacancy. Why a post is vacant is nobody's business here, so there is no field for it."""

    opens: Day = described("First day.", "2027-08-01")
    closes: Day = described("The day after the last day.", "2028-08-01")
    positions: AtLeastOne = described("Most trainees in it on one day.", 1)
    kind: WindowKind = described(
        "A locum while the holder is away, or an earmarked post.", "locum", default="locum"
    )
    fte_percent: Annotated[int, Whole(1, 100)] = described(
        "Size of the post in percent; a smaller post makes the stay longer.", 100, default=100
    )
    min_gp_months: Count = described(
        "Months in general practice that the unit asks for.", 36, default=0
    )
    release_on: Day | None = described(
        "Date from which the vacancy is free for all applicants and closed to rounds.",
        "2027-05-01",
        default=None,
    )
    certainty: Certainty = described(
        "Confirmed, or tentative: its dates may move.", "confirmed", default="confirmed"
    )


class WindowAnswer(Answer):
    """A vacancy."""

    id: str = described("Id of the window.", "5f0c1e2d3b4a59687766554433221100")
    unit: str = described("Id of the unit that offers it.", "hammerfest-medisin")
    opens: date = described("First day.", "2027-08-01")
    closes: date = described("The day after the last day.", "2028-08-01")
    positions: int = described("Most trainees in it on one day.", 1)
    kind: WindowKind = described("A locum, or an earmarked post.", "locum")
    fte_percent: int = described("Size of the post in percent.", 100)
    min_gp_months: int = described("Months in general practice asked for.", 36)
    release_on: date | None = described("Free for all applicants from this date.", "2027-05-01")
    certainty: Certainty = described("Confirmed or tentative.", "confirmed")
    published_at: Instant = described("When it was published.", "2026-11-02T09:00:00Z")
    changed_at: Instant = described(
        "When it was last changed or withdrawn.", "2026-11-02T09:00:00Z"
    )
    withdrawn_at: Instant | None = described(
        "When it was withdrawn; none = it stands.", None, default=None
    )


class OwnWindowAnswer(WindowAnswer):
    """A vacancy, with a warning for whoever may change it."""

    in_locked_rounds: int | None = described(
        "Locked rounds whose document holds the window as it was: a change does not reach them."
        " None = not yours to change.",
        0,
    )


class VacancyFilter(BaseModel):
    """Which vacancies are asked for."""

    unit: Slug | None = Field(default=None, description="Only this unit's.")
    site: Slug | None = Field(default=None, description="Only those at this hospital site.")
    organisation: OrganisationNumber | None = Field(
        default=None, description="Only this trust's; of a region, all its trusts'."
    )
    opens_before: Day | None = Field(default=None, description="Only those that open before.")
    closes_after: Day | None = Field(default=None, description="Only those that close after.")
    kind: WindowKind | None = Field(default=None, description="Only this kind.")
    certainty: Certainty | None = Field(default=None, description="Only these.")


class WindowFilter(VacancyFilter):
    """Which windows are asked for."""

    withdrawn: bool = Field(
        default=False, description="Those withdrawn, instead of those standing."
    )

"""What a municipality has asked for one candidate, as she reads it."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from api.schemas.fields import Answer, Instant
from data.forms.rounds import PeriodForm, WishForm


class WishesAnswer(Answer):
    """What a municipality has asked for a candidate in a round."""

    round: str = Field(
        description="Id of the round.", examples=["0b6f0a4c5d0e4f3f9b1f5a3c2d1e0f9a"]
    )
    municipality: str = Field(description="Number of the municipality.", examples=["5601"])
    candidate: str = Field(description="Id of the candidate.", examples=["5601-c1"])
    submitted_at: Instant | None = Field(
        description="When the list that holds was handed in; null where the round came as a"
        " document."
    )
    name: str | None = Field(description="Name, as the municipality has written it.")
    months_needed: int = Field(description="Full-time months of service needed.")
    learning_goals: list[str] = Field(
        description="Learning goals that the stay must serve; none = every unit serves."
    )
    min_fte_percent: int = Field(description="Smallest post that is acceptable, in percent.")
    lis1_completed_on: date | None = Field(description="Date on which LIS1 was completed.")
    gp_months: int = Field(description="Months already served in general practice.")
    in_individual_plan: bool = Field(description="The wish stands in the individual training plan.")
    available_from: date | None = Field(description="First date on which a stay may start.")
    unavailable: list[PeriodForm] = Field(description="Periods without service.")
    complete_by: date | None = Field(description="Date by which the stay must have ended.")
    wishes: list[WishForm] = Field(description="Wishes in order of preference.")

"""Placements, as they are led from step to step and answered."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.fields import (
    HANDLE_PATTERN,
    Answer,
    Instant,
    MunicipalityNumber,
    Reason,
    Slug,
)
from api.schemas.requests import RequestedCandidate
from data.forms.fields import Day, Form, described
from data.forms.rounds import Count

State = Literal["planned", "started", "interrupted", "completed", "cancelled"]
StepKind = Literal[
    "planned",
    "supervised",
    "started",
    "contact",
    "evaluation",
    "interrupted",
    "completed",
    "cancelled",
]
Cancelled = Literal["candidate-withdrew", "post-gone", "entered-in-error", "other"]
Need = Literal["interrupted", "goal-not-reached", "cancelled"]
NotCounted = Literal[
    "not-registered", "no-supervisor", "supervisor-gone", "exemption-short", "ended"
]

_ID = ("Id of the placement.", "7d1a0c4e5b6f48299a3d2c1b0e9f8a76")
_GOALS = {"ALM-055": True, "ALM-085": False}


class StartForm(Form):
    """That a stay has begun."""

    day: Day = described("First day of the stay.", "2027-08-02")


class ContactForm(Form):
    """That the municipality has been in touch with its trainee."""

    day: Day = described("Day of the contact.", "2027-10-01")


class NewSupervisorForm(Form):
    """Who supervises from a day on."""

    day: Day = described("First day with this supervisor.", "2027-11-01")
    supervisor: str | None = described(
        "Id of a supervisor on the municipality's record; null = nobody.",
        "5f0c1e2d3b4a59687766554433221100",
    )


class InterruptionForm(Form):
    """That a stay was broken off. Why is nobody's business here, so there is no field for it."""

    day: Day = described("First day without service.", "2027-11-15")
    remaining_months: Count = described("Full-time months of service that are still needed.", 3)


class EvaluationForm(Form):
    """An invitation to the final evaluation."""

    day: Day = described("Day proposed.", "2028-01-20")


class GoalsForm(Form):
    """Each learning goal, reached or not."""

    model_config = ConfigDict(validate_by_name=False)

    alm_055: bool = described("Cooperation.", True, alias="ALM-055")
    alm_085: bool = described("Depth in selected groups of patients.", False, alias="ALM-085")


class CompletionForm(Form):
    """That a stay is over and evaluated."""

    day: Day = described(
        "Last day of the stay; after the day agreed nothing counts any more.", "2028-01-31"
    )
    goals: GoalsForm = described("Each learning goal, reached or not.", _GOALS)
    reason: Reason | None = described(
        "Why the stay ends before the day agreed: asked for where it does, and recorded.",
        "The post came to its end sooner",
        default=None,
    )


class CancellationForm(Form):
    """That a stay comes to nothing. Why is a code: a text would describe people."""

    reason: Cancelled = described("Why, as a code.", "post-gone")


class PlacementFilter(BaseModel):
    """Which placements are asked for."""

    round: Annotated[str, Field(pattern=HANDLE_PATTERN)] | None = Field(
        default=None, description="Only of this round."
    )
    state: State | None = Field(default=None, description="Only in this state.")
    unit: Slug | None = Field(default=None, description="Only in this unit.")
    municipality: MunicipalityNumber | None = Field(
        default=None, description="Only of this municipality's candidates."
    )


class PlacementSummary(Answer):
    """A placement, without its steps."""

    id: str = described(*_ID)
    round: str = described("Id of the round.", "0b6f0a4c5d0e4f3f9b1f5a3c2d1e0f9a")
    offer: str | None = described("Id of the offer accepted; null = held before the round.", None)
    number: int = described(
        "Which of the candidate's places underway it is: the parts of a divided stay are 1 and 2.",
        1,
    )
    municipality: str = described("Number of the municipality.", "5601")
    candidate: str = described("Id of the candidate.", "5601-c1")
    unit: str = described("Id of the unit.", "hammerfest-medisin")
    window: str = described("Id of the window.", "5f0c1e2d3b4a59687766554433221100")
    start: date = described("First day, as agreed.", "2027-08-01")
    end: date = described("The day after the last day, as agreed.", "2028-02-01")
    fte_percent: int = described("Size of the post in percent.", 100)
    months_needed: int = described("Full-time months of service that were needed.", 6)
    state: State = described("How far it is.", "started")
    remaining_months: int | None = described(
        "Of one that was interrupted: full-time months still needed.", None
    )
    goals: dict[str, bool] | None = described(
        "Of one that is completed: each learning goal, reached or not.", None
    )


class StepAnswer(Answer):
    """Something that happened to a placement."""

    number: int = described("Position within the placement, from 1.", 1)
    kind: StepKind = described("What happened.", "started")
    day: date = described("On which day, or from which day on.", "2027-08-02")
    noted_at: Instant = described("When it was noted.", "2027-08-02T08:00:00Z")
    noted_by: str | None = described(
        "Who noted it: issuer and subject. For staff and the municipality; null for others.",
        "rotations-local|leader",
    )
    figures: dict[str, Any] | None = described(
        "What more was noted of it. For staff and the municipality; null for others.", None
    )


class PlacementWithSteps(PlacementSummary):
    """A placement."""

    supervisor: str | None = described(
        "Id of the supervisor named last. For staff and the municipality; null for others.",
        "5f0c1e2d3b4a59687766554433221100",
    )
    parts: list[str] = described(
        "Ids of the placements of the same stay that you may see, this one among them, the first"
        " part first: where you see a divided stay as a whole, two.",
        [_ID[1]],
    )
    steps: list[StepAnswer] = Field(description="What happened, the first step first.")


class NotCountedAnswer(Answer):
    """Why a month does not count, or not in full."""

    code: NotCounted = described("Stable name of the reason.", "no-supervisor")
    sentence: str = described("The reason in the language asked for.", "…")


class ServiceMonth(Answer):
    """A month of a stay."""

    start: date = described("First day.", "2027-08-01")
    end: date = described("The day after the last day.", "2027-09-01")
    counts: bool = described("Whether it counts as training service.", True)
    months: float = described("Full-time months that it comes to, to four decimals.", 1.0)
    reasons: list[NotCountedAnswer] = described("Why it does not count, or not in full.", [])


class ServiceAnswer(Answer):
    """What of a stay counts as training service, as things stand now."""

    placement: str = described(*_ID)
    fte_percent: int = described("Size of the post in percent: it counts in proportion.", 100)
    registered_on: date | None = described(
        "Since when the municipality is registered; null = it is not.", "2019-03-01"
    )
    months: list[ServiceMonth] = Field(description="Months of the stay, from its first day.")
    full_time_months: float = described(
        "Full-time months that count, to four decimals. Absence is not deducted here.", 6.0
    )


class NeedAnswer(Answer):
    """A candidate who still needs service after a placement."""

    placement: str = described("Id of the placement that left it.", _ID[1])
    reason: Need = described(
        "Interrupted, completed without a goal, or cancelled by no wish of hers.", "interrupted"
    )
    candidate: RequestedCandidate = described(
        "The candidate as she stood in the list, made ready for the next one: without wishes and"
        " dates, with the months and goals that are still needed. After a goal that was not"
        " reached these months are the last ones asked for: say how many it takes.",
        {"id": "5601-c1", "months_needed": 3, "supervisor": None, "in_individual_plan": True},
    )

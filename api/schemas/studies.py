"""Studies of a frozen round, as they are asked for and answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from api.schemas.fields import Answer, Instant
from api.schemas.plans import FailureAnswer, PlacementAnswer, ReasonAnswer
from api.web.paging import Page
from data.forms.costs import CostsForm, cost_faults
from data.forms.fields import Form, OneOf, Whole, described
from data.forms.forecasts import ForecastForm
from scheduler.errors import Fault
from scheduler.rounds import Round

State = Literal["queued", "running", "completed", "failed", "cancelled"]

_HANDLE = "0" * 32


class StudyAnswer(Answer):
    """Work on a round's frozen document: how far it is."""

    id: str = described("Id of the study.", _HANDLE)
    round: str = described("Id of the round.", _HANDLE)
    snapshot: int = described("Number of the round's frozen document that it is about.", 1)
    outdated: bool = described("The round has changed since, or is open to changes.", False)
    state: State = described("How far it is.", "completed")
    requested_at: Instant = described("When it was asked for.", "2027-01-15T09:00:00Z")
    started_at: Instant | None = described("When a worker began.", "2027-01-15T09:00:01Z")
    ended_at: Instant | None = described("When it ended.", "2027-01-15T09:00:09Z")
    progress: dict[str, Any] | None = described(
        "Where it stands: `done` and `of`, or as a plan's search; null until something is known.",
        {"done": 3, "of": 9},
    )
    failure: FailureAnswer | None = described("Why it failed.", None)


class ScenarioAnswer(StudyAnswer):
    """A scenario, and what its plan comes to."""

    name: str = described("What people call it.", "One more seat")
    status: Literal["optimal", "feasible"] | None = described(
        "Proven best, or the best found.", "optimal"
    )
    placed: int | None = described("Candidates with a place.", 9)
    unplaced: int | None = described("Candidates without one.", 4)


class WholeScenarioAnswer(ScenarioAnswer):
    """A scenario with what it asks and what comes of it."""

    scenario: dict[str, Any] = described(
        "The scenario, `rotations/scenario@1`.",
        {"format": "rotations/scenario@1", "name": "One more seat", "changes": []},
    )
    comparison: dict[str, Any] | None = described(
        "`rotations/comparison@1` with the round as it is, as soon as both are planned.", None
    )
    plan: dict[str, Any] | None = described("The plan, `rotations/plan@1`.", None)


class CapacityForm(Form):
    """What posts of a round are studied for; or what is assumed of the years after it."""

    target: Annotated[str, OneOf(("everyone", "deadlines", "share"))] = described(
        "Whom the posts must place: everyone, all by their deadlines, or a share.",
        "everyone",
        default="everyone",
    )
    percent: Annotated[int, Whole(1, 100)] | None = described(
        "Which share, rounded up to whole candidates; for `share` alone.", None, default=None
    )
    within: Annotated[int, Whole(1, 1_200)] | None = described(
        "Months from the decision before which a stay must begin to count; for `share` alone.",
        None,
        default=None,
    )
    costs: CostsForm | None = described(
        "What posts cost, `rotations/costs@1`; none = 1 each.", None, default=None
    )
    exact: Annotated[int, Whole(0, 200)] = described(
        "How many of the most promising posts are planned exactly; bounds for the rest.",
        8,
        default=8,
    )
    forecast: ForecastForm | None = described(
        "What is assumed of the years ahead, `rotations/forecast@1`, to study these: nothing else"
        " is then asked.",
        None,
        default=None,
    )

    def faults(self, round_: Round) -> Iterator[Fault]:
        """Yield what is missing, not asked for, or not in a round."""
        if self.forecast is None:
            yield from self._posts_faults(round_)
            return
        for name, field in CapacityForm.model_fields.items():
            if name != "forecast" and getattr(self, name) != field.default:
                yield Fault("not-asked", (name,))
        for fault in self.forecast.faults(round_):
            yield replace(fault, place=("forecast", *fault.place))

    def _posts_faults(self, round_: Round) -> Iterator[Fault]:
        is_share = self.target == "share"
        if is_share and self.percent is None:
            yield Fault("missing", ("percent",))
        for name in ("percent", "within"):
            if not is_share and getattr(self, name) is not None:
                yield Fault("not-asked", (name,))
        if self.costs is not None:
            yield from cost_faults(self.costs.units, round_, ("costs", "units"))


class AheadAnswer(Answer):
    """The posts that are enough in the years of a scenario of intake."""

    name: str = described("What people call the scenario.", "middle")
    posts: int | None = described("Posts, each for a year; null where it was stopped before.", 4)
    cost: int | None = described("What they cost together.", 4)
    proven: bool | None = described("No cheaper ones are enough.", True)


class CapacityAnswer(StudyAnswer):
    """A study of what posts a round lacks, or the years after it, and what came of it."""

    asked: dict[str, Any] = described(
        "What was asked.",
        {
            "target": "everyone",
            "percent": None,
            "within": None,
            "costs": None,
            "exact": 8,
            "forecast": None,
        },
    )
    found: str | None = described("What became of the search for a set.", "cheapest")
    posts: int | None = described("Posts of the cheapest set.", 2)
    cost: int | None = described("What they cost together.", 2)
    ahead: list[AheadAnswer] | None = described("Of the years ahead, each scenario.", None)


class WholeCapacityAnswer(CapacityAnswer):
    """A study of capacity with its document."""

    study: dict[str, Any] | None = described(
        "The study, `rotations/capacity@1`; of the years ahead, `rotations/years-ahead@1`.", None
    )


class PriceAnswer(Answer):
    """What strict orders cost a round, as soon as it is known."""

    state: State | None = described(
        "How far it is; null where nobody has asked for it.", "completed"
    )
    study: StudyAnswer | None = described("The work on it.", None)
    price: dict[str, Any] | None = described("The price, `rotations/price@1`.", None)


class KeepingAnswer(Answer):
    """What keeping offers costs a round, as soon as it is known."""

    state: State | None = described(
        "How far it is; null where nobody has asked for it.", "completed"
    )
    study: StudyAnswer | None = described("The work on it.", None)
    keeping: dict[str, Any] | None = described("What it costs, `rotations/keeping@1`.", None)


class WishAnswer(Answer):
    """A wish better than what somebody got."""

    wish: int = described("Number of the wish, 1 = first.", 1)
    sentence: str = described("The wish in the language asked for.", "…")
    reasons: list[ReasonAnswer] = described("Rules that fail, and who holds the seats.", [])
    causes: list[ReasonAnswer] = described(
        "What kept her from it although the rules allow it, found by planning again.", []
    )
    remedies: list[ReasonAnswer] = described(
        "The smallest change of each kind that would have helped, found by planning again.", []
    )


class WhyAnswer(Answer):
    """What somebody got, and why nothing better."""

    placement: PlacementAnswer | None = described("The place, if any.", None)
    reasons: list[ReasonAnswer] = described("Those that hold for every wish.", [])
    wishes: list[WishAnswer] = described("Every wish better than the place.", [])


class ExplanationAnswer(Answer):
    """The explanation of a candidate's outcome, as soon as it has been found."""

    candidate: str = described("Id of the candidate.", "5601-c1")
    municipality: str = described("Number of the municipality.", "5601")
    state: State | None = described(
        "How far the explanations of the plan are; null where nobody has asked for them.",
        "completed",
    )
    explanation: WhyAnswer | None = described("The explanation; null until it is found.", None)


class ReadyAnswer(Answer):
    """Whether a candidate's outcome is explained."""

    candidate: str = described("Id of the candidate.", "5601-c1")
    municipality: str = described("Number of the municipality.", "5601")
    ready: bool = described("The explanation can be read.", True)


class ExplanationsAnswer(Page[ReadyAnswer]):
    """How far the explanations of a plan are, candidate by candidate."""

    state: State | None = Field(
        description="How far they are; null where nobody has asked for them.",
        examples=["completed"],
    )
    study: StudyAnswer | None = Field(
        default=None, description="The work on them. Staff only.", examples=[None]
    )

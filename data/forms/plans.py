"""The forms of the document ``rotations/plan@1``.

A plan made by hand gives its format, its round and its placements; every other field is a claim,
which may be absent (never null) and is checked by the verifier where it stands.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from data.forms.fields import Day, Figure, Form, Hash, Ident, OneOf, Text, Whole, described
from data.forms.rounds import AtLeastOne
from scheduler.domain import TIERS
from scheduler.plans import Status

MAX_VALUE = 10**18
"""Greatest size of a tier's value or bound; fits in 64 bits."""

Position = Annotated[int, Whole(1, 10**9)]
Value = Annotated[int, Whole(-MAX_VALUE, MAX_VALUE)]


def _claim(description: str, example: object) -> Any:
    return described(description, example, default_factory=lambda: None)


class PlacementForm(Form):
    """One candidate in one window, from a start date on; one of them for each part of a stay."""

    candidate: Ident = described("Id of the candidate.", "c1")
    window: Ident = described("Id of the window.", "w1")
    start: Day = described("First day of the stay.", "2027-08-01")
    unit: Ident = _claim("Id of the window's unit.", "hammerfest-medisin")
    end: Day = _claim("The day after the last day of the stay.", "2028-02-01")
    wish_class: Position | None = described(
        "Position of the first wish that covers the stay, 1 = first; null where none does.",
        1,
        alias="class",
        default_factory=lambda: None,
    )
    months: AtLeastOne = described(
        "Full-time months of the stay; absent where they are all that the candidate needs.",
        3,
        default_factory=lambda: None,
    )


class ReasonForm(Form):
    """Why a wish did not come true; other keys are the figures of its sentence."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Figure] = Field(init=False)

    code: Ident = described("Code of the reason.", "LEAD")
    wish: Position | None = described(
        "Position of the wish, 1 = first; null where the reason holds for every wish.",
        1,
        default_factory=lambda: None,
    )


class AccountForm(Form):
    """The reasons that a candidate is owed."""

    candidate: Ident = described("Id of the candidate.", "c2")
    reasons: list[ReasonForm] = described(
        "Why each wish did not come true.", [{"code": "SUPERVISOR", "wish": 1}]
    )


class TierForm(Form):
    """What a tier, or one level of it, came to."""

    tier: Annotated[str, OneOf(TIERS)] = described("Name of the tier.", "placed")
    level: Position | None = described("The level; null for a tier without levels.", None)
    value: Value = described("Value that the plan reaches.", 17)
    bound: Value = described("Value that no plan can beat.", 17)
    proven: bool = described("This value and every earlier one equal their bounds.", True)


class EngineForm(Form):
    """What computed the plan."""

    version: Text = described("Version of this project.", "0.1.0")
    ortools: Text = described("Version of OR-Tools.", "9.15.6755")


class PlanForm(Form):
    """A plan: who goes where and when, and why."""

    model_config = ConfigDict(title="rotations/plan@1")

    format: Literal["rotations/plan@1"] = described("Name of the format.", "rotations/plan@1")
    round: Ident = described("Id of the round.", "2027-Q1")
    placements: list[PlacementForm] = Field(description="Placements.")
    round_hash: Hash = _claim("Hash of the round's canonical form.", "sha256:" + "0" * 64)
    engine: EngineForm = _claim("Engine.", {"version": "0.1.0", "ortools": "9.15.6755"})
    status: Annotated[str, OneOf(tuple(Status))] = _claim("How far the search came.", "optimal")
    unplaced: list[AccountForm] = _claim(
        "Candidates without a placement or an accepted seat, each with reasons.",
        [{"candidate": "c2", "reasons": [{"code": "SUPERVISOR", "wish": 1}]}],
    )
    passed_over: list[AccountForm] = _claim(
        "Candidates placed below a better wish, each with reasons.",
        [{"candidate": "c1", "reasons": [{"code": "LEAD", "wish": 1, "months": 4}]}],
    )
    tiers: list[TierForm] = _claim(
        "Tiers and levels in the order in which they were decided.",
        [{"tier": "wish", "level": 2, "value": 4, "bound": 4, "proven": True}],
    )
    lottery_counter: Annotated[int, Whole(0, 10**9)] = _claim(
        "Times that the lottery's tickets were drawn again until one plan was left.", 0
    )
    verified: bool = _claim("The verifier confirms every rule and tier.", True)
    plan_hash: Hash = _claim("Hash of the plan's canonical form.", "sha256:" + "0" * 64)

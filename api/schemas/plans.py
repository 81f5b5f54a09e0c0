"""Plans, outcomes and counts, as they are asked for and answered."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.schemas.fields import Answer, Instant
from data.forms.fields import Form, Ident, Whole, described

LONGEST_SECONDS = 86_400

_HASH = "sha256:" + "0" * 64


class PlanRequest(Form):
    """How a plan is to be made."""

    seconds: Annotated[int, Whole(1, LONGEST_SECONDS)] | None = described(
        "Longest search in seconds; none = as long as the service allows.", 60, default=None
    )


class ProgressAnswer(Answer):
    """Where a search stands."""

    tier: str = described(
        "Tier in work; `uniqueness` = the proof that no other is as good.", "wish"
    )
    level: int | None = described("Level of the tier, where it has levels.", 2)
    value: int = described("Best value so far, in the tier's own unit.", 4)
    bound: int = described("What no plan can beat, as far as is known.", 3)
    seconds: float = described("Seconds since the search began.", 1.25)
    position: int = described("Number of the level in work, from 1.", 11)
    of: int = described("Number of levels, with the proof of uniqueness.", 16)


class LevelAnswer(ProgressAnswer):
    """Where the search stands, or stood, in one level of a tier."""

    proven: bool = described("Value and bound meet, here and in every level before.", True)


class PlanProgressAnswer(Answer):
    """How far the search has come, level by level."""

    state: str = described("How far the plan is.", "running")
    levels: list[LevelAnswer] = described(
        "Every level that was begun, in order, in the attempt that was begun last.", []
    )


class FailureAnswer(Answer):
    """Why no plan could be made."""

    code: str = described("Stable name of the failure.", "out-of-memory")
    figures: dict[str, Any] = described("What the sentence needs.", {"mebibytes": 4096})
    sentence: str = described("The failure in the language asked for.", "…")


class PlanAnswer(Answer):
    """A plan of a round. What only staff may see is null for others."""

    id: str = described("Id of the plan.", "0" * 32)
    round: str = described("Id of the round.", "0" * 32)
    snapshot: int = described("Number of the round's frozen document it is made from.", 1)
    outdated: bool = described("The round has changed since, or is open to changes.", False)
    origin: Literal["solver", "hand"] = described("Who made it.", "solver")
    state: Literal["queued", "running", "completed", "failed", "cancelled"] = described(
        "How far it is.", "completed"
    )
    status: Literal["optimal", "feasible"] | None = described(
        "Proven best, or the best found.", "optimal"
    )
    published_at: Instant | None = described("When all parties came to see it.", None)
    requested_at: Instant = described("When it was asked for or handed in.", "2027-01-15T09:00:00Z")
    started_at: Instant | None = described("When the search began.", "2027-01-15T09:00:01Z")
    ended_at: Instant | None = described("When it ended.", "2027-01-15T09:00:09Z")
    seconds: float | None = described("Longest search asked for, in seconds.", 60)
    stop_requested_at: Instant | None = described("When somebody asked it to stop.", None)
    attempt: int | None = described("How often the search was begun. Staff only.", 1)
    progress: ProgressAnswer | None = described("Where the search stands. Staff only.", None)
    incidents: int | None = described("Solver verdicts that could not be true. Staff only.", 0)
    failure: FailureAnswer | None = described("Why it failed. Staff only.", None)
    hash: str | None = described("Hash of the plan's canonical form. Staff only.", _HASH)


class PartAnswer(Answer):
    """Where a candidate goes, and when, in one part of her stay."""

    window: str = described("Id of the window.", "hammerfest-medisin-1")
    unit: str = described("Id of the unit.", "hammerfest-medisin")
    start: date = described("First day.", "2027-08-01")
    end: date = described("The day after the last day.", "2028-02-01")


class PlacementAnswer(PartAnswer):
    """Where a candidate goes, and when; where her stay is divided, in its first part."""

    then: PartAnswer | None = described("The second part, where the stay is divided.", None)
    wish_class: int | None = described(
        "Which wish came true, 1 = the first; null where none covers it, and for units.",
        1,
        serialization_alias="class",
    )
    accepted: bool = described("The seat was accepted before the round.", False)


class ReasonAnswer(Answer):
    """Why a wish did not come true."""

    code: str = described("Stable name of the reason.", "HELD")
    wish: int | None = described("Number of the wish; null = every one.", 1)
    figures: dict[str, Any] = described(
        "What the sentence needs. Others are not numbered but for staff: null = some.",
        {"window": "w1", "unit": "hammerfest-medisin", "rule": "POSITIONS", "others": None},
    )
    sentence: str = described("The reason in the language asked for.", "…")


class OutcomeFilter(BaseModel):
    """Whose outcomes are asked for."""

    placed: bool | None = Field(
        default=None, description="Only those with a place, or only those without."
    )
    municipality: Ident | None = Field(
        default=None, description="Only candidates of this municipality of the round's document."
    )


class OutcomeAnswer(Answer):
    """What becomes of a candidate."""

    candidate: str = described("Id of the candidate.", "5601-c1")
    municipality: str = described("Number of the municipality.", "5601")
    placement: PlacementAnswer | None = described("The place, if any.", None)
    reasons: list[ReasonAnswer] = described(
        "Why each wish, or each better one, did not come true; not for units.", []
    )


class ClassCount(Answer):
    """People placed by neighbouring wishes."""

    first: int | None = described("From this wish on; null = from the first.", 1)
    last: int | None = described("To this wish; null = and every later one, or none.", 1)
    placed: int = described("Candidates.", 9)


class StartCount(Answer):
    """People who start in neighbouring months."""

    first: str | None = described("From this month on; null = from the beginning.", "2027-08")
    last: str | None = described("To this month; null = to the end.", "2027-09")
    placed: int = described("Candidates.", 7)


class PlanFiguresAnswer(Answer):
    """How a plan came out, in counts.

    Who does not see everybody gets no count of fewer than five people whose outcome they do not
    see, nor one that such a count follows from: null, or counted together with its neighbours.
    Larger counts of such people are told in steps of five.
    """

    candidates: int | None = described("Candidates of the round.", 18)
    placed: int | None = described("Those with a place, accepted before or new.", 10)
    unplaced: int | None = described("Those without a place.", 8)
    classes: list[ClassCount] = described(
        "The placed by wish.", [{"first": 1, "last": None, "placed": 10}]
    )
    starts: list[StartCount] = described(
        "The placed by month of start.", [{"first": None, "last": None, "placed": 10}]
    )


class ChangeAnswer(Answer):
    """A candidate whose placement differs between two plans."""

    candidate: str = described("Id of the candidate.", "5601-c1")
    municipality: str = described("Number of the municipality.", "5601")
    before: PlacementAnswer | None = described("The place in the plan compared with.", None)
    after: PlacementAnswer | None = described("The place in this plan.", None)


class TierChangeAnswer(Answer):
    """A tier, or a level of it, in two plans; null where a policy has none such."""

    tier: str = described("Name of the tier.", "wish")
    level: int | None = described("Level of the tier, where it has levels.", 2)
    before: int | None = described("Value in the plan compared with.", 4)
    after: int | None = described("Value in this plan.", 3)


class DiffAnswer(Answer):
    """What another plan would change."""

    before: str = described("Id of the plan compared with.", "0" * 32)
    after: str = described("Id of this plan.", "1" * 32)
    changes: list[ChangeAnswer] = described("Candidates whose placement differs.", [])
    tiers: list[TierChangeAnswer] | None = described("Tier by tier. Staff only.", None)


class BrokenAnswer(Answer):
    """A rule that a plan breaks, or a claim of it that is not true."""

    rule: str = described("Name of the rule; `CLAIM` for an untrue claim.", "POSITIONS")
    subjects: list[str] = described("Ids of who and what it is about.", ["w1", "5601-c1"])
    figures: dict[str, Any] = described("What was found.", {"active": 2, "limit": 1})
    sentence: str = described("The rule as it should be, in the language asked for.", "…")


class TierValueAnswer(Answer):
    """A tier's value as the verifier computes it."""

    tier: str = described("Name of the tier.", "placed")
    level: int | None = described("Level of the tier, where it has levels.", None)
    value: int = described("Value in the tier's own unit.", 9)


class VerificationAnswer(Answer):
    """The verdict of a program that shares nothing with the one that made the plan."""

    verified: bool = described("Every rule is kept and every claim is true.", True)
    rules: list[str] = described("The rules that were checked.", ["WISH", "LEAD"])
    broken: list[BrokenAnswer] = described("What is not as it should be.", [])
    tiers: list[TierValueAnswer] = described("Every tier, computed again.", [])
    round_hash: str = described("Hash of the frozen round, computed again.", _HASH)
    plan_hash: str = described("Hash of the stored plan, computed again.", _HASH)
    as_stored: bool = described("Both hashes are those noted when they were stored.", True)

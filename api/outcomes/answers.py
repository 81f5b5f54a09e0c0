"""Plans, outcomes and counts as answers, worded in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from api.outcomes.counts import Counts
from api.schemas.plans import (
    BrokenAnswer,
    ClassCount,
    FailureAnswer,
    OutcomeAnswer,
    PartAnswer,
    PlacementAnswer,
    PlanAnswer,
    PlanFiguresAnswer,
    ReasonAnswer,
    StartCount,
)
from data.faults import fault_record
from data.sentences import Language, sentence
from data.wording import Wording, conflict_sentence
from models.store.plans import Freshness
from models.store.work import Work
from models.tables import Plan as PlanRow
from scheduler.domain import Candidate
from scheduler.errors import Conflict, Fault
from scheduler.plans import Given, Placement, Plan, Reason, by_candidate
from scheduler.rounds import Round
from scheduler.verify import Broken

STAFF_ONLY = ("attempt", "progress", "incidents", "hash")
"""What of a plan's row tells of everybody in it, or of how it was made."""


def plan_answer(row: PlanRow, fresh: Freshness, language: Language, *, whole: bool) -> PlanAnswer:
    """Return a plan's row as an answer; `whole` = for somebody who sees all of it."""
    told = row.model_dump(exclude={"content", "failure"} | (set() if whole else {*STAFF_ONLY}))
    told |= {name: told.get(name) for name in STAFF_ONLY}
    failed = whole and row.failure is not None
    return PlanAnswer.model_validate(
        told
        | {
            "snapshot": fresh.numbers[row.snapshot],
            "outdated": fresh.outdated(row),
            "seconds": row.seconds_limit,
            "failure": failure_answer(row, language) if failed else None,
        }
    )


def failure_answer(row: Work, language: Language) -> FailureAnswer:
    """Return why some work failed."""
    assert row.failure is not None, "it has failed"
    figures: Mapping[str, Any] = row.figures or {}
    conflicts = (
        conflict_sentence(language, Conflict(**conflict))
        for conflict in figures.get("conflicts", ())
    )
    worded = dict(figures) | {"conflicts": " ".join(conflicts)}
    said = sentence(language, f"plans.failure-{row.failure}", worded)
    return FailureAnswer(code=row.failure, figures=dict(figures), sentence=said)


def outcome_answers(words: Wording, plan: Plan) -> Callable[[Candidate], OutcomeAnswer]:
    """Return what says of a candidate of a round what becomes of her."""
    placed = by_candidate(plan.placements)
    reasons = {a.candidate: a.reasons for a in (*plan.unplaced, *plan.passed_over)}

    def answer(candidate: Candidate) -> OutcomeAnswer:
        own = placed.get(candidate.id)
        return OutcomeAnswer(
            candidate=candidate.id,
            municipality=candidate.municipality,
            placement=placement_answer(words.round, own) if own else None,
            reasons=[reason_answer(words, reason) for reason in reasons.get(candidate.id, ())],
        )

    return answer


def placement_answer(round_: Round, given: Given) -> PlacementAnswer:
    """Return what a candidate got, in one part or two, as an answer."""
    first, *then = given
    return PlacementAnswer(
        window=first.window,
        unit=first.unit,
        start=first.start,
        end=first.end,
        then=_part_answer(*then) if then else None,
        wish_class=first.wish_class,
        accepted=first.candidate in round_.accepted,
    )


def _part_answer(part: Placement) -> PartAnswer:
    return PartAnswer(window=part.window, unit=part.unit, start=part.start, end=part.end)


def reason_answer(words: Wording, reason: Reason) -> ReasonAnswer:
    """Return a reason as an answer, with its sentence and the place it is about."""
    return ReasonAnswer(
        code=reason.code,
        wish=reason.wish,
        figures=dict(reason.figures),
        sentence=words.placed_reason(reason),
    )


def figures_answer(counts: Counts) -> PlanFiguresAnswer:
    """Return counts as an answer."""
    return PlanFiguresAnswer(
        candidates=counts.candidates,
        placed=counts.placed,
        unplaced=counts.unplaced,
        classes=[ClassCount(first=s.first, last=s.last, placed=s.count) for s in counts.classes],
        starts=[
            StartCount(first=_month(s.first), last=_month(s.last), placed=s.count)
            for s in counts.starts
        ],
    )


def _month(number: int | None) -> str | None:
    """Write a month that is numbered throughout as YYYY-MM."""
    return None if number is None else f"{number // 12:04}-{number % 12 + 1:02}"


def broken_answer(broken: Broken, language: Language) -> BrokenAnswer:
    """Return a broken rule as an answer."""
    said = fault_record(language, Fault(broken.rule))["sentence"]
    return BrokenAnswer(
        rule=broken.rule, subjects=list(broken.subjects), figures=broken.figures, sentence=said
    )

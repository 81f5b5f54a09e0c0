"""Explanations as a document for machines: codes and figures, candidates by id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from scheduler.explained import Explanation, WishExplained
from scheduler.plans import Plan, Reason, seat_record

FORMAT = "rotations/explanations@1"


def explanations_document(
    plan: Plan, explained: Iterable[Explanation], complete: bool
) -> dict[str, Any]:
    """Return the document ``rotations/explanations@1``.

    Parameters
    ----------
    plan
        The plan that is explained.
    complete
        Whether nobody who was asked about is left out.
    """
    return {
        "format": FORMAT,
        "round": plan.round_id,
        "round_hash": plan.round_hash,
        "plan_hash": plan.hash,
        "complete": complete,
        "candidates": [explanation_record(each) for each in explained],
    }


def explanation_record(explained: Explanation) -> dict[str, Any]:
    """Return what the document says of one candidate."""
    return {
        "candidate": explained.candidate,
        "placement": seat_record(explained.given),
        "reasons": reason_records(explained.reasons),
        "wishes": [_wish(wish) for wish in explained.wishes],
    }


def _wish(explained: WishExplained) -> dict[str, Any]:
    return {
        "wish": explained.wish,
        "reasons": reason_records(explained.reasons),
        "causes": reason_records(explained.causes),
        "remedies": reason_records(explained.remedies),
    }


def reason_records(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Return codes with their figures beside them."""
    return [{"code": reason.code, **reason.figures} for reason in reasons]

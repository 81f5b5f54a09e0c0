"""Explanations as a document for machines: codes and figures, candidates by id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from scheduler.explain import Explanation, WishExplained
from scheduler.plans import Placement, Plan, Reason

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
        "candidates": [_explanation(each) for each in explained],
    }


def _explanation(explained: Explanation) -> dict[str, Any]:
    return {
        "candidate": explained.candidate,
        "placement": None if explained.given is None else _placement(explained.given),
        "reasons": _reasons(explained.reasons),
        "wishes": [_wish(wish) for wish in explained.wishes],
    }


def _placement(given: Placement) -> dict[str, Any]:
    return {
        "window": given.window,
        "unit": given.unit,
        "start": str(given.start),
        "end": str(given.end),
        "class": given.wish_class,
    }


def _wish(explained: WishExplained) -> dict[str, Any]:
    return {
        "wish": explained.wish,
        "reasons": _reasons(explained.reasons),
        "causes": _reasons(explained.causes),
        "remedies": _reasons(explained.remedies),
    }


def _reasons(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    return [{"code": reason.code, **reason.figures} for reason in reasons]

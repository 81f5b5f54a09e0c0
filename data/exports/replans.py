"""Planning again, and what keeping offers costs, as documents and as a workbook: people by id."""

from __future__ import annotations

from typing import Any

from data.exports.comparisons import Compared, side_record
from data.exports.explanations import reason_records
from data.sentences import Language, sentence
from scheduler.comparison import Side, compared
from scheduler.plans import seat_record
from scheduler.replanning import Moved, Replanned

FORMAT, KEEPING_FORMAT = "rotations/replan@1", "rotations/keeping@1"

SIDES = ("before", "after", "released")
"""The plan before the change, the plan that keeps, and the one that need not."""


def replan_document(found: Replanned) -> dict[str, Any]:
    """Return the document ``rotations/replan@1``, plain values."""
    return {
        "format": FORMAT,
        "round": found.before.round.id,
        **{name: side_record(getattr(found, name)) for name in SIDES},
        "moved": [_moved(each) for each in found.moved],
        "changes": found.changes.document,
        "cost": found.cost.document,
    }


def keeping_document(kept: Side, released: Side) -> dict[str, Any]:
    """Return the document ``rotations/keeping@1``, plain values.

    Parameters
    ----------
    kept, released
        A round with offers, and the same as if only accepted seats were held, both planned.
    """
    offers = {c.candidate for c in kept.round.commitments if c.state == "offered"}
    return {
        "format": KEEPING_FORMAT,
        "round": kept.round.id,
        "offers": len(offers),
        "kept": side_record(kept),
        "released": side_record(released),
        "cost": compared(kept, released).document,
    }


def replan_workbook(found: Replanned, language: Language) -> bytes:
    """Return the three plans side by side as an xlsx file."""
    names = [sentence(language, f"replanning.{name}") for name in SIDES]
    return Compared(names, [getattr(found, name) for name in SIDES]).workbook(language)


def _moved(moved: Moved) -> dict[str, Any]:
    return {
        "candidate": moved.candidate,
        "before": seat_record(moved.before),
        "after": seat_record(moved.after),
        "reasons": reason_records(moved.reasons),
    }

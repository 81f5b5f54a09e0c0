"""Planning again, as a document and as a workbook. Candidates go by id."""

from __future__ import annotations

from typing import Any

from data.exports.comparisons import Compared, side_record
from data.exports.explanations import reason_records
from data.sentences import Language, sentence
from scheduler.plans import seat_record
from scheduler.replanning import Moved, Replanned

FORMAT = "rotations/replan@1"

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

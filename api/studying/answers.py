"""Studies as answers."""

from __future__ import annotations

import json
from typing import Any

from api.outcomes.answers import failure_answer
from api.schemas.studies import (
    CapacityAnswer,
    KeepingAnswer,
    PriceAnswer,
    ScenarioAnswer,
    StudyAnswer,
)
from data.sentences import Language
from models.store.plans import Freshness
from models.tables import Study


def study_answer(row: Study, fresh: Freshness, language: Language) -> StudyAnswer:
    """Return how far a study is."""
    return StudyAnswer.model_validate(_values(row, fresh, language))


def scenario_answer(row: Study, fresh: Freshness, language: Language) -> ScenarioAnswer:
    """Return a scenario as lists show it."""
    return ScenarioAnswer.model_validate(_values(row, fresh, language) | {"name": row.name})


def capacity_answer(row: Study, fresh: Freshness, language: Language) -> CapacityAnswer:
    """Return a study of capacity as lists show it."""
    asked = {"asked": json.loads(row.asked)}
    return CapacityAnswer.model_validate(_values(row, fresh, language) | asked)


def price_answer(row: Study | None, fresh: Freshness, language: Language) -> PriceAnswer:
    """Return what priority costs a round; nothing, where nobody has asked."""
    return PriceAnswer.model_validate(_asked_once(row, fresh, language, "price"))


def keeping_answer(row: Study | None, fresh: Freshness, language: Language) -> KeepingAnswer:
    """Return what keeping offers costs a round; nothing, where nobody has asked."""
    return KeepingAnswer.model_validate(_asked_once(row, fresh, language, "keeping"))


def _asked_once(
    row: Study | None, fresh: Freshness, language: Language, name: str
) -> dict[str, Any]:
    """Return how far a study is of which a document has one, and what came of it by its name."""
    if row is None:
        return {"state": None, "study": None, name: None}
    found = None if row.content is None else json.loads(row.content)
    return {"state": row.state, "study": study_answer(row, fresh, language), name: found}


def _values(row: Study, fresh: Freshness, language: Language) -> dict[str, Any]:
    """Return what all studies say, and what a list shows of one that is completed."""
    own = {"id", "round", "state", "requested_at", "started_at", "ended_at"}
    figures = row.figures if row.state == "completed" else None
    return row.model_dump(include=own) | {
        "snapshot": fresh.numbers[row.snapshot],
        "outdated": fresh.outdated(row),
        "progress": row.progress,
        "failure": failure_answer(row, language) if row.failure is not None else None,
        **dict.fromkeys(("status", "placed", "unplaced", "found", "posts", "cost", "ahead")),
        **(figures or {}),
    }

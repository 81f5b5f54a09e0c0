"""Studies as answers."""

from __future__ import annotations

import json
from typing import Any

from api.outcomes.answers import failure_answer
from api.schemas.studies import CapacityAnswer, PriceAnswer, ScenarioAnswer, StudyAnswer
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
    if row is None:
        return PriceAnswer(state=None, study=None, price=None)
    study = study_answer(row, fresh, language)
    price = None if row.content is None else json.loads(row.content)
    return PriceAnswer(state=study.state, study=study, price=price)


def _values(row: Study, fresh: Freshness, language: Language) -> dict[str, Any]:
    """Return what all studies say, and what a list shows of one that is completed."""
    own = {"id", "round", "state", "requested_at", "started_at", "ended_at"}
    figures = row.figures if row.state == "completed" else None
    return row.model_dump(include=own) | {
        "snapshot": fresh.numbers[row.snapshot],
        "outdated": fresh.outdated(row),
        "progress": row.progress,
        "failure": failure_answer(row, language) if row.failure is not None else None,
        **dict.fromkeys(("status", "placed", "unplaced", "found", "posts", "cost")),
        **(figures or {}),
    }

"""What making plans and studies measures; nothing leaves unless `api.telemetry` is set up."""

from __future__ import annotations

import json
from functools import cache

from opentelemetry.metrics import Histogram, get_meter

from models.store.work import Failure, Result


def work_ended(kind: str, outcome: Result | Failure, attempt: int, seconds: float) -> None:
    """Measure a plan or a study that was made or given up.

    Parameters
    ----------
    kind
        ``plan``, or the kind of a study.
    attempt
        How often it had been begun, at least 1.
    seconds
        How long the last attempt took: reading, searching, explaining and verifying.
    """
    came = outcome.status or "completed" if isinstance(outcome, Result) else outcome.code
    is_plan = kind == "plan"
    ended = {"outcome": came} if is_plan else {"outcome": came, "kind": kind}
    what = "plan" if is_plan else "study"
    _histogram(f"{what}.duration", "s").record(seconds, ended)
    _histogram(f"{what}.attempts", "{attempt}").record(attempt, ended)
    if is_plan and isinstance(outcome, Result) and outcome.content is not None:
        for tier in json.loads(outcome.content)["tiers"]:
            gap = abs(tier["bound"] - tier["value"])
            _histogram("plan.gap", "1").record(gap, {"tier": tier["tier"]})


@cache
def _histogram(name: str, unit: str) -> Histogram:
    return get_meter("rotations").create_histogram(f"rotations.{name}", unit)

"""What the making of plans measures; nothing leaves where `api.telemetry` has not been set up."""

from __future__ import annotations

import json
from functools import cache

from opentelemetry.metrics import Histogram, get_meter

from models.store.solves import Failure, Result


def plan_ended(outcome: Result | Failure, attempt: int, seconds: float) -> None:
    """Measure a plan that was made or given up.

    Parameters
    ----------
    attempt
        How often it had been begun, at least 1.
    seconds
        How long the last attempt took: reading, searching, explaining and verifying.
    """
    ended = {"outcome": outcome.status if isinstance(outcome, Result) else outcome.code}
    _histogram("duration", "s").record(seconds, ended)
    _histogram("attempts", "{attempt}").record(attempt, ended)
    if isinstance(outcome, Result):
        for tier in json.loads(outcome.content)["tiers"]:
            gap = abs(tier["bound"] - tier["value"])
            _histogram("gap", "1").record(gap, {"tier": tier["tier"]})


@cache
def _histogram(name: str, unit: str) -> Histogram:
    return get_meter("rotations").create_histogram(f"rotations.plan.{name}", unit)

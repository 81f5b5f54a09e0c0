"""What the process that makes a plan says while it does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from time import monotonic
from typing import Any, BinaryIO

from api.signals import interruptible
from data.documents import read_round, write_plan
from scheduler.errors import InvalidRound, RefusedRound, RotationsError, UnverifiedPlan
from scheduler.planner import plan_round
from scheduler.watch import Incident, Limits, Progress, Stop, Watch

Tell = Callable[[str, Any], None]


def answer(document: bytes, seconds: float, answers: BinaryIO) -> None:
    """Make a plan and tell of it, line by line.

    Parameters
    ----------
    document
        ``rotations/round@1``.
    seconds
        Longest search.
    answers
        Where the lines go; what they hold says `api.solving`.
    """

    def tell(kind: str, what: Any) -> None:
        answers.write(json.dumps({kind: what}).encode() + b"\n")
        answers.flush()

    stop = Stop()

    def work() -> None:
        tell("ready", True)
        tell(*_planned(document, seconds, stop, tell))

    interruptible(work, stop.request, lambda: None)


def _planned(document: bytes, seconds: float, stop: Stop, tell: Tell) -> tuple[str, dict[str, Any]]:
    watch = Watch(
        on_progress=lambda progress: tell("progress", _progress(progress)),
        on_incident=lambda incident: tell("incident", _incident(incident)),
        clock=monotonic,
        stop=stop,
    )
    try:
        plan = plan_round(read_round(document), Limits(seconds=seconds), watch)
    except RotationsError as error:
        return "failure", _failure(error)
    content = write_plan(plan).decode()
    return "result", {"content": content, "hash": plan.hash, "status": str(plan.status)}


def _progress(progress: Progress) -> dict[str, Any]:
    return asdict(progress) | {"seconds": round(progress.seconds, 3)}


def _incident(incident: Incident) -> dict[str, Any]:
    return {"tier": incident.tier, "level": incident.level, "outcome": incident.outcome}


def _failure(error: RotationsError) -> dict[str, Any]:
    """Return what an error says in codes, ids and figures."""
    match error:
        case RefusedRound():
            figures = {"conflicts": [asdict(conflict) for conflict in error.conflicts]}
            return {"code": "refused", "figures": figures}
        case InvalidRound():
            faults = [{"code": fault.code, "place": fault.place} for fault in error.faults]
            return {"code": "invalid-round", "figures": {"faults": faults}}
        case UnverifiedPlan():
            return {"code": "unverified", "figures": {"codes": error.codes}}
    raise error

"""What the process that makes a plan or a study says while it does."""

from __future__ import annotations

import json
from dataclasses import asdict
from queue import SimpleQueue
from time import monotonic
from typing import Any, BinaryIO

from api.signals import interruptible
from api.solving.desk import Desk
from api.solving.sharing import Sharing, help_out
from api.solving.studies import STUDIES, Ended, Given
from data.documents import read_round, write_plan
from scheduler.asking import Stopped
from scheduler.errors import InvalidRound, RefusedRound, RotationsError, UnverifiedPlan
from scheduler.planner import plan_round
from scheduler.shares import Crew
from scheduler.watch import Incident, Limits, Progress, Stop, Watch


def answer(order: bytes, seconds: float, answers: BinaryIO, heard: SimpleQueue[bytes]) -> None:
    """Make a plan or a study and tell of it, line by line.

    Parameters
    ----------
    order
        What is to be done: `kind`, `round`, `plan` and `asked` in JSON.
    seconds
        Longest search.
    answers
        Where the lines go; what they hold says `api.solving`.
    heard
        Lines that come back.
    """

    def tell(kind: str, what: Any) -> None:
        answers.write(json.dumps({kind: what}).encode() + b"\n")
        answers.flush()

    stop = Stop()

    def work() -> None:
        tell("ready", True)
        tell(*_done(order, seconds, Desk(tell, heard, stop)))

    interruptible(work, stop.request, lambda: None)


def _done(order: bytes, seconds: float, desk: Desk) -> Ended:
    said = json.loads(order)
    kind, given, tell = said.pop("kind"), Given(**said), desk.tell
    watch = Watch(
        on_progress=lambda progress: tell("progress", _progress(progress)),
        on_incident=lambda incident: tell("incident", _incident(incident)),
        clock=monotonic,
        stop=desk.stop,
    )
    try:
        if kind == "plan":
            return _planned(given, seconds, watch, Sharing(desk))
        if kind == "shares":
            help_out(read_round(given.round.encode()), desk)
            raise Stopped
        return STUDIES[kind](given, seconds, watch, desk)
    except RotationsError as error:
        return "failure", _failure(error)
    except Stopped:
        return "failure", {"code": "unproven", "figures": {"seconds": round(seconds)}}


def _planned(given: Given, seconds: float, watch: Watch, crew: Crew) -> Ended:
    plan = plan_round(read_round(given.round.encode()), Limits(seconds=seconds), watch, crew)
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

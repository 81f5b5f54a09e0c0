"""Which step may follow which state of a placement, and on which days it may lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from api.web.bodies import invalid
from api.web.problems import Problem
from models.store import placements as store
from models.store import stays
from models.store.placements import Step
from models.tables import Placement, PlacementStep
from models.tables.release import PLACEMENT_STATES
from scheduler.dates import add_months
from scheduler.errors import Fault

EARLY = timedelta(days=31)
"""How long before the day agreed a stay may begin; one that begins earlier is another stay."""

LATE_MONTHS = 3
"""How long after a stay its final evaluation may be proposed; one held later is noted by then."""

LAST_PART = 3
"""A final evaluation lies in the last third of a stay: it is about the whole of it, and leaves time
to make up for what it finds wanting. Whoever leaves sooner has interrupted the stay."""

STATE_PROBLEMS = tuple(f"placement-{state}" for state in PLACEMENT_STATES)
"""What a step is refused with that does not follow the state which the code names."""


@dataclass(frozen=True, slots=True)
class Move:
    """From which states a step leads on, and to which; None = the state stays."""

    sources: tuple[str, ...]
    target: str | None = None


MOVES: Mapping[str, Move] = {
    "contact": Move(("planned", "started")),
    "supervised": Move(("planned", "started")),
    "started": Move(("planned",), "started"),
    "evaluation": Move(("started",)),
    "interrupted": Move(("started",), "interrupted"),
    "completed": Move(("started",), "completed"),
    "cancelled": Move(("planned",), "cancelled"),
}
"""Every step that people take, by its kind. What has ended goes on no more."""


def take(
    session: Session,
    placement: Placement,
    step: Step,
    today: date,
    changes: Mapping[str, Any],
) -> None:
    """Let a placement take a step.

    Parameters
    ----------
    today
        The date in Norway.
    changes
        What changes of the placement beside its state.

    Raises
    ------
    Problem
        ``placement-…``, naming the state that the step does not follow;
        ``placement-not-evaluated`` before the day of the final evaluation; ``part-not-over`` where
        another part of the stay comes first; ``invalid`` where the day is out of order.
    """
    move = MOVES[step.kind]
    if placement.state not in move.sources:
        raise Problem(f"placement-{placement.state}")
    before = store.steps(session, placement.id)
    if step.kind == "completed" and (_last(before, "evaluation") or date.max) > today:
        raise Problem("placement-not-evaluated")
    faults = list(_out_of_order(placement, before, step, today))
    if faults:
        raise invalid(faults)
    if step.kind == "started":
        _expect_free(session, placement, step.day)
    state = {"state": move.target} if move.target else {}
    store.advance(session, placement, step, {**changes, **state})


def begun_on(placement: Placement, steps: Sequence[PlacementStep]) -> date:
    """Return the first day of a stay: as it was noted, or else as it is agreed."""
    return _last(steps, "started") or placement.start


def ended_on(placement: Placement, steps: Sequence[PlacementStep]) -> date:
    """Return the day after the last day of service; after the day agreed there is none."""
    for step in steps:
        if step.kind == "interrupted":
            return step.day
        if step.kind == "completed":
            return min(step.day + timedelta(days=1), placement.end)
    return placement.end


def is_early(placement: Placement, day: date) -> bool:
    """Tell whether a stay with this last day ends before the day agreed."""
    return day < placement.end - timedelta(days=1)


def _expect_free(session: Session, placement: Placement, day: date) -> None:
    """Make sure that what comes before a placement is over on its first day.

    When that is stays untold: who leads one part of a stay may not know of the other.
    """
    for other in stays.earlier(session, placement):
        ended = other.state != "planned" and ended_on(other, stays.steps(session, other)) <= day
        if not ended:
            raise Problem("part-not-over")


def _last(steps: Sequence[PlacementStep], kind: str) -> date | None:
    return next((each.day for each in reversed(steps) if each.kind == kind), None)


def _out_of_order(
    placement: Placement, steps: Sequence[PlacementStep], step: Step, today: date
) -> Iterator[Fault]:
    earliest, latest = _days(placement, steps, step.kind, today)
    if step.day > latest:
        yield Fault("day-too-late", ("day",), {"latest": str(latest)})
    elif step.day < earliest:
        yield Fault("day-too-soon", ("day",), {"earliest": str(earliest)})


def _days(
    placement: Placement, steps: Sequence[PlacementStep], kind: str, today: date
) -> tuple[date, date]:
    """Return the first and the last day on which a step may lie.

    What has happened lies in the past; only a supervisor and an evaluation are named beforehand.
    """
    begun = begun_on(placement, steps)
    known = min(placement.start, *(each.day for each in steps if each.kind == "planned"), today)
    last_day = placement.end - timedelta(days=1)
    match kind:
        case "started":
            return placement.start - EARLY, min(today, last_day)
        case "supervised":
            return _last(steps, "supervised") or known, last_day
        case "evaluation":
            last_part = placement.end - (placement.end - begun) // LAST_PART
            return last_part, max(today, add_months(placement.end, LATE_MONTHS) or placement.end)
        case "interrupted":
            return begun, min(today, last_day)
        case "completed":
            return min(_last(steps, "evaluation") or last_day, last_day), today
        case _:
            return known, today

"""Stays as they are counted: their steps beside what the register says now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from fractions import Fraction

from sqlmodel import Session

from api.placements.moves import begun_on, ended_on
from api.placements.service import Exemption, Stay, Supervision, full_time_months, service
from api.web.problems import Problem
from models.store.placements import begun_of
from models.store.submissions import supervisors
from models.tables import Municipality, Placement, PlacementStep, Supervisor


@contextmanager
def keeping_service(session: Session, municipality: str, today: date) -> Iterator[None]:
    """Let the register of a municipality change, but no day that was served and counts be lost.

    Raises
    ------
    Problem
        ``service-counted``: what was served would count for less than before.
    """
    before = _counted(session, municipality, today)
    yield
    session.flush()
    after = _counted(session, municipality, today)
    if any(after[placement] < months for placement, months in before.items()):
        raise Problem("service-counted")


def stay_of(
    placement: Placement,
    steps: Sequence[PlacementStep],
    registered_on: date | None,
    present: Mapping[str, Supervisor],
) -> Stay:
    """Return a placement as it is counted.

    Parameters
    ----------
    steps
        Its own, in their order.
    registered_on
        Since when its municipality is registered.
    present
        The supervisors on the municipality's record, by id.
    """
    return Stay(
        start=begun_on(placement, steps),
        end=placement.end,
        served_until=ended_on(placement, steps),
        fte_percent=placement.fte_percent,
        registered_on=registered_on,
        supervision=_supervision(placement, steps, present),
    )


def _counted(session: Session, municipality: str, until: date) -> dict[str, Fraction]:
    """Return the full-time months that count of what was served before a day, by placement."""
    row = session.get(Municipality, municipality)
    registered_on = row.registered_on if row else None
    present = supervisors(session, municipality)
    stays = {
        placement.id: stay_of(placement, steps, registered_on, present)
        for placement, steps in begun_of(session, municipality)
    }
    return {
        id_: full_time_months(service(replace(stay, served_until=min(stay.served_until, until))))
        for id_, stay in stays.items()
    }


def _supervision(
    placement: Placement, steps: Sequence[PlacementStep], present: Mapping[str, Supervisor]
) -> list[Supervision]:
    """Return who supervised from when on, as it was named when the seat was taken and since."""
    named = [
        (date.min if step.kind == "planned" else step.day, (step.figures or {}).get("supervisor"))
        for step in steps
        if step.kind in {"planned", "supervised"}
    ] or [(date.min, placement.supervisor)]
    return [_supervised(since, id_, present) for since, id_ in named]


def _supervised(since: date, id_: str | None, present: Mapping[str, Supervisor]) -> Supervision:
    row = present.get(id_) if id_ else None
    exemption = None
    if row and not row.specialist and row.exempt_from and row.exempt_until:
        exemption = Exemption(row.exempt_from, row.exempt_until)
    return Supervision(since, id_, row is not None, exemption)

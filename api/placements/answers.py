"""A placement and what of it counts, in the words of an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from sqlmodel import Session

from api.placements.moves import begun_on
from api.placements.service import Exemption, Month, Stay, Supervision, full_time_months, service
from api.schemas.placements import (
    NotCountedAnswer,
    PlacementSummary,
    PlacementWithSteps,
    ServiceAnswer,
    ServiceMonth,
    StepAnswer,
)
from data.sentences import Language, sentence
from models.scope import Scope
from models.store import placements as store
from models.store.submissions import supervisors
from models.tables import Municipality, Placement, PlacementStep, Supervisor


def summary(placement: Placement) -> PlacementSummary:
    """Return a placement as lists show it."""
    return PlacementSummary.model_validate(placement, from_attributes=True)


def with_steps(session: Session, placement: Placement, insight: Scope) -> PlacementWithSteps:
    """Return a placement with its steps.

    Parameters
    ----------
    insight
        Where the caller may know supervisors, and who has noted what.
    """
    insider = store.is_in(session, placement, insight)
    return PlacementWithSteps(
        **summary(placement).model_dump(),
        supervisor=placement.supervisor if insider else None,
        steps=[_step(each, insider) for each in store.steps(session, placement.id)],
    )


def service_answer(session: Session, placement: Placement, language: Language) -> ServiceAnswer:
    """Return what of a placement counts as training service: of a cancelled one nothing."""
    municipality = session.get(Municipality, placement.municipality)
    registered_on = municipality.registered_on if municipality else None
    months: tuple[Month, ...] = ()
    if placement.state != "cancelled":
        months = service(_stay(session, placement, registered_on))
    return ServiceAnswer(
        placement=placement.id,
        fte_percent=placement.fte_percent,
        registered_on=registered_on,
        months=[_month(each, language) for each in months],
        full_time_months=_number(full_time_months(months)),
    )


def _step(step: PlacementStep, insider: bool) -> StepAnswer:
    hidden = {} if insider else {"noted_by": None, "figures": None}
    return StepAnswer.model_validate(step.model_dump() | hidden)


def _stay(session: Session, placement: Placement, registered_on: date | None) -> Stay:
    steps = store.steps(session, placement.id)
    return Stay(
        start=begun_on(placement, steps),
        end=placement.end,
        served_until=_served_until(placement, steps),
        fte_percent=placement.fte_percent,
        registered_on=registered_on,
        supervision=_supervision(placement, steps, supervisors(session, placement.municipality)),
    )


def _served_until(placement: Placement, steps: Sequence[PlacementStep]) -> date:
    """Return the day after the last day of service; after the day agreed there is none."""
    for step in steps:
        if step.kind == "interrupted":
            return step.day
        if step.kind == "completed":
            return min(step.day + timedelta(days=1), placement.end)
    return placement.end


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


def _month(month: Month, language: Language) -> ServiceMonth:
    return ServiceMonth(
        start=month.start,
        end=month.end,
        counts=month.counts,
        months=_number(month.months),
        reasons=[
            NotCountedAnswer(code=code, sentence=sentence(language, f"service.{code}"))
            for code in month.reasons
        ],
    )


def _number(months: Fraction) -> float:
    return round(float(months), 4)

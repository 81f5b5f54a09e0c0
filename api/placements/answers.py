"""A placement and what of it counts, in the words of an answer."""

from __future__ import annotations

from fractions import Fraction

from sqlmodel import Session

from api.placements.counting import stay_of
from api.placements.service import Month, full_time_months, service
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
from models.store import stays
from models.store.submissions import supervisors
from models.tables import Municipality, Placement, PlacementStep


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
        parts=[each.id for each in stays.parts(session, placement)],
        steps=[_step(each, insider) for each in store.steps(session, placement.id)],
    )


def service_answer(session: Session, placement: Placement, language: Language) -> ServiceAnswer:
    """Return what of a placement counts as training service: of a cancelled one nothing."""
    municipality = session.get(Municipality, placement.municipality)
    registered_on = municipality.registered_on if municipality else None
    months: tuple[Month, ...] = ()
    if placement.state != "cancelled":
        present = supervisors(session, placement.municipality)
        steps = store.steps(session, placement.id)
        months = service(stay_of(placement, steps, registered_on, present))
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

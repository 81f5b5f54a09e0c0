"""How ready a round is to be locked, for those who plan it."""

from __future__ import annotations

from fastapi import APIRouter

from api.collecting.readiness import readiness
from api.schemas.fields import Handle
from api.schemas.readiness import ReadinessAnswer
from api.web.admission import AdmittedRoute, Caller
from api.web.calls import found
from api.web.problems import answers
from models.tables import Round

router = APIRouter(route_class=AdmittedRoute, tags=["rounds"])


@router.get("/rounds/{id}/readiness", operation_id="get_readiness", responses=answers("not-found"))
def get_readiness(call: Caller, id: Handle) -> ReadinessAnswer:  # noqa: A002
    """Show who has handed in, what keeps the round from being locked, and what is odd about it."""
    with call.reading() as session:
        return readiness(session, found(session.get(Round, id)), call.language)

"""Of whom in a plan somebody may know, and how much."""

from __future__ import annotations

from enum import IntEnum

from api.identity.principal import Principal
from api.rights import RIGHTS
from models.scope import Scope
from scheduler.plans import Plan
from scheduler.rounds import Round


class Detail(IntEnum):
    """How much of a candidate's outcome somebody may know."""

    SEAT = 1
    """Where and when: for the unit that takes her."""

    OWN = 2
    """All about her, nothing about colleagues: for herself."""

    FULL = 3
    """All about her, higher-ranked colleagues by id: for the municipality that ranks them."""


def staff_scope(principal: Principal) -> Scope:
    """Return where somebody may see whole plans, with everybody in them."""
    return principal.scope(RIGHTS["get_plan_document"])


def details(round_: Round, plan: Plan, scope: Scope) -> dict[str, Detail]:
    """Return the candidates whose outcome is in reach by municipality, unit or person."""
    taking = {p.candidate for p in plan.placements if p.unit in scope.units}
    found = {}
    for candidate in round_.candidates:
        if candidate.municipality in scope.municipalities:
            found[candidate.id] = Detail.FULL
        elif (candidate.municipality, candidate.id) in scope.candidates:
            found[candidate.id] = Detail.OWN
        elif candidate.id in taking:
            found[candidate.id] = Detail.SEAT
    return found

"""Scenarios that make rounds which can be planned."""

from __future__ import annotations

from api.web.bodies import invalid
from data.documents import read_round
from data.scenarios import changed_round, read_scenario
from scheduler.conflicts import conflicts
from scheduler.errors import InvalidScenario, RefusedRound


def expect_plannable(round_: str, scenario: bytes) -> None:
    """Make sure that a scenario makes a round which can be planned.

    Parameters
    ----------
    round_
        Document of the round as it is.
    scenario
        ``rotations/scenario@1``.

    Raises
    ------
    Problem
        ``invalid``, with every fault of the scenario and of the round that it makes.
    RefusedRound
        Where the accepted commitments of that round alone break a rule.
    """
    try:
        changed = changed_round(read_round(round_.encode()), read_scenario(scenario))
    except InvalidScenario as error:
        raise invalid(error.faults) from None
    if found := conflicts(changed):
        raise RefusedRound(found)

"""Rows and their constraints; no logic.

`registry` holds what lasts from round to round, `rounds` what is known of a round, `plans` what
becomes of it, `access` who may do what. A row is never what a caller sends: wire forms are
separate, and validated; CHECK and UNIQUE guard what no form can.
"""

from __future__ import annotations

from models.tables.access import Grant, IdempotencyKey, Worker
from models.tables.naming import METADATA
from models.tables.plans import Plan, PlanEvent
from models.tables.registry import (
    Agreement,
    Municipality,
    Organisation,
    Policy,
    Site,
    Supervisor,
    Unit,
    Window,
)
from models.tables.rounds import (
    Commitment,
    Participation,
    Round,
    Snapshot,
    Standing,
    Submission,
    Transition,
)

__all__ = [
    "METADATA",
    "Agreement",
    "Commitment",
    "Grant",
    "IdempotencyKey",
    "Municipality",
    "Organisation",
    "Participation",
    "Plan",
    "PlanEvent",
    "Policy",
    "Round",
    "Site",
    "Snapshot",
    "Standing",
    "Submission",
    "Supervisor",
    "Transition",
    "Unit",
    "Window",
    "Worker",
]

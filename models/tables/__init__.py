"""Rows and their constraints; no logic.

`registry` holds what lasts from round to round, `rounds` what is known of a round, `plans` what
becomes of it, `shares` what several workers make of a plan, `studies` what else is asked of it,
`tasks` what plans and studies have in common, `release` what comes after, `access` who may do what,
`accountability` who did what and who was told. A row is never what a caller sends: wire forms are
separate, and validated; CHECK and UNIQUE guard what no form can.
"""

from __future__ import annotations

from models.tables.access import Grant, IdempotencyKey, SignedIn, SignInLink, Worker
from models.tables.accountability import (
    AuditEntry,
    AuditReason,
    Notice,
    RestoredNotice,
    Webhook,
)
from models.tables.naming import METADATA
from models.tables.plans import Batch, Plan, PlanEvent
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
from models.tables.release import Offer, Placement, PlacementStep, Publication
from models.tables.rounds import (
    Commitment,
    Participation,
    Round,
    Snapshot,
    Standing,
    Submission,
    Transition,
)
from models.tables.shares import Share
from models.tables.studies import Explained, Study

REVISION = "0008"
"""The revision of these tables: the newest of `models.migrations`."""

__all__ = [
    "METADATA",
    "REVISION",
    "Agreement",
    "AuditEntry",
    "AuditReason",
    "Batch",
    "Commitment",
    "Explained",
    "Grant",
    "IdempotencyKey",
    "Municipality",
    "Notice",
    "Offer",
    "Organisation",
    "Participation",
    "Placement",
    "PlacementStep",
    "Plan",
    "PlanEvent",
    "Policy",
    "Publication",
    "RestoredNotice",
    "Round",
    "Share",
    "SignInLink",
    "SignedIn",
    "Site",
    "Snapshot",
    "Standing",
    "Study",
    "Submission",
    "Supervisor",
    "Transition",
    "Unit",
    "Webhook",
    "Window",
    "Worker",
]

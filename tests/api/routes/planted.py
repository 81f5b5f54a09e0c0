"""Rounds that stand in the database, for tests of what they depend on."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from uuid import uuid4

from sqlmodel import Session

from models.tables import Participation, Policy, Round, Snapshot
from tests.api.served import FINNMARK, NOW


def plant_policy(session: Session, organisation: str = FINNMARK) -> str:
    """Plant a policy with a name of its own and return its id."""
    policy = uuid4().hex
    session.add(
        Policy(
            id=policy,
            organisation=organisation,
            name=policy,
            version=1,
            valid_from=date(2026, 1, 1),
            content={},
            made_at=NOW,
            made_by="test",
        )
    )
    session.flush()
    return policy


def plant_round(
    session: Session,
    *,
    organisation: str = FINNMARK,
    state: str = "open",
    origin: str = "collected",
    policy: str | None = None,
    municipalities: Iterable[str] = (),
) -> str:
    """Plant a round with a label of its own and return its id."""
    round_id = uuid4().hex
    session.add(
        Round(
            id=round_id,
            organisation=organisation,
            label=round_id,
            decision_date=date(2027, 1, 15),
            deadline=datetime(2027, 1, 1, tzinfo=UTC),
            policy=policy or plant_policy(session, organisation),
            state=state,
            origin=origin,
            made_at=NOW,
            made_by="test",
        )
    )
    session.flush()
    for municipality in municipalities:
        session.add(Participation(round=round_id, municipality=municipality))
    return round_id


def plant_snapshot(session: Session, round_id: str, number: int, windows: Iterable[str]) -> None:
    """Plant the frozen document of a round, with windows of these ids."""
    document = {"windows": [{"id": window} for window in windows], "candidates": []}
    session.add(
        Snapshot(
            id=uuid4().hex,
            round=round_id,
            number=number,
            content=json.dumps(document, indent=2),
            hash="sha256:0",
            made_at=NOW,
            made_by="test",
        )
    )
    session.flush()

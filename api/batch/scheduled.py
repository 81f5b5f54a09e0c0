"""The batch by the clock: begun by one worker, carried on by whichever has time, and noted."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from api.batch.asking import asked_plan
from api.batch.findings import findings
from api.clock import norwegian_date
from api.schedule import Schedule
from api.settings import Settings
from api.solving.jobs import Jobs
from data.exports.region import RoundLine, needing
from models.database import Database
from models.scope import EVERYTHING
from models.store.batches import (
    begin_batch,
    forget_ahead,
    last_due,
    noted_batch,
    positions,
    taken_batch,
    unended,
)
from models.store.notices import Telling, tell
from models.tables import Batch

LOG = logging.getLogger(__name__)

AHEAD = timedelta(days=1)
"""A batch of a time so far ahead was begun by a clock that ran wrong, and its time is yet to come.

Less than that is a clock set back, or another machine's, and the batch has been.
"""


def keep_schedule(database: Database, settings: Settings, now: datetime) -> None:
    """Begin the batch that is due, and carry on those that were begun.

    Times that went by while nobody worked are made up for by one batch. The first time that a
    database knows of a schedule, nothing is due: it begins with the next time. What a clock that
    ran ahead has begun, holds up nothing once the clock is right.
    """
    if settings.batch is None:
        return
    due = Schedule.read(settings.batch).last_due(now)
    with database.reading(EVERYTHING) as session:
        last = last_due(session)
    if last is not None and last > now + AHEAD:
        with database.writing(EVERYTHING) as session:
            forget_ahead(session, now + AHEAD)
            last = last_due(session)
    if last is None or last < due:
        with database.writing(EVERYTHING) as session:
            begin_batch(session, due, now, ended=last is None)
    with database.reading(EVERYTHING) as session:
        begun = unended(session)
    for batch in begun:
        _carry_on(database, batch, now)


def _carry_on(database: Database, batch: str, now: datetime) -> None:
    """Ask for every plan that is wanting; where none is waited for any more, end the batch."""
    with database.reading(EVERYTHING) as session:
        wanting = [each.round for each in positions(session) if each.wants(())]
    for round_id in wanting:
        _ask(database, batch, round_id, now)
    with database.reading(EVERYTHING) as session:
        row = session.get_one(Batch, batch)
        waited_for = [e for e in positions(session) if e.waits or e.wants(_asked(row))]
    if not waited_for:
        _end(database, batch, now)


def _ask(database: Database, batch: str, round_id: str, now: datetime) -> None:
    """Ask for a round's plan, and note in the same transaction that the batch did."""
    with database.writing(EVERYTHING) as session:
        row = taken_batch(session, batch)
        if row is None:
            return
        asked = _asked(row)
        plan = asked_plan(session, Jobs(database), round_id, asked, seconds=None, now=now)
        if plan is not None:
            noted_batch(session, row, {"asked": [*asked, plan]})


def _asked(row: Batch) -> list[str]:
    asked: list[str] = row.summary.get("asked", [])
    return asked


def _end(database: Database, batch: str, now: datetime) -> None:
    """Note what became of every round, and tell whoever plans one that needs a person."""
    lines = [each.line for each in findings(database, EVERYTHING, norwegian_date(now))]
    with database.writing(EVERYTHING) as session:
        row = taken_batch(session, batch)
        if row is None:
            return
        told = [line.document() for line in lines]
        noted_batch(session, row, {"asked": _asked(row), "rounds": told}, now)
        serial = int(row.due_at.timestamp())
        tell(session, [_telling(line, serial) for line in lines if line.needs], now)
    LOG.info("batch %s: %d rounds, %d need a person", batch, len(lines), len(needing(lines)))


def _telling(line: RoundLine, serial: int) -> Telling:
    return Telling(
        kind="round-needs-a-person",
        subject=line.round,
        organisation=line.organisation,
        round=line.round,
        figures={"round": line.label},
        serial=serial,
    )

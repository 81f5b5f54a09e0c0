"""A backup put back: what was in the making is begun anew, what was to be sent is held back."""

from __future__ import annotations

from functools import partial
from typing import BinaryIO

from sqlmodel import Session

from api.solving import jobs
from models.archive import Manifest, opened
from models.backup import restore as put_back
from models.database import Database, has_table
from models.store.orphans import wanting
from models.store.outbox import mark_restored
from models.store.work import TABLES
from models.tables import RestoredNotice


def restore(database: Database, file: BinaryIO) -> Manifest:
    """Put every row of a backup back, or none, and return what was put back.

    What was handed to workers is not in a backup: work that had not ended is handed on anew.
    Notices that waited when it was made may have been sent since: none goes out by itself.

    Raises
    ------
    Damaged, NewerBackup, NotEmpty
        The database is left as it is.
    """
    with opened(file) as source:
        put_back(
            database,
            source,
            prepare=partial(jobs.prepare, database),
            then=partial(_hand_on, database),
        )
    return source.manifest


def _hand_on(database: Database, session: Session) -> None:
    queue = jobs.Jobs(database)
    # Older versions had no studies yet.
    kept = [table for table in TABLES if has_table(session, str(table.__tablename__))]
    for id_ in sorted(wanting(session, kept)):
        queue.enqueue(session, id_)
    if has_table(session, str(RestoredNotice.__tablename__)):
        mark_restored(session)  # the first version had no notices yet

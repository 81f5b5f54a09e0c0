"""Durable work: a plan or study that is asked for reaches a worker, and again where that dies.

DBOS is known here and nowhere else. It keeps its tables beside ours, so that a plan's row and the
word to the workers are one transaction; it is told an id and nothing more; and it decides nothing:
what becomes of the work is in its row.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions
from sqlmodel import Session

from models.database import Database

LOG = logging.getLogger(__name__)

APPLICATION = "rotations"
QUEUE = "plans"
WORK = "make_plan"

VERSION = "1"
"""Of what is handed on: DBOS' own choice, a hash of the code, would strand what waits."""

SCHEMA = "dbos"
"""Where the tables are on PostgreSQL; in an SQLite file they are among ours."""

POLL_SECONDS = 0.5

LATER = 1
"""Priority of what gives way to all else, which has none: the lowest number goes first."""

LOG_LEVEL = "WARNING"


class Faulty(Exception):
    """The work ended with a fault of ours, which the log tells."""


class Elsewhere(BaseException):
    """The work goes on in other hands; raised by the work, so that no outcome is noted."""


def prepare(database: Database) -> None:
    """Make what is needed before work can be asked for; many processes may do so at once."""
    DBOS.migrate(database.url, schema=SCHEMA)
    _client(database).register_queue(QUEUE, worker_concurrency=1, polling_interval_sec=POLL_SECONDS)


class Jobs:
    """Hands work to the workers, and knows who has some."""

    def __init__(self, database: Database) -> None:
        self._client = _client(database)

    def enqueue(self, session: Session, id_: str, *, later: bool = False) -> None:
        """Hand on some work when, and only if, the session's transaction is committed.

        Parameters
        ----------
        later
            It waits until nothing else does.
        """
        options: EnqueueOptions = {
            "workflow_name": WORK,
            "workflow_id": id_,
            "queue_name": QUEUE,
            "app_version": VERSION,
        }
        if later:
            options["priority"] = LATER
        self._client.enqueue_in_transaction(session.connection(), options, id_)

    def held(self) -> dict[str, str]:
        """Return which worker, alive or not, holds some work, by its id."""
        held = self._client.list_workflows(status="PENDING", load_input=False, load_output=False)
        return {each.workflow_id: each.executor_id for each in held if each.executor_id}

    def take_over(self, id_: str, worker: str) -> None:
        """Let others have what this worker holds; of several who ask, one is heard.

        It waits where it stood in the queue: before all that was asked for later, but not before
        what goes first.
        """
        # Not public, and the only way: what is public begins the count of attempts anew.
        self._client._sys_db.reenqueue_for_recovery(id_, [worker], QUEUE)

    def alive(self) -> set[str]:
        """Return what a worker holds, or what waits for one, by its ids."""
        handed_on = self._client.list_workflows(
            status=["ENQUEUED", "DELAYED", "PENDING"], load_input=False, load_output=False
        )
        return {each.workflow_id for each in handed_on}


def _client(database: Database) -> DBOSClient:
    _quieten()
    return DBOSClient(
        system_database_engine=database.writer,
        dbos_system_schema=SCHEMA,
        serializer=DBOSPortableJSONSerializer(),
        application_name=APPLICATION,
        retry_connection_errors=False,
        lazy=True,
    )


def _quieten() -> None:
    """Let DBOS speak of trouble only, and through the same door as everybody."""
    log = logging.getLogger("dbos")
    log.setLevel(LOG_LEVEL)
    if not log.handlers:
        # Where there is none, DBOS adds one that writes to standard error.
        log.addHandler(logging.NullHandler())


def listen(database: Database, worker: str, work: Callable[[str], None]) -> None:
    """Do work from now on, a piece at a time, in a thread of its own, until the process ends.

    Parameters
    ----------
    worker
        Id of this process, used by none before.
    work
        Called with an id, perhaps more than once. It returns when there is nothing left to do;
        whatever it raises but `Elsewhere` ends the matter too.
    """
    _quieten()
    DBOS(
        config={
            "name": APPLICATION,
            "application_version": VERSION,
            "executor_id": worker,
            "system_database_engine": database.writer,
            "dbos_system_schema": SCHEMA,
            "serializer": DBOSPortableJSONSerializer(),
            "run_migrations": False,
            "use_listen_notify": False,
            "enable_otlp": False,
            "log_level": LOG_LEVEL,
        }
    )

    # How often work is begun is counted in its row: DBOS would count what was given back, too.
    @DBOS.workflow(name=WORK, max_recovery_attempts=None)
    def do(id_: str) -> None:
        try:
            work(id_)
        except Exception as error:
            LOG.exception("%s: %s", id_, type(error).__name__)
            # DBOS keeps what an exception says, and that may be a value.
            raise Faulty from None

    DBOS.launch()

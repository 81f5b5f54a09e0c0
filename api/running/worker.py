"""The worker process: takes work piece by piece, and takes over that of workers that died."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from threading import Event, Thread
from time import monotonic
from uuid import uuid4

from api import garbage
from api.batch.scheduled import keep_schedule
from api.clock import utc_now
from api.deadlines.reminders import remind
from api.notices.sending import send
from api.pages.sessions import tidy
from api.releasing.answering import expire
from api.running.chores import Chore, Chores
from api.running.opening import open_database
from api.settings import Settings
from api.solving.jobs import Jobs, listen
from api.solving.solver import PASSING, Solver
from models.database import Database, UnknownRevision
from models.scope import EVERYTHING
from models.store.orphans import drop, leases, release, wanting
from models.store.workers import enter, give_up, leave, seen, show

LOG = logging.getLogger(__name__)

BEATS = 4
"""How often a worker shows itself within the time after which it would be given up."""

LEAVE_SECONDS = 8.0
"""How long a worker may take to give back what it has in work."""

CHORES = (
    Chore("offers", expire, pause=10.0),
    Chore("reminders", remind, pause=60.0),
    Chore("notices", send, pause=5.0),
    Chore("batch", keep_schedule, pause=10.0),
    Chore("sessions", tidy, pause=600.0),
)
"""What the service does by the clock, beside solving."""


def run_worker(
    settings: Settings,
    stop: Event | None = None,
    clock: Callable[[], datetime] = utc_now,
    id_: str | None = None,
) -> None:
    """Work until told to stop; the process is to end then, whatever threads are left.

    The database has been prepared (`api.running.opening.prepare`).

    Parameters
    ----------
    stop
        Set to stop; by default SIGTERM and SIGINT do.
    clock
        The time in UTC.
    id_
        Id of this process, used by none before; by default one drawn by chance.

    Raises
    ------
    GivenUp
        Others took the worker for dead and have its work: it is to be started anew.
    UnknownRevision
        Another version has brought the tables to its own revision.
    """
    stop = stop or _signalled()
    database = open_database(settings)
    worker = Worker(database, settings, clock, id_ or uuid4().hex)
    chores = Chores(CHORES, database, settings, clock)
    if settings.smtp_url is None:
        LOG.info("no mail server is set: e-mail waits")
    try:
        chores.begin()
        garbage.as_usual()
        worker.work(stop)
    finally:
        chores.leave()
        worker.leave()
        database.close()


def buried(database: Database, worker: str) -> None:
    """Say that a worker has died: others need not wait for it to fall silent."""
    with suppress(*PASSING, UnknownRevision), database.writing(EVERYTHING) as session:
        leave(session, worker)


class Worker:
    """One worker among others on the same database."""

    def __init__(
        self, database: Database, settings: Settings, clock: Callable[[], datetime], id_: str
    ) -> None:
        self.id = id_
        self._database, self._clock = database, clock
        self._jobs = Jobs(database)
        self._solver = Solver(database, settings, self.id, clock)
        self._beat = settings.lease_seconds / BEATS
        self._silence = Silence(settings.lease_seconds)
        self._idle = False

    def work(self, stop: Event) -> None:
        """Take work until told to stop.

        Raises
        ------
        GivenUp
            Others have the work.
        """
        with self._database.writing(EVERYTHING) as session:
            enter(session, self.id, self._clock())
        # First what others have left: it is older than what waits.
        self._take_over()
        listen(self._database, self.id, self._solver.work)
        LOG.info("worker %s: ready", self.id)
        while not stop.wait(self._beat):
            try:
                self._show()
                self._bury()
                self._take_over()
                self._drop()
            except PASSING as error:
                LOG.warning("worker %s: %s", self.id, type(error).__name__)

    def leave(self) -> None:
        """Give back what is in work, and say goodbye: others need not wait to take it."""
        self._solver.leave(LEAVE_SECONDS)
        try:
            with self._database.writing(EVERYTHING) as session:
                leave(session, self.id)
        except (*PASSING, UnknownRevision) as error:
            LOG.warning("worker %s: %s", self.id, type(error).__name__)

    def _show(self) -> None:
        with self._database.writing(EVERYTHING) as session:
            show(session, self.id, self._clock())

    def _bury(self) -> None:
        """Give up whoever has been silent for too long."""
        with self._database.reading(EVERYTHING) as session:
            others = {worker: at for worker, at in seen(session).items() if worker != self.id}
        for worker, seen_at in self._silence.lasting(others, monotonic()).items():
            with self._database.writing(EVERYTHING) as session:
                if give_up(session, worker, seen_at):
                    LOG.warning("worker %s: given up", worker)

    def _take_over(self) -> None:
        """Have the work done that is held by workers that are not there.

        Asked in this order: a worker enters its row before it takes work, and gives out a new lease
        with it, so that nothing is taken from whoever has it in work meanwhile.
        """
        with self._database.reading(EVERYTHING) as session:
            begun = leases(session)
        held = self._jobs.held()
        with self._database.reading(EVERYTHING) as session:
            gone = set(held.values()) - seen(session).keys()
        idle = self.id in held.values() and not self._solver.busy
        if idle and self._idle:
            # Handed to this worker, and lost on the way: the connection broke within.
            gone.add(self.id)
        self._idle = idle
        for id_, worker in held.items():
            if worker in gone:
                if id_ in begun:
                    with self._database.writing(EVERYTHING) as session:
                        release(session, id_, begun[id_], self._clock())
                self._jobs.take_over(id_, worker)

    def _drop(self) -> None:
        """Give up what no worker will hear of again: a fault of ours ended its work.

        Asked in this order: what is handed on ends after its row has.
        """
        with self._database.reading(EVERYTHING) as session:
            wanted = wanting(session)
        for id_ in sorted(wanted - self._jobs.alive()):
            with self._database.writing(EVERYTHING) as session:
                if drop(session, id_, self._clock()):
                    LOG.error("%s: lost", id_)


class Silence:
    """How long nothing has been seen of others, by one's own clock: theirs may differ, or jump.

    Parameters
    ----------
    seconds
        What lasts so long is reported.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: dict[str, tuple[datetime, float]] = {}
        self._looked = 0.0

    def lasting(self, seen: Mapping[str, datetime], now: float) -> dict[str, datetime]:
        """Return whose sign of life has not changed for too long.

        Parameters
        ----------
        seen
            The last sign of life of each.
        now
            Seconds since any moment, the same each time.
        """
        if now - self._looked > self._seconds / 2:
            # Who has not looked has not heard silence.
            self._since.clear()
        self._looked = now
        self._since = {
            name: known if (known := self._since.get(name, (at, now)))[0] == at else (at, now)
            for name, at in seen.items()
        }
        return {
            name: at for name, (at, since) in self._since.items() if now - since >= self._seconds
        }


def _signalled() -> Event:
    """Return what SIGTERM and SIGINT set."""
    asked = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        # By a thread: this one may be within the event's lock when the signal comes.
        signal.signal(number, lambda *_: Thread(target=asked.set, daemon=True).start())
    return asked

"""Does the work that is asked for: begins it, has a process at it, tells the database, ends it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from math import inf
from threading import Event, Lock
from time import monotonic
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlmodel import Session

from api.measures import work_ended
from api.settings import Settings
from api.solving import OUT_OF_MEMORY
from api.solving.jobs import Elsewhere, Jobs
from api.solving.joining import PART, Joining
from api.solving.process import COMMAND, SolverProcess
from models.database import Database, UnknownRevision
from models.scope import EVERYTHING
from models.store.plan_events import Told
from models.store.precedence import hurried, outranked
from models.store.shares import round_of, waiting, wanted
from models.store.solves import begin, complete, fail, give_back, stop_requested, tell
from models.store.work import Failure, Lease, LostLease, Order, Result
from models.store.workers import GivenUp

LOG = logging.getLogger(__name__)

T = TypeVar("T")

PASSING = (OperationalError, InterfaceError, PoolExhausted)
"""What passes by itself: the database is busy, starts anew, or cannot be reached."""

TICK_SECONDS = 0.25
"""How often the database is told of some work, and asked whether it is to stop."""

ALLOWANCE_SECONDS = 180.0
"""For building, explaining and verifying, beside one and a half times the limit."""

RETRY_SECONDS = 1.0

COURTESY_LOOKS = 6
"""At how many looks in a row other work must wait for some to make room: the free are quicker."""

LINGER_SECONDS = 3.0
"""How long a worker that helps with a plan waits for more of its shares."""


class Solver:
    """Makes plans and studies, one at a time.

    Parameters
    ----------
    worker
        Id of this process.
    clock
        The time in UTC.
    command, allowance
        What to run, and how many seconds beside the work itself it may take.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        worker: str,
        clock: Callable[[], datetime],
        *,
        command: Sequence[str] = COMMAND,
        allowance: float = ALLOWANCE_SECONDS,
    ) -> None:
        self._database, self._settings = database, settings
        self._worker, self._clock = worker, clock
        self._command, self._allowance = command, allowance
        self._leaving = Event()
        self._turn = Lock()

    def work(self, id_: str) -> None:
        """Do some work; where its process dies, begin it anew as often as the settings say.

        Raises
        ------
        Elsewhere
            The work is to be done, or is being done, by another worker.
        """
        try:
            with self._turn:
                plan, part, _ = id_.partition(PART)
                if part:
                    self._help(plan)
                while not part and (lease := self._begun(id_)) is not None:
                    self._attempt(lease)
        except (GivenUp, LostLease, UnknownRevision) as error:
            LOG.warning("%s: %s", id_, type(error).__name__)
            raise Elsewhere from None

    @property
    def busy(self) -> bool:
        """Tell whether something is in work."""
        return self._turn.locked()

    def leave(self, seconds: float) -> None:
        """Begin nothing more, and give back what is in work, within so many seconds."""
        self._leaving.set()
        if self._turn.acquire(timeout=seconds):
            self._turn.release()

    def _begun(self, id_: str) -> Lease | None:
        if self._leaving.is_set():
            raise Elsewhere
        return self._surely(
            lambda session: begin(
                session,
                id_,
                self._worker,
                attempts=self._settings.attempts,
                now=self._clock(),
            )
        )

    def _attempt(self, lease: Lease) -> None:
        """Do it, and write down what came of it; a fault of ours costs an attempt."""
        LOG.info("%s %s: attempt %d", lease.order.kind, lease.id, lease.attempt)
        began = monotonic()
        try:
            outcome = self._done(lease)
            if outcome is not None:
                self._surely(lambda session: self._end(session, lease, outcome))
                work_ended(lease.order.kind, outcome, lease.attempt, monotonic() - began)
        except (LostLease, UnknownRevision):
            raise
        except Exception as error:  # noqa: BLE001 - it is begun anew, or given up
            LOG.error("%s %s: %s", lease.order.kind, lease.id, type(error).__name__)
            self._leaving.wait(RETRY_SECONDS)

    def _end(self, session: Session, lease: Lease, outcome: Result | Failure) -> None:
        if isinstance(outcome, Result):
            complete(session, lease, outcome, self._clock())
        else:
            LOG.warning("%s %s: %s", lease.order.kind, lease.id, outcome.code)
            fail(session, lease, outcome, self._clock())

    def _done(self, lease: Lease) -> Result | Failure | None:
        """Have a process at it; None where that died and the work may be begun anew."""
        seconds = min(lease.seconds or inf, self._settings.solve_seconds)
        limit = 1.5 * seconds + self._allowance
        deadline = monotonic() + limit
        process = SolverProcess(
            lease.order,
            seconds=seconds,
            mebibytes=self._settings.solve_mebibytes,
            command=self._command,
        )
        untold: list[Told] = []
        looks = 0
        with closing(process), self._joined(lease.id, process, lease) as joining:
            while process.outcome is None and not process.ended:
                heard = process.heard(TICK_SECONDS)
                if any(each.kind == "explained" for each in heard):
                    deadline = monotonic() + limit  # each candidate has the time of a plan
                untold += heard
                self._converse(lease, process, untold)
                self._attended(joining)
                if self._leaving.is_set() and process.outcome is None:
                    self._give_back(lease)
                looks = looks + 1 if self._is_outranked(lease) else 0
                if looks > COURTESY_LOOKS and not untold and process.outcome is None:
                    self._make_room(lease)
                if monotonic() > deadline:
                    return Failure("out-of-time", {"seconds": limit})
            return process.outcome or self._death(process.exit_code(), lease.attempt)

    def _help(self, plan: str) -> None:
        """Have a process at the open shares of a plan that another worker makes."""
        with self._database.reading(EVERYTHING) as session:
            if not waiting(session, plan):
                return
            order = Order("shares", round_of(session, plan))
        process = SolverProcess(
            order, seconds=inf, mebibytes=self._settings.solve_mebibytes, command=self._command
        )
        with closing(process), self._joined(plan, process) as joining:
            while not process.ended and not self._leaving.is_set() and self._wanted(plan):
                process.heard(TICK_SECONDS)
                self._attended(joining)
                if joining.idle > LINGER_SECONDS or joining.overtime > self._allowance:
                    return

    def _wanted(self, plan: str) -> bool:
        with suppress(*PASSING), self._database.reading(EVERYTHING) as session:
            return wanted(session, plan)
        return True

    @contextmanager
    def _joined(
        self, plan: str, process: SolverProcess, lease: Lease | None = None
    ) -> Iterator[Joining]:
        """Give a process shares of a plan within the block; helpers leave some to the holder."""
        joining = Joining(
            database=self._database,
            worker=self._worker,
            plan=plan,
            process=process,
            lease=lease,
            attempts=None if lease else self._settings.attempts,
        )
        try:
            yield joining
        finally:
            with suppress(*PASSING, UnknownRevision):
                joining.leave()

    def _attended(self, joining: Joining) -> None:
        try:
            joining.attend()
        except PASSING as error:
            LOG.warning("%s: %s", joining.plan, type(error).__name__)

    def _converse(self, lease: Lease, process: SolverProcess, untold: list[Told]) -> None:
        """Tell the database, and hear from it whether to stop; what cannot be told now waits."""
        try:
            if untold:
                with self._database.writing(EVERYTHING) as session:
                    tell(session, lease, _newest(untold), self._clock())
                untold.clear()
            with self._database.reading(EVERYTHING) as session:
                if stop_requested(session, lease):
                    process.stop()
                process.hurry(hurried(session, lease))
        except PASSING as error:
            LOG.warning("%s %s: %s", lease.order.kind, lease.id, type(error).__name__)

    def _death(self, code: int, attempt: int) -> Failure | None:
        LOG.warning("the solver ended with %d", code)
        if code == OUT_OF_MEMORY:
            return Failure("out-of-memory", {"mebibytes": self._settings.solve_mebibytes})
        if attempt >= self._settings.attempts:
            return Failure("solver-died", {"attempts": attempt, "exit_code": code})
        return None

    def _give_back(self, lease: Lease) -> None:
        """Leave the work to others; where they cannot be told, they will notice by themselves."""
        with suppress(*PASSING), self._database.writing(EVERYTHING) as session:
            give_back(session, lease, self._clock())
        raise Elsewhere

    def _is_outranked(self, lease: Lease) -> bool:
        with suppress(*PASSING), self._database.reading(EVERYTHING) as session:
            return outranked(session, lease)
        return False

    def _make_room(self, lease: Lease) -> None:
        """Put work back into the queue, behind what goes first; it goes on from what is kept."""
        try:
            with self._database.writing(EVERYTHING) as session:
                give_back(session, lease, self._clock())
        except PASSING:
            return  # there is time for that at the next look
        with suppress(*PASSING):  # held by a worker without work, it is taken over
            Jobs(self._database).take_over(lease.id, self._worker)
        LOG.info("%s %s: makes room", lease.order.kind, lease.id)
        raise Elsewhere

    def _surely(self, write: Callable[[Session], T]) -> T:
        """Write, as often as it takes for the database to be there."""
        while True:
            try:
                with self._database.writing(EVERYTHING) as session:
                    return write(session)
            except PASSING as error:
                LOG.warning("the database is not there: %s", type(error).__name__)
                if self._leaving.wait(RETRY_SECONDS):
                    raise Elsewhere from None


def _newest(told: Sequence[Told]) -> list[Told]:
    """Return all but progress, and of that the newest of each level, in the order of telling."""
    newest: dict[object, Told] = {}
    for number, each in enumerate(told):
        level = (each.data.get("tier"), each.data.get("level"))
        key = level if each.kind == "progress" else number
        newest.pop(key, None)
        newest[key] = each
    return list(newest.values())

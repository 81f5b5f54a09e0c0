"""Work that goes on by the clock: each chore in a thread of its own, over and over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread
from time import monotonic

from api.settings import Settings
from api.solving.solver import PASSING
from models.database import Database, UnknownRevision

LOG = logging.getLogger(__name__)

LEAVE_SECONDS = 1.0
"""How long chores in work are waited for; what is cut off then is done by somebody else."""


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do again and again, which any number of workers may do at once.

    Attributes
    ----------
    name
        What it is called in the log.
    do
        Does it once, with the time in UTC.
    pause
        Seconds between the end of one time and the beginning of the next.
    """

    name: str
    do: Callable[[Database, Settings, datetime], None]
    pause: float


class Chores:
    """Chores that go on until told to stop; one that is slow or fails holds up no other."""

    def __init__(
        self,
        chores: Iterable[Chore],
        database: Database,
        settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        self._database, self._settings, self._clock = database, settings, clock
        self._stop = Event()
        self._threads = [
            Thread(target=self._repeat, args=(chore,), name=chore.name, daemon=True)
            for chore in chores
        ]

    def begin(self) -> None:
        """Do each chore at once, and again after its pause."""
        for thread in self._threads:
            thread.start()

    def leave(self) -> None:
        """Begin nothing any more, and wait a little for what is in work."""
        self._stop.set()
        until = monotonic() + LEAVE_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - monotonic()))

    def _repeat(self, chore: Chore) -> None:
        while not self._stop.is_set():
            try:
                chore.do(self._database, self._settings, self._clock())
            except UnknownRevision:
                LOG.error("chore %s: the database is not of this version", chore.name)
                return
            except PASSING as error:
                LOG.warning("chore %s: %s", chore.name, type(error).__name__)
            except Exception as error:  # noqa: BLE001 - it is done again after its pause
                LOG.error("chore %s: %s", chore.name, type(error).__name__)
            self._stop.wait(chore.pause)

"""What every request can reach: made once, by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Protocol

from sqlmodel import Session

from api.identity.tokens import Identifier
from api.settings import Settings
from api.web.entries import Readings
from api.web.limits import Limiter
from models.database import Database


class Jobs(Protocol):
    """Takes what workers are to do; `api.solving.jobs.Jobs` keeps it safe."""

    def enqueue(self, session: Session, id_: str, *, later: bool = False) -> None:
        """Ask for a plan or study to be made, once the session's transaction commits.

        Parameters
        ----------
        later
            It is made when nothing else is to be made.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The parts of a running service.

    Attributes
    ----------
    clock
        The time in UTC.
    identifier
        Tells from a token who calls.
    jobs
        Takes what workers are to do.
    limiter
        Counts requests.
    readings
        Enters in the audit who reads what of candidates.
    stopping
        Set when the process is to end: whoever waits or streams stops then.
    """

    settings: Settings
    database: Database
    clock: Callable[[], datetime]
    identifier: Identifier
    jobs: Jobs
    limiter: Limiter
    stopping: Event = field(default_factory=Event)
    readings: Readings = field(default_factory=Readings)

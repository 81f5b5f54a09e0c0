"""Whether the service can answer: its database, its tables, the keys it trusts, its workers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError

from api.identity.keys import KEPT_SECONDS
from api.web.service import Service
from models.migrate import is_current
from models.scope import EVERYTHING
from models.store.workers import seen

HELD_SECONDS = 1.0
"""How long an answer is good: anybody may ask, but not keep the database busy with it."""

_log = logging.getLogger("rotations.readiness")


@dataclass(frozen=True, slots=True)
class State:
    """How the service is.

    Attributes
    ----------
    missing
        What keeps it from answering: ``database``, ``migrations``.
    keys
        Whether tokens of every issuer can be checked. An issuer that is away keeps its own people
        out, and is no reason to turn everybody else away.
    workers
        Number of workers that are alive; None where the database cannot tell.
    """

    missing: tuple[str, ...] = ()
    keys: bool = True
    workers: int | None = None


class Readiness:
    """Tells how the service is, for anybody who asks."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._asking = Lock()
        self._state: State | None = None
        self._asked = 0.0

    def state(self) -> State:
        """Return how the service is, or was a second ago."""
        with self._asking:
            if self._state is None or monotonic() - self._asked > HELD_SECONDS:
                self._state = self._look()
                self._asked = monotonic()
                if self._state.missing:
                    _log.warning("not ready: %s", ", ".join(self._state.missing))
            return self._state

    def _look(self) -> State:
        keys = self._has_keys()
        try:
            if not is_current(self._service.database):
                return State(("migrations",), keys)
            return State((), keys, self._workers())
        except SQLAlchemyError:
            return State(("database",), keys)

    def _has_keys(self) -> bool:
        """Tell whether tokens of every issuer can be checked; fetch keys where it is time to."""
        return all(age <= KEPT_SECONDS for age in self._ages())

    def _ages(self) -> Iterator[float]:
        for keys in self._service.identifier.published().values():
            keys.refresh()
            age = keys.age()
            yield float("inf") if age is None else age

    def _workers(self) -> int:
        alive = self._service.clock() - timedelta(seconds=self._service.settings.lease_seconds)
        with self._service.database.reading(EVERYTHING) as session:
            return sum(last >= alive for last in seen(session).values())

"""The keys of an issuer, kept between calls and fetched anew in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Protocol

from joserfc.jwk import Key

from api.identity.publications import Unpublished
from api.identity.refusals import Unavailable

FRESH_SECONDS = 600.0
"""After this time keys are fetched anew."""

COOL_DOWN_SECONDS = 30.0
"""Rest between two fetches, whatever tokens ask for."""

KEPT_SECONDS = 86_400.0
"""How long the last keys serve while no new ones are to be had."""


class Keys(Protocol):
    """Where the keys of an issuer come from."""

    def find(self, key_id: str) -> Key | None:
        """Return the key with this id, None where there is none.

        Raises
        ------
        Unavailable
            Where nobody can tell.
        """


@dataclass(frozen=True, slots=True)
class _Held:
    """What the last good fetch brought, and when it ended, by the clock of the keys."""

    keys: Mapping[str, Key]
    since: float


class PublishedKeys:
    """The published keys of one issuer; safe to use from many threads.

    One thread at a time fetches, while the others go on with what there is. Only before the very
    first answer do they wait.

    Parameters
    ----------
    fetch
        Fetches the keys, by their ids, or raises `Unpublished`.
    clock
        Seconds that never run back.
    """

    def __init__(
        self, fetch: Callable[[], Mapping[str, Key]], clock: Callable[[], float] = monotonic
    ) -> None:
        self._fetch, self._clock = fetch, clock
        self._fetching = Lock()
        self._held: _Held | None = None
        self._tried: float | None = None
        self._fault: str | None = None

    def find(self, key_id: str) -> Key | None:
        """Return the key with this id, None where there is none; fetch first where it is due.

        Raises
        ------
        Unavailable
            Where no keys have come for so long that the last ones no longer serve.
        """
        self.refresh(key_id)
        held = self._held
        if held is None or self._clock() - held.since > KEPT_SECONDS:
            raise Unavailable
        return held.keys.get(key_id)

    def refresh(self, key_id: str | None = None) -> None:
        """Fetch the keys if they are old, or lack this one, and the last try is long enough ago."""
        if not self._due(key_id) or not self._fetching.acquire(blocking=self._tried is None):
            return
        try:
            if self._due(key_id):
                self._replace()
        finally:
            self._fetching.release()

    def age(self) -> float | None:
        """Return the seconds since the last good fetch, None before it."""
        return None if self._held is None else self._clock() - self._held.since

    @property
    def fault(self) -> str | None:
        """Why the last fetch brought nothing, in a word; None where it was good."""
        return self._fault

    def _due(self, key_id: str | None) -> bool:
        now, held = self._clock(), self._held
        if self._tried is not None and now - self._tried < COOL_DOWN_SECONDS:
            return False
        if held is None or now - held.since >= FRESH_SECONDS:
            return True
        return key_id is not None and key_id not in held.keys

    def _replace(self) -> None:
        try:
            keys = self._fetch()
            self._held, self._fault = _Held(keys, self._clock()), None
        except Unpublished as error:
            self._fault = error.fault
        finally:
            self._tried = self._clock()

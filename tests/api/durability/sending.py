"""Somebody who sends until they are answered, under one key, whoever dies meanwhile."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from threading import Event, Thread
from typing import Any

import httpx2

WAIT_SECONDS = 60.0


class Sender(ABC):
    """Sends changes one after the other; one without an answer is sent again, under its key."""

    def __init__(self, url: str, token: str, stop: Event) -> None:
        self._url, self._token, self._stop = url, token, stop
        self.faults: list[str] = []

    @property
    @abstractmethod
    def counts(self) -> tuple[int, ...]:
        """How much was acknowledged of all that is sent all the time."""

    def goes_on(self, before: tuple[int, ...]) -> bool:
        """Tell whether there is more of everything than before.

        Raises
        ------
        AssertionError
            Somebody was answered what may not be.
        """
        assert self.faults == [], self.faults
        return all(new > old for new, old in zip(self.counts, before, strict=True))

    def start(self, work: str, *given: Any) -> Thread:
        """Begin one of the ways to write, in a thread of its own."""
        thread = Thread(target=self._guarded, args=(getattr(self, work), given))
        thread.start()
        return thread

    def _guarded(self, work: Any, given: tuple[Any, ...]) -> None:
        try:
            work(*given)
        except BaseException as error:  # noqa: BLE001 - told where the test ends
            self.faults.append(repr(error))

    def sent(
        self, method: str, path: str, key: str, body: Any, headers: dict[str, str]
    ) -> httpx2.Response:
        """Send a request until somebody answers it."""
        deadline = time.monotonic() + WAIT_SECONDS
        fixed = {"Authorization": f"Bearer {self._token}"}
        if key:
            fixed["Idempotency-Key"] = key
        while time.monotonic() < deadline:
            try:
                answer = httpx2.request(
                    method, self._url + path, json=body, headers=fixed | headers, timeout=10
                )
            except httpx2.TransportError:
                time.sleep(0.02)
                continue
            if answer.status_code != 503:
                return answer
            time.sleep(0.05)
        raise AssertionError(f"{method} {path}: nobody answers")

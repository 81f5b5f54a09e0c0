"""Stopping what runs: a request before it has begun is lost, so it is repeated."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

POLL_SECONDS = 0.05
"""How often it is looked whether a stop is wished, and asked for again."""


class Watchman:
    """Stops what runs within its block once a stop is wished, again and again until it has.

    Parameters
    ----------
    stop
        The wish; None = there will be none.
    halt
        Asks what runs to stop; from another thread.
    """

    def __init__(self, stop: Event | None, halt: Callable[[], object]) -> None:
        self._stop, self._halt = stop, halt
        self._done = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> None:
        if self._stop is not None:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        if self._stop is not None:
            self._thread.join()

    def _watch(self) -> None:
        assert self._stop is not None, "else nobody watches"
        while not self._done.wait(POLL_SECONDS):
            if self._stop.is_set():
                self._halt()

"""How a process talks with the worker that started it, while it works."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from scheduler.watch import Stop

LOOK_SECONDS = 0.1
"""How often it is looked whether a stop is wished."""

Tell = Callable[[str, Any], None]


@dataclass(frozen=True, slots=True)
class Desk:
    """How a process talks: what it tells, what it hears, and the wish to stop."""

    tell: Tell
    heard: SimpleQueue[bytes]
    stop: Stop

    def hear(self) -> dict[str, Any] | None:
        """Return what is said next; None once a stop is wished."""
        while not self.stop.requested:
            try:
                line: dict[str, Any] = json.loads(self.heard.get(timeout=LOOK_SECONDS))
            except Empty:
                continue
            return line
        return None

    def meanwhile(self) -> Iterator[dict[str, Any]]:
        """Yield what has been said by now, without waiting for more."""
        while not self.heard.empty():
            yield json.loads(self.heard.get())

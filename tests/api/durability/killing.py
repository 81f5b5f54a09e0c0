"""Processes of the service, begun and killed at random moments while somebody sends to them."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from tests.api.durability.sending import Sender
from tests.api.running import Site, awaited

SEED = 20_270_115

PAUSE_SECONDS = 0.35


class Nursery:
    """Begins processes of the service, and kills them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.living: dict[str, int] = {}

    def begin(self, what: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        self.living[what] = int(self._process.stdout.readline())

    def kill(self, what: str) -> None:
        """Kill a process and wait until it is gone: another one may want its address.

        While the first of its threads is a zombie, others may hold the address yet.
        """
        process = Path(f"/proc/{self.living.pop(what)}")
        os.kill(int(process.name), signal.SIGKILL)
        awaited(lambda: not process.exists())


@contextmanager
def nursery(site: Site) -> Iterator[Nursery]:
    """Begin processes in a site; none is left in the end."""
    with (site.folder / "log.err").open("w") as log, subprocess.Popen(
        [sys.executable, "-m", "tests.api.durability.nursery"],
        cwd=site.folder, env=site.environ, text=True, stderr=log,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        made = Nursery(process)
        try:
            yield made
        finally:
            for what in list(made.living):
                made.kill(what)


def free_port() -> int:
    """Return a port that no client is given by chance while the service is away."""
    for port in range(20_000 + os.getpid() % 5_000, 32_000):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("every port is taken")


def kill_about(made: Nursery, victims: list[str], sender: Sender) -> None:
    """Kill and begin anew in a random order, each time after something new was acknowledged."""
    chance = random.Random(SEED)
    for victim in chance.sample(victims, len(victims)):
        awaited(partial(sender.goes_on, sender.counts), 60)
        time.sleep(chance.random() * PAUSE_SECONDS)
        made.kill(victim)
        made.begin(victim)

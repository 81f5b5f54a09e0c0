"""A worker beside the web process: begun, begun anew when it dies, and never left behind."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Sequence
from subprocess import PIPE, Popen, TimeoutExpired
from threading import Event, Thread
from time import monotonic
from uuid import uuid4

_log = logging.getLogger("rotations.supervision")

STOP_SECONDS = 9.0
"""How long the worker may take to end when asked to; then it is killed."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before a worker that died is begun anew: more each time, until one lives longer."""

LOOK_SECONDS = 0.1


class Supervisor:
    """Keeps a process alive until it is to stop.

    Parameters
    ----------
    command
        What to run; ``--id`` and an id are put after it. It has to end when its standard input
        does, so that it cannot outlive this process, however that one ends.
    stopping
        Set when the process is to end.
    mourn
        Told the id of a process that has died, so that others need not wait to take its work.
    """

    def __init__(
        self, command: Sequence[str], stopping: Event, mourn: Callable[[str], None]
    ) -> None:
        self._command, self._stopping, self._mourn = command, stopping, mourn
        self._thread = Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self) -> None:
        """Wait until the process has ended; `stopping` has been set."""
        self._thread.join()

    def _keep(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            began, id_ = monotonic(), uuid4().hex
            code = self._run(id_)
            if self._stopping.is_set():
                return
            self._mourn(id_)
            pause = FIRST_PAUSE if monotonic() - began > LONGEST_PAUSE else pause
            _log.error("the worker ended with %d, and is begun anew in %.0f s", code, pause)
            self._stopping.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _run(self, id_: str) -> int:
        """Run the process once, under an id, and return how it ended."""
        # Of a session of its own: Ctrl-C is for this process to hear, and to pass on.
        with Popen(  # noqa: S603 - the command is ours
            [*self._command, "--id", id_], stdin=PIPE, start_new_session=True
        ) as process:
            while process.poll() is None and not self._stopping.wait(LOOK_SECONDS):
                pass
            if process.poll() is None:
                process.terminate()
                _await(process)
        return process.returncode


def end_with_parent() -> None:
    """Let this process be told to end, as by SIGTERM, when its standard input ends."""

    def wait() -> None:
        while os.read(0, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=wait, daemon=True).start()


def _await(process: Popen[bytes]) -> None:
    try:
        process.wait(STOP_SECONDS)
    except TimeoutExpired:
        _log.error("the worker did not end, and is killed")
        process.kill()

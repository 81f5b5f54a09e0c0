"""The parent's side: start the process, hear what it says, stop or kill it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from queue import Empty, SimpleQueue
from subprocess import DEVNULL, PIPE, Popen
from threading import Thread
from time import monotonic
from typing import IO, Any

from models.store.plan_events import Told
from models.store.work import Failure, Order, Result

COMMAND = (sys.executable, "-I", "-m", "api.solving")


class SolverProcess:
    """A process that does one piece of work.

    Parameters
    ----------
    order
        What is to be done.
    seconds
        Longest search.
    mebibytes
        Memory of the process.
    command
        What to run; three figures are put after it.

    Attributes
    ----------
    outcome
        What came of it, as soon as it has said so.
    ended
        Whether it has said all it will ever say.
    shares
        What it has said of shares, until somebody takes it away.
    """

    def __init__(
        self, order: Order, *, seconds: float, mebibytes: int, command: Sequence[str] = COMMAND
    ) -> None:
        self.outcome: Result | Failure | None = None
        self.ended = False
        self.shares: list[tuple[str, Any]] = []
        self._ready = self._stopping = False
        self._hurried: Sequence[str] = ()
        document = json.dumps(asdict(order), ensure_ascii=False).encode()
        self._lines: SimpleQueue[Any] = SimpleQueue()
        self._process = Popen(  # noqa: S603 - the command is ours
            [*command, str(seconds), str(mebibytes), str(len(document))],
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env={},
            # A signal from the terminal is for the parent to handle.
            start_new_session=True,
        )
        self._talk = Thread(target=self._talking, args=(document,), daemon=True)
        self._talk.start()

    def heard(self, seconds: float) -> list[Told]:
        """Return what is told of the work within so many seconds, or until the process ends."""
        until = monotonic() + seconds
        told: list[Told] = []
        while not self.ended:
            try:
                line = self._lines.get(timeout=max(0.0, until - monotonic()))
            except Empty:
                break
            match line:
                case {"ready": _}:
                    self._ready = True
                case {"progress": data}:
                    told.append(Told("progress", data))
                case {"incident": data}:
                    told.append(Told("incident", data))
                case {"explained": data}:
                    told.append(Told("explained", data))
                case {"shares": what} | {"wants": what} | {"outcome": what}:
                    self.shares.append((next(iter(line)), what))
                    return told  # somebody waits for an answer
                case {"result": what}:
                    self.outcome = Result(**what)
                case {"failure": what}:
                    self.outcome = Failure(**what)
                case _:
                    self.ended = True
        return told

    def say(self, kind: str, what: Any) -> None:
        """Say something to it: an answer about shares, or whom to explain first."""
        stdin, _ = self._pipes
        with suppress(OSError):
            stdin.write(json.dumps({kind: what}).encode() + b"\n")
            stdin.flush()

    def hurry(self, candidates: Sequence[str]) -> None:
        """Ask to explain these first, where that is news."""
        if self._ready and candidates and candidates != self._hurried:
            self._hurried = candidates
            self.say("first", candidates)

    def stop(self) -> None:
        """Ask to stop and keep what there is: once, and when the process can hear it."""
        if self._ready and not self._stopping:
            self._stopping = True
            self._process.terminate()

    def exit_code(self) -> int:
        """Return how the process ended: its exit code, or minus the number of a signal.

        One that has said its last and lives on, for whatever reason, is killed.
        """
        self._process.kill()
        return self._process.wait()

    def close(self) -> None:
        """Kill what is left of the process."""
        self._process.kill()
        self._process.wait()
        self._talk.join()
        for pipe in self._pipes:
            with suppress(OSError):
                pipe.close()

    @property
    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        assert self._process.stdin is not None, "asked for above"
        assert self._process.stdout is not None, "asked for above"
        return self._process.stdin, self._process.stdout

    def _talking(self, document: bytes) -> None:
        """Hand over the order, then pass on each line; one that makes no sense is the last."""
        stdin, stdout = self._pipes
        with suppress(OSError):
            stdin.write(document)
            stdin.flush()
        with suppress(ValueError):
            for line in stdout:
                self._lines.put(json.loads(line))
        self._lines.put(None)

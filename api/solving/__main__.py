"""The process that makes one plan or study: ``python -m api.solving SECONDS MEBIBYTES BYTES``."""

from __future__ import annotations

import os
import resource
import sys
from queue import SimpleQueue
from threading import Thread

from api.solving import OUT_OF_MEMORY


def main() -> None:
    """Do what the order on standard input says and end the process."""
    seconds, mebibytes, size = sys.argv[1:]
    _limit(resource.RLIMIT_AS, int(mebibytes) * 2**20)
    # What is in memory must not reach a disk.
    _limit(resource.RLIMIT_CORE, 0)
    answers = os.fdopen(os.dup(1), "wb")
    # What a library may print on standard output is no answer.
    os.dup2(2, 1)
    try:
        order = sys.stdin.buffer.read(int(size))
        heard: SimpleQueue[bytes] = SimpleQueue()
        Thread(target=_hear, args=(heard,), daemon=True).start()
        from api.solving.child import answer

        answer(order, float(seconds), answers, heard)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    os._exit(0)


def _limit(what: int, size: int) -> None:
    """Lower a limit of this process; one that is lower stays."""
    _, hard = resource.getrlimit(what)
    lowest = size if hard == resource.RLIM_INFINITY else min(size, hard)
    resource.setrlimit(what, (lowest, lowest))


def _hear(heard: SimpleQueue[bytes]) -> None:
    """Pass on lines until the end of standard input: the parent keeps it open while it lives."""
    for line in sys.stdin.buffer:
        heard.put(line)
    os._exit(1)


if __name__ == "__main__":
    main()

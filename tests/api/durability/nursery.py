"""Web and worker processes that begin at once: forked from one that has everything imported.

``python -m tests.api.durability.nursery`` reads lines, ``web PORT`` or ``worker``, and answers each
with the id of the process that it has begun. The processes end with it only if they are killed.
"""

from __future__ import annotations

import os
import signal
import sys

from api.running.logs import configure
from api.running.opening import open_database
from api.running.serving import assembled, listening, serve
from api.running.worker import run_worker
from api.settings import Settings


def run(words: list[str]) -> None:
    """Be a process of the service."""
    configure()
    settings = Settings()
    if words[0] == "worker":
        run_worker(settings)
    else:
        service = assembled(settings, open_database(settings))
        serve(service, listening("127.0.0.1", int(words[1])))


def main() -> None:
    """Begin what is asked for, until nobody asks any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that are killed
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            sys.stdin.close()
            run(line.split())
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

"""Several things worked out at once, each in a process of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from threading import Thread

from scheduler.planner import plan_round
from scheduler.plans import Plan
from scheduler.rounds import Round


def planned(rounds: Sequence[Round], jobs: int | None = None) -> list[Plan]:
    """Return the proven plan of each round.

    Parameters
    ----------
    jobs
        How many are planned at once; None = as many as there are cores.

    Raises
    ------
    RotationsError
        Of the first round that cannot be planned; the others are given up.
    KeyboardInterrupt
        On an interruption; the processes are ended.
    """
    if not rounds:
        return []
    workers = min(len(rounds), jobs or os.cpu_count() or 1)
    with processes(workers) as pool:
        return list(pool.map(plan_round, rounds))


@contextmanager
def processes(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Give so many processes to work in; where the block is left by an exception they are ended."""
    pool = ProcessPoolExecutor(workers, get_context("spawn"), prepare)
    try:
        yield pool
    except BaseException:
        for child in active_children():
            child.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def prepare() -> None:
    """Leave interruptions to the parent, and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

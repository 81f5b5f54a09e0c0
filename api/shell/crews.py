"""Shares of one large round worked out at once, each in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Thread
from time import monotonic

from api.shell.planning import prepare
from scheduler.exact import exact
from scheduler.ground import Ground
from scheduler.rounds import Round
from scheduler.shares import Alone, Outcome, Own, Share, beside_the_largest
from scheduler.watch import Stop, Watch

WORTH = 100
"""Candidates beside the largest share for whom processes, a second each to start, pay."""

LOOK_SECONDS = 0.1
"""How often it is looked whether a stop is wished."""


class Processes:
    """Works out shares of a round in processes, which start when there is enough to do.

    A share whose process dies, and what waits for a process when a stop is wished, is worked out
    in this one.

    Parameters
    ----------
    jobs
        How many processes; None = as many as there are cores.
    stop
        The wish to stop and keep the best plan.
    """

    def __init__(self, round_: Round, jobs: int | None, stop: Stop) -> None:
        self.hands = jobs or os.cpu_count() or 1
        self._round, self._stop = round_, stop
        self._pool: ProcessPoolExecutor | None = None
        self._context = get_context("spawn")
        # Not an event, which waits until all have heard of it: some may be dead.
        self._hearing, self._telling = self._context.Pipe(duplex=False)

    def outcomes(self, shares: Sequence[Share], own: Own) -> Iterator[tuple[int, Outcome]]:
        """Yield the place of each share and its outcome, as they come in."""
        if not self._pays(shares):
            yield from Alone().outcomes(shares, own)
            return
        pool = self._started()
        try:
            places = {pool.submit(_worked_out, share): n for n, share in enumerate(shares)}
        except BrokenExecutor:
            places = {Future(): n for n in range(len(shares))}
            for never in places:
                never.set_exception(BrokenExecutor())
        for future in self._ended(places):
            place = places[future]
            lost = future.cancelled() or isinstance(future.exception(), BrokenExecutor)
            yield place, own(shares[place]) if lost else future.result()

    def close(self) -> None:
        """End the processes."""
        self._telling.close()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._hearing.close()

    def _pays(self, shares: Sequence[Share]) -> bool:
        if self.hands == 1 or self._stop.requested:
            return False
        return self._pool is not None or beside_the_largest(shares) >= WORTH

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            given = (self._round.extract(), self._hearing)
            self._pool = ProcessPoolExecutor(self.hands, self._context, _begin, given)
        return self._pool

    def _ended(self, places: dict[Future[Outcome], int]) -> Iterator[Future[Outcome]]:
        """Yield what has ended, or need not begin."""
        left = set(places)
        while left:
            ended, left = wait(left, LOOK_SECONDS, FIRST_COMPLETED)
            if self._stop.requested and not self._telling.closed:
                self._telling.close()
                for future in left:
                    future.cancel()
            yield from ended


class _Bench:
    """What a process has at hand: the round, and the wish to stop."""

    ground: Ground
    stop: Stop


def _begin(round_: Round, hearing: Connection) -> None:
    """Take the round, which is the same for all shares."""
    prepare()
    _Bench.ground, _Bench.stop = Ground(round_, exact), Stop()

    def listen() -> None:
        with suppress(EOFError):
            hearing.recv_bytes()
        _Bench.stop.request()

    Thread(target=listen, daemon=True).start()


def _worked_out(share: Share) -> Outcome:
    watch = Watch(clock=monotonic, stop=_Bench.stop)
    return _Bench.ground.outcome(share, watch, lambda _: None)

"""Shares of one large round worked out at once, each in a process of its own."""

from __future__ import annotations

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
from scheduler.shares import Outcome, Own, Share
from scheduler.watch import Stop, Watch

LOOK_SECONDS = 0.1
"""How often it is looked whether a stop is wished."""


class Pool:
    """Works out shares of a round in processes.

    A share whose process dies, and what waits for a process when a stop is wished, is worked out
    in this one.

    Parameters
    ----------
    hands
        How many processes.
    stop
        The wish to stop and keep the best plan.
    """

    def __init__(self, round_: Round, hands: int, stop: Stop) -> None:
        self.hands, self._stop = hands, stop
        context = get_context("spawn")
        # Not an event, which waits until all have heard of it: some may be dead.
        self._hearing, self._telling = context.Pipe(duplex=False)
        given = (round_.extract(), self._hearing)
        self._executor = ProcessPoolExecutor(hands, context, _begin, given)

    def outcomes(self, shares: Sequence[Share], own: Own) -> Iterator[tuple[int, Outcome]]:
        """Yield the place of each share and its outcome, as they come in."""
        try:
            places = {self._executor.submit(_worked_out, each): n for n, each in enumerate(shares)}
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
        self._executor.shutdown(cancel_futures=True)
        self._hearing.close()

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

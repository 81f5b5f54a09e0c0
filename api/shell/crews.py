"""Who works out the shares of one large round: processes, where they pay."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from scheduler.rounds import Round
from scheduler.shares import Alone, Outcome, Own, Share, beside_the_largest
from scheduler.watch import Stop

if TYPE_CHECKING:
    from api.shell.pools import Pool

WORTH = 100
"""Candidates beside the largest share for whom processes, a second each to start, pay."""


class Processes:
    """Works out shares of a round in processes, which start when there is enough to do.

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
        self._pool: Pool | None = None

    def outcomes(self, shares: Sequence[Share], own: Own) -> Iterator[tuple[int, Outcome]]:
        """Yield the place of each share and its outcome, as they come in."""
        crew = self._started() if self._pays(shares) else Alone()
        yield from crew.outcomes(shares, own)

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.close()

    def _pays(self, shares: Sequence[Share]) -> bool:
        if self.hands == 1 or self._stop.requested:
            return False
        return self._pool is not None or beside_the_largest(shares) >= WORTH

    def _started(self) -> Pool:
        if self._pool is None:
            from api.shell.pools import Pool  # most rounds are small: they start no processes

            self._pool = Pool(self._round, self.hands, self._stop)
        return self._pool

"""The process's side of shares: it offers them, takes one at a time, and hears of the others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from time import monotonic
from typing import Any

from api.solving.desk import Desk
from scheduler.canonical import encode
from scheduler.exact import exact
from scheduler.ground import Ground
from scheduler.rounds import Round
from scheduler.shares import Outcome, Own, Share, beside_the_largest
from scheduler.watch import Limits, Watch

WORTH = 100
"""Candidates beside the largest share for whom a process that reads the round anew pays."""


class Sharing:
    """Lets others work out shares, and works out whatever is open itself."""

    hands = 1
    """Nobody knows how many will come."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def outcomes(self, shares: Sequence[Share], own: Own) -> Iterator[tuple[int, Outcome]]:
        """Yield the place of each share and its outcome, as they come in."""
        left = dict(enumerate(shares))
        if beside_the_largest(shares) >= WORTH:
            for place, outcome in self._shared(left, own):
                if left.pop(place, None) is not None:
                    yield place, outcome
        for place, share in left.items():
            yield place, own(share)

    def _shared(self, left: dict[int, Share], own: Own) -> Iterator[tuple[int, Outcome]]:
        """Yield outcomes until none is left, or a stop is wished."""
        tell = self._desk.tell
        tell("shares", [_asked(share) for share in left.values()])
        waits = False
        while left:
            if not waits:
                tell("wants", True)
                waits = True
            match self._desk.hear():
                case {"share": {"place": place}} if place in left:
                    waits, outcome = False, own(left[place])
                    if not self._desk.stop.requested:
                        tell("outcome", asdict(outcome))
                    yield place, outcome
                case {"outcomes": outcomes}:
                    for place, content in outcomes:
                        yield place, Outcome.of(json.loads(content))
                case _:
                    return


def help_out(round_: Round, desk: Desk) -> None:
    """Work out shares of a round for as long as there are any: the process is ended then."""
    ground = Ground(round_, exact)
    watch = Watch(clock=monotonic, stop=desk.stop)
    desk.tell("wants", True)
    while (said := desk.hear()) is not None:
        given = said["share"]
        share = Share.of(json.loads(given["asked"]) | {"limits": {"seconds": given["seconds"]}})
        desk.tell("outcome", asdict(ground.outcome(share, watch, lambda _: None)))
        desk.tell("wants", True)


def _asked(share: Share) -> dict[str, Any]:
    """Return a share to be handed on; what is asked does not hang on the time that is left."""
    plain = asdict(replace(share, limits=Limits()))
    del plain["limits"]
    return {"asked": encode(plain).decode(), "seconds": share.limits.seconds}

"""The worker's side of shares: between the process that works and the rows that all workers see."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from secrets import token_hex
from time import monotonic
from typing import Any

from sqlmodel import Session

from api.solving.jobs import Jobs
from api.solving.process import SolverProcess
from models.database import Database
from models.scope import EVERYTHING
from models.store.shares import Offered, Taken, bring, brought, let_go, offer, take
from models.store.work import Lease, LostLease
from models.store.workers import seen

PART = "."
"""What parts the id of a plan from that of a call for help with it."""


@dataclass(kw_only=True)
class Joining:
    """Gives a process one share after the other, and keeps what comes of them.

    Attributes
    ----------
    worker
        Id of the worker whose process it is.
    plan
        Id of the plan.
    lease
        Of the plan, for the process that makes it; None = it helps.
    attempts
        A helper leaves what was begun so often to the holder; None = it takes that, too.
    """

    database: Database
    worker: str
    plan: str
    process: SolverProcess
    lease: Lease | None = None
    attempts: int | None = None
    _wants: bool = False
    _since: float = field(default_factory=monotonic)
    _taken: Taken | None = None
    _numbers: list[int] = field(default_factory=list)
    _told: set[int] = field(default_factory=set)

    def attend(self) -> None:
        """Do what the process waits for; where the database is away, the next time.

        Raises
        ------
        GivenUp
            The worker counts as dead.
        LostLease
            Another one has begun the plan, or it has ended.
        """
        while self.process.shares:
            match self.process.shares[0]:
                case ("shares", offered):
                    self._offer(offered)
                case ("outcome", outcome):
                    self._bring(outcome)
                case _:
                    self._wants, self._since = True, monotonic()
            self.process.shares.pop(0)
        if self._wants:
            self._serve()

    @property
    def idle(self) -> float:
        """Seconds for which the process has been waiting for a share."""
        return monotonic() - self._since if self._wants else 0.0

    @property
    def overtime(self) -> float:
        """Seconds for which the share in hand has lasted beyond one and a half times its limit."""
        limit = self._taken.offered.seconds if self._taken else None
        return 0.0 if limit is None else monotonic() - self._since - 1.5 * limit

    def leave(self) -> None:
        """Leave what is in hand to others."""
        if self._taken is not None:
            with suppress(LostLease), self.database.writing(EVERYTHING) as session:
                let_go(session, self._taken)
            self._taken = None

    def _offer(self, shares: Sequence[Mapping[str, Any]]) -> None:
        """Let all workers know of shares: those who are there, or one who will come."""
        assert self.lease is not None, "who helps has nothing to offer"
        with self.database.writing(EVERYTHING) as session:
            self._numbers = offer(session, self.lease, [Offered(**each) for each in shares])
            self._call(session, min(len(seen(session)), len(shares)) - 1)
        # What it still waited for came from others.
        self._wants = False
        self._told.clear()

    def _call(self, session: Session, helpers: int) -> None:
        for _ in range(max(helpers, 1)):
            Jobs(self.database).enqueue(session, f"{self.plan}{PART}{token_hex(8)}")

    def _bring(self, outcome: Mapping[str, Any]) -> None:
        if self._taken is not None:
            self._told.add(self._taken.number)
            with suppress(LostLease), self.database.writing(EVERYTHING) as session:
                bring(session, self._taken, json.dumps(outcome))
            self._taken = None

    def _serve(self) -> None:
        """Tell what others have brought, and hand over an open share."""
        if self.lease is not None:
            with self.database.reading(EVERYTHING) as session:
                found = brought(session, self.plan, {*self._numbers} - self._told)
            self._told |= found.keys()
            if found:
                news = [(self._numbers.index(number), each) for number, each in found.items()]
                self.process.say("outcomes", news)
        with self.database.writing(EVERYTHING) as session:
            self._taken = take(session, self.plan, self.worker, self.attempts)
        if self._taken is not None:
            self._wants, self._since = False, monotonic()
            self.process.say("share", self._described(self._taken))

    def _described(self, taken: Taken) -> Mapping[str, Any]:
        if self.lease is not None:
            return {"place": self._numbers.index(taken.number)}
        return {"asked": taken.offered.asked, "seconds": taken.offered.seconds}

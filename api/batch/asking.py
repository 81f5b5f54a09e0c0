"""Plans that are asked for because a round has none; of several who ask at once, one does."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from api.solving.jobs import Jobs
from models.database import Database
from models.scope import Scope
from models.store import rounds
from models.store.audit import About, Told, append
from models.store.batches import positions
from models.store.plans import MOST_UNFINISHED, unfinished
from models.store.solves import ask

AUTHOR = "rotations batch"
"""Who has asked for the plans, where a person is told."""


@dataclass
class Asking:
    """Asks for plans of the rounds in a scope.

    Attributes
    ----------
    seconds
        Longest search of each, in seconds; None = as the service is set.
    asked
        The plans asked for.
    """

    database: Database
    scope: Scope
    clock: Callable[[], datetime]
    seconds: float | None = None
    asked: set[str] = field(default_factory=set)

    def is_waiting(self) -> bool:
        """Ask for every plan that is wanting; tell whether some round still has to wait for one."""
        jobs = Jobs(self.database)
        for round_id in self._wanting():
            with self.database.writing(self.scope) as session:
                plan = asked_plan(
                    session, jobs, round_id, self.asked, seconds=self.seconds, now=self.clock()
                )
            if plan is not None:
                self.asked.add(plan)
        with self.database.reading(self.scope) as session:
            return any(each.waits or each.wants(self.asked) for each in positions(session))

    def _wanting(self) -> list[str]:
        with self.database.reading(self.scope) as session:
            return [each.round for each in positions(session) if each.wants(self.asked)]


def asked_plan(
    session: Session,
    jobs: Jobs,
    round_id: str,
    asked: Collection[str],
    *,
    seconds: float | None,
    now: datetime,
) -> str | None:
    """Ask for a plan of a round that wants one; return its id, None where nothing was asked.

    Parameters
    ----------
    asked
        Plans asked for before: where one of them failed, it is not tried again.
    """
    row = rounds.taken(session, round_id)
    if row is None or not any(each.wants(asked) for each in positions(session, round_id)):
        return None
    if unfinished(session, round_id) >= MOST_UNFINISHED:
        return None
    snapshot = rounds.snapshot(session, round_id)
    assert snapshot is not None, "a locked round is frozen"
    plan = ask(session, snapshot, seconds, author=AUTHOR, now=now)
    jobs.enqueue(session, plan.id)
    enter(session, "change", now, round_id, plan.id)
    return plan.id


def enter(session: Session, action: str, now: datetime, round_id: str, plan: str) -> None:
    """Enter into the audit what a batch does to a round, or takes out of it."""
    about = About(round=round_id, plan=plan)
    told = Told(at=now, actor=AUTHOR, operation="batch", action=action, about=about)
    append(session, [told])

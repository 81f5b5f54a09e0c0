"""Scenarios side by side with the round as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from data.documents import read_plan, read_round
from data.exports.comparisons import Compared
from data.forms.plan_records import plan_record
from data.scenarios import changed_round, read_scenario
from models.store.plans import best_proven
from models.tables import Plan, Snapshot, Study
from scheduler.comparison import Side
from scheduler.rounds import Round


@dataclass(frozen=True, slots=True)
class Beside:
    """A round's document, the plan of it that proves most, and completed scenarios of it."""

    round: Snapshot
    base: Plan
    scenarios: Sequence[Study]

    def compared(self) -> Compared:
        """Return the round as it is and under each scenario; it takes time, and no database."""
        round_ = read_round(self.round.content.encode())
        changed = [changed_round(round_, read_scenario(r.asked.encode())) for r in self.scenarios]
        sides = [_side(round_, self.base), *map(_side, changed, self.scenarios)]
        return Compared([None, *(row.name for row in self.scenarios)], sides)


def _side(round_: Round, row: Plan | Study) -> Side:
    assert row.content is not None, "it is completed"
    return Side(round_, plan_record(read_plan(row.content.encode())))


def beside(session: Session, snapshot: Snapshot, scenarios: Sequence[Study]) -> Beside | None:
    """Return what there is to compare; None while the round as it is has no plan."""
    base = best_proven(session, snapshot.id)
    return None if base is None else Beside(snapshot, base, scenarios)

"""Which rows a session may see: decided once, and then part of every query.

Rows about people and rounds are filtered by the session itself, so no query can forget to. What
every party may read (organisations, sites, units, municipalities, agreements, windows, policies) is
not filtered; who may change it is asked with `Scope.owns_unit` and its like. Another's row and a
missing one are the same: no row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, event, false, or_, true
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlmodel import Session, SQLModel, col, select

from models.tables import (
    Agreement,
    Commitment,
    Grant,
    Municipality,
    Organisation,
    Participation,
    Plan,
    PlanEvent,
    Round,
    Site,
    Snapshot,
    Standing,
    Submission,
    Supervisor,
    Transition,
    Unit,
)

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What somebody may reach: by organisation, unit, municipality or candidate.

    Attributes
    ----------
    everything
        No limit; for the service's own work.
    organisations
        Numbers of planning organisations; a region (RHF) covers its trusts.
    units, municipalities
        Ids and numbers.
    candidates
        Pairs of municipality and candidate.
    """

    everything: bool = False
    organisations: frozenset[str] = field(default_factory=frozenset)
    units: frozenset[str] = field(default_factory=frozenset)
    municipalities: frozenset[str] = field(default_factory=frozenset)
    candidates: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def owns_organisation(self, number: Any) -> Condition:
        """Condition: the organisation of this number, or its region, is in reach."""
        if self.everything:
            return true()
        covered = select(col(Organisation.number)).where(
            or_(
                col(Organisation.number).in_(self.organisations),
                col(Organisation.parent).in_(self.organisations),
            )
        )
        return or_(col(number).in_(self.organisations), col(number).in_(covered))

    def owns_site(self, site: Any) -> Condition:
        """Condition: the site belongs to an organisation in reach."""
        covered = select(col(Site.id)).where(self.owns_organisation(Site.organisation))
        return true() if self.everything else col(site).in_(covered)

    def owns_unit(self, unit: Any) -> Condition:
        """Condition: the unit is in reach, by itself or by its organisation."""
        if self.everything:
            return true()
        covered = select(col(Unit.id)).where(self.owns_site(Unit.site))
        return or_(col(unit).in_(self.units), col(unit).in_(covered))

    def owns_municipality(self, number: Any) -> Condition:
        """Condition: the municipality is in reach, by itself or by who keeps its record."""
        if self.everything:
            return true()
        kept = select(col(Municipality.number)).where(
            self.owns_organisation(Municipality.organisation)
        )
        return or_(col(number).in_(self.municipalities), col(number).in_(kept))

    @property
    def parties(self) -> frozenset[str]:
        """Municipalities whose part in a round is in reach, in whole or for one candidate."""
        return self.municipalities | {municipality for municipality, _ in self.candidates}


EVERYTHING = Scope(everything=True)
NOTHING = Scope()

_KEY = "scope"


def confine(session: Session, scope: Scope) -> None:
    """Let a session see the rows in `scope` only."""
    session.info[_KEY] = scope


def scope_of(session: Session) -> Scope:
    """Return what a session may see; nothing, where nobody said."""
    scope: Scope = session.info.get(_KEY, NOTHING)
    return scope


UNCONFINED = {"rotations_unconfined": True}
"""Execution options of a query that must see every row: its caller shows only what is in scope."""


@event.listens_for(Session, "do_orm_execute")
def _confined(state: ORMExecuteState) -> None:
    """Add each private table's condition to whatever is asked, changed or deleted."""
    scope: Scope = state.session.info.get(_KEY, NOTHING)
    if scope.everything or state.execution_options.get("rotations_unconfined"):
        return
    state.statement = state.statement.options(
        *(
            with_loader_criteria(
                table, condition, include_aliases=True, track_closure_variables=False
            )
            for table, condition in conditions(scope)
        )
    )


def conditions(scope: Scope) -> list[tuple[type[SQLModel], Condition]]:
    """Return the condition of every private table."""
    own = _own_rounds(scope)
    seen = _seen_rounds(scope)
    rounds = or_(own, seen)
    plans = or_(
        col(Plan.round).in_(_rounds(own)),
        col(Plan.published_at).is_not(None) & col(Plan.round).in_(_rounds(seen)),
    )
    mine = col(Submission.municipality).in_(scope.municipalities)
    return [
        (Round, rounds),
        (Participation, _part(Participation, own, scope.parties)),
        (Transition, col(Transition.round).in_(_rounds(rounds))),
        (Submission, or_(mine, col(Submission.round).in_(_rounds(own)))),
        (Standing, _part(Standing, own, scope.municipalities)),
        (Commitment, col(Commitment.round).in_(_rounds(own))),
        (Snapshot, col(Snapshot.round).in_(_rounds(own))),
        (Plan, plans),
        (PlanEvent, col(PlanEvent.plan).in_(select(col(Plan.id)).where(plans))),
        (Supervisor, _supervisors(scope)),
        (Grant, scope.owns_organisation(Grant.organisation)),
    ]


def _own_rounds(scope: Scope) -> Condition:
    """Rounds that an organisation in reach plans."""
    return scope.owns_organisation(Round.organisation) if scope.organisations else false()


def _seen_rounds(scope: Scope) -> Condition:
    """Rounds in which a municipality in reach takes part, or that plan a unit in reach."""
    part = select(col(Participation.round)).where(
        col(Participation.municipality).in_(scope.parties)
    )
    trusts = (
        select(col(Site.organisation))
        .join(Unit, col(Unit.site) == col(Site.id))
        .where(col(Unit.id).in_(scope.units))
    )
    regions = select(col(Organisation.parent)).where(col(Organisation.number).in_(trusts))
    return or_(
        col(Round.id).in_(part) & (col(Round.state) != "draft"),
        col(Round.organisation).in_(trusts),
        col(Round.organisation).in_(regions),
    )


def _rounds(condition: Condition) -> Any:
    return select(col(Round.id)).where(condition)


def _part(table: Any, own: Condition, municipalities: frozenset[str]) -> Condition:
    """Rows of a round in reach, or of a municipality in reach."""
    return or_(
        col(table.round).in_(_rounds(own)),
        col(table.municipality).in_(municipalities),
    )


def _supervisors(scope: Scope) -> Condition:
    """Supervisors of a municipality in reach, or of one in agreement with a trust in reach."""
    trusts = scope.owns_organisation(Agreement.organisation)
    agreed = select(col(Agreement.municipality)).where(trusts)
    by_trust = col(Supervisor.municipality).in_(agreed) if scope.organisations else false()
    return or_(scope.owns_municipality(Supervisor.municipality), by_trust)

"""Which rows a session may see: decided once, and then part of every query.

Rows about people and rounds are filtered by the session itself, so no query can forget to. What
every party may read (organisations, sites, units, municipalities, agreements, windows, policies) is
not filtered; who may change it is asked with `Scope.owns_unit` and its like. Another's row and a
missing one are the same: no row.

Held against the scope is what is read, changed or deleted by a statement on the classes of
`models.tables`, however deep in it. Any other statement is refused, unless everything is in reach.
What is added is not asked about here: the caller must.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, event, false, or_, select, true
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.sql.base import ExecutableOption
from sqlmodel import Session, SQLModel, col

from models.tables import (
    METADATA,
    AuditEntry,
    AuditReason,
    Commitment,
    Explained,
    Grant,
    IdempotencyKey,
    Notice,
    Offer,
    Participation,
    Placement,
    PlacementStep,
    Plan,
    PlanEvent,
    Publication,
    Round,
    Share,
    SignedIn,
    SignInLink,
    Snapshot,
    Standing,
    Study,
    Submission,
    Supervisor,
    Transition,
    Webhook,
)

Condition = ColumnElement[bool]

# Conditions look things up in the plain tables: a lookup in a class would be confined in its turn.
_AUDIT = METADATA.tables["audit"].c
_SUBMISSIONS = METADATA.tables["submissions"].c
_MUNICIPALITIES = METADATA.tables["municipalities"].c
_ORGANISATIONS = METADATA.tables["organisations"].c
_PARTICIPATIONS = METADATA.tables["participations"].c
_PLACEMENTS = METADATA.tables["placements"].c
_PLANS = METADATA.tables["plans"].c
_ROUNDS = METADATA.tables["rounds"].c
_SITES = METADATA.tables["sites"].c
_STUDIES = METADATA.tables["studies"].c
_UNITS = METADATA.tables["units"].c


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
        covered = _lookup(_ORGANISATIONS.number, _among(_ORGANISATIONS.parent, self.organisations))
        return or_(_among(number, self.organisations), _in(number, covered, self.organisations))

    def owns_site(self, site: Any) -> Condition:
        """Condition: the site belongs to an organisation in reach."""
        if self.everything:
            return true()
        covered = _lookup(_SITES.id, self.owns_organisation(_SITES.organisation))
        return _in(site, covered, self.organisations)

    def owns_unit(self, unit: Any) -> Condition:
        """Condition: the unit is in reach, by itself or by its organisation."""
        if self.everything:
            return true()
        covered = _lookup(_UNITS.id, self.owns_site(_UNITS.site))
        return or_(_among(unit, self.units), _in(unit, covered, self.organisations))

    def owns_municipality(self, number: Any) -> Condition:
        """Condition: the municipality is in reach, by itself or by who keeps its record."""
        if self.everything:
            return true()
        kept = _lookup(_MUNICIPALITIES.number, self.owns_organisation(_MUNICIPALITIES.organisation))
        return or_(_among(number, self.municipalities), _in(number, kept, self.organisations))

    @property
    def parties(self) -> frozenset[str]:
        """Municipalities whose part in a round is in reach, in whole or for one candidate."""
        return self.municipalities | {municipality for municipality, _ in self.candidates}


EVERYTHING = Scope(everything=True)
NOTHING = Scope()

_KEY = "scope"

UNCONFINED = {"rotations_unconfined": True}
"""Execution options of a query that must see every row: its caller shows only what is in scope."""


class Unconfinable(Exception):
    """A statement that no scope can be part of: a text, a plain table, rows into rows."""


def confine(session: Session, scope: Scope) -> None:
    """Let a session see the rows in `scope` only."""
    session.info[_KEY] = scope


def scope_of(session: Session) -> Scope:
    """Return what a session may see; nothing, where nobody said."""
    scope: Scope = session.info.get(_KEY, NOTHING)
    return scope


@event.listens_for(Session, "do_orm_execute")
def _confined(state: ORMExecuteState) -> None:
    """Add each private table's condition to whatever is asked, changed or deleted."""
    scope = scope_of(state.session)  # type: ignore[arg-type] # listened for on SQLModel's class
    if scope.everything or state.execution_options.get("rotations_unconfined"):
        return
    if not state.is_orm_statement or state.is_from_statement or _reads_to_insert(state):
        raise Unconfinable(type(state.statement).__name__)
    state.statement = state.statement.options(*_criteria(scope))


def _reads_to_insert(state: ORMExecuteState) -> bool:
    return state.is_insert and getattr(state.statement, "select", None) is not None


@lru_cache(maxsize=256)
def _criteria(scope: Scope) -> tuple[ExecutableOption, ...]:
    """Return the conditions as options of a statement; the same people come again and again."""
    return tuple(
        with_loader_criteria(table, condition, include_aliases=True)
        for table, condition in conditions(scope)
    )


def conditions(scope: Scope) -> list[tuple[type[SQLModel], Condition]]:
    """Return the condition of every private table."""
    own, seen = _own_rounds(scope), _seen_rounds(scope)
    by_own, by_seen = _lookup(_ROUNDS.id, own), _lookup(_ROUNDS.id, seen)
    rounds = _lookup(_ROUNDS.id, or_(own, seen))
    by_plan = _lookup(_PLANS.id, _plan(_PLANS, scope, by_own, by_seen))
    by_study = _lookup(_STUDIES.id, _study(_STUDIES, scope, by_own, by_plan))
    by_placement = _lookup(_PLACEMENTS.id, _offered(_PLACEMENTS, scope, by_own))
    by_entry = _lookup(_AUDIT.number, scope.owns_organisation(_AUDIT.organisation))
    return [
        (Round, or_(own, seen)),
        (Transition, col(Transition.round).in_(rounds)),
        (Participation, _part(Participation, scope.parties, scope, by_own, by_seen)),
        (Submission, _part(Submission, scope.municipalities, scope, by_own, by_seen)),
        (Standing, _part(Standing, scope.municipalities, scope, by_own, by_seen)),
        (Commitment, _in(Commitment.round, by_own, scope.organisations)),
        (Snapshot, _in(Snapshot.round, by_own, scope.organisations)),
        (Plan, _plan(Plan, scope, by_own, by_seen)),
        (PlanEvent, col(PlanEvent.plan).in_(by_plan)),
        (Study, _study(Study, scope, by_own, by_plan)),
        (Explained, _explained(scope, by_own, by_study)),
        (Publication, col(Publication.round).in_(rounds)),
        (Offer, _offered(Offer, scope, by_own)),
        (Placement, _offered(Placement, scope, by_own)),
        (PlacementStep, col(PlacementStep.placement).in_(by_placement)),
        (AuditEntry, scope.owns_organisation(AuditEntry.organisation)),
        (AuditReason, col(AuditReason.number).in_(by_entry)),
        (Notice, _of_party(Notice, scope)),
        (Webhook, _of_party(Webhook, scope)),
        (Supervisor, _supervisors(scope)),
        (Grant, scope.owns_organisation(Grant.organisation)),
        (Share, false()),
        (SignedIn, false()),
        (SignInLink, false()),
        (IdempotencyKey, false()),
    ]


def _part(
    table: Any,
    municipalities: frozenset[str],
    scope: Scope,
    by_own: Select[Any],
    by_seen: Select[Any],
) -> Condition:
    """In own rounds; of a round that is seen, what these municipalities have in it."""
    mine = _among(table.municipality, municipalities) & col(table.round).in_(by_seen)
    return or_(_in(table.round, by_own, scope.organisations), mine)


def _plan(table: Any, scope: Scope, by_own: Select[Any], by_seen: Select[Any]) -> Condition:
    """In own rounds; of a round that is seen, what is published."""
    published = col(table.published_at).is_not(None) & col(table.round).in_(by_seen)
    return or_(_in(table.round, by_own, scope.organisations), published)


def _study(table: Any, scope: Scope, by_own: Select[Any], by_plan: Select[Any]) -> Condition:
    """In own rounds; to parties, of a plan that they see."""
    explained = _in(table.plan, by_plan, scope.parties)
    return or_(_in(table.round, by_own, scope.organisations), explained)


def _offered(table: Any, scope: Scope, by_own: Select[Any]) -> Condition:
    """To a candidate in reach, or of such a municipality, or in such a unit, or in such a round.

    Whoever reaches an offer by the unit of one part is shown that part (`offers.seats_seen`).
    What an imported round calls a unit may be another's name elsewhere: its own rounds count.
    """
    by_host = _lookup(_ROUNDS.id, _host_rounds(scope))
    units = [table.unit, table.then_unit] if table is Offer else [table.unit]
    return or_(
        _in(table.round, by_own, scope.organisations),
        or_(*(_among(unit, scope.units) for unit in units)) & col(table.round).in_(by_host),
        _hers(table, scope),
    )


def _explained(scope: Scope, by_own: Select[Any], by_study: Select[Any]) -> Condition:
    """Explanations in own rounds; of a published plan, those of a candidate in reach."""
    own = _lookup(_STUDIES.id, _in(_STUDIES.round, by_own, scope.organisations))
    hers = _hers(Explained, scope) & col(Explained.study).in_(by_study)
    return or_(_in(Explained.study, own, scope.organisations), hers)


def _hers(table: Any, scope: Scope) -> Condition:
    own = ((table.municipality == m) & (table.candidate == c) for m, c in sorted(scope.candidates))
    return or_(_among(table.municipality, scope.municipalities), *own)


def _own_rounds(scope: Scope) -> Condition:
    """Rounds that an organisation in reach plans."""
    return scope.owns_organisation(_ROUNDS.organisation)


def _seen_rounds(scope: Scope) -> Condition:
    """Rounds, once open, with a municipality in reach, or of an organisation with such a unit."""
    part = _lookup(_PARTICIPATIONS.round, _among(_PARTICIPATIONS.municipality, scope.parties))
    invited = or_(_in(_ROUNDS.id, part, scope.parties), _host_rounds(scope))
    return invited & (_ROUNDS.state != "draft")


def _host_rounds(scope: Scope) -> Condition:
    """Rounds of the trust, or of the region, that a unit in reach belongs to."""
    sites = _lookup(_UNITS.site, _among(_UNITS.id, scope.units))
    trusts = _lookup(_SITES.organisation, _SITES.id.in_(sites))
    regions = _lookup(_ORGANISATIONS.parent, _ORGANISATIONS.number.in_(trusts))
    return or_(
        _in(_ROUNDS.organisation, trusts, scope.units),
        _in(_ROUNDS.organisation, regions, scope.units),
    )


def _supervisors(scope: Scope) -> Condition:
    """Supervisors of a municipality in reach, or of one that handed in its list to such a round.

    A late list is the planner's doing, and opens nothing to her.
    """
    own_rounds = _lookup(_ROUNDS.id, _own_rounds(scope))
    own_doing = _SUBMISSIONS.round.in_(own_rounds) & _SUBMISSIONS.late_reason.is_(None)
    handed_in = _lookup(_SUBMISSIONS.municipality, own_doing)
    return or_(
        scope.owns_municipality(Supervisor.municipality),
        _in(Supervisor.municipality, handed_in, scope.organisations),
    )


def _of_party(table: Any, scope: Scope) -> Condition:
    return or_(
        scope.owns_organisation(table.organisation),
        _among(table.municipality, scope.municipalities),
    )


def _among(column: Any, values: frozenset[str]) -> Condition:
    return col(column).in_(values) if values else false()


def _in(column: Any, found: Select[Any], given: frozenset[str]) -> Condition:
    """Condition: the column holds something found, where it was looked up by anything given."""
    return col(column).in_(found) if given else false()


def _lookup(column: Any, condition: Condition) -> Select[Any]:
    return select(column).where(condition)

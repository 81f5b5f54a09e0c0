"""What a batch finds: how far each locked round has come, and why it needs a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from api.batch.lapses import lapses
from data.documents import read_plan, read_round
from data.exports.region import Gap, RoundLine, State
from data.forms.plan_records import plan_record
from models.database import Database
from models.scope import EVERYTHING, Scope
from models.store.batches import newest_plan, positions
from models.store.plans import published
from models.store.sightings import counted, overrides
from models.tables import Plan, Round, Snapshot
from models.tables.tasks import UNFINISHED
from scheduler import plans
from scheduler.errors import InvalidDocument
from scheduler.rounds import Round as Planned
from scheduler.verify import verify_document


@dataclass(frozen=True, slots=True)
class Finding:
    """A round's line, and the plan with its round where there is one that can be read."""

    line: RoundLine
    planned: tuple[Planned, plans.Plan] | None = None


@dataclass(frozen=True, slots=True)
class _Stored:
    """A round as it is stored; `released` = a plan of it is published.

    `overrides` count how often its rules were set aside, by kind.
    """

    row: Round
    snapshot: Snapshot
    plan: Plan | None
    released: bool
    overrides: Mapping[str, int]


def findings(database: Database, scope: Scope, today: date) -> Iterator[Finding]:
    """Yield what is found of each locked round in scope, one by one.

    Parameters
    ----------
    today
        The date in Norway.
    """
    with database.reading(scope) as session:
        found = positions(session)
    for position in found:
        with database.reading(scope) as session:
            stored = _Stored(
                row=session.get_one(Round, position.round),
                snapshot=session.get_one(Snapshot, position.snapshot),
                plan=newest_plan(session, position.snapshot),
                released=published(session, position.round) is not None,
                overrides=counted(overrides(session, position.round)),
            )
        planned = _confirmed(stored) if _state(stored.plan) == "planned" else None
        yield _finding(stored, planned, _lapses(database, stored, planned, today), today)


def _lapses(
    database: Database,
    stored: _Stored,
    planned: tuple[Planned, plans.Plan] | None,
    today: date,
) -> tuple[str, ...]:
    """Return what has happened to a plan since; of parts of its round that are out of scope too."""
    if stored.plan is None or stored.plan.state != "completed":
        return ()
    document = planned[0] if planned else None
    with database.reading(EVERYTHING) as session:
        return tuple(lapses(session, stored.row, stored.plan, document, today))


def _finding(
    stored: _Stored,
    planned: tuple[Planned, plans.Plan] | None,
    lapsed: tuple[str, ...],
    today: date,
) -> Finding:
    row, plan = stored.row, stored.plan
    state = _state(plan)
    needs = (*_needs(plan, state, is_confirmed=planned is not None), *lapsed)
    if row.decision_date < today and not stored.released:
        needs += ("overdue",)
    line = RoundLine(
        round=row.id,
        organisation=row.organisation,
        label=row.label,
        name=row.name,
        decision_date=row.decision_date,
        state=state,
        plan=None if plan is None else plan.id,
        placed=planned[1].placed if planned else None,
        unplaced=len(planned[1].unplaced) if planned else None,
        proven=plan is not None and plan.status == "optimal",
        gap=_gap(planned[1]) if planned else None,
        overrides=stored.overrides,
        incidents=0 if plan is None else plan.incidents,
        failure=None if plan is None else plan.failure,
        needs=needs,
    )
    return Finding(line, planned)


def _needs(plan: Plan | None, state: State, *, is_confirmed: bool) -> Iterator[str]:
    if plan is None or state != "planned":
        yield "refused" if plan and plan.failure == "refused" else state
        return
    if not is_confirmed:
        yield "unverified"
    if plan.status != "optimal":
        yield "unproven"


def _state(plan: Plan | None) -> State:
    if plan is None or plan.state == "cancelled":
        return "unplanned"
    if plan.state in UNFINISHED:
        return "unfinished"
    return "planned" if plan.state == "completed" else "failed"


def _confirmed(stored: _Stored) -> tuple[Planned, plans.Plan] | None:
    """Return round and plan as they are stored; None where the verifier does not confirm them."""
    assert stored.plan is not None
    assert stored.plan.content is not None, "a completed plan has its document"
    try:
        round_ = read_round(stored.snapshot.content.encode())
        document = read_plan(stored.plan.content.encode())
        if not verify_document(round_, document).kept:
            return None
    except InvalidDocument:
        return None
    plan = plan_record(document)
    as_noted = (round_.hash, plan.hash) == (stored.snapshot.hash, stored.plan.hash)
    return (round_, plan) if as_noted else None


def _gap(plan: plans.Plan) -> Gap | None:
    """Return the first tier that is not proven."""
    for tier in plan.tiers:
        if not tier.proven:
            return Gap(tier=tier.tier, level=tier.level, value=tier.value, bound=tier.bound)
    return None

"""The whole way: from a round to a plan that is proven, unique, verified and explained."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.metadata import version

from scheduler import cpsat
from scheduler.accounts import accounts
from scheduler.conflicts import conflicts
from scheduler.errors import RefusedRound, UnverifiedPlan
from scheduler.exact import exact
from scheduler.options import Option
from scheduler.plans import Engine, Placement, Plan, Status
from scheduler.rounds import Round
from scheduler.search import Result, search
from scheduler.shares import Crew
from scheduler.verify import verify_document
from scheduler.watch import Limits, Watch


def plan_round(
    round_: Round,
    limits: Limits | None = None,
    watch: Watch | None = None,
    crew: Crew | None = None,
) -> Plan:
    """Plan a round.

    Parameters
    ----------
    round_
        The round, cross-checked.
    limits
        How long to search; by default until everything is proven.
    watch
        Progress, incidents, clock and stop; by default nobody listens.
    crew
        Who works out shares of a round that has several; by default this process.

    Returns
    -------
    Plan
        The best plan; `optimal` where every tier is proven and no other plan equals it. The
        verifier has judged the document that says ``verified``; where it does not, nobody sees it.

    Raises
    ------
    RefusedRound
        Where the accepted commitments alone break a rule.
    InvalidRound
        Where stays may be divided in too many ways.
    UnverifiedPlan
        Where the verifier does not confirm what the solver found.
    """
    contradictions = conflicts(round_)
    if contradictions:
        raise RefusedRound(contradictions)
    result = search(round_, limits or Limits(), watch or Watch(), exact, (), crew)
    plan = _plan(round_, result)
    verdict = verify_document(round_, plan.document)
    if not verdict.kept:
        raise UnverifiedPlan(tuple(sorted({broken.rule for broken in verdict.broken})))
    return plan


def _plan(round_: Round, result: Result) -> Plan:
    given = (p for o in (*result.chosen, *result.accepted) for p in placements_of(round_, o))
    placements = tuple(sorted(given, key=lambda p: (p.candidate, p.start)))
    unplaced, passed_over = accounts(
        round_, placements, result.lottery_counter, result.status is Status.OPTIMAL
    )
    return Plan(
        round_id=round_.id,
        round_hash=round_.hash,
        status=result.status,
        placements=placements,
        unplaced=unplaced,
        passed_over=passed_over,
        tiers=result.tiers,
        engine=_engine(),
        lottery_counter=result.lottery_counter,
        verified=True,
    )


@cache
def _engine() -> Engine:
    """Return what plans; to look its version up takes as long as to verify a small plan."""
    return Engine(version("rotations"), cpsat.VERSION)


def placements_of(round_: Round, o: Option) -> Iterator[Placement]:
    """Yield an option as placements, one for each part."""
    needed = round_.candidate[o.candidate].months_needed
    for p in o.parts:
        months = None if p.months == needed else p.months
        seat = (o.candidate, p.window, p.unit, p.start, p.end)
        yield Placement(*seat, o.wish_class or None, months)

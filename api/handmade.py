"""A plan that somebody made by hand: held against every rule, and made a whole document.

Only its placements are taken from it. What else it says of itself must be true, but is computed
anew, and its proofs are not believed: the verifier can tell a false value from a true one, not a
proof from a wish. A bound is the solver's, where it speaks of this plan too, or one that follows
from the round alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from importlib.metadata import version
from typing import Any

from data.documents import read_plan, write_plan
from data.forms.plan_records import plan_record
from scheduler.accounts import accounts
from scheduler.errors import Fault, InvalidPlan, Place, UnverifiedPlan
from scheduler.plans import Engine, Placement, Plan, Status, TierResult
from scheduler.rounds import Round
from scheduler.tiers import RANK_LEVELS, TICKET_BITS, critical
from scheduler.verify import Broken, verify_document
from scheduler.verify.admission import Stay, given, outcome_class, stay
from scheduler.verify.values import MAXIMISED

_log = logging.getLogger("rotations.plans")

NO_SOLVER = "none"
"""What a plan made by hand says of the solver's version."""

_OF_MANY = frozenset({"POSITIONS", "SUPERVISED", "AWAY", "ACCEPTED"})
"""Rules that no single placement breaks."""

Document = Mapping[str, Any]


def whole_plan(round_: Round, document: Document, proofs: Plan | None) -> Plan:
    """Return the plan that a document's placements make, with tiers and reasons.

    Parameters
    ----------
    document
        A well-formed ``rotations/plan@1``.
    proofs
        The solver's plan for the same round, whose bounds may hold for this one too.

    Raises
    ------
    InvalidPlan
        With every rule that is broken, every claim that is not true and every id that is unknown.
    UnverifiedPlan
        Where the verifier does not confirm what was made of it.
    """
    verdict = verify_document(round_, document)
    if not verdict.kept:
        raise InvalidPlan(tuple(_fault(broken, document) for broken in verdict.broken))
    placements = tuple(sorted(_placements(round_, document), key=lambda p: (p.candidate, p.start)))
    counter = document.get("lottery_counter", 0)
    unplaced, passed_over = accounts(round_, placements, counter, decided=False)
    plan = Plan(
        round_id=round_.id,
        round_hash=round_.hash,
        status=Status.FEASIBLE,
        placements=placements,
        unplaced=unplaced,
        passed_over=passed_over,
        tiers=tuple(_tiers(round_, verdict.tiers, counter, proofs)),
        engine=Engine(version("rotations"), NO_SOLVER),
        lottery_counter=counter,
        verified=True,
    )
    verdict = verify_document(round_, plan.document)
    if not verdict.kept:
        raise UnverifiedPlan(tuple(sorted({broken.rule for broken in verdict.broken})))
    return plan


def kept_by_hand(round_: Round, document: Document, proofs: str | None) -> Mapping[str, str]:
    """Return content, hash and status of the plan that a document's placements make.

    `proofs` is the solver's plan as it is kept; raised is what `whole_plan` raises.
    """
    proven = plan_record(read_plan(proofs.encode())) if proofs else None
    plan = whole_plan(round_, document, proven)
    return {
        "content": write_plan(plan).decode(),
        "hash": plan.hash,
        "status": str(plan.status),
    }


def _placements(round_: Round, document: Document) -> Iterator[Placement]:
    stays = [
        stay(round_, p["candidate"], p["window"], date.fromisoformat(p["start"]), p.get("months"))
        for p in document["placements"]
    ]
    assert all(stays), "the verifier has found an end"
    yield from whole_placements(round_, [s for s in stays if s is not None])


def whole_placements(round_: Round, stays: Sequence[Stay]) -> Iterator[Placement]:
    """Yield stays as the placements of a plan, each with its end and class."""
    for own in given(stays):
        class_ = outcome_class(round_, own)
        for s in own:
            months = None if s.months == s.candidate.months_needed else s.months
            seat = (s.candidate.id, s.window.id, s.window.unit, s.start, s.end)
            yield Placement(*seat, class_, months)


def _fault(broken: Broken, document: Document) -> Fault:
    """Return a broken rule as a fault of the document; an unknown id as one that is not known."""
    if broken.rule == "CLAIM":
        *path, claim = _steps(str(broken.figures["claim"]))
        if claim in ("candidate", "window"):
            return Fault("not-known", (*path, claim), {"what": claim})
        return Fault("CLAIM", (*path, claim), {"subjects": list(broken.subjects)})
    figures = {"subjects": list(broken.subjects)} | broken.figures
    return Fault(broken.rule, _place(broken, document["placements"]), figures)


def _steps(claim: str) -> Place:
    return tuple(int(step) if step.isdecimal() else step for step in claim.split("/"))


def _place(broken: Broken, placements: Sequence[Document]) -> Place:
    if broken.rule not in _OF_MANY and broken.subjects:
        candidate, *_ = broken.subjects
        for position, placement in enumerate(placements):
            if placement["candidate"] == candidate:
                return ("placements", position)
    return ("placements",)


def _tiers(
    round_: Round, values: Sequence[tuple[str, int | None, int]], counter: int, proofs: Plan | None
) -> Iterator[TierResult]:
    """Yield what each tier came to.

    A bound speaks of plans with the same values in all earlier tiers. So the solver's bounds hold
    as far as this plan's values are the solver's, and in the first tier in which they differ.
    """
    limits = _Limits(round_)
    alike, proven = proofs is not None, True
    for position, (tier, level, value) in enumerate(values):
        bound = limits.bound(tier, level)
        if proofs is not None and alike:
            told = proofs.tiers[position]
            if tier != "lottery" or counter == proofs.lottery_counter:
                bound = told.bound
            alike = value == told.value
        if (value > bound) if tier in MAXIMISED else (value < bound):
            _log.error("a plan made by hand beats a bound of tier %s", tier)
            bound, alike = limits.bound(tier, level), False
        proven = proven and value == bound
        yield TierResult(tier, level, value, bound, proven)


class _Limits:
    """What no plan of a round can beat, whatever it looks like."""

    def __init__(self, round_: Round) -> None:
        self._round = round_
        self._free = [c for c in round_.candidates if c.id not in round_.accepted]

    def bound(self, tier: str, level: int | None) -> int:
        """Return the bound of a tier, or of one level of it."""
        if tier not in MAXIMISED:
            return 0
        if tier == "rank":
            return sum(self._rank(c.id, c.municipality) == level for c in self._free)
        return self._counts()[tier]()

    def _counts(self) -> Mapping[str, Callable[[], int]]:
        free = self._free
        return {
            "kept": lambda: len(self._round.offered),
            "deadline": lambda: sum(critical(self._round, c) for c in free),
            "placed": lambda: len(free),
            "waiting": lambda: sum(c.rounds_waited for c in free),
            "lead": lambda: len(free),
            "lottery": lambda: len(free) * (2**TICKET_BITS - 1),
        }

    def _rank(self, candidate: str, municipality: str) -> int:
        return min(self._round.order(municipality).index(candidate) + 1, RANK_LEVELS)

"""Why not, and what would have helped: each candidate's wishes that are better than her outcome."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from scheduler import cpsat
from scheduler.accounts import accounts
from scheduler.causes import causes
from scheduler.changes import Question
from scheduler.domain import Candidate
from scheduler.forcing import Forcing
from scheduler.plans import Placement, Plan, Reason, Status
from scheduler.remedies import remedies
from scheduler.rounds import Round
from scheduler.watch import Watch


@dataclass(frozen=True, slots=True)
class WishExplained:
    """A wish better than what a candidate got.

    Attributes
    ----------
    reasons
        As the plan says them: rules that fail, and who holds the seats.
    causes
        What kept her from it although the rules allow it, found by solving again.
    remedies
        The smallest change of each kind with which she would have had it, or a better one.
    """

    wish: int
    reasons: tuple[Reason, ...]
    causes: tuple[Reason, ...]
    remedies: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a candidate got, what was better, and why she has not got that.

    `reasons` are those that hold for every wish. Nothing is better than an accepted seat or a first
    wish: then there are no wishes.
    """

    candidate: str
    given: Placement | None
    reasons: tuple[Reason, ...]
    wishes: tuple[WishExplained, ...]


def explanations(
    round_: Round,
    plan: Plan,
    candidates: Collection[str] | None = None,
    watch: Watch | None = None,
) -> Iterator[Explanation]:
    """Yield the explanation for each candidate, by id.

    Parameters
    ----------
    round_, plan
        A round and a verified plan of it; one that is not proven best is explained as far as it
        goes.
    candidates
        Ids of those to explain; None = everybody.
    watch
        Its stop leaves out what has not been solved again.
    """
    explainer = _Explainer(round_, plan, watch or Watch())
    for candidate in round_.candidates:
        if candidates is None or candidate.id in candidates:
            yield explainer.explanation(candidate)


class _Explainer:
    """What is known of a plan before anybody asks why."""

    def __init__(self, round_: Round, plan: Plan, watch: Watch) -> None:
        self._round, self._plan, self._watch = round_, plan, watch
        decided = plan.status is Status.OPTIMAL
        owed = accounts(round_, plan.placements, plan.lottery_counter, decided)
        self._reasons = {account.candidate: account.reasons for each in owed for account in each}
        self._given = {placement.candidate: placement for placement in plan.placements}
        self._forcing = Forcing(round_, plan, cpsat.CpSat, watch)

    def explanation(self, candidate: Candidate) -> Explanation:
        """Explain a candidate's outcome."""
        given = self._given.get(candidate.id)
        better = len(candidate.wishes) if given is None else (given.wish_class or 1) - 1
        if candidate.id in self._round.accepted:
            better = 0
        wishes = tuple(self._wish(candidate, wish) for wish in range(1, better + 1))
        return Explanation(candidate.id, given, self._said(candidate, None), wishes)

    def _wish(self, candidate: Candidate, wish: int) -> WishExplained:
        question = Question(self._round, self._plan, candidate, wish)
        return WishExplained(
            wish,
            self._said(candidate, wish),
            tuple(causes(self._forcing, candidate.id, wish)),
            tuple(remedies(question, cpsat.CpSat, self._watch)),
        )

    def _said(self, candidate: Candidate, wish: int | None) -> tuple[Reason, ...]:
        reasons = self._reasons.get(candidate.id, ())
        return tuple(reason for reason in reasons if reason.wish == wish)

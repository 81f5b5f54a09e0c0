"""Planning again with least change: what was given stands, unless a hard rule forbids it.

The round has changed since its plan: somebody declined, a window was withdrawn or shortened, a
candidate came late. What the plan gave is an offer in the changed round, and `kept` is the first
tier, whatever the policy says: so no plan moves fewer people, and that is proven. The same round
planned as if nothing had been given says what keeping it costs.

Why somebody moves all the same is one of these, beside the rules of admission and the causes of
`scheduler.causes`:

============  ======================================================================
ACCEPTED      she has accepted another seat
LENGTH        the seat is hers, and her stay there is shorter or longer than it was
WITHDRAWN     the window is not in the changed round
FIT           the window, as it is now, closes too early for the stay, by `days`
NO_START_DAY  the stay begins on no start day of the window as it is now
DIVISION      her stay is not divided as the changed round lets it be
============  ======================================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from scheduler.accounts import figures_of
from scheduler.admission import refusals, start_days, stay, stay_months
from scheduler.causes import cause
from scheduler.comparison import Comparison, Side, compared
from scheduler.domain import Candidate, Commitment
from scheduler.exact import exact
from scheduler.forcing import Forcing
from scheduler.plans import Given, Placement, Plan, Reason
from scheduler.rounds import Round
from scheduler.watch import Watch


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody who is in the changed round and does not keep what the plan gave.

    `reasons` say why: one or more, none of them about a wish.
    """

    before: Given
    after: Given
    reasons: tuple[Reason, ...]

    @property
    def candidate(self) -> str:
        """Who moves."""
        return self.before[0].candidate


@dataclass(frozen=True)
class Replanned:
    """A plan of a changed round that moves the fewest people.

    Attributes
    ----------
    before
        The round and the plan before the change.
    after
        The changed round with the plan's placements as offers, and its plan.
    released
        The changed round as if nothing had been given, and its plan.
    moved
        Who moves and why, sorted by candidate.
    """

    before: Side
    after: Side
    released: Side
    moved: tuple[Moved, ...]

    @property
    def changes(self) -> Comparison:
        """What the change means person by person: before, and after."""
        return compared(self.before, self.after)

    @property
    def cost(self) -> Comparison:
        """What keeping costs: the plan that keeps, and the one that need not."""
        return compared(self.after, self.released)


def replanned(before: Side, after: Side, released: Side, watch: Watch) -> Replanned:
    """Return what planning again came to.

    Parameters
    ----------
    before
        The round and the plan before the change.
    after, released
        The changed round as `keeping` and as `releasing` make it, planned.
    watch
        Its stop leaves reasons open.
    """
    forcing = Forcing(after.round, after.plan, exact, watch)
    return Replanned(before, after, released, tuple(_moved(before, forcing, after)))


def offering(round_: Round, plan: Plan) -> Round:
    """Return a planned round in which what the plan gave is offered, and nothing else is.

    What has happened since is changed in this one: an offer can be accepted there, or gone.
    """
    offers = (
        Commitment(
            candidate=p.candidate, window=p.window, start=p.start, state="offered", months=p.months
        )
        for candidate, own in Side(round_, plan).given.items()
        for p in own
        if candidate not in round_.accepted
    )
    return round_.replace(commitments=(*_accepted(round_), *offers))


def keeping(changed: Round) -> Round:
    """Return a changed round in which offers are kept before all else."""
    tiers = ("kept", *(tier for tier in changed.policy.tiers if tier != "kept"))
    return changed.replace(policy=replace(changed.policy, tiers=tiers))


def releasing(changed: Round) -> Round:
    """Return a changed round in which only what is accepted is held."""
    return changed.replace(commitments=tuple(_accepted(changed)))


def _accepted(round_: Round) -> Iterator[Commitment]:
    return (c for c in round_.commitments if c.state == "accepted")


def _moved(before: Side, forcing: Forcing, after: Side) -> Iterator[Moved]:
    for name, own in before.given.items():
        candidate, now = after.round.candidate.get(name), after.given.get(name, ())
        if candidate is None or _stays(own) == _stays(now):
            continue
        reasons: Sequence[Reason]
        if _starts(own) == _starts(now):
            reasons = [Reason("LENGTH", None, {"window": own[0].window, "unit": own[0].unit})]
        else:
            reasons = _reasons(after.round, forcing, candidate, own)
        yield Moved(own, now, tuple(reasons))


def _stays(given: Given) -> list[tuple[str, date, date]]:
    return [(p.window, p.start, p.end) for p in given]


def _starts(given: Given) -> list[tuple[str, date]]:
    return [(p.window, p.start) for p in given]


def _reasons(
    round_: Round, forcing: Forcing, candidate: Candidate, given: Given
) -> Sequence[Reason]:
    """Return why a candidate cannot stay: all rules that fail, or what staying would cost."""
    at = {"window": given[0].window, "unit": given[0].unit}
    if candidate.id in round_.accepted:
        return [Reason("ACCEPTED", None, at)]
    failed = [reason for part in given for reason in _failing(round_, candidate, part)]
    if failed:
        return failed
    own = sorted(forcing.model.given(given))
    return list(cause(forcing, candidate.id, own, None)) if own else [Reason("DIVISION", None, at)]


def _failing(round_: Round, candidate: Candidate, given: Placement) -> Sequence[Reason]:
    """Return the rules that fail for a stay, or a part of one."""
    window = round_.window.get(given.window)
    at = {"window": given.window, "unit": given.unit}
    if window is None:
        return [Reason("WITHDRAWN", None, at)]
    months = stay_months(given.months or candidate.months_needed, window)
    held = stay(round_, candidate, window, given.start, given.months)
    if held is None or held.end > window.closes:
        end = held.end if held is not None else window.closes
        return [Reason("FIT", None, at | {"days": (end - window.closes).days})]
    if given.start not in start_days(round_, window, months, given.start, given.start):
        return [Reason("NO_START_DAY", None, at)]
    offer = replace(held, is_offer=True)
    return [Reason(each.rule, None, at | figures_of(each, offer)) for each in refusals(offer)]

"""A round and a plan cut down to what somebody may know.

Left out: everybody else, their municipalities, orders and seats; windows that no shown outcome
names; every tier, since its value less one's own share is somebody else's; hashes of the whole,
which could confirm a guess about a small round. What remains of reasons names no stranger.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from api.outcomes.parties import Detail
from data.sentences import Verbatim, sentence
from data.wording import Wording
from scheduler.domain import Candidate, Commitment, Municipality, Priority, Unit, Window
from scheduler.plans import Account, Placement, Plan, Reason
from scheduler.rounds import Round

LEAST = 5
"""A count of fewer other people is about persons, and is not told."""

TELLABLE = frozenset(
    {"target", "window", "unit", "start", "end", "days", "months", "required", "percent"}
    | {"registered_on", "lis1_completed_on", "release_on", "trust", "goals"}
    | {"rule", "subject", "colleagues", "others", "tier", "level", "gap"}
    | {"earliest", "latest", "by"}
)
"""Figures of a reason that its candidate may see, some of them made less exact."""

Shown = Mapping[str, Detail]
"""How much of whom is shown, by candidate."""


def excerpt(
    words: Wording, plan: Plan, shown: Shown, units: Collection[str] | None = None
) -> tuple[Round, Plan]:
    """Return the part of a round and its plan that is about the candidates shown.

    Of someone of whom but the seat is shown, those in `units`; None = in whatever unit.

    Parameters
    ----------
    words
        Of the whole round: what is left of it is called as there.
    """
    seats = (p for p in plan.placements if _is_seen(p.candidate, p.unit, shown, units))
    part = replace(
        plan,
        placements=tuple(_placement(p, shown) for p in seats),
        unplaced=_accounts(plan.unplaced, shown),
        passed_over=_accounts(plan.passed_over, shown),
        tiers=(),
        lottery_counter=0,
    )
    its_round = _round(words, part, shown, units)
    return its_round, replace(part, round_hash=its_round.hash)


def _placement(placement: Placement, shown: Shown) -> Placement:
    seat = shown[placement.candidate] is Detail.SEAT
    return replace(placement, wish_class=None) if seat else placement


def _accounts(accounts: Sequence[Account], shown: Shown) -> tuple[Account, ...]:
    return tuple(
        Account(a.candidate, tuple(told(reason, shown[a.candidate]) for reason in a.reasons))
        for a in accounts
        if shown.get(a.candidate, Detail.SEAT) > Detail.SEAT
    )


def told(reason: Reason, detail: Detail) -> Reason:
    """Take out of a reason what is about others; None stands for a number that is not told."""
    figures: dict[str, Any] = {k: v for k, v in reason.figures.items() if k in TELLABLE}
    if figures.get("others"):
        figures["others"] = None
    if detail is not Detail.FULL and figures.get("colleagues"):
        colleagues = len(figures["colleagues"])
        figures["colleagues"] = colleagues if colleagues >= LEAST else None
        if "others" in figures and colleagues < LEAST:
            figures |= {"colleagues": [], "others": None}
    return replace(reason, figures=figures)


def _is_seen(candidate: str, unit: str, shown: Shown, units: Collection[str] | None) -> bool:
    """Tell whether a seat is shown: of a stay in parts, a unit sees its own."""
    detail = shown.get(candidate)
    return detail is not None and (detail > Detail.SEAT or units is None or unit in units)


def _round(words: Wording, plan: Plan, shown: Shown, units: Collection[str] | None) -> Round:
    round_ = words.round
    people = tuple(_person(round_, c, shown) for c in round_.candidates if c.id in shown)
    held = tuple(
        c
        for c in round_.commitments
        if _is_told(c, shown) and _is_seen(c.candidate, round_.window[c.window].unit, shown, units)
    )
    orders = tuple(_orders(round_, shown))
    named = {c.window for c in held} | set(_windows_named(plan))
    windows = tuple(w for w in round_.windows if w.id in named)
    title = {"round": Verbatim(round_.name or round_.id)}
    return Round(
        id=round_.id,
        decision_date=round_.decision_date,
        policy=round_.policy,
        name=sentence(words.language, "plans.excerpt", title),
        units=tuple(_units(words, windows, people, orders)),
        windows=windows,
        municipalities=tuple(_municipalities(round_, shown)),
        candidates=people,
        priorities=orders,
        commitments=held,
    )


def _person(round_: Round, candidate: Candidate, shown: Shown) -> Candidate:
    if shown[candidate.id] > Detail.SEAT:
        return replace(candidate, lead_waiver=None)
    return Candidate(
        id=candidate.id,
        municipality=candidate.municipality,
        submitted_on=round_.decision_date,
        has_supervisor=True,
        in_individual_plan=True,
    )


def _is_told(commitment: Commitment, shown: Shown) -> bool:
    """Tell whether a seat is shown; a unit sees the accepted ones, which are in its plan."""
    detail = shown.get(commitment.candidate)
    return detail is not None and (detail > Detail.SEAT or commitment.state == "accepted")


def _windows_named(plan: Plan) -> Iterator[str]:
    yield from (placement.window for placement in plan.placements)
    for account in (*plan.unplaced, *plan.passed_over):
        yield from (r.figures["window"] for r in account.reasons if "window" in r.figures)


def _orders(round_: Round, shown: Shown) -> Iterator[Priority]:
    """Yield the orders of municipalities shown in full; by id where a round asks for some order."""
    full = _municipalities_in_full(round_, shown)
    yield from (p for p in round_.priorities if p.municipality in full)
    for municipality, colleagues in round_.colleagues.items():
        seen = tuple(c for c in colleagues if c in shown)
        if municipality not in full and len(seen) > 1:
            yield Priority(municipality=municipality, order=seen)


def _municipalities(round_: Round, shown: Shown) -> Iterator[Municipality]:
    full = _municipalities_in_full(round_, shown)
    present = {round_.candidate[c].municipality for c in shown}
    for municipality in round_.municipalities:
        if municipality.id in full:
            yield municipality
        elif municipality.id in present:
            yield Municipality(id=municipality.id, name=municipality.name)


def _municipalities_in_full(round_: Round, shown: Shown) -> set[str]:
    return {round_.candidate[c].municipality for c, d in shown.items() if d is Detail.FULL}


def _units(
    words: Wording,
    windows: Sequence[Window],
    people: Sequence[Candidate],
    orders: Sequence[Priority],
) -> Iterator[Unit]:
    """Yield the units that are spoken of, called as in the whole round."""
    targets = {w.unit for w in windows} | {o.unit for o in orders if o.unit}
    targets |= {wish.target for candidate in people for wish in candidate.wishes}
    for unit in words.round.units:
        if targets & {unit.id, unit.site, unit.trust}:
            yield replace(unit, name=words.unit(unit.id))

"""The hard rules of a plan, read again from section 3 of docs/model.md."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from scheduler.domain import Candidate
from scheduler.rounds import Round
from scheduler.verify.admission import (
    Given,
    Stay,
    admissible,
    divided,
    given,
    outcome_class,
    own_offer,
    refusals,
)


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a plan breaks, or a claim of its document that is not true.

    Attributes
    ----------
    rule
        A rule's name, or ``CLAIM`` for an untrue claim.
    subjects
        Ids the finding is about.
    figures
        What a sentence about it needs.
    """

    rule: str
    subjects: tuple[str, ...]
    figures: dict[str, Any] = field(default_factory=dict)


def broken_rules(round_: Round, stays: Sequence[Stay]) -> Iterator[Broken]:
    """Yield every hard rule that the placements break; none where the plan is right."""
    yield from _one(round_, stays)
    yield from _limits("POSITIONS", stays, lambda s: s.window.id, _positions(round_))
    yield from _limits("SUPERVISED", stays, lambda s: s.window.unit, _supervised(round_))
    yield from _limits("AWAY", stays, lambda s: s.candidate.municipality, _max_away(round_))
    yield from _accepted(round_, stays)
    yield from priority_broken(round_, stays, admissible_stays(round_))


def _one(round_: Round, stays: Sequence[Stay]) -> Iterator[Broken]:
    every = sorted(given(stays), key=lambda own: own[0].candidate.id)
    for own in every:
        if not (_is_accepted(round_, own) and _is_one_person_s(own)) and not divided(round_, own):
            yield Broken("ONE", (own[0].candidate.id,), {"placements": len(own)})
    for own in every:
        if not _is_accepted(round_, own):
            for s in own:
                for rule in refusals(round_, s, own_offer(round_, own)):
                    yield Broken(rule, (s.candidate.id, s.window.id), {"start": str(s.start)})


def _is_accepted(round_: Round, own: Given) -> bool:
    """Tell whether stays are the candidate's accepted commitments, all of them."""
    held = round_.accepted.get(own[0].candidate.id, ())
    seats = [(c.window, c.start, c.months or own[0].candidate.months_needed) for c in held]
    return sorted(seats) == sorted((s.window.id, s.start, s.months) for s in own)


def _is_one_person_s(own: Given) -> bool:
    """Tell whether one person can serve accepted stays, as parts of what she needs."""
    if len(own) == 1:
        return True
    meeting = any(one.meets(other.start, other.end) for one, other in combinations(own, 2))
    return not meeting and sum(s.months for s in own) <= own[0].candidate.months_needed


def _positions(round_: Round) -> dict[str, int | None]:
    return {w.id: w.positions for w in round_.windows}


def _supervised(round_: Round) -> dict[str, int | None]:
    return {u.id: u.supervised_places for u in round_.units}


def _max_away(round_: Round) -> dict[str, int | None]:
    return {m.id: m.max_away for m in round_.municipalities}


def _limits(
    rule: str,
    stays: Sequence[Stay],
    subject: Callable[[Stay], str],
    limits: dict[str, int | None],
) -> Iterator[Broken]:
    """On every day at most `limits` stays of a subject; a count only ever rises on a start day."""
    groups: dict[str, list[Stay]] = {}
    for s in stays:
        groups.setdefault(subject(s), []).append(s)
    for name, group in sorted(groups.items()):
        limit = limits[name]
        if limit is None:
            continue
        for day in sorted({s.start for s in group}):
            active = [s.candidate.id for s in group if s.covers(day)]
            if len(active) > limit:
                figures = {"day": str(day), "active": len(active), "limit": limit}
                yield Broken(rule, (name, *sorted(active)), figures)
                break


def _accepted(round_: Round, stays: Sequence[Stay]) -> Iterator[Broken]:
    placed = {(s.candidate.id, s.window.id, s.start, s.months) for s in stays}
    for c in round_.commitments:
        months = c.months or round_.candidate[c.candidate].months_needed
        if c.state == "accepted" and (c.candidate, c.window, c.start, months) not in placed:
            yield Broken("ACCEPTED", (c.candidate, c.window), {"start": str(c.start)})


Admissible = Callable[[Candidate], Sequence[Given]]
"""Everything admissible that a candidate could be given."""


def admissible_stays(round_: Round) -> Admissible:
    """Return a function that finds once what each candidate could be given."""
    found: dict[str, tuple[Given, ...]] = {}

    def of(candidate: Candidate) -> tuple[Given, ...]:
        if candidate.id not in found:
            found[candidate.id] = tuple(admissible(round_, candidate))
        return found[candidate.id]

    return of


def priority_broken(
    round_: Round,
    stays: Sequence[Stay],
    options: Admissible,
    juniors: Container[str] | None = None,
) -> Iterator[Broken]:
    """Yield who is in the way of a higher-ranked colleague (strict), or of an unplaced one.

    The subjects are the one in the way and the colleague. With `juniors` given, only they are
    looked at.
    """
    if round_.policy.priority == "advisory":
        return
    placed = {own[0].candidate.id: own for own in given(stays)}
    for junior, own in placed.items():
        if juniors is not None and junior not in juniors:
            continue
        if _is_accepted(round_, own) or own_offer(round_, own):
            continue
        for b in own:
            for a in _above(round_, b):
                if a.id in placed and round_.policy.priority == "placement":
                    continue
                for o in options(a):
                    if _in_the_way(round_, stays, b, placed.get(a.id), o):
                        figures = {"window": o[0].window.id, "start": str(o[0].start)}
                        yield Broken("PRIORITY", (junior, a.id), figures)
                        break


def _above(round_: Round, b: Stay) -> Iterator[Candidate]:
    """Yield the colleagues above b in the order for b's unit that hold no accepted commitment."""
    order = list(round_.order(b.candidate.municipality, b.window.unit))
    if b.candidate.id not in order:
        return
    for name in order[: order.index(b.candidate.id)]:
        if name not in round_.accepted:
            yield round_.candidate[name]


def _in_the_way(round_: Round, stays: Sequence[Stay], b: Stay, own: Given | None, o: Given) -> bool:
    if not any(s.window.unit == b.window.unit and s.meets(b.start, b.end) for s in o):
        return False
    wanted, has = outcome_class(round_, o), None if own is None else outcome_class(round_, own)
    if wanted is None or (has is not None and has <= wanted):
        return False
    leaving = {b.candidate.id, o[0].candidate.id}
    others = [s for s in stays if s.candidate.id not in leaving]
    return all(_fits(round_, s, others) for s in o)


def _fits(round_: Round, o: Stay, others: Iterable[Stay]) -> bool:
    """Tell whether `o` beside `others` breaks none of POSITIONS, SUPERVISED, AWAY."""
    near = [s for s in others if s.meets(o.start, o.end)]
    limits = (
        (round_.window[o.window.id].positions, [s for s in near if s.window.id == o.window.id]),
        (
            round_.unit[o.window.unit].supervised_places,
            [s for s in near if s.window.unit == o.window.unit],
        ),
        (
            round_.municipality[o.candidate.municipality].max_away,
            [s for s in near if s.candidate.municipality == o.candidate.municipality],
        ),
    )
    for limit, group in limits:
        if limit is None:
            continue
        days = {max(s.start, o.start) for s in group} | {o.start}
        if any(sum(s.covers(day) for s in group) >= limit for day in days):
            return False
    return True

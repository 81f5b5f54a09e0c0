"""The hard rules of a plan, read again from section 3 of docs/model.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from scheduler.domain import Candidate
from scheduler.rounds import Round
from scheduler.verify.admission import (
    Stay,
    admissible,
    own_offer,
    refusals,
    wish_class,
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
    for candidate, count in sorted(Counter(s.candidate.id for s in stays).items()):
        if count > 1:
            yield Broken("ONE", (candidate,), {"placements": count})
    for s in stays:
        if not _is_accepted(round_, s):
            for rule in refusals(round_, s):
                yield Broken(rule, (s.candidate.id, s.window.id), {"start": str(s.start)})


def _is_accepted(round_: Round, s: Stay) -> bool:
    held = round_.accepted.get(s.candidate.id)
    return held is not None and (held.window, held.start) == (s.window.id, s.start)


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
    placed = {(s.candidate.id, s.window.id, s.start) for s in stays}
    for c in round_.commitments:
        if c.state == "accepted" and (c.candidate, c.window, c.start) not in placed:
            yield Broken("ACCEPTED", (c.candidate, c.window), {"start": str(c.start)})


Admissible = Callable[[Candidate], Sequence[Stay]]
"""Every admissible stay of a candidate."""


def admissible_stays(round_: Round) -> Admissible:
    """Return a function that finds each candidate's admissible stays once."""
    found: dict[str, tuple[Stay, ...]] = {}

    def of(candidate: Candidate) -> tuple[Stay, ...]:
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
    own = {s.candidate.id: s for s in stays}

    for b in stays:
        if juniors is not None and b.candidate.id not in juniors:
            continue
        if _is_accepted(round_, b) or own_offer(round_, b):
            continue
        for a in _above(round_, b):
            if a.id in own and round_.policy.priority == "placement":
                continue
            for o in options(a):
                if _in_the_way(round_, stays, b, own.get(a.id), o):
                    yield Broken(
                        "PRIORITY",
                        (b.candidate.id, a.id),
                        {"window": o.window.id, "start": str(o.start)},
                    )
                    break


def _above(round_: Round, b: Stay) -> Iterator[Candidate]:
    """Yield the colleagues above b in the order for b's unit that hold no accepted commitment."""
    order = list(round_.order(b.candidate.municipality, b.window.unit))
    if b.candidate.id not in order:
        return
    for name in order[: order.index(b.candidate.id)]:
        if name not in round_.accepted:
            yield round_.candidate[name]


def _in_the_way(round_: Round, stays: Sequence[Stay], b: Stay, own: Stay | None, o: Stay) -> bool:
    if o.window.unit != b.window.unit or not o.meets(b.start, b.end):
        return False
    wanted, has = wish_class(round_, o), None if own is None else wish_class(round_, own)
    if wanted is None or (has is not None and has <= wanted):
        return False
    return _fits(round_, o, [s for s in stays if s is not b and s is not own])


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

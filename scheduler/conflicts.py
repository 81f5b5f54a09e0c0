"""Accepted commitments that cannot stand together: such a round is refused, the conflict named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from scheduler.errors import Conflict
from scheduler.options import Option, Part, accepted_options
from scheduler.rounds import Round


def conflicts(round_: Round) -> tuple[Conflict, ...]:
    """Return every limit that the accepted commitments alone exceed, on its first day."""
    held = accepted_options(round_)
    taken = [_Seat(o.candidate, part) for o in held for part in o.parts]
    unit, municipality = round_.unit, round_.municipality
    return (
        *_one(round_, held),
        *_over("POSITIONS", taken, lambda s: s.part.window, lambda w: round_.window[w].positions),
        *_over("SUPERVISED", taken, lambda s: s.part.unit, lambda u: unit[u].supervised_places),
        *_over(
            "AWAY",
            taken,
            lambda s: round_.candidate[s.candidate].municipality,
            lambda m: municipality[m].max_away,
        ),
    )


class _Seat(NamedTuple):
    """A part of what a candidate holds."""

    candidate: str
    part: Part


def _one(round_: Round, held: tuple[Option, ...]) -> Iterator[Conflict]:
    """Yield who holds seats that overlap, or more months than she needs."""
    for o in held:
        needed = round_.candidate[o.candidate].months_needed
        meeting = any(one.end > other.start for one, other in pairwise(o.parts))
        if len(o.parts) > 1 and (meeting or sum(part.months for part in o.parts) > needed):
            figures = {"active": len(o.parts), "limit": 1}
            yield Conflict("ONE", o.candidate, (o.candidate,), figures)


def _over(
    rule: str,
    held: Sequence[_Seat],
    subject: Callable[[_Seat], str],
    limit_of: Callable[[str], int | None],
) -> Iterator[Conflict]:
    for name, group in groupby(sorted(held, key=subject), key=subject):
        members, limit = list(group), limit_of(name)
        if limit is None:
            continue
        for day in sorted({s.part.start for s in members}):
            active = sorted(s.candidate for s in members if s.part.start <= day < s.part.end)
            if len(active) > limit:
                figures = {"day": str(day), "active": len(active), "limit": limit}
                yield Conflict(rule, name, tuple(active), figures)
                break

"""Accepted commitments that cannot stand together: such a round is refused, the conflict named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

from scheduler.errors import Conflict
from scheduler.options import Option, accepted_options
from scheduler.rounds import Round


def conflicts(round_: Round) -> tuple[Conflict, ...]:
    """Return every limit that the accepted commitments alone exceed, on its first day."""
    held = accepted_options(round_)
    unit, municipality = round_.unit, round_.municipality
    return (
        *_one(held),
        *_over("POSITIONS", held, lambda o: o.window, lambda w: round_.window[w].positions),
        *_over("SUPERVISED", held, lambda o: o.unit, lambda u: unit[u].supervised_places),
        *_over(
            "AWAY",
            held,
            lambda o: round_.candidate[o.candidate].municipality,
            lambda m: municipality[m].max_away,
        ),
    )


def _one(held: tuple[Option, ...]) -> Iterator[Conflict]:
    for candidate, group in groupby(held, key=lambda o: o.candidate):
        if (count := len(list(group))) > 1:
            yield Conflict("ONE", candidate, (candidate,), {"active": count, "limit": 1})


def _over(
    rule: str,
    held: tuple[Option, ...],
    subject: Callable[[Option], str],
    limit_of: Callable[[str], int | None],
) -> Iterator[Conflict]:
    for name, group in groupby(sorted(held, key=subject), key=subject):
        members, limit = list(group), limit_of(name)
        if limit is None:
            continue
        for day in sorted({o.start for o in members}):
            active = sorted(o.candidate for o in members if o.start <= day < o.end)
            if len(active) > limit:
                figures = {"day": str(day), "active": len(active), "limit": limit}
                yield Conflict(rule, name, tuple(active), figures)
                break

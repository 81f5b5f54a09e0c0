"""What a side comes to on one round: a plan and what is proven of it, or only a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from scheduler.options import Option, Part
from scheduler.rounds import Round
from scheduler.verify import verify_document


@dataclass(frozen=True, slots=True)
class Seat:
    """A placement by ids, ISO date and full-time months (None = all that are needed)."""

    candidate: str
    window: str
    start: str
    months: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a side came to.

    Attributes
    ----------
    seats
        The plan, accepted commitments among it; None where there is none.
    counter
        Which draw of the lottery decided.
    bounds
        What is proven of each tier level that had its turn, in their order; empty for heuristics.
    alone
        Whether the plan is proven to be the only best one.
    trace
        How many levels were left to prove after so many seconds; that in work counts as its gap.
    apart
        Seconds that are no part of what is measured: a plan that is needed first, a machine that
        warms up.
    notes
        Figures beside, by name.
    """

    seats: Sequence[Seat] | None = None
    counter: int = 0
    bounds: Sequence[int] = ()
    alone: bool = False
    trace: Sequence[tuple[float, float]] = ()
    apart: float = 0.0
    notes: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """What the verifier says of a plan: rules that it breaks; names and values of the levels."""

    broken: Sequence[str]
    names: Sequence[str]
    values: Sequence[int]


def seats_of(round_: Round, options: Iterable[Option]) -> list[Seat]:
    """Return options as seats, one for each part, sorted."""
    found = (_seat(round_, o, p) for o in options for p in o.parts)
    return sorted(found, key=lambda seat: (seat.candidate, seat.start))


def _seat(round_: Round, option: Option, part: Part) -> Seat:
    needed = round_.candidate[option.candidate].months_needed
    months = None if part.months == needed else part.months
    return Seat(option.candidate, part.window, str(part.start), months)


def checked(round_: Round, seats: Sequence[Seat], counter: int) -> Checked:
    """Return what the project's own verifier says of a plan, whoever made it."""
    placements = [
        {"candidate": s.candidate, "window": s.window, "start": s.start, "months": s.months}
        for s in seats
    ]
    document = {"round": round_.id, "placements": placements, "lottery_counter": counter}
    verdict = verify_document(round_, document)
    names = [tier if level is None else f"{tier}-{level}" for tier, level, _ in verdict.tiers]
    broken = sorted({each.rule for each in verdict.broken})
    return Checked(broken, names, [value for _, _, value in verdict.tiers])

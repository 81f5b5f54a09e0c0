"""What is best: every tier level as one linear expression (docs/model.md, section 4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise

from scheduler.admission import covering, lead_base
from scheduler.canonical import encode
from scheduler.dates import add_months
from scheduler.domain import Candidate
from scheduler.model import MORE, Model, Row, Steps
from scheduler.options import Option, is_offer
from scheduler.rounds import Round

RANK_LEVELS = 5
"""Levels of the tier `rank`; the last one stands for its number and beyond."""

TICKET_BITS = 20
"""A ticket is the first 20 bits of SHA-256: wide enough to decide, exact in every solver."""


@dataclass(frozen=True, slots=True)
class Level:
    """One value to optimise: ``constant + sum(coefficient * variable)``."""

    tier: str
    level: int | None
    maximise: bool
    terms: tuple[tuple[int, int], ...]
    constant: int = 0

    def value(self, chosen: Set[int]) -> int:
        """Value where the variables in `chosen` are one and all others zero."""
        return self.constant + sum(weight for i, weight in self.terms if i in chosen)

    def without(self, closed: Set[int]) -> Level:
        """Return the level where some variables are zero."""
        return replace(self, terms=tuple(term for term in self.terms if term[0] not in closed))

    def beats(self, value: int, other: int) -> bool:
        """Tell whether `value` is strictly better than `other`."""
        return value > other if self.maximise else value < other

    def at_least(self, value: int) -> Row:
        """Return the row that allows only plans as good as `value` here."""
        limit = value - self.constant
        if self.maximise:
            return Row(self.terms, lower=limit, about=self)
        return Row(self.terms, upper=limit, about=self)

    def at_most(self, value: int) -> Row:
        """Return the row that allows only plans no better than `value` here."""
        limit = value - self.constant
        if self.maximise:
            return Row(self.terms, upper=limit)
        return Row(self.terms, lower=limit)


@dataclass(frozen=True, slots=True)
class Placed:
    """What the row of `spread` is about that counts whom a municipality has placed."""

    municipality: str


def levels(model: Model) -> tuple[Level, ...]:
    """Return every tier level but `lottery`, in the order in which the policy decides.

    Adds the auxiliary variables and rows of `spread` to the model.
    """
    found: list[Level] = []
    for tier in model.round.policy.tiers_in_force:
        if tier != "lottery":
            found += BUILDERS[tier](model)
    return tuple(found)


def lottery(model: Model, counter: int) -> Level:
    """Return the lottery: the sum of the tickets of a draw."""
    seed = model.round.policy.lottery_seed
    tickets = ((i, ticket(seed, counter, o)) for i, o in enumerate(model.options))
    return Level("lottery", None, True, tuple(tickets))


def easy_bound(model: Model, level: Level) -> int:
    """Return a bound that needs no solver: each candidate alone takes the best of her options.

    Auxiliary variables stand alone, each under its own number.
    """
    total = sum(_best(model, level).values())
    return level.constant + (total if level.maximise else -total)


def _best(model: Model, level: Level) -> dict[str | int, int]:
    """Return what each candidate, or auxiliary variable, adds to a level at best."""
    best: dict[str | int, int] = {}
    for i, weight in level.terms:
        who = model.options[i].candidate if i < len(model.options) else i
        gain = weight if level.maximise else -weight
        best[who] = max(best.get(who, 0), gain)
    return best


def easy_bounds(
    model: Model, level: Level, part_of: Mapping[str | int, int], parts: int
) -> tuple[int, ...]:
    """Return the easy bound of each of so many parts of a model, constants left out.

    `part_of` says to which one a candidate, or an auxiliary variable, belongs.
    """
    found = [0] * parts
    for who, gain in _best(model, level).items():
        found[part_of[who]] += gain if level.maximise else -gain
    return tuple(found)


def ticket(seed: str, counter: int, option: Option) -> int:
    """Return an option's ticket, 0 to 2^20 - 1.

    The first 20 bits of SHA-256 of the canonical JSON array of seed, counter, candidate, window
    and start (ISO date); of a stay in parts, of window, start and months of each part.
    """
    if len(option.parts) == 1:
        seats: list[object] = [option.parts[0].window, str(option.start)]
    else:
        seats = [each for p in option.parts for each in (p.window, str(p.start), p.months)]
    drawn = encode([seed, counter, option.candidate, *seats])
    return int.from_bytes(sha256(drawn).digest()[:4]) >> (32 - TICKET_BITS)


def critical(round_: Round, candidate: Candidate) -> bool:
    """Tell whether the next round would be too late for the candidate's `complete_by`."""
    if candidate.complete_by is None:
        return False
    policy = round_.policy
    next_round = add_months(round_.decision_date, policy.round_every_months)
    if next_round is None:
        return True
    done = add_months(next_round, policy.lead.minimum_months + candidate.months_needed)
    return done is None or done > candidate.complete_by


def _sum(
    tier: str, model: Model, weight: Callable[[Option, Candidate], int], maximise: bool = True
) -> Level:
    terms = []
    for i, option in enumerate(model.options):
        if value := weight(option, model.round.candidate[option.candidate]):
            terms.append(MORE[i] if value == 1 else (i, value))
    return Level(tier, None, maximise, tuple(terms))


def _kept(model: Model) -> Iterator[Level]:
    yield _sum("kept", model, lambda option, _: is_offer(model.round, option))


def _deadline(model: Model) -> Iterator[Level]:
    concerned = (model.round.candidate[c] for c in model.of_candidate)
    due = {c.id: c.complete_by for c in concerned if critical(model.round, c)}

    def in_time(option: Option, _: Candidate) -> int:
        complete_by = due.get(option.candidate)
        return complete_by is not None and option.end <= complete_by

    yield _sum("deadline", model, in_time)


def _placed(model: Model) -> Iterator[Level]:
    yield _sum("placed", model, lambda _, __: 1)


def _waiting(model: Model) -> Iterator[Level]:
    yield _sum("waiting", model, lambda _, c: c.rounds_waited)


def _rank(model: Model) -> Iterator[Level]:
    rank = {
        candidate: min(position, RANK_LEVELS)
        for municipality in model.round.municipalities
        for position, candidate in enumerate(model.round.order(municipality.id), start=1)
    }
    for level in range(1, RANK_LEVELS + 1):
        terms = (MORE[i] for i, o in enumerate(model.options) if rank[o.candidate] == level)
        yield Level("rank", level, True, tuple(terms))


def _wish(model: Model) -> Iterator[Level]:
    for level in range(model.classes, 1, -1):
        terms = (MORE[i] for i, o in enumerate(model.options) if o.wish_class >= level)
        yield Level("wish", level, False, tuple(terms))


def _spread(model: Model) -> Iterator[Level]:
    """Per municipality u(u+1)/2, u unplaced: the k-th placement saves n - k + 1, ever less.

    So one Boolean a placement, filled in order, makes the convex sum linear.
    """
    waiting = Counter(
        c.municipality for c in model.round.candidates if c.id not in model.round.accepted
    )
    constant, terms = 0, []
    for municipality, n in sorted(waiting.items()):
        constant += n * (n + 1) // 2
        own = [model.of_candidate.get(c, ()) for c in model.round.colleagues[municipality]]
        placeable = [numbers for numbers in own if numbers]
        steps = tuple(model.variable() for _ in placeable)
        terms += [(step, -(n - k)) for k, step in enumerate(steps)]
        placed = tuple(i for numbers in placeable for i in numbers)
        counted = (*((step, 1) for step in steps), *((i, -1) for i in placed))
        model.rows.append(Row(counted, lower=0, upper=0, about=Placed(municipality)))
        model.rows += (Row(((a, 1), (b, -1)), lower=0) for a, b in pairwise(steps))
        model.steps.append(Steps(municipality, steps, placed))
    yield Level("spread", None, False, tuple(terms), constant)


def _lead(model: Model) -> Iterator[Level]:
    policy, unit = model.round.policy, model.round.unit

    def well_ahead(option: Option, candidate: Candidate) -> int:
        months = policy.lead.target(unit[option.parts[0].unit].trust)
        hoped = add_months(lead_base(model.round, candidate), months)
        return hoped is not None and option.start >= hoped

    yield _sum("lead", model, well_ahead)


def _start(model: Model) -> Iterator[Level]:
    unit = model.round.unit

    def days_off(option: Option, candidate: Candidate) -> int:
        first = option.parts[0]
        is_whole = len(option.parts) == 1
        wish = option.wish_class if is_whole else covering(candidate, unit[first.unit], first.start)
        ideal = candidate.wishes[wish - 1].ideal_start
        return abs((option.start - ideal).days)

    yield _sum("start", model, days_off, maximise=False)


BUILDERS: dict[str, Callable[[Model], Iterator[Level]]] = {
    "kept": _kept,
    "deadline": _deadline,
    "placed": _placed,
    "waiting": _waiting,
    "rank": _rank,
    "wish": _wish,
    "spread": _spread,
    "lead": _lead,
    "start": _start,
}
"""One builder a tier; `lottery` is drawn when all others are decided."""

"""What a plan is worth, tier by tier, read again from section 4 of docs/model.md."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import sha256
from unicodedata import normalize

from scheduler.domain import Candidate
from scheduler.rounds import Round
from scheduler.verify.admission import (
    Stay,
    later,
    lead_base,
    own_offer,
    refusals,
    wish_class,
    wished_stays,
)

MAXIMISED = frozenset({"kept", "deadline", "placed", "waiting", "rank", "lead", "lottery"})
"""Tiers in which more is better; in the others less is."""

RANK_LEVELS = 5
TICKET_DIGITS = 5
"""Hexadecimal digits of a lottery ticket: 20 bits."""

TierValue = tuple[str, int | None, int]
"""Tier, level (None without levels), value."""


def tier_values(
    round_: Round, stays: Sequence[Stay], counter: int = 0, worst: int | None = None
) -> list[TierValue]:
    """Return every tier level of a plan in the order in which the policy decides.

    Parameters
    ----------
    round_, stays
        The round and all placements, accepted commitments among them.
    counter
        Which draw of the lottery decides, at least 0.
    worst
        `worst_class` of the round where the caller knows it; None to find it.
    """
    if worst is None:
        worst = worst_class(round_)
    free = [s for s in stays if s.candidate.id not in round_.accepted]
    plain: dict[str, Callable[[], int]] = {
        "kept": lambda: sum(own_offer(round_, s) for s in free),
        "deadline": lambda: sum(_in_time(round_, s) for s in free),
        "placed": lambda: len({s.candidate.id for s in free}),
        "waiting": lambda: sum(s.candidate.rounds_waited for s in free),
        "spread": lambda: _spread(round_, free),
        "lead": lambda: sum(_well_ahead(round_, s) for s in free),
        "start": lambda: sum(_days_off(round_, s) for s in free),
        "lottery": lambda: sum(_ticket(round_, s, counter) for s in free),
    }
    values: list[TierValue] = []
    for tier in round_.policy.tiers_in_force:
        if tier == "rank":
            values += _rank(round_, free)
        elif tier == "wish":
            values += _wish(round_, free, worst)
        else:
            values.append((tier, None, plain[tier]()))
    return values


def critical(round_: Round, candidate: Candidate) -> bool:
    """Tell whether the next round would be too late for the candidate's `complete_by`."""
    if candidate.complete_by is None:
        return False
    next_round = later(round_.decision_date, round_.policy.round_every_months)
    if next_round is None:
        return True
    done = later(next_round, round_.policy.lead.minimum_months + candidate.months_needed)
    return done is None or done > candidate.complete_by


def _in_time(round_: Round, s: Stay) -> bool:
    by = s.candidate.complete_by
    return by is not None and s.end <= by and critical(round_, s.candidate)


def _rank(round_: Round, free: list[Stay]) -> list[TierValue]:
    counts: Counter[int] = Counter()
    for s in free:
        order = list(round_.order(s.candidate.municipality))
        counts[min(order.index(s.candidate.id) + 1, RANK_LEVELS)] += 1
    return [("rank", level, counts[level]) for level in range(1, RANK_LEVELS + 1)]


def _wish(round_: Round, free: list[Stay], worst: int) -> list[TierValue]:
    classes = [wish_class(round_, s) or 0 for s in free]
    return [("wish", k, sum(c >= k for c in classes)) for k in range(worst, 1, -1)]


def worst_class(round_: Round) -> int:
    """Return the largest class of any admissible option in the round, 0 without options."""
    worst = 0
    for candidate in round_.candidates:
        if len(candidate.wishes) <= worst:
            continue
        for s in wished_stays(round_, candidate):
            position = wish_class(round_, s) or 0
            if position > worst and not refusals(round_, s):
                worst = position
    return worst


def _spread(round_: Round, free: list[Stay]) -> int:
    settled = {s.candidate.id for s in free} | round_.accepted.keys()
    unplaced = Counter(c.municipality for c in round_.candidates if c.id not in settled)
    return sum(u * (u + 1) // 2 for u in unplaced.values())


def _well_ahead(round_: Round, s: Stay) -> bool:
    target = round_.policy.lead.target(round_.unit[s.window.unit].trust)
    hoped = later(lead_base(round_, s.candidate), target)
    return hoped is not None and s.start >= hoped


def _days_off(round_: Round, s: Stay) -> int:
    position = wish_class(round_, s)
    if position is None:
        return 0
    wish = s.candidate.wishes[position - 1]
    return abs((s.start - (wish.ideal or wish.earliest)).days)


def _ticket(round_: Round, s: Stay, counter: int) -> int:
    drawn = [round_.policy.lottery_seed, counter, s.candidate.id, s.window.id, str(s.start)]
    text = normalize("NFC", json.dumps(drawn, ensure_ascii=False, separators=(",", ":")))
    return int(sha256(text.encode()).hexdigest()[:TICKET_DIGITS], 16)

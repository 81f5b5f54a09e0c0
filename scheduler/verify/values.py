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
    Given,
    Stay,
    admissible,
    given,
    later,
    lead_base,
    outcome_class,
    own_offer,
    wish_class,
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
    free = [own for own in given(stays) if own[0].candidate.id not in round_.accepted]
    plain: dict[str, Callable[[], int]] = {
        "kept": lambda: sum(own_offer(round_, own) for own in free),
        "deadline": lambda: sum(_in_time(round_, own[-1]) for own in free),
        "placed": lambda: len(free),
        "waiting": lambda: sum(own[0].candidate.rounds_waited for own in free),
        "spread": lambda: _spread(round_, free),
        "lead": lambda: sum(_well_ahead(round_, own[0]) for own in free),
        "start": lambda: sum(_days_off(round_, own[0]) for own in free),
        "lottery": lambda: sum(_ticket(round_, own, counter) for own in free),
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


def _rank(round_: Round, free: list[Given]) -> list[TierValue]:
    counts: Counter[int] = Counter()
    for s, *_ in free:
        order = list(round_.order(s.candidate.municipality))
        counts[min(order.index(s.candidate.id) + 1, RANK_LEVELS)] += 1
    return [("rank", level, counts[level]) for level in range(1, RANK_LEVELS + 1)]


def _wish(round_: Round, free: list[Given], worst: int) -> list[TierValue]:
    classes = [outcome_class(round_, own) or 0 for own in free]
    return [("wish", k, sum(c >= k for c in classes)) for k in range(worst, 1, -1)]


def worst_class(round_: Round) -> int:
    """Return the largest class of any admissible option in the round, 0 without options."""
    worst = 0
    for candidate in round_.candidates:
        if len(candidate.wishes) <= worst:
            continue
        for own in admissible(round_, candidate, worst):
            worst = max(worst, outcome_class(round_, own) or 0)
            if worst == len(candidate.wishes):
                break
    return worst


def _spread(round_: Round, free: list[Given]) -> int:
    settled = {own[0].candidate.id for own in free} | round_.accepted.keys()
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


def _ticket(round_: Round, own: Given, counter: int) -> int:
    drawn: list[object] = [round_.policy.lottery_seed, counter, own[0].candidate.id]
    for s in own:
        drawn += [s.window.id, str(s.start)] + ([s.months] if len(own) > 1 else [])
    text = normalize("NFC", json.dumps(drawn, ensure_ascii=False, separators=(",", ":")))
    return int(sha256(text.encode()).hexdigest()[:TICKET_DIGITS], 16)

"""What a board asks first of a plan: how many, how well, how safely."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from scheduler.plans import Given, Placement, Plan, by_candidate
from scheduler.rounds import Round
from scheduler.tiers import critical


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigures:
    """Counts of persons. `accepted` had a place before the round and count nowhere else.

    `placed` + `unplaced` = those the round could decide for. `critical` are those of them for whom
    the next round would be too late, `in_time` those of them who are done by their date; `offers`
    were made but not answered, `kept` of them stand unchanged. `classes` counts `placed` by wish
    class, 1 = first wish.
    """

    accepted: int
    placed: int
    unplaced: int
    critical: int
    in_time: int
    offers: int
    kept: int
    classes: tuple[tuple[int, int], ...]

    @property
    def decided(self) -> int:
        """Candidates the round could decide for."""
        return self.placed + self.unplaced

    @property
    def first_wishes(self) -> int:
        """Placed candidates with their first wish."""
        return dict(self.classes).get(1, 0)


def key_figures(round_: Round, plan: Plan) -> KeyFigures:
    """Count a plan's outcome."""
    placed = by_candidate(decided_placements(round_, plan))
    urgent = [c for c in round_.candidates if c.id not in round_.accepted and critical(round_, c)]
    in_time = [c for c in urgent if c.complete_by and _done(placed.get(c.id, ()), c.complete_by)]
    offers = round_.offered
    kept = [own for own in placed.values() if _is_kept(round_, own)]
    numbers = (own[0].wish_class for own in placed.values())
    classes = Counter(number for number in numbers if number is not None)
    return KeyFigures(
        accepted=len(round_.accepted),
        placed=len(placed),
        unplaced=len(plan.unplaced),
        critical=len(urgent),
        in_time=len(in_time),
        offers=len(offers),
        kept=len(kept),
        classes=tuple(sorted(classes.items())),
    )


def decided_placements(round_: Round, plan: Plan) -> list[Placement]:
    """Return the placements that the round decided: all but accepted commitments."""
    return [p for p in plan.placements if p.candidate not in round_.accepted]


def _is_kept(round_: Round, own: Given) -> bool:
    """Tell whether a candidate's offer stands unchanged, all parts of it."""
    offers = round_.offered.get(own[0].candidate, ())
    return len(offers) == len(own) and all(is_kept_offer(round_, p) for p in own)


def is_kept_offer(round_: Round, placement: Placement) -> bool:
    """Tell whether a placement is an offer, or a part of one, that stands unchanged."""
    needed = round_.candidate[placement.candidate].months_needed
    own = (placement.window, placement.start, placement.months or needed)
    offers = round_.offered.get(placement.candidate, ())
    return own in [(o.window, o.start, round_.months(o)) for o in offers]


def standing(round_: Round, placement: Placement) -> str:
    """Return what a placement was before the round: ``accepted``, ``offered`` or ``new``."""
    if placement.candidate in round_.accepted:
        return "accepted"
    return "offered" if is_kept_offer(round_, placement) else "new"


def _done(own: Given, day: date) -> bool:
    return bool(own) and own[-1].end <= day

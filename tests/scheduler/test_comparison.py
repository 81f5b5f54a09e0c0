"""Two plans side by side: each difference is what it is called, its mirror the opposite."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

from scheduler.comparison import Comparison, Difference, Side, compared, side_by_side
from scheduler.conflicts import conflicts
from scheduler.planner import plan_round
from tests.builders import (
    candidate,
    municipality,
    order,
    policy,
    round_doc,
    round_of,
    unit,
    window,
    wish,
)
from tests.small_rounds import small_round

SEEDS = 40
"""How many small rounds are held against each other, each with the next."""

MIRRORED = {
    Difference.PLACED: Difference.LOST,
    Difference.BETTER: Difference.WORSE,
    Difference.ONLY_FIRST: Difference.ONLY_SECOND,
}
OPPOSITE = MIRRORED | {there: here for here, there in MIRRORED.items()}


def side(doc: dict[str, Any]) -> Side:
    round_ = round_of(doc)
    return Side(round_, plan_round(round_))


def meant(candidate: str, first: Side, second: Side) -> Difference:
    """Say from the documents what the second plan means for somebody."""
    known = [
        candidate in {c["id"] for c in s.round.document["candidates"]} for s in (first, second)
    ]
    if known != [True, True]:
        return Difference.ONLY_FIRST if known[0] else Difference.ONLY_SECOND
    seats = [
        {p["candidate"]: p for p in s.plan.document["placements"]}.get(candidate)
        for s in (first, second)
    ]
    if seats[0] == seats[1]:
        return Difference.SAME
    if None in seats:
        return Difference.PLACED if seats[0] is None else Difference.LOST
    before, after = (seat["class"] for seat in seats if seat)
    if before == after or None in (before, after):
        return Difference.MOVED
    return Difference.BETTER if after < before else Difference.WORSE


def check(first: Side, second: Side) -> Comparison:
    """Hold a comparison against the documents, and against its mirror."""
    found, mirror = compared(first, second), compared(second, first)
    ids = {c.id for s in (first, second) for c in s.round.candidates}
    assert [p.candidate for p in found.people] == sorted(ids)
    for here, there in zip(found.people, mirror.people, strict=True):
        assert here.difference is meant(here.candidate, first, second)
        assert there.difference is OPPOSITE.get(here.difference, here.difference)
        assert (here.first, here.second) == (there.second, there.first)
    tiers = [{(t.tier, t.level): t.value for t in s.plan.tiers} for s in (first, second)]
    assert {(t.tier, t.level): (t.first, t.second) for t in found.tiers} == {
        key: (tiers[0].get(key), tiers[1].get(key)) for key in tiers[0] | tiers[1]
    }
    assert Counter((t.tier, t.level, t.second, t.first) for t in mirror.tiers) == Counter(
        (t.tier, t.level, t.first, t.second) for t in found.tiers
    )
    assert sum(found.counts.values()) == len(ids)
    assert found.gaining == mirror.losing
    return found


def test_differences_are_what_they_are_called_and_mirrored() -> None:
    rounds = (small_round(seed) for seed in range(SEEDS))
    sides = [side(doc) for doc in rounds if not conflicts(round_of(doc))]
    seen: Counter[Difference] = Counter()
    for first, second in pairwise(sides):
        seen.update(check(first, second).counts)
    assert set(+seen) == set(Difference)


def test_levels_stand_in_their_order_and_the_lottery_last() -> None:
    few = candidate("c", wishes=[wish("u")])
    many = candidate("c", wishes=[wish("v"), wish("w"), wish("u")])
    lists = {"units": [unit(name) for name in "uvw"]}
    lists["windows"] = [window(name, unit=name) for name in "uvw"]
    rounds = [
        round_doc(candidates=[few], policy=policy(tiers=["wish", "lottery"]), **lists),
        round_doc(candidates=[many], policy=policy(tiers=["placed", "wish"]), **lists),
    ]
    (few_side, many_side) = map(side, rounds)
    told = [(t.tier, t.level, t.first, t.second) for t in compared(few_side, many_side).tiers]
    assert [t[:2] for t in told] == [
        ("placed", None),
        ("wish", 3),
        ("wish", 2),
        ("lottery", None),
    ]
    assert told[0][2:] == (None, 1)
    assert told[1][2:] == (None, 0)


def test_a_seat_that_is_another_only_in_its_dates_is_another_seat() -> None:
    longer = round_doc(candidates=[candidate("c", months_needed=5)])
    first, second = side(round_doc(candidates=[candidate("c")])), side(longer)
    (person,) = compared(first, second).people
    assert person.first[0].start == person.second[0].start
    assert person.difference is Difference.MOVED


def test_several_plans_stand_side_by_side() -> None:
    one, two = municipality("m"), municipality("k")
    crowd = [candidate(name) for name in "ab"]
    sides = [
        side(round_doc()),
        side(round_doc(candidates=crowd, priorities=[order("a", "b")])),
        side(round_doc(municipalities=[one, two], policy=policy(tiers=["placed"]))),
    ]
    table = {(t, level): values for t, level, values in side_by_side([s.plan for s in sides])}
    assert table["placed", None] == (1, 1, 1)
    assert table["spread", None] == (0, 1, None)
    assert [s.classes for s in sides] == [((1, 1),)] * 3

"""The price of priority: what every plan of a small round says, tried one by one."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from itertools import combinations, count, islice
from random import Random

from scheduler.asking import Asking
from scheduler.cpsat import CpSat
from scheduler.planner import plan_round
from scheduler.price import Price, price, under_modes
from scheduler.watch import Stop, Watch
from tests.brute import Brute, Doc, Option
from tests.builders import (
    ALL_TIERS,
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

CROWDED = int(os.environ.get("ROTATIONS_PRICES", "6"))
"""How many crowded rounds in which strict orders cost a placement are tried out."""

LOSING = (37, 76, 207)
"""Small rounds in which they do, most of whose policies put other tiers first."""


class Lifted(Brute):
    """Enumeration in which the orders of some municipalities do not bind."""

    def __init__(self, doc: Doc, lifted: tuple[str, ...]) -> None:
        super().__init__(doc | {"policy": doc["policy"] | {"priority": "strict"}})
        self.lifted = lifted

    def in_the_way(self, plan: dict[str, Option], a: str, b: str, unit: str) -> bool:
        is_lifted = self.people[b]["municipality"] in self.lifted
        return not is_lifted and super().in_the_way(plan, a, b, unit)

    def placed(self) -> int:
        return len(self.best()[1])


def priced(doc: Doc, watch: Watch | None = None) -> Price:
    rounds = under_modes(round_of(doc))
    plans = {mode: plan_round(round_) for mode, round_ in rounds.items()}
    return price(rounds, plans, Asking(new_solver=CpSat, watch=watch or Watch()))


def smallest(doc: Doc, placed: int) -> tuple[str, ...]:
    """Try every set of municipalities by its size, then by ids."""
    names = sorted(m["id"] for m in doc["municipalities"])
    sets = (s for size in range(len(names) + 1) for s in combinations(names, size))
    return next(lists for lists in sets if Lifted(doc, lists).placed() >= placed)


def crowded(seed: int) -> Doc:
    """Return a round of three municipalities in which each junior wishes what her senior does."""
    r = Random(seed)
    units = [unit(f"u{n}") for n in range(5)]
    people = []
    for town in range(3):
        first, second = r.sample(units[town : town + 3], 2)
        for name, wished in (("a", (first, second)), ("b", (first,))):
            wishes = [wish(u["id"], latest="2027-08-01") for u in wished]
            own = {"municipality": f"m{town}", "months_needed": 1, "wishes": wishes}
            people.append(candidate(f"{name}{town}", **own))
    return round_doc(
        policy=policy(tiers=ALL_TIERS if r.random() < 0.6 else r.sample(ALL_TIERS, 3)),
        units=units,
        windows=[window(f"w{n}", unit=f"u{n}", closes="2027-09-01") for n in range(5)],
        municipalities=[
            municipality(f"m{n}", max_away=r.choice([None, None, 1])) for n in range(3)
        ],
        candidates=people,
        priorities=[order(f"a{n}", f"b{n}", municipality=f"m{n}") for n in range(3)],
    )


def losing() -> Iterator[Doc]:
    """Yield rounds that place more people where no order binds than where all do."""
    yield from map(small_round, LOSING)
    yield from islice(filter(loses, map(crowded, count())), CROWDED)


def loses(doc: Doc) -> bool:
    strict, _, advisory = (
        len(plan_round(r).placements) for r in under_modes(round_of(doc)).values()
    )
    return advisory > strict


def test_the_lists_that_cost_placements_are_the_fewest() -> None:
    sizes: Counter[int] = Counter()
    for doc in losing():
        told, towns = priced(doc), tuple(m["id"] for m in doc["municipalities"])
        placed = Lifted(doc, towns).placed()
        assert placed == len(told.sides["advisory"].given)
        assert placed - told.lost == Lifted(doc, ()).placed()
        assert told.lists == smallest(doc, placed), doc
        sizes[len(told.lists or ())] += 1
    assert min(sizes[1], sizes[2]) >= 1


def test_a_stopped_search_leaves_open_whose_orders_they_are() -> None:
    stop = Stop()
    stop.request()
    assert priced(small_round(LOSING[0]), Watch(stop=stop)).lists is None

"""What posts are worth, and the cheapest set: held against every set over every plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any, Literal

import pytest

from scheduler.asking import Asking, Stopped
from scheduler.capacity import Found, Purchase, Target, capacity_study, cheapest
from scheduler.cpsat import CpSat
from scheduler.planner import plan_round
from scheduler.posts import POST_MONTHS, Post, Unplaceable, grid
from scheduler.rounds import Round
from scheduler.solver import Answer, Outcome
from scheduler.tiers import Level
from scheduler.watch import Stop, Watch
from scheduler.worth import worths
from tests.brute import Brute, Doc, Refused, add
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

MODES = ("strict", "placement", "advisory")
PLANS_AT_MOST = 200
Kind = Literal["everyone", "deadlines", "share"]
WITHIN = 9


def with_posts(doc: Doc, posts: tuple[Post, ...]) -> Doc:
    """The document with these posts, written from docs/capacity.md."""
    widened_doc = deepcopy(doc)
    for post, count in Counter(posts).items():
        closes = add(post.start, POST_MONTHS)
        assert closes is not None
        widened_doc["windows"].append(
            {
                "id": f"post/{post.unit}/{post.start}",
                "unit": post.unit,
                "opens": post.start.isoformat(),
                "closes": closes.isoformat(),
                "positions": count,
            }
        )
    return widened_doc


class Counted:
    """The best plan of a document, by trying all of them, and whom it places."""

    def __init__(self, doc: Doc) -> None:
        self.brute = Brute(doc)
        self.values, self.plan, _ = self.brute.best()

    def placed(self, worst: int) -> list[str]:
        own = (c for c in self.plan if c not in self.brute.accepted)
        return [c for c in own if (self.brute.wish_class(c, self.plan[c]) or 0) <= worst]

    def before(self, target: Target) -> int:
        """Whom the plan places with a start before the target's months are over."""
        end = add(self.brute.decision, target.within) if target.within else None
        starts = (self.plan[c][0][1] for c in self.placed(99))
        return sum(end is None or start < end for start in starts)

    def in_time(self) -> int:
        own = {c: self.plan[c] for c in self.placed(99)}
        return int(next(iter(self.brute.tier_deadline(own)))[2])


def small(seeds: range) -> Iterator[tuple[int, Doc, Round, tuple[Post, ...]]]:
    """Small rounds of few windows, with the few posts that are put up for sale in them."""
    for seed in seeds:
        doc = small_round(seed)
        doc["policy"]["priority"] = MODES[seed % len(MODES)]
        held = {c["window"] for c in doc["commitments"]}
        doc["windows"] = [w for w in doc["windows"] if w["id"] in held or w["id"] == "w0"]
        round_ = round_of(doc)
        posts = grid(round_)[seed % 2 :: 3][:4]
        try:
            if Brute(with_posts(doc, posts)).size() <= PLANS_AT_MOST:
                Brute(doc).best()
                yield seed, doc, round_, posts
        except Refused:
            continue


def first_set(
    doc: Doc, posts: tuple[Post, ...], target: Target, costs: dict[str, int], needed: int
) -> tuple[int, int, tuple[Post, ...]] | None:
    """The first set of at most two posts that reaches a target, by trying one after the other."""
    sets = (c for size in range(3) for c in combinations_with_replacement(posts, size))
    ranked = sorted((sum(costs.get(p.unit, 1) for p in each), len(each), each) for each in sets)
    for cost, size, chosen in ranked:
        best = Counted(with_posts(doc, chosen))
        reached = best.in_time() if target.kind == "deadlines" else best.before(target)
        if reached >= needed:
            return cost, size, chosen
    return None


def key(purchase: Purchase) -> tuple[int, int, tuple[Post, ...]]:
    posts = tuple(post for post, count in purchase.posts for _ in range(count))
    return purchase.cost, len(posts), posts


def test_the_cheapest_set_is_the_one_that_enumeration_finds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    outcomes: Counter[str] = Counter()
    kinds: tuple[Kind, ...] = ("everyone", "deadlines", "share")
    for seed, doc, round_, posts in small(range(91_000, 91_060)):
        within = WITHIN if seed % 2 and kinds[seed % 3] == "share" else None
        target = Target(kind=kinds[seed % 3], share=Fraction(2, 3), within=within)
        costs = {"u0": 2, "u1": seed % 2}
        asking = Asking(new_solver=CpSat)
        found = cheapest(round_, posts, target, costs, asking)
        best = first_set(doc, posts, target, costs, found.needed)
        fewer = replace(target, within=None)
        outcomes["within matters"] += within is not None and (
            found.counted < cheapest(round_, posts, fewer, costs, asking).counted
            or first_set(doc, posts, fewer, costs, found.needed) != best
        )
        assert found.found is not Found.UNDECIDED, seed
        if found.found is Found.IMPOSSIBLE:
            assert best is None, seed
            outcomes["impossible"] += 1
        elif len(key(found)[2]) <= 2:
            assert key(found) == best, seed
            outcomes[f"{len(key(found)[2])} posts"] += 1
        else:
            assert best is None or best > key(found), seed
            outcomes["more"] += 1
    with capsys.disabled():
        print(f"\nsets held against enumeration: {dict(outcomes)}")
    assert outcomes["1 posts"] + outcomes["2 posts"] >= 5
    assert outcomes["impossible"] >= 3
    assert outcomes["within matters"] >= 3


def test_worth_is_what_enumeration_finds_and_bounds_hold(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen: Counter[str] = Counter()
    for seed, doc, round_, posts in small(range(92_000, 92_030)):
        base, plan = Counted(doc), plan_round(round_)
        asking = Asking(new_solver=CpSat)
        exact = {w.post: w for w in worths(round_, plan, posts, len(posts), asking)}
        bounds = {w.post: w for w in worths(round_, plan, posts, 0, asking)}
        assert exact.keys() == bounds.keys(), seed
        for post in posts:
            best = Counted(with_posts(doc, (post,)))
            if post not in exact:
                free = (o for c, o in best.brute.options.items() if c not in best.brute.accepted)
                assert not any(
                    w.startswith("post/") for own in free for option in own for w, *_ in option
                )
                continue
            one, bound = exact[post], bounds[post]
            own = [
                len(best.placed(k)) - len(base.placed(k)) for k in range(1, len(one.classes) + 1)
            ]
            assert list(one.classes) == own, (seed, post)
            assert one.placed == len(best.placed(99)) - len(base.placed(99)), (seed, post)
            assert one.deadline == best.in_time() - base.in_time(), (seed, post)
            assert one.exact
            assert not bound.exact
            assert bound.placed >= one.placed, (seed, post)
            assert bound.deadline >= one.deadline, (seed, post)
            assert all(b >= e for b, e in zip(bound.classes, own, strict=True)), (seed, post)
            seen["gain" if one.placed > 0 else "loss" if one.placed < 0 else "none"] += 1
            seen["tight"] += bound.placed == one.placed
    with capsys.disabled():
        print(f"\nworths held against enumeration: {dict(seen)}")
    assert seen["gain"] >= 10
    assert seen["tight"] >= 20


AUGUST = "2027-08-01"


def only(target: str = "u", day: str = AUGUST) -> Doc:
    """A wish to start on one day."""
    return wish(target, earliest=day, latest=day)


def second_position() -> Doc:
    """The round of docs/model.md, 7.5: one more position in u places one candidate fewer."""
    september = "2027-09-01"
    return round_doc(
        policy=policy(tiers=["placed", "rank", "wish"]),
        units=[unit(supervised_places=2), unit("v", site="s2")],
        windows=[
            window("w1"),
            window("w2", opens=september, closes="2028-03-01"),
            window("w3", unit="v"),
        ],
        municipalities=[municipality(), municipality("k")],
        candidates=[
            candidate("a", wishes=[only(), only("v")]),
            candidate("b", wishes=[only(day=september)]),
            candidate("d", municipality="k", wishes=[only()]),
        ],
        priorities=[order("a", "b")],
    )


def test_a_post_can_be_worth_less_than_nothing() -> None:
    study = capacity_study(round_of(second_position()), Target(), {}, exact=99)
    worth = {w.post: w for w in study.worths}[Post("u", date(2027, 8, 1))]
    assert (worth.exact, worth.placed) == (True, -1)
    assert worth.tiers[0] == ("placed", None, -1)
    assert study.purchase.posts == ()
    assert study.purchase.found is Found.CHEAPEST


def test_what_some_plan_reaches_is_not_enough() -> None:
    """c1 could go to v and leave u to c2; the best plan keeps the offer, whatever is bought."""
    doc = round_doc(
        units=[unit(supervised_places=1), unit("v", site="s2")],
        windows=[window(), window("w2", unit="v")],
        candidates=[
            candidate("c1", wishes=[only(), only("v")]),
            candidate("c2", wishes=[only()]),
        ],
        priorities=[order("c2", "c1")],
        commitments=[{"candidate": "c1", "window": "w", "start": AUGUST, "state": "offered"}],
    )
    purchase = capacity_study(round_of(doc), Target(), {}, exact=0).purchase
    assert purchase.found is Found.IMPOSSIBLE
    assert purchase.reachable == purchase.needed == 2
    assert purchase.tried > 1


def test_cost_decides_where_a_post_is_bought() -> None:
    doc = round_doc(
        units=[unit(), unit("v", site="s2")],
        candidates=[
            candidate("c1", wishes=[only()]),
            candidate("c2", wishes=[only("v"), only()]),
        ],
        priorities=[order("c1", "c2")],
    )
    for costs, bought in (({}, "u"), ({"u": 2}, "v"), ({"u": 0, "v": 0}, "u")):
        purchase = capacity_study(round_of(doc), Target(), costs, exact=0).purchase
        assert [(post.unit, count) for post, count in purchase.posts] == [(bought, 1)], costs
        assert purchase.cost == purchase.bound == costs.get(bought, 1)
        assert purchase.plan is not None
        assert len(purchase.plan.placements) == 2


def test_a_stay_in_two_posts_counts_in_both() -> None:
    doc = round_doc(
        policy=policy(parts={"divisions": [[3, 3]], "longest_gap_months": 0}),
        units=[unit(), unit("v")],
        windows=[],
        candidates=[candidate(wishes=[only(), only("v", "2027-11-01")])],
    )
    purchase = capacity_study(round_of(doc), Target(), {}, exact=0).purchase
    assert purchase.found is Found.CHEAPEST
    assert [(post.unit, count) for post, count in purchase.posts] == [("u", 1), ("v", 1)]
    assert purchase.cost == purchase.bound == 2


def test_nobody_whom_no_post_can_help_is_counted() -> None:
    doc = round_doc(
        candidates=[
            candidate("c1"),
            candidate("c2", has_supervisor=False, months_needed=7),
            candidate("c3", wishes=[]),
            candidate("c4", wishes=[only(day="2027-08-02")]),
            candidate("c5", complete_by="2027-12-01"),
        ],
        priorities=[order("c1", "c2", "c3", "c4", "c5")],
    )
    purchase = capacity_study(round_of(doc), Target(), {}, exact=0).purchase
    assert (purchase.counted, purchase.needed) == (2, 2)
    assert purchase.left_out == (
        Unplaceable("c2", ("SUPERVISOR", "FIT")),
        Unplaceable("c3", ("NO_WISH",)),
        Unplaceable("c4", ("NO_START_DAY",)),
    )
    late = capacity_study(round_of(doc), Target(kind="deadlines"), {}, exact=0).purchase
    assert (late.counted, late.needed, late.posts) == (0, 0, ())
    assert late.left_out == (Unplaceable("c5", ("LATE",)),)


class Hasty(CpSat):
    """A solver whose time is always up before the cost is proven."""

    def optimise(self, level: Level, *rest: Any) -> Answer:
        answer = super().optimise(level, *rest)
        if level.tier != "cost" or answer.outcome is not Outcome.OPTIMAL:
            return answer
        return replace(answer, outcome=Outcome.FEASIBLE, bound=level.value(answer.chosen) - 1)


def test_a_set_found_in_the_time_is_enough_and_bounded() -> None:
    """What the clock ends is planned all the same, and nothing is said to be cheapest."""
    found = Counter[Found]()
    for seed, _, round_, posts in small(range(91_000, 91_020)):
        hasty = cheapest(round_, posts, Target(), {}, Asking(new_solver=Hasty))
        exact = cheapest(round_, posts, Target(), {}, Asking(new_solver=CpSat))
        found[hasty.found] += 1
        if hasty.found is Found.FEASIBLE:
            assert hasty.bound < exact.cost <= hasty.cost, seed
            assert hasty.plan is not None
            assert len(hasty.plan.placements) >= hasty.needed
    assert found[Found.FEASIBLE] >= 5
    assert found[Found.CHEAPEST] == 0


def test_time_that_is_up_at_once_leaves_the_question_open() -> None:
    study = capacity_study(round_of(second_position()), Target(), {}, exact=1, seconds=0.0)
    assert study.worths[0].exact
    assert study.purchase.found is Found.UNDECIDED
    assert study.purchase.bound == 0
    assert study.purchase.reachable == study.purchase.counted


def test_a_share_within_months_leaves_out_who_begins_later() -> None:
    late = candidate("c2", wishes=[only(day="2027-09-01")])
    doc = round_doc(
        candidates=[candidate("c1", wishes=[only()]), late], priorities=[order("c1", "c2")]
    )
    for within, counted in ((7, 1), (8, 2)):
        target = Target(kind="share", within=within)
        purchase = capacity_study(round_of(doc), target, {}, exact=0).purchase
        assert (purchase.counted, purchase.needed) == (counted, counted)
        assert [each.rules for each in purchase.left_out] == [("BEGINS_LATE",)] * (2 - counted)


def test_a_round_without_people_lacks_nothing() -> None:
    study = capacity_study(round_of(round_doc(candidates=[])), Target(), {})
    assert study.worths == ()
    assert study.purchase.found is Found.CHEAPEST


def test_a_stopped_study_claims_nothing() -> None:
    stop = Stop()
    stop.request()
    with pytest.raises(Stopped):
        capacity_study(round_of(second_position()), Target(), {}, watch=Watch(stop=stop))


def test_a_study_stopped_midway_says_what_is_open() -> None:
    stop = Stop()

    def told(work: str, _done: int, _of: int) -> None:
        if work == "worth":
            stop.request()

    watch = Watch(stop=stop)
    study = capacity_study(round_of(second_position()), Target(), {}, watch=watch, told=told)
    assert study.worths
    assert not any(worth.exact for worth in study.worths)
    assert study.purchase.found is Found.UNDECIDED

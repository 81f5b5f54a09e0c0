"""Divided stays in stories, beside the enumeration that covers them at large."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import count, islice
from typing import Any

import pytest

from data.documents import read_round
from scheduler.certificate import certificate
from scheduler.domain import Parts
from scheduler.errors import InvalidRound, RefusedRound
from scheduler.options import admissible_options, is_offer, within_reach
from scheduler.planner import plan_round
from scheduler.plans import Plan
from scheduler.posts import grid, sold
from scheduler.purchase import Market
from tests.brute import Brute, Refused
from tests.builders import (
    Doc,
    candidate,
    order,
    plan_of,
    policy,
    round_doc,
    round_of,
    unit,
    window,
    wish,
)
from tests.scheduler.test_causes import Tried, check, told
from tests.scheduler.test_certificate import allows, choices
from tests.small_rounds import divided_round, small_round

HALVES: Doc = {"divisions": [[3, 3]], "longest_gap_months": 2}


def apart(**changes: Any) -> Doc:
    """Three months in u in the autumn, three in v in the new year, and somebody who needs six."""
    return (
        round_doc(
            policy=policy(parts=HALVES),
            units=[unit("u"), unit("v")],
            windows=[
                window("w1", closes="2027-11-01"),
                window("w2", unit="v", opens="2028-01-01", closes="2028-04-01"),
            ],
            candidates=[candidate(wishes=[wish("u"), wish("v")])],
        )
        | changes
    )


def seat(window_: str, start: str, state: str = "offered", months: int | None = 3) -> Doc:
    own = {"candidate": "c", "window": window_, "start": start, "state": state}
    return own if months is None else own | {"months": months}


BOTH = [seat("w1", "2027-08-01"), seat("w2", "2028-01-01")]


def seats(plan: Plan) -> list[tuple[str, str, int | None]]:
    return [(p.window, str(p.start), p.months) for p in plan.placements]


def test_two_parts_that_touch_in_one_window_are_an_undivided_stay() -> None:
    doc = round_doc(policy=policy(parts=HALVES | {"longest_gap_months": 0}))
    assert admissible_options(round_of(doc)) == ()
    doc["policy"]["parts"]["divisions"] = [[3, 3], [6]]
    (option,) = admissible_options(round_of(doc))
    assert len(option.parts) == 1


def test_the_longest_gap_is_counted_from_the_end_and_clipped() -> None:
    """The first part ends on 30 or 31 December: two months later is 29 February, both times."""
    doc = apart(policy=policy(parts=HALVES, start_days=[29, 30, 31]))
    doc["windows"] = [
        window("w1", opens="2027-09-30", closes="2027-12-31"),
        window("w2", unit="v", opens="2028-02-01", closes="2028-12-01"),
    ]
    options = [o for o in admissible_options(round_of(doc)) if o.parts[0].window == "w1"]
    assert {str(o.parts[1].start) for o in options} == {"2028-02-01", "2028-02-29"}


def test_whose_months_no_division_sums_to_is_not_divided() -> None:
    parts = Parts(divisions=((6,), (3, 3), (2, 4)), longest_gap_months=0)
    assert parts.of(6) == ((6,), (3, 3), (2, 4))
    assert parts.of(5) == ((5,),)


def test_an_offer_in_parts_is_kept_after_its_lead_time_is_over() -> None:
    late = {"id": "test", "decision_date": "2027-07-01"}
    assert seats(plan_of(apart(round=late))) == []
    plan = plan_of(apart(round=late, commitments=BOTH))
    assert seats(plan) == [("w1", "2027-08-01", 3), ("w2", "2028-01-01", 3)]
    assert plan.tiers[0].value == 1
    alone = [seat("w1", "2027-08-01"), seat("w2", "2028-02-01")]
    assert seats(plan_of(apart(round=late, commitments=alone))) == []
    round_ = round_of(apart(commitments=BOTH))
    assert [is_offer(round_, o) for o in admissible_options(round_)] == [True]


ACCEPTED: list[tuple[list[Doc], bool]] = [
    ([seat("w1", "2027-08-01", "accepted"), seat("w2", "2028-01-01", "accepted")], True),
    ([seat("w1", "2027-08-01", "accepted", 2), seat("w2", "2027-10-01", "accepted", 4)], True),
    ([seat("w1", "2027-08-01", "accepted"), seat("w2", "2027-10-01", "accepted")], False),
    ([seat("w1", "2027-08-01", "accepted"), seat("w2", "2028-01-01", "accepted", 4)], False),
    ([seat("w1", "2027-08-01", "accepted"), seat("w2", "2028-01-01", "accepted", None)], False),
]


@pytest.mark.parametrize(("held", "stands"), ACCEPTED)
def test_accepted_parts_stand_where_one_person_can_serve_them(
    held: list[Doc], stands: bool
) -> None:
    if stands:
        plan = plan_of(apart(commitments=held))
        assert [(p.window, p.months) for p in plan.placements] == [
            (each["window"], each["months"]) for each in held
        ]
    else:
        with pytest.raises(RefusedRound) as refused:
            plan_of(apart(commitments=held))
        assert [c.rule for c in refused.value.conflicts] == ["ONE"]


@pytest.mark.parametrize(
    "held",
    [
        [seat("w1", "2027-08-01"), seat("w2", "2028-01-01", months=None)],
        [seat("w1", "2027-08-01"), seat("w2", "2028-01-01", "accepted")],
        [*BOTH, seat("w2", "2028-02-01")],
    ],
)
def test_other_second_commitments_are_a_fault(held: list[Doc]) -> None:
    with pytest.raises(InvalidRound) as invalid:
        round_of(apart(commitments=held))
    place = ("commitments", len(held) - 1, "candidate")
    assert [(f.code, f.place) for f in invalid.value.faults] == [("commitment-second", place)]


MALFORMED: list[tuple[Any, str, tuple[str | int, ...]]] = [
    ([], "not-object", ()),
    ({"divisions": [[6]]}, "missing", ("longest_gap_months",)),
    ({"divisions": [], "longest_gap_months": 1}, "too-few", ("divisions",)),
    ({"divisions": [[]], "longest_gap_months": 1}, "too-few", ("divisions", 0)),
    ({"divisions": [[2, 2, 2]], "longest_gap_months": 1}, "too-many", ("divisions", 0)),
    ({"divisions": [[6, 0]], "longest_gap_months": 1}, "out-of-range", ("divisions", 0, 1)),
    ({"divisions": [[6], [6]], "longest_gap_months": 1}, "repeated", ("divisions",)),
    ({"divisions": [["6"]], "longest_gap_months": 1}, "not-whole-number", ("divisions", 0, 0)),
    ({"divisions": [[6]], "longest_gap_months": -1}, "out-of-range", ("longest_gap_months",)),
]


@pytest.mark.parametrize(("parts", "code", "place"), MALFORMED)
def test_what_is_wrong_with_parts_is_told_with_its_place(
    parts: Any, code: str, place: tuple[str | int, ...]
) -> None:
    with pytest.raises(InvalidRound) as invalid:
        round_of(round_doc(policy=policy(parts=parts)))
    assert [(f.code, f.place) for f in invalid.value.faults] == [
        (code, ("policy", "parts", *place))
    ]


def test_too_many_ways_to_divide_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.options.MAX_OPTIONS", 0)
    assert plan_of(round_doc()).placed == 1
    with pytest.raises(InvalidRound) as invalid:
        plan_of(apart())
    assert [f.code for f in invalid.value.faults] == ["too-many-options"]


def test_hashes_tell_divisions_apart_but_not_their_order() -> None:
    def hash_(*divisions: list[int]) -> str:
        parts = {"divisions": [*divisions], "longest_gap_months": 2}
        return round_of(round_doc(policy=policy(parts=parts))).hash

    assert hash_([2, 4], [3, 3]) == hash_([3, 3], [2, 4])
    assert hash_([2, 4]) != hash_([4, 2])
    plain = round_of(round_doc()).hash
    assert round_of(round_doc(policy=policy(parts=None))).hash == plain != hash_([6])


def test_one_part_is_no_reason_enough() -> None:
    plan = plan_of(apart(policy=policy(parts=HALVES | {"longest_gap_months": 1})))
    told_ = {r.wish: (r.code, dict(r.figures)) for a in plan.unplaced for r in a.reasons}
    at = {"window": "w1", "unit": "u", "start": "2027-08-01"}
    assert told_[1] == ("PART", at | {"months": 3, "gap": 1})
    assert told_[2][1]["window"] == "w2"


def test_a_part_can_be_in_the_way() -> None:
    """b has the autumn as a part; a, who ranks above b, would rather have it than her second."""
    doc = apart(
        candidates=[
            candidate("a", months_needed=3, wishes=[wish("u"), wish("x")]),
            candidate("b", rounds_waited=9, wishes=[wish("u"), wish("v")]),
        ],
        priorities=[order("a", "b")],
    )
    doc["units"].append(unit("x"))
    doc["windows"].append(window("w3", unit="x", closes="2027-11-01"))
    given = {p.candidate: p.window for p in plan_of(doc).placements}
    assert given == {"a": "w1"}
    doc["policy"]["priority"] = "advisory"
    assert {p.window for p in plan_of(doc).placements} == {"w1", "w2", "w3"}


def divided() -> Iterator[tuple[Doc, Brute]]:
    """Yield small rounds in which somebody's stay could be divided, with their enumeration."""
    for seed in count(30):
        document = divided_round(seed)
        with suppress(Refused):
            brute = Brute(document)
            if any(len(o) > 1 for own in brute.options.values() for o in own):
                yield document, brute


def test_each_cause_is_the_true_one_where_stays_are_divided() -> None:
    seen: Counter[str] = Counter()
    for document, brute in divided():
        if brute.size() <= 150:
            with suppress(Refused):
                best = brute.best()
                for person, wish_, reasons in told(document):
                    check(Tried(brute, best, person, wish_), reasons)
                    seen.update(reason.code for reason in reasons)
        if seen.total() >= 30:
            break
    assert seen.keys() >= {"PRIORITY", "TIER", "LOTTERY"}


def test_a_certificate_allows_every_lawful_plan_and_no_other() -> None:
    judged: Counter[bool] = Counter()
    small = ((d, b) for d, b in divided() if b.size() <= 120 and b.limits_kept(b.accepted))
    for document, brute in islice(small, 8):
        round_ = read_round(json.dumps(document).encode())
        found = certificate(round_, plan_round(round_))
        for plan in choices(brute):
            whole = brute.accepted | plan
            lawful = brute.limits_kept(whole) and brute.priority_kept(whole)
            assert allows(found, brute, plan) == lawful, (round_.id, plan)
            judged[lawful] += 1
    assert min(judged.values()) > 20


def test_a_colleague_in_no_order_for_a_unit_is_nobodys_junior_there() -> None:
    both, one = [wish("u"), wish("v")], [wish("u")]
    doc = apart(
        policy=policy(parts=HALVES, tiers=["waiting", "placed"]),
        candidates=[
            candidate("a", wishes=both),
            candidate("b", wishes=one, months_needed=3, rounds_waited=5),
        ],
        priorities=[order("a", "b"), order("a", unit="v")],
    )
    plan = plan_of(doc)
    assert {p.candidate for p in plan.placements} == set(Brute(doc).best()[1])


def test_a_post_whose_other_part_no_unit_can_supervise_is_not_for_sale() -> None:
    wishes = [
        wish("u", earliest="2027-08-01", latest="2027-08-01"),
        wish("v", earliest="2027-11-01", latest="2027-11-01"),
    ]
    doc = apart(
        policy=policy(parts=HALVES | {"longest_gap_months": 0}),
        units=[unit("u"), unit("v", supervised_places=0)],
        windows=[],
        candidates=[candidate(wishes=wishes)],
    )
    round_ = round_of(doc)
    assert sold(round_, grid(round_)) == {}
    assert Market(round_, grid(round_), {}).model.options == ()


def test_who_has_an_option_is_known_without_looking_for_all() -> None:
    met = Counter[bool]()
    for document in (*map(small_round, range(40)), *map(divided_round, range(10))):
        try:
            round_ = round_of(document)
        except (InvalidRound, RefusedRound):
            continue
        options = admissible_options(round_)
        candidates, windows = within_reach(round_)
        assert candidates == {option.candidate for option in options}
        assert windows == {part.window for option in options for part in option.parts}
        met[len(candidates) < len(round_.candidates)] += 1
    assert min(met[True], met[False]) > 3, "both kinds have been met"

"""A round: its cross-checks, its order-free indexes and its hash."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from scheduler.canonical import digest, encode
from scheduler.domain import TrustLead
from scheduler.errors import InvalidRound
from scheduler.verify import verify_document
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


def faults(doc: Doc) -> list[tuple[str, tuple[str | int, ...]]]:
    with pytest.raises(InvalidRound) as invalid:
        round_of(doc)
    return [(fault.code, fault.place) for fault in invalid.value.faults]


TWO = [candidate("a"), candidate("b")]
HELD = {"candidate": "c", "window": "w", "start": "2027-08-01"}

BROKEN: list[tuple[dict[str, Any], list[tuple[str, tuple[str | int, ...]]]]] = [
    ({"candidates": TWO}, [("order-missing", ("municipalities", 0))]),
    ({"candidates": TWO, "priorities": [order("a")]},
     [("order-incomplete", ("priorities", 0, "order"))]),
    ({"candidates": TWO, "priorities": [order("a", "b", "a")]},
     [("order-repeats", ("priorities", 0, "order", 2))]),
    ({"candidates": TWO, "priorities": [order("a", "b", "x")]},
     [("id-unknown", ("priorities", 0, "order", 2))]),
    ({"candidates": [candidate("a"), candidate("b", municipality="n")],
      "municipalities": [{"id": "m"}, {"id": "n"}], "priorities": [order("a", "b")]},
     [("order-foreigner", ("priorities", 0, "order", 1))]),
    ({"candidates": TWO, "priorities": [order("a", "b"), order("b", "a")]},
     [("order-repeated", ("priorities", 1))]),
    ({"units": [unit(), unit("v")], "candidates": TWO,
      "priorities": [order("a", "b"), order("a", unit="v")]},
     [("order-foreigner", ("priorities", 1, "order", 0))]),
    ({"windows": [window(unit="x")]}, [("id-unknown", ("windows", 0, "unit"))]),
    ({"windows": [window(closes="2027-08-01")]}, [("dates-reversed", ("windows", 0, "closes"))]),
    ({"candidates": [candidate(wishes=[wish("x")])]},
     [("id-unknown", ("candidates", 0, "wishes", 0, "target"))]),
    ({"candidates": [candidate(wishes=[wish(earliest="2028-09-01")])]},
     [("dates-reversed", ("candidates", 0, "wishes", 0, "latest"))]),
    ({"candidates": [candidate(municipality="x")]},
     [("id-unknown", ("candidates", 0, "municipality"))]),
    ({"units": [unit(), unit("v", trust="other")]},
     [("site-in-two-trusts", ("units", 1, "trust"))]),
    ({"units": [unit(site="u")]}, [("id-collides", ("units", 0, "site"))]),
    ({"units": [unit(trust="u")]}, [("id-collides", ("units", 0, "trust"))]),
    ({"units": [unit(site="t")]}, [("id-collides", ("units", 0, "site"))]),
    ({"units": [unit(), unit()]}, [("id-repeated", ("units", 1, "id"))]),
    ({"commitments": [HELD | {"state": "offered"}] * 2},
     [("commitment-repeated", ("commitments", 1))]),
    ({"commitments": [HELD | {"state": "offered"}, HELD | {"state": "accepted"}]},
     [("commitment-second", ("commitments", 1, "candidate"))]),
    ({"commitments": [HELD | {"state": "accepted", "start": "9999-12-01"}]},
     [("end-beyond-calendar", ("commitments", 0, "start"))]),
    ({"commitments": [HELD | {"state": "accepted", "window": "x"}]},
     [("id-unknown", ("commitments", 0, "window"))]),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), BROKEN)
def test_a_broken_relation_is_reported_alone_at_its_place(
    changes: dict[str, Any], expected: list[tuple[str, tuple[str | int, ...]]]
) -> None:
    assert faults(round_doc(**changes)) == expected


def test_a_mistyped_wish_is_not_blamed_on_the_order_too() -> None:
    doc = round_doc(
        candidates=[candidate("a", wishes=[wish("uu")]), candidate("b")],
        priorities=[order("a", "b"), order("a", "b", unit="u")],
    )
    assert faults(doc) == [("id-unknown", ("candidates", 0, "wishes", 0, "target"))]


def test_two_accepted_seats_are_a_matter_for_people_not_a_fault() -> None:
    held = [HELD | {"state": "accepted"}, HELD | {"state": "accepted", "start": "2029-08-01"}]
    assert len(round_of(round_doc(commitments=held)).commitments) == 2


def test_a_round_can_be_varied_and_is_checked_again() -> None:
    round_ = round_of(round_doc())
    assert round_.replace(id="other").hash != round_.hash
    with pytest.raises(InvalidRound):
        round_.replace(units=())


def test_ids_called_like_keys_are_no_keys() -> None:
    """Trusts may be called name, start or end: they stay apart from names and periods."""

    def hashed(months: int) -> str:
        trusts = {t: {"minimum_months": months} for t in ("name", "start", "end")}
        lead = {"minimum_months": 6, "target_months": 9, "counts_from": "decision"}
        return round_of(round_doc(policy=policy(lead=lead | {"by_trust": trusts}))).hash

    assert hashed(7) != hashed(8)
    lead = {"minimum_months": 6, "target_months": 9, "counts_from": "decision"}
    only = {t: {"minimum_months": 7} for t in ("start", "end")}
    round_ = round_of(round_doc(policy=policy(lead=lead | {"by_trust": only})))
    assert round_.document["policy"]["lead"]["by_trust"]["start"]["minimum_months"] == 7
    assert round_.policy.lead.by_trust["end"] == TrustLead(minimum_months=7)


def test_the_canonical_form_is_stable() -> None:
    """Golden: whoever writes another implementation can check theirs against these bytes."""
    assert encode(["frø", 0, "č", None, True]) == '["frø",0,"č",null,true]'.encode()
    document = {"b": [2, 1], "a": {"name": "left out", "order": ["z", "a"]}}
    assert digest(document) == digest({"a": {"order": ["z", "a"]}, "b": [1, 2]})
    spelled = b'{"a":{"order":["z","a"]},"b":[1,2]}'
    assert digest(document) == "sha256:" + sha256(spelled).hexdigest()


def test_a_post_without_an_end_is_planned_like_any_other() -> None:
    """Earmarked posts are often entered as open until the calendar ends."""
    endless = window(closes="9999-12-31", opens="2020-01-31")
    plan = plan_of(round_doc(windows=[endless, window("w2", closes="9999-12-31")]))
    assert plan.status == "optimal"
    assert verify_document(round_of(round_doc(windows=[endless])), {"round": "test",
        "placements": [{"candidate": "c", "window": "w", "start": "2027-08-01"}]}).kept  # fmt: skip


def test_wishes_for_any_time_at_all_are_refused_before_they_cost_anything() -> None:
    windows = [window(f"w{n}", closes="9999-12-31") for n in range(10)]
    doc = round_doc(
        windows=windows,
        policy=policy(start_days=list(range(1, 32))),
        candidates=[candidate(wishes=[wish(latest="9999-12-31")])],
    )
    assert faults(doc) == [("too-many-starts", ("candidates",))]

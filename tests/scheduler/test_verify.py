"""The verifier: each rule alone, each untrue claim alone, and thousands of edits judged twice."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import combinations
from random import Random
from typing import Any

import pytest

from scheduler.errors import RefusedRound
from scheduler.planner import plan_round
from scheduler.rounds import Round
from scheduler.verify import verify_document
from tests.brute import Brute, Option, Refused
from tests.builders import (
    Doc,
    candidate,
    municipality,
    order,
    plan_of,
    policy,
    round_doc,
    round_of,
    unit,
    window,
    wish,
)
from tests.small_rounds import divided_round, small_round


def handmade(*placements: tuple[str, str, str]) -> Doc:
    """A plan document that claims nothing but candidates, windows and starts."""
    return {
        "format": "rotations/plan@1",
        "round": "test",
        "placements": [{"candidate": c, "window": w, "start": s} for c, w, s in placements],
    }


def rules(round_: Round, document: Doc) -> set[str]:
    return {broken.rule for broken in verify_document(round_, document).broken}


C_IN_W = ("c", "w", "2027-08-01")

ONE_CANDIDATE_TWO_WINDOWS: dict[str, Any] = {"windows": [window(), window("w2")]}
TWO_CANDIDATES: dict[str, Any] = {
    "candidates": [candidate("a"), candidate("b")],
    "priorities": [order("a", "b")],
}

BROKEN: list[tuple[str, dict[str, Any], tuple[tuple[str, str, str], ...]]] = [
    ("FIT", {}, (("c", "w", "2027-08-02"),)),
    ("FIT", {"windows": [window(closes="2028-01-31")]}, (C_IN_W,)),
    ("FIT", {"round": {"id": "test", "decision_date": "2026-12-01"},
             "candidates": [candidate(wishes=[wish(earliest="2027-07-01")])]},
     (("c", "w", "2027-07-01"),)),
    ("FIT", {}, (("c", "w", "9999-12-01"),)),
    ("WISH", {"candidates": [candidate(wishes=[wish(earliest="2027-08-02")])]}, (C_IN_W,)),
    ("WISH", {"candidates": [candidate(wishes=[wish(latest="2027-08-01", earliest="2027-07-01")],
                                       available_from=None)],
              "windows": [window(closes="2028-03-01")]}, (("c", "w", "2027-09-01"),)),
    ("WISH", {"candidates": [candidate(wishes=[])]}, (C_IN_W,)),
    ("LEAD", {"round": {"id": "test", "decision_date": "2027-02-02"}}, (C_IN_W,)),
    ("LEAD", {"policy": policy(lead={"minimum_months": 6, "target_months": 9,
                                     "counts_from": "decision",
                                     "by_trust": {"t": {"minimum_months": 7}}})}, (C_IN_W,)),
    ("LEAD", {"policy": policy(lead={"minimum_months": 9, "target_months": 9,
                                     "counts_from": "submission"})}, (C_IN_W,)),
    ("REGISTERED", {"municipalities": [municipality(registered_on="2027-08-02")]}, (C_IN_W,)),
    ("REGISTERED", {"municipalities": [municipality(registered_on=None)]}, (C_IN_W,)),
    ("AGREEMENT", {"municipalities": [municipality(agreements=[])]}, (C_IN_W,)),
    ("AGREEMENT", {"municipalities": [municipality(agreements=[
        {"trust": "t", "signed_on": "2021-05-01", "ends_on": "2028-01-31"}])]}, (C_IN_W,)),
    ("AGREEMENT", {"municipalities": [municipality(agreements=[
        {"trust": "t", "signed_on": "2027-08-02"}])]}, (C_IN_W,)),
    ("LIS1", {"candidates": [candidate(lis1_completed_on="2027-08-02")]}, (C_IN_W,)),
    ("LIS1", {"candidates": [candidate(lis1_completed_on=None)]}, (C_IN_W,)),
    ("SUPERVISOR", {"candidates": [candidate(has_supervisor=False)]}, (C_IN_W,)),
    ("IN_PLAN", {"candidates": [candidate(in_individual_plan=False)]}, (C_IN_W,)),
    ("GOALS", {"units": [unit(learning_goals=["ALM-055"])]}, (C_IN_W,)),
    ("EXPERIENCE", {"windows": [window(min_gp_months=1)]}, (C_IN_W,)),
    ("FTE", {"windows": [window(fte_percent=49, closes="2029-08-01")]}, (C_IN_W,)),
    ("AVAILABLE", {"candidates": [candidate(available_from="2027-08-02")]}, (C_IN_W,)),
    ("AVAILABLE", {"candidates": [candidate(
        unavailable=[{"from": "2028-01-31", "to": "2028-02-01"}])]}, (C_IN_W,)),
    ("RELEASED", {"windows": [window(release_on="2027-01-15")]}, (C_IN_W,)),
    ("ONE", ONE_CANDIDATE_TWO_WINDOWS, (C_IN_W, ("c", "w2", "2027-08-01"))),
    ("ONE", {"windows": [window(positions=2)]}, (C_IN_W, C_IN_W)),
    ("POSITIONS", TWO_CANDIDATES, (("a", "w", "2027-08-01"), ("b", "w", "2027-08-01"))),
    ("SUPERVISED", TWO_CANDIDATES | {"units": [unit(supervised_places=1)],
                                     "windows": [window(), window("w2")]},
     (("a", "w", "2027-08-01"), ("b", "w2", "2027-08-01"))),
    ("AWAY", TWO_CANDIDATES | {"municipalities": [municipality(max_away=1)],
                               "windows": [window(positions=2)]},
     (("a", "w", "2027-08-01"), ("b", "w", "2027-08-01"))),
    ("AWAY", {"municipalities": [municipality(max_away=0)]}, (C_IN_W,)),
    ("ACCEPTED", {"commitments": [{"candidate": "c", "window": "w", "start": "2027-08-01",
                                   "state": "accepted"}]}, ()),
    ("PRIORITY", TWO_CANDIDATES, (("b", "w", "2027-08-01"),)),
    ("PRIORITY", TWO_CANDIDATES | {"policy": policy(priority="placement")},
     (("b", "w", "2027-08-01"),)),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "changes", "placements"), BROKEN)
def test_a_broken_rule_is_named(
    rule: str, changes: dict[str, Any], placements: tuple[tuple[str, str, str], ...]
) -> None:
    assert rules(round_of(round_doc(**changes)), handmade(*placements)) == {rule}


KEPT: list[tuple[dict[str, Any], tuple[tuple[str, str, str], ...]]] = [
    ({}, ()),
    ({}, (C_IN_W,)),
    ({"round": {"id": "test", "decision_date": "2027-02-01"}}, (C_IN_W,)),
    ({"candidates": [candidate(lead_waiver="avtalt skriftlig")],
      "round": {"id": "test", "decision_date": "2027-07-31"}}, (C_IN_W,)),
    ({"round": {"id": "test", "decision_date": "2027-07-31"},
      "windows": [window(release_on="2027-02-01")],
      "commitments": [{"candidate": "c", "window": "w", "start": "2027-08-01",
                       "state": "offered"}]}, (C_IN_W,)),
    ({"municipalities": [municipality(agreements=[
        {"trust": "t", "signed_on": "2027-08-01", "ends_on": "2028-02-01"}])]}, (C_IN_W,)),
    ({"candidates": [candidate(has_supervisor=False, wishes=[])],
      "commitments": [{"candidate": "c", "window": "w", "start": "2027-03-07",
                       "state": "accepted"}]}, (("c", "w", "2027-03-07"),)),
    (TWO_CANDIDATES | {"policy": policy(priority="advisory")}, (("b", "w", "2027-08-01"),)),
    (TWO_CANDIDATES, (("a", "w", "2027-08-01"),)),
    (TWO_CANDIDATES | {"commitments": [{"candidate": "b", "window": "w", "start": "2027-08-01",
                                        "state": "offered"}]}, (("b", "w", "2027-08-01"),)),
    ({"policy": policy(start_days=[]), "windows": [window(closes="2028-08-01")]},
     (("c", "w", "2028-02-01"),)),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "placements"), KEPT)
def test_a_plan_that_keeps_every_rule_is_accepted(
    changes: dict[str, Any], placements: tuple[tuple[str, str, str], ...]
) -> None:
    assert rules(round_of(round_doc(**changes)), handmade(*placements)) == set()


def test_a_higher_class_elsewhere_is_protected_only_by_strict() -> None:
    round_doc_ = round_doc(
        units=[unit(), unit("v")],
        windows=[window(), window("v1", unit="v")],
        candidates=[candidate("a", wishes=[wish("u"), wish("v")]), candidate("b")],
        priorities=[order("a", "b")],
    )
    document = handmade(("a", "v1", "2027-08-01"), ("b", "w", "2027-08-01"))
    assert rules(round_of(round_doc_), document) == {"PRIORITY"}
    round_doc_["policy"] = policy(priority="placement")
    assert rules(round_of(round_doc_), document) == set()


def _tier(name: str, **changes: Any) -> Callable[[Doc], None]:
    def edit(document: Doc) -> None:
        next(t for t in document["tiers"] if t["tier"] == name).update(changes)

    return edit


def _placement(**changes: Any) -> Callable[[Doc], None]:
    def edit(document: Doc) -> None:
        document["placements"][0].update(changes)

    return edit


def _claim(**changes: Any) -> Callable[[Doc], None]:
    def edit(document: Doc) -> None:
        document.update(changes)

    return edit


FALSE_CLAIMS: dict[str, Callable[[Doc], None]] = {
    "round": _claim(round="another"),
    "round_hash": _claim(round_hash="sha256:" + "0" * 64),
    "plan_hash": _claim(plan_hash="sha256:" + "0" * 64),
    "placements/0/unit": _placement(unit="v"),
    "placements/0/end": _placement(end="2028-02-02"),
    "placements/0/class": _placement(**{"class": 2}),
    "placements/0/candidate": _placement(candidate="nobody"),
    "placements/0/window": _placement(window="nowhere"),
    "tiers": _tier("placed", value=2, bound=2),
    "tiers/2": _tier("placed", bound=0),
    "status": _tier("placed", proven=False),
    "tiers order": lambda d: d["tiers"].reverse(),
    "tiers left out": lambda d: d["tiers"].pop(),
    "unplaced": _claim(unplaced=[]),
    "unplaced twice": lambda d: d["unplaced"].append(d["unplaced"][0]),
    "passed_over": _claim(passed_over=[{"candidate": "a", "reasons": []}]),
    "lottery_counter": _claim(lottery_counter=1),
}
"""One edit a claim; the key says which claim is untrue, or describes the edit."""


@pytest.mark.parametrize("name", FALSE_CLAIMS)
def test_an_untrue_claim_is_found(name: str) -> None:
    doc = round_doc(**TWO_CANDIDATES)
    document = copy.deepcopy(plan_of(doc).document)
    assert rules(round_of(doc), document) == set()
    FALSE_CLAIMS[name](document)
    verdict = verify_document(round_of(doc), document)
    claims = {b.figures["claim"] for b in verdict.broken if b.rule == "CLAIM"}
    assert {b.rule for b in verdict.broken} == {"CLAIM"}
    expected = {"tiers order": "tiers", "tiers left out": "tiers", "unplaced twice": "unplaced"}
    assert expected.get(name, "tiers" if name == "lottery_counter" else name) in claims


def test_a_proof_without_its_bound_is_no_proof() -> None:
    doc = round_doc(**TWO_CANDIDATES)
    document = copy.deepcopy(plan_of(doc).document)
    del document["plan_hash"]
    document["status"] = "feasible"
    _tier("waiting", bound=5, proven=False)(document)
    later = {"CLAIM"}
    assert rules(round_of(doc), document) == later, "tiers after an open one cannot be proven"
    for tier in document["tiers"][3:]:
        tier["proven"] = False
    assert rules(round_of(doc), document) == set()


def test_optimal_without_tiers_is_an_empty_claim() -> None:
    document = handmade(C_IN_W) | {"status": "optimal"}
    assert rules(round_of(round_doc()), document) == {"CLAIM"}


def edits(brute: Brute, plan: dict[str, Option], dice: Random) -> Iterator[dict[str, Option]]:
    """Yield plans one edit away: one person fewer, more, or elsewhere, or two swapped."""
    for c in plan:
        yield {k: v for k, v in plan.items() if k != c}
    everywhere = [(w, s) for w in brute.windows for s in _some_starts(brute, dice)]
    for c in brute.people:
        for w, s in dice.sample(everywhere, min(4, len(everywhere))):
            if brute.end(((w, s, brute.needed(c)),)) is not None:
                yield plan | {c: ((w, s, brute.needed(c)),)}
        for o in dice.sample(brute.options[c], min(6, len(brute.options[c]))):
            yield plan | {c: o}
            yield from (plan | {c: part} for part in torn(brute, c, o, dice))
    for (a, own), (b, other) in combinations(plan.items(), 2):
        new = {a: whole(brute, a, other), b: whole(brute, b, own)}
        if all(brute.end(o) for c, o in new.items()):
            yield plan | new


def torn(brute: Brute, c: str, option: Option, dice: Random) -> Iterator[Option]:
    """Yield what comes of a divided stay one edit away, most of it no option."""
    if len(option) == 1:
        return
    yield from ((part,) for part in option)
    (w, s, m), other = option
    yield ((w, s, m + 1), other)
    yield ((w, s, other[2]), (*other[:2], m))
    yield ((dice.choice(list(brute.windows)), s, m), other)
    yield (option[0], dice.choice(dice.choice(brute.options[c])))


def whole(brute: Brute, c: str, option: Option) -> Option:
    """Return another's stay as somebody would serve it: an undivided one as long as she needs."""
    return ((*option[0][:2], brute.needed(c)),) if len(option) == 1 else option


def _some_starts(brute: Brute, dice: Random) -> list[date]:
    found = {
        s for w in brute.windows for c in brute.people for s in brute.starts(w, brute.needed(c))
    }
    return dice.sample(sorted(found), min(3, len(found)))


def legal(brute: Brute, plan: dict[str, Option]) -> bool:
    """The enumeration's opinion of a plan."""
    if any(plan.get(c) != o for c, o in brute.accepted.items()):
        return False
    free = (c for c in plan if c not in brute.accepted)
    if any(plan[c] not in brute.options[c] for c in free):
        return False
    return brute.limits_kept(plan) and brute.priority_kept(plan)


def test_edited_plans_are_judged_as_enumeration_judges_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    judged = Counter(v for seed in range(50_000, 50_300) for v in judgements(small_round(seed)))
    with capsys.disabled():
        print(f"\n{judged[True]} legal edits accepted, {judged[False]} illegal ones refused")
    assert judged[True] >= 1_200
    assert judged[False] >= 3_000


def test_edited_plans_with_divided_stays_are_judged_as_enumeration_judges_them() -> None:
    judged = Counter(v for seed in range(60_000, 60_035) for v in judgements(divided_round(seed)))
    assert min(judged.values()) >= 150


def judgements(doc: dict[str, Any]) -> Iterator[bool]:
    """Yield what the verifier says of every edit, which is what enumeration says of it."""
    try:
        brute, round_ = Brute(doc), round_of(doc)
        plan = brute.read(plan_round(round_).document)
    except (Refused, RefusedRound):
        return
    for edited in edits(brute, plan, Random(round_.id)):
        document = handmade() | {"round": round_.id}
        document["placements"] = [
            {"candidate": c, "window": w, "start": s.isoformat()}
            | ({} if m == brute.needed(c) else {"months": m})
            for c, option in edited.items()
            for w, s, m in option
        ]
        kept, expected = verify_document(round_, document).kept, legal(brute, brute.read(document))
        assert kept == expected, (round_.id, edited)
        yield expected

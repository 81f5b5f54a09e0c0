"""Rounds fall into components, and what is best for each is best for all."""

from __future__ import annotations

import json
from itertools import pairwise, takewhile
from typing import Any

import pytest

from data.documents import read_round
from data.synthetic import generate
from scheduler.components import components
from scheduler.conflicts import conflicts
from scheduler.exact import exact
from scheduler.model import Model
from scheduler.search import Result, search
from scheduler.tiers import easy_bound, levels
from scheduler.watch import Limits, Progress, Watch
from tests.builders import candidate, municipality, order, round_doc, round_of, unit, window, wish
from tests.small_rounds import small_round

SEEDS = range(71_000, 71_060)
FAMILIES = ("units", "windows", "municipalities", "candidates")


def two_towns(**changes: object) -> Model:
    """Anna of m wants u, Ber of n wants v."""
    doc = round_doc(
        units=[unit(), unit("v")],
        windows=[window(), window("w2", unit="v")],
        municipalities=[municipality(), municipality("n")],
        candidates=[
            candidate("anna", wishes=[wish("u")]),
            candidate("ber", municipality="n", wishes=[wish("v")]),
        ],
    )
    return Model(round_of(doc | changes))


def people(model: Model) -> list[set[str]]:
    return [{option.candidate for option in own} for own in components(model.round, model.options)]


def test_towns_that_want_other_windows_have_nothing_to_do_with_each_other() -> None:
    assert sorted(map(sorted, people(two_towns()))) == [["anna"], ["ber"]]


@pytest.mark.parametrize("tie", ["window", "supervision", "municipality"])
def test_a_window_a_limit_of_a_unit_and_a_municipality_tie(tie: str) -> None:
    home = "m" if tie == "municipality" else "n"
    wanted = {"window": "u", "supervision": "u", "municipality": "v"}[tie]
    ber = candidate("ber", municipality=home, wishes=[wish(wanted)])
    changes: dict[str, object] = {"candidates": [candidate("anna", wishes=[wish("u")]), ber]}
    if tie == "municipality":
        changes["priorities"] = [order("anna", "ber")]
    if tie == "supervision":  # each fits one of two windows
        changes["units"] = [unit(supervised_places=1), unit("v")]
        changes["windows"] = [
            window("w"),
            window("w2", opens="2028-09-01", closes="2029-09-01"),
        ]
        ber["wishes"] = [wish("u", earliest="2028-09-01", latest="2028-12-01")]
    assert people(two_towns(**changes)) == [{"anna", "ber"}]


def side_by_side(seed: int) -> dict[str, Any]:
    """Return two small rounds as one, under the policy of the first."""
    one, other = small_round(seed), small_round(seed + 1000)
    names = {each["id"] for family in FAMILIES for each in other[family]}
    names |= {unit[level] for unit in other["units"] for level in ("site", "trust")}

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: renamed(each) for key, each in value.items()}
        if isinstance(value, list):
            return list(map(renamed, value))
        return f"other-{value}" if value in names else value

    both = ("priorities", "commitments", *FAMILIES)
    return one | {family: one[family] + renamed(other[family]) for family in both}


def as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.search.components", lambda _, options: [tuple(options)])


def summary(result: Result) -> object:
    tiers = [(t.tier, t.level, t.value, t.bound, t.proven) for t in result.tiers]
    return result.status, result.chosen, tiers, result.lottery_counter


def test_a_plan_is_that_of_the_round_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    divided = 0
    for seed in SEEDS:
        round_ = read_round(json.dumps(side_by_side(seed)).encode())
        if conflicts(round_):
            continue
        apart = search(round_, Limits(), Watch(), exact)
        divided += len(components(round_, Model(round_).options)) > 1
        with monkeypatch.context() as patched:
            as_one(patched)
            assert summary(search(round_, Limits(), Watch(), exact)) == summary(apart), seed
    assert divided > 15


def test_a_region_too_and_progress_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    round_ = generate("nord", 2)
    assert len(components(round_, Model(round_).options)) > 1
    seen: list[Progress] = []
    apart = search(round_, Limits(), Watch(on_progress=seen.append), exact)
    assert all(one.position <= each.position for one, each in pairwise(seen))
    assert seen[-1].position == seen[-1].of
    values = {(t.tier, t.level): t.value for t in apart.tiers}
    last = {(p.tier, p.level): p for p in seen}
    for key, value in values.items():
        if key[0] != "lottery":  # drawn in each component by itself
            assert (last[key].value, last[key].bound) == (value, value)
    as_one(monkeypatch)
    assert summary(search(round_, Limits(), Watch(), exact)) == summary(apart)


def test_behind_an_open_level_nothing_is_claimed() -> None:
    """Components may share the same sums otherwise: bounds beside own values would be false."""
    opened = 0
    for seed in SEEDS:
        round_ = read_round(json.dumps(side_by_side(seed)).encode())
        if conflicts(round_) or len(components(round_, Model(round_).options)) < 2:
            continue
        model = Model(round_)
        every = levels(model)
        best = [tier.value for tier in search(round_, Limits(), Watch(), exact).tiers]
        for work in (1e-7, 1e-6, 3e-6, 1e-5):
            tiers = search(round_, Limits(deterministic=work), Watch(), exact).tiers
            proven = list(takewhile(lambda tier: tier.proven, tiers))
            assert [tier.value for tier in proven] == best[: len(proven)], seed
            behind = list(zip(tiers, every, strict=False))[len(proven) + 1 :]
            assert all(tier.bound == easy_bound(model, level) for tier, level in behind), seed
            opened += bool(behind)
    assert opened > 5

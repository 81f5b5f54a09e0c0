"""The benchmarks: known answers are found, results are kept whole, and ratios are what they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import benchmarks.__main__
from benchmarks.families import FAMILIES, Instance, colouring, matching
from benchmarks.known import coloured, matched, most_overlapping
from benchmarks.outcome import checked, seats_of
from benchmarks.page import write_page
from benchmarks.protocol import PROTOCOLS, tasks
from benchmarks.ranking import Ranking
from benchmarks.results import FOUND, KILLED, MEASURED, PROVEN, Row, append_row, medians, read_rows
from benchmarks.running import Task, ran
from benchmarks.sides import LABELS
from benchmarks.sides.manual import decide as by_hand
from benchmarks.sides.searching import Trace
from benchmarks.targets import slope, targets
from data.synthetic import continent
from scheduler.conflicts import conflicts
from scheduler.model import Model
from scheduler.planner import plan_round
from scheduler.rounds import Round
from scheduler.watch import Progress
from tests.builders import round_of
from tests.small_rounds import small_round

ABOUT: dict[str, Any] = {
    "date": "2027-01-15", "commit": "abc", "python": "3.11", "ortools": "9", "cores": 2,
    "processor": "one",
}  # fmt: skip

ROW = Row(
    **ABOUT, protocol="quick", side="planner", family="nord", supply=0.8, seed=1, candidates=120,
    repeat=0, limit=40.0, status=PROVEN, seconds=2.0, wall=4.0, cpu=3.0, memory=150.0, levels=3,
    proven=3, tiers="placed rank-1 lottery", values="5 3 70", bounds="5 3 70", broken="",
    trace="0.100:2 2.000:0", notes="",
)  # fmt: skip


@pytest.mark.parametrize(("seed", "supply"), [(1, 0.8), (2, 1.1)])
def test_what_is_known_of_a_round_is_what_the_planner_proves(seed: int, supply: float) -> None:
    round_ = matching(60, seed, supply)
    assert [tier.value for tier in plan_round(round_).tiers] == list(matched(round_))
    round_ = colouring(60, seed, supply)
    placed, tickets = coloured(round_)
    assert [tier.value for tier in plan_round(round_).tiers] == [placed, tickets]
    assert most_overlapping(round_) == placed < 60


def test_a_continent_is_regions_of_which_some_are_linked() -> None:
    """Regions share nothing but the few who cross from every fifth one into the next."""
    round_ = continent(6, 1, 0.1)
    assert len(round_.candidates) == 6 * 120
    assert len({candidate.id for candidate in round_.candidates}) == 6 * 120
    away = {
        (candidate.municipality[:4], wish.target[:4])
        for candidate in round_.candidates
        for wish in candidate.wishes
        if candidate.municipality[:4] != wish.target[:4]
    }
    assert away == {("r000", "r001")}
    crossing = {
        (option.candidate[:4], option.parts[0].unit[:4])
        for option in Model(round_).options
        if option.candidate[:4] != option.parts[0].unit[:4]
    }
    assert crossing == away


def test_a_plan_by_hand_keeps_every_rule() -> None:
    for round_ in _rounds(40):
        seats = by_hand(round_, 1.0).seats
        assert seats is not None
        assert checked(round_, seats, 0).broken == []


def test_what_stands_against_a_plan_is_told_as_the_verifier_tells_it() -> None:
    """The lists that a search by moves counts with: limits kept, and nobody in the way."""
    seen = {True: 0, False: 0}
    for round_ in _rounds(60):
        model = Model(round_)
        ranking = Ranking(model)
        for plan in _plans(model):
            options = [model.options[i] for i in plan]
            seats = seats_of(model.round, (*options, *model.accepted))
            broken = checked(model.round, seats, 0).broken
            assert _kept(ranking, model, plan) == (not broken), (round_.id, plan, broken)
            seen[not broken] += 1
    assert min(seen.values()) > 20


def _rounds(most: int) -> Iterator[Round]:
    every = (round_of(small_round(seed)) for seed in range(most))
    return (round_ for round_ in every if not conflicts(round_))


def _plans(model: Model) -> list[list[int]]:
    """Return plans of one option a candidate: each one's first, second and last."""
    own = list(model.of_candidate.values())
    return [[numbers[n % len(numbers)] for numbers in own] for n in (0, 1, -1)]


def _kept(ranking: Ranking, model: Model, plan: list[int]) -> bool:
    count = [sum(slot in ranking.slots[i] for i in plan) for slot in range(len(ranking.free))]
    given = {model.options[i].candidate: i for i in plan}
    if any(taken > free for taken, free in zip(count, ranking.free, strict=True)):
        return False
    for y in plan:
        for claim in ranking.claims[y]:
            own = given.get(ranking.colleagues[claim])
            full = (
                count[slot] - (own is not None and slot in ranking.slots[own]) >= ranking.free[slot]
                for slot in ranking.blockers[claim]
            )
            if own not in ranking.serving[claim] and not any(full):
                return False
    return True


def test_rows_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    rows = [ROW, replace(ROW, side="highs", seconds=30.5, repeat=1, notes="plan=2.5 proven=1")]
    for row in rows:
        append_row(path, row)
    assert read_rows(path) == rows
    assert rows[1].noted == {"plan": 2.5, "proven": 1.0}
    assert ROW.points == [(0.1, 2.0), (2.0, 0.0)]


def test_medians_have_their_spread() -> None:
    rows = [replace(ROW, repeat=n, seconds=s) for n, s in enumerate([3.0, 1.0, 2.0])]
    (found,) = medians(rows).values()
    assert (found.runs, found.seconds, found.fastest, found.slowest) == (3, 2.0, 1.0, 3.0)
    assert found.row.seconds == 2.0


def test_targets_are_ratios_of_the_rows() -> None:
    rows = [
        ROW,
        replace(ROW, side="relaxations", seconds=1.25, status=MEASURED),
        replace(ROW, side="highs", seconds=9.0),
        replace(ROW, side="scip", seconds=20.0, status=FOUND, proven=1, bounds="5 4"),
        replace(ROW, side="defaults", seconds=0.0, status=KILLED),
        replace(ROW, side="replan", seconds=0.9, status=MEASURED, notes="plan=2"),
        replace(ROW, side="explain", seconds=0.1, status=MEASURED, notes="plan=2"),
        replace(ROW, side="explain", seed=ROW.seed + 1, seconds=0.0, status=KILLED),
    ]
    verdicts = {(t.family, t.aim): (t.measured, t.met) for t in targets(rows)}
    assert verdicts["nord", "all tiers / all relaxations once ≤ 2"] == ("1.6, worst 1.6", True)
    assert verdicts["nord", "highs / planner, time to proof ≥ 5"] == ("4.5, worst 4.5", False)
    said, met = verdicts["nord", "scip / planner, time to proof ≥ 5"]
    assert (said, met) == ("20, worst 20, 1 of 1 not finished", True)
    assert verdicts["nord", "re-plan after one decline / plan ≤ 0.3"][1] is False
    said, met = verdicts["nord", "explanation of one candidate / plan ≤ 0.1"]
    assert (said, met) == ("0.05, worst 0.05, 1 of 2 not finished", False)
    assert verdicts["europe", "memory ≤ 6 GB"] == ("", None)


def test_the_exponent_is_that_of_a_power() -> None:
    points = [(n, 3 * n**1.5) for n in (1, 2, 4, 8)]
    assert slope(points) == pytest.approx(1.5)
    assert slope(points[:1]) is None


def test_a_run_is_made_in_a_process_of_its_own_and_judged_by_the_verifier() -> None:
    row = ran(Task("manual", Instance("finnmark", 0.8, 1), 5.0, 0), "quick", ABOUT)
    assert row.status == FOUND
    assert row.tiers.split()[0] == "kept"
    assert len(row.vector) == row.levels - 1 == len(row.tiers.split())
    assert row.memory > 10
    assert (
        ran(Task("manual", Instance("finnmark", 0.8, 1), 0, 0), "q", ABOUT, 0.01).status == KILLED
    )


def test_the_page_shows_losses_and_plots_that_can_be_read(tmp_path: Path) -> None:
    better = replace(ROW, side="highs", seconds=1.0, values="6 3 70", bounds="6 3 70")
    write_page([ROW, better, replace(ROW, family="finnmark", candidates=12)], tmp_path)
    text = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert "HiGHS is better in placed (6 for 5)" in text
    assert "HiGHS proves in 1 s (planner: 2 s)" in text
    for plot in (tmp_path / "figures").glob("*.svg"):
        assert f"figures/{plot.name}" in text
        assert ElementTree.parse(plot).getroot().tag.endswith("svg")


def test_what_did_not_end_in_its_time_took_no_time_at_all_on_no_page(tmp_path: Path) -> None:
    measured = replace(ROW, side="explain", status=MEASURED, seconds=1.25)
    killed = replace(measured, supply=1.1, status=KILLED, seconds=0.0)
    other = replace(killed, seed=2, status=MEASURED, seconds=3.5)
    write_page([ROW, measured, killed], tmp_path / "one")
    text = (tmp_path / "one" / "benchmarks.md").read_text(encoding="utf-8")
    assert "| nord | 0.8 | 1.25 s |" in text
    assert "| nord | 1.1 | 1 of 1 not finished |" in text
    write_page([ROW, killed, other], tmp_path / "two")
    text = (tmp_path / "two" / "benchmarks.md").read_text(encoding="utf-8")
    assert "| nord | 1.1 | 3.5 s, 1 of 2 not finished |" in text


def test_a_page_tells_of_each_instance_at_the_latest_commit_on_the_last_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmarks.__main__, "age", {"aaa": 0, "bbb": 1}.__getitem__)
    of_today = replace(ROW, commit="aaa", date="2027-01-15")
    of_yesterday = replace(ROW, commit="bbb", family="stress", date="2027-01-14")
    older = [
        replace(of_today, commit="bbb"),
        replace(of_today, commit="bbb", side="highs"),
        replace(of_today, date="2027-01-14", side="scip"),
        replace(of_yesterday, date="2027-01-13"),
    ]
    for row in (of_today, of_yesterday, *older):
        append_row(tmp_path / f"{row.date}-{row.commit}-full.csv", row)
    assert benchmarks.__main__._latest(tmp_path) == [of_yesterday, of_today]
    write_page(benchmarks.__main__._latest(tmp_path), tmp_path)
    for page in ("benchmarks.md", "scale.md"):
        text = (tmp_path / page).read_text(encoding="utf-8")
        assert "| 2027-01-14 | bbb | stress 0.8 |" in text
        assert "| 2027-01-15 | aaa | nord 0.8 |" in text


def test_protocols_run_all_sides_in_turn_and_nothing_twice() -> None:
    for name, parts in PROTOCOLS.items():
        made = [task for task, _ in tasks(name)]
        assert len({task.key for task in made}) == len(made)
        assert {task.instance.family for task in made} <= FAMILIES.keys()
        assert {task.side for task in made} <= LABELS.keys()
        asked = {(f, side) for part in parts for f in part.families for side in part.sides}
        assert {(task.instance.family, task.side) for task in made} == asked


def test_a_trace_stops_at_the_level_that_is_not_proven() -> None:
    trace = Trace()
    told = [(1, 5, 10), (1, 10, 10), (2, 6, 8), (2, 7, 8), (3, 4, 4), (4, 1, 1)]
    for second, (position, value, bound) in enumerate(told):
        trace(Progress("placed", None, value, bound, float(second), position, 4))
    assert trace.points == [(0.0, 3.5), (1.0, 3.0), (2.0, 2.25), (3.0, 2.125)]

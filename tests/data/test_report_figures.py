"""Lanes, months and geometry behind the report's drawings, by hand-counted cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from data.exports.figures import supply, timeline
from data.exports.months import LONGEST, MonthCount, Months, month_counts, shown_months
from data.exports.timeline import lanes, sites
from data.wording import Wording
from scheduler.domain import Window
from scheduler.plans import Placement
from tests.data.made_up_plans import large_plan, large_round, small_plan, small_round

WINDOW = Window(id="w", unit="u", opens=date(2027, 8, 1), closes=date(2028, 8, 1), positions=2)


def placed(candidate: str, start: date, end: date) -> Placement:
    return Placement(candidate, "w", "u", start, end, 1)


def told(window: Window, *placements: Placement) -> list[tuple[int, list[tuple[str, str, str]]]]:
    return [
        (
            lane.seats,
            [
                (str(s.start), str(s.end), s.placement.candidate if s.placement else "free")
                for s in lane.stretches
            ],
        )
        for lane in lanes(window, placements)
    ]


def test_free_days_stand_before_between_and_after() -> None:
    found = told(
        replace(WINDOW, positions=1),
        placed("b", date(2028, 2, 1), date(2028, 7, 1)),
        placed("a", date(2027, 8, 15), date(2027, 12, 1)),
    )
    assert found == [
        (
            1,
            [
                ("2027-08-01", "2027-08-15", "free"),
                ("2027-08-15", "2027-12-01", "a"),
                ("2027-12-01", "2028-02-01", "free"),
                ("2028-02-01", "2028-07-01", "b"),
                ("2028-07-01", "2028-08-01", "free"),
            ],
        )
    ]


def test_one_who_starts_the_day_another_ends_takes_the_same_lane() -> None:
    found = told(
        WINDOW,
        placed("a", date(2027, 8, 1), date(2028, 2, 1)),
        placed("b", date(2028, 2, 1), date(2028, 8, 1)),
    )
    assert [seats for seats, _ in found] == [1, 1]
    assert [who for *_, who in found[0][1]] == ["a", "b"]
    assert [who for *_, who in found[1][1]] == ["free"]


def test_positions_nobody_uses_are_one_lane() -> None:
    found = told(replace(WINDOW, positions=1200))
    assert found == [(1200, [("2027-08-01", "2028-08-01", "free")])]


def test_more_placements_than_positions_are_all_shown() -> None:
    stays = [placed(c, date(2027, 8, 1), date(2028, 2, 1)) for c in "abc"]
    assert [seats for seats, _ in told(WINDOW, *stays)] == [1, 1, 1]


def test_a_commitment_outside_its_window_leaves_the_window_free() -> None:
    before = placed("a", date(2026, 8, 1), date(2027, 2, 1))
    after = placed("b", date(2029, 8, 1), date(2030, 2, 1))
    one = replace(WINDOW, positions=1)
    assert told(one, before, after) == [
        (
            1,
            [
                ("2026-08-01", "2027-02-01", "a"),
                ("2027-08-01", "2028-08-01", "free"),
                ("2029-08-01", "2030-02-01", "b"),
            ],
        )
    ]


def test_only_units_with_windows_are_shown_by_site() -> None:
    found = sites(small_round(), small_plan())
    assert [site.id for site in found] == ["alta", "hammerfest", "kirkenes"]
    assert [u.unit.id for u in found[0].units] == ["alta-dps", "alta-sami"]


def test_every_placement_has_its_lane() -> None:
    round_ = large_round()
    plan = large_plan(round_)
    seen = [
        s.placement
        for site in sites(round_, plan)
        for unit in site.units
        for lane in unit.lanes
        for s in lane.stretches
        if s.placement
    ]
    assert sorted(seen) == sorted(plan.placements)


@pytest.mark.parametrize(
    ("day", "position"),
    [
        (date(2027, 8, 1), 0.0),
        (date(2027, 8, 16), 15 / 31),
        (date(2028, 2, 1), 6.0),
        (date(2027, 7, 1), 0.0),
        (date(2030, 1, 1), 12.0),
    ],
)
def test_days_stand_where_they_belong_among_the_months(day: date, position: float) -> None:
    assert Months(date(2027, 8, 1), 12).position(day) == pytest.approx(position)


def test_months_reach_from_the_first_day_to_the_last() -> None:
    months = shown_months(small_round(), small_plan())
    assert months == Months(date(2027, 3, 1), 20)
    assert months.days()[-1] == date(2028, 10, 1)


def test_a_window_without_end_does_not_make_a_page_without_end() -> None:
    round_ = small_round()
    windows = (replace(round_.windows[0], closes=date.max), *round_.windows[1:])
    months = shown_months(round_.replace(windows=windows), small_plan())
    assert months.count == LONGEST
    assert months.first == date(2027, 3, 1)


def test_the_calendars_last_month_can_be_shown() -> None:
    round_ = small_round().replace(commitments=(), decision_date=date(9990, 1, 1))
    windows = tuple(replace(w, opens=date(9999, 1, 1), closes=date.max) for w in round_.windows)
    months = shown_months(round_.replace(windows=windows), replace(small_plan(), placements=()))
    assert months.days()[-1] == date(9999, 12, 1)


def test_supply_use_and_demand_are_counted_on_the_fifteenth() -> None:
    round_, plan = small_round(), small_plan()
    counts = {c.month: c for c in month_counts(round_, plan, shown_months(round_, plan))}
    assert counts[date(2027, 3, 1)] == MonthCount(date(2027, 3, 1), 1, 1, 1)
    # w1 (2), w3, w5, w7, w9 are open; c1, c2, c6, c8, c9 are away, c2 from that very day;
    # ten wish August and c8 is there already
    assert counts[date(2027, 8, 1)] == MonthCount(date(2027, 8, 1), 6, 5, 11)
    # w3 alone is open, everyone is back
    assert counts[date(2028, 10, 1)] == MonthCount(date(2028, 10, 1), 1, 0, 0)
    # w6 offers three positions, but the unit supervises two
    assert counts[date(2028, 1, 1)].offered == 11


def test_heights_of_the_supply_figure_follow_the_counts() -> None:
    months = Months(date(2027, 8, 1), 2)
    counts = [MonthCount(date(2027, 8, 1), 10, 5, 20), MonthCount(date(2027, 9, 1), 0, 0, 0)]
    figure = supply("nb", counts, months)
    first, second = figure.columns
    assert (first.offered, first.held, first.wished) == (100.0, 50.0, 200.0)
    assert (second.offered, second.held, second.wished) == (0.0, 0.0, 0.0)
    assert [level for _, level in figure.levels] == [0, 5, 10, 15, 20]


@pytest.mark.parametrize("top", [0, 1, 3, 7, 99, 100, 101, 12_345])
def test_the_axis_covers_the_highest_count_with_few_figures(top: int) -> None:
    months = Months(date(2027, 8, 1), 1)
    figure = supply("nb", [MonthCount(date(2027, 8, 1), top, 0, 0)], months)
    assert figure.columns[0].offered <= figure.height
    assert figure.levels[-1][1] >= top
    assert 2 <= len(figure.levels) <= 6


def test_bars_tell_candidate_wish_and_period_without_colour() -> None:
    round_, plan = small_round(), small_plan()
    words = Wording(round_, "nb")
    figure = timeline(words, sites(round_, plan), shown_months(round_, plan))
    bars = [b for s in figure.sites for u in s.units for lane in u.lanes for b in lane.bars]
    by_label = {bar.label: bar for bar in bars}
    assert by_label["c5 · 3. ønske"].kind == "class3"
    assert by_label["c8 · akseptert"].kind == "accepted"
    assert by_label["c9 · 1. ønske · tilbud"].kind == "class1"
    assert by_label["c5 · 3. ønske"].period == "1. sep. 2027 – 29. feb. 2028"
    assert by_label["2 plasser ledige"].kind == "free"
    assert not figure.low


def test_a_text_that_has_no_room_is_cut_or_left_out() -> None:
    round_, plan = small_round(), small_plan()
    long_id = "x" * 80
    short = tuple(
        replace(p, candidate=long_id, end=date(2027, 8, 20)) if p.candidate == "c1" else p
        for p in plan.placements
    )
    changed = tuple(replace(c, id=long_id) if c.id == "c1" else c for c in round_.candidates)
    orders = tuple(
        replace(p, order=tuple(long_id if c == "c1" else c for c in p.order))
        for p in round_.priorities
    )
    round_ = round_.replace(candidates=changed, priorities=orders)
    plan = replace(plan, placements=short)
    figure = timeline(Wording(round_, "nb"), sites(round_, plan), shown_months(round_, plan))
    bars = [b for s in figure.sites for u in s.units for lane in u.lanes for b in lane.bars]
    bar = next(b for b in bars if long_id in b.told)
    assert len(bar.label) * 6 < bar.width
    assert bar.period == ""


def test_many_lanes_are_drawn_low() -> None:
    round_ = large_round()
    plan = large_plan(round_)
    figure = timeline(Wording(round_, "nb"), sites(round_, plan), shown_months(round_, plan))
    assert figure.low
    bars = [b for s in figure.sites for u in s.units for lane in u.lanes for b in lane.bars]
    assert "k0000 · 1" in {bar.label for bar in bars}

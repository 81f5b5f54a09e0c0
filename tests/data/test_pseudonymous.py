"""Rounds under other names: nothing they were called by is left, and their plans are as good."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from random import Random

import pytest

from data.documents import read_round, write_round
from data.exports.pseudonymous import pseudonymous
from data.files import load_round
from scheduler.domain import Period
from scheduler.errors import RefusedRound
from scheduler.options import options_of
from scheduler.planner import plan_round
from scheduler.rounds import Round
from tests.asked import SAMPLE
from tests.small_rounds import small_round

SEEDS = range(20)


@pytest.fixture(scope="module")
def sample() -> Round:
    return load_round(SAMPLE)


def small(seed: int) -> Round:
    return read_round(json.dumps(small_round(seed)).encode())


def tiers(round_: Round) -> list[tuple[str, int | None, int]] | None:
    """What a plan comes to, but for the lottery; None where the round is refused."""
    try:
        plan = plan_round(round_)
    except RefusedRound:
        return None
    return [(t.tier, t.level, t.value) for t in plan.tiers if t.tier != "lottery"]


def test_the_plan_is_as_good(sample: Round) -> None:
    assert tiers(pseudonymous(sample, Random(1))) == tiers(sample)
    found = [tiers(small(seed)) for seed in SEEDS]
    assert [tiers(pseudonymous(small(seed), Random(seed))) for seed in SEEDS] == found
    assert sum(each is not None for each in found) >= 14


def test_nothing_is_called_as_it_was(sample: Round) -> None:
    round_ = sample
    text = write_round(pseudonymous(round_, Random(2))).decode()
    said: set[str | None] = {round_.id, round_.name, round_.policy.name, round_.policy.lottery_seed}
    for named in (round_.units, round_.candidates, round_.municipalities):
        said |= {name for record in named for name in (record.id, record.name)}
    said |= {window.id for window in round_.windows}
    said |= {place for unit in round_.units for place in (unit.site, unit.trust)}
    said |= {candidate.lead_waiver for candidate in round_.candidates}
    assert len(said) > 60
    strings = set(text.split('"'))
    assert not strings & said
    assert '"name": null' in text


def test_two_drawings_are_alike_in_nothing_that_is_drawn(sample: Round) -> None:
    one, other = (pseudonymous(sample, Random(seed)) for seed in (3, 4))
    assert one.hash != other.hash
    assert pseudonymous(sample, Random(3)).hash == one.hash
    assert sorted(len(ids) for ids in one.colleagues.values()) == sorted(
        len(ids) for ids in other.colleagues.values()
    )


def test_what_only_has_to_be_past_or_enough_is_told_as_that(sample: Round) -> None:
    made = pseudonymous(sample, Random(5))
    assert len({m.registered_on for m in made.municipalities}) <= 2
    assert len({a.signed_on for m in made.municipalities for a in m.agreements}) == 1
    assert {candidate.submitted_on for candidate in made.candidates} == {made.decision_date}
    assert {candidate.gp_months for candidate in made.candidates} <= {
        window.min_gp_months for window in made.windows
    }
    assert len(made.municipalities) < len(sample.municipalities)


def test_every_date_moves_by_the_same_four_year_steps(sample: Round) -> None:
    moved = {
        pseudonymous(sample, Random(seed)).decision_date.year - sample.decision_date.year
        for seed in range(12)
    }
    assert moved == {4, 8, 12, 16}
    made = pseudonymous(sample, Random(0))
    years = made.decision_date.year - sample.decision_date.year
    assert sorted(window.opens for window in made.windows) == sorted(
        window.opens.replace(year=window.opens.year + years) for window in sample.windows
    )


@pytest.mark.parametrize(("years", "moves"), [(60, True), (75, False), (173, False)])
def test_dates_stay_where_the_calendar_would_not_be_the_same(
    sample: Round, years: int, moves: bool
) -> None:
    """2100 is no leap year."""
    text = write_round(sample).decode()
    for year in range(2030, 2018, -1):
        text = text.replace(f'"{year}-', f'"{year + years}-')
    round_ = read_round(text.encode())
    made = pseudonymous(round_, Random(1))
    assert (made.decision_date != round_.decision_date) is moves


def test_a_round_without_people_is_one(sample: Round) -> None:
    bare = sample.replace(candidates=(), priorities=(), commitments=())
    made = pseudonymous(bare, Random(1))
    assert (made.candidates, made.municipalities) == ((), ())
    assert made.decision_date > date(2027, 1, 15)


def test_dates_that_decide_nothing_are_not_told(sample: Round) -> None:
    """An absence outside every stay, a last day within a month, a date far enough away."""
    free = (each for each in sample.candidates if each.id not in sample.accepted)
    her = next(each for each in free if any(options_of(sample, each)))
    away = Period(start=date(2026, 12, 24), end=date(2026, 12, 25))
    last = her.wishes[0].latest.replace(day=17)
    wishes = (replace(her.wishes[0], latest=last), *her.wishes[1:])
    marked = replace(her, unavailable=(away,), complete_by=date(2040, 1, 1), wishes=wishes)
    others = tuple(marked if each.id == her.id else each for each in sample.candidates)
    made = pseudonymous(sample.replace(candidates=others), Random(1))
    text = write_round(made).decode()
    assert "-12-24" not in text
    assert "-17" not in {wish.latest.isoformat()[7:] for c in made.candidates for wish in c.wishes}
    assert all(each.complete_by is None or each.complete_by.year < 2044 for each in made.candidates)


def test_the_order_of_candidates_tells_nothing(sample: Round) -> None:
    """They stand by the ids that were drawn for them."""
    drawn = [pseudonymous(sample, Random(seed)).candidates for seed in range(12)]
    first = [[each.wishes[0].earliest.isoformat()[4:] for each in people] for people in drawn]
    assert len({tuple(each) for each in first}) > 6
    assert all([c.id for c in people] == sorted(c.id for c in people) for people in drawn)

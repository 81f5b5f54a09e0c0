"""The shipped Finnmark round: every rule bites, and each story of its README is true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from data.files import load_round
from scheduler.admission import ADMISSION, Stay, refusals, start_days, stay, stay_months
from scheduler.domain import Candidate, Window
from scheduler.planner import plan_round
from scheduler.plans import Plan, Status
from scheduler.rounds import Round
from scheduler.verify import verify_document

SAMPLE = Path(str(files("data"))) / "samples" / "finnmark"

PLACED = {
    "5601-c1": ("hammerfest-akutt-1", "2027-11-01", 2),
    "5601-c2": ("hammerfest-medisin-1", "2027-08-01", 1),
    "5603-c2": ("kirkenes-kirurgi-1", "2028-03-01", 2),
    "5605-c1": ("kirkenes-kirurgi-1", "2027-09-01", 1),
    "5607-c1": ("hammerfest-kirurgi-1", "2027-08-01", 1),
    "5610-c1": ("sami-klinihkka-1", "2027-06-15", 1),
    "5616-c1": ("alta-avhengighet-1", "2027-09-01", 2),
    "5622-c1": ("alta-psykisk-1", "2027-06-01", 1),
    "5624-c1": ("hammerfest-psykisk-1", "2027-03-01", 1),
    "5634-c1": ("kirkenes-medisin-1", "2027-08-01", 3),
}


@pytest.fixture(scope="module")
def sample() -> Round:
    return load_round(SAMPLE / "round.json")


@pytest.fixture(scope="module")
def plan(sample: Round) -> Plan:
    return plan_round(sample)


def placed(round_: Round) -> dict[str, str]:
    """Window by candidate in the plan of a round."""
    return {p.candidate: p.window for p in plan_round(round_).placements}


def with_candidate(round_: Round, name: str, **changes: object) -> Round:
    others = [c for c in round_.candidates if c.id != name]
    return round_.replace(candidates=(*others, replace(round_.candidate[name], **changes)))  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["csv", "round.xlsx"])
def test_every_form_of_the_sample_is_the_same_round(sample: Round, form: str) -> None:
    read = load_round(SAMPLE / form)
    assert read.hash == sample.hash
    assert [c.name for c in read.candidates] == [c.name for c in sample.candidates]


def test_the_plan_is_the_one_of_the_readme(plan: Plan) -> None:
    assert plan.status is Status.OPTIMAL
    assert {p.candidate: (p.window, str(p.start), p.wish_class) for p in plan.placements} == PLACED


def stays(sample: Round, candidate: Candidate, window: Window) -> list[Stay]:
    """Every stay that begins on a start day of the window, wished or not."""
    months = stay_months(candidate.months_needed, window)
    days = start_days(sample, window, months, window.opens, window.closes)
    return [found for day in days if (found := stay(sample, candidate, window, day)) is not None]


def test_every_admission_rule_fails_somewhere(sample: Round) -> None:
    failed = set()
    for candidate in sample.candidates:
        for window in sample.windows:
            for s in stays(sample, candidate, window):
                failed |= {r.rule for r in refusals(s)}
    assert failed == set(ADMISSION)


@pytest.mark.parametrize(
    ("candidate", "rule"),
    [
        ("5603-c1", "LEAD"),
        ("5603-c1", "AVAILABLE"),
        ("5612-c1", "FTE"),
        ("5616-c1", "LIS1"),
        ("5618-c1", "SUPERVISOR"),
        ("5618-c1", "IN_PLAN"),
        ("5618-c1", "EXPERIENCE"),
        ("5620-c1", "REGISTERED"),
        ("5628-c1", "AGREEMENT"),
        ("5634-c1", "GOALS"),
        ("5634-c1", "RELEASED"),
    ],
)
def test_a_story_names_its_rule_within_the_wishes(sample: Round, candidate: str, rule: str) -> None:
    """The rule fails where the candidate wishes to go, so that it is a reason to be told."""
    failed = set()
    for window in sample.windows:
        for s in stays(sample, sample.candidate[candidate], window):
            rules = {r.rule for r in refusals(s)}
            failed |= rules if "WISH" not in rules else set()
    assert rule in failed


def test_the_price_of_priority_is_one_placement(sample: Round, plan: Plan) -> None:
    open_ = plan_round(sample.replace(policy=replace(sample.policy, priority="advisory")))
    assert len(open_.placements) == len(plan.placements) + 1
    assert "5601-c3" in {p.candidate for p in open_.placements}


def test_without_the_order_for_the_unit_the_default_order_decides(sample: Round) -> None:
    default = tuple(p for p in sample.priorities if p.unit is None)
    assert placed(sample.replace(priorities=default))["5601-c1"] == "hammerfest-medisin-1"


def _windows(round_: Round, name: str, **changes: object) -> Round:
    others = [w for w in round_.windows if w.id != name]
    return round_.replace(windows=(*others, replace(round_.window[name], **changes)))  # type: ignore[arg-type]


def _more_surgery(round_: Round) -> Round:
    return _windows(round_, "hammerfest-kirurgi-1", positions=2)


def _more_supervision(round_: Round) -> Round:
    units = [replace(u, supervised_places=None) for u in round_.units]
    return round_.replace(units=tuple(units))


def _more_leave_to_go(round_: Round) -> Round:
    own = [replace(m, max_away=None) for m in round_.municipalities]
    return round_.replace(municipalities=tuple(own))


def _no_offer(round_: Round) -> Round:
    return round_.replace(commitments=tuple(c for own in round_.accepted.values() for c in own))


@pytest.mark.parametrize(
    ("change", "candidate", "window"),
    [
        (_more_surgery, "5603-c2", "hammerfest-kirurgi-1"),
        (_more_supervision, "5632-c1", "kirkenes-medisin-2"),
        (_more_leave_to_go, "5605-c2", "kirkenes-kirurgi-1"),
        (_no_offer, "5612-c1", "sami-klinihkka-1"),
    ],
    ids=["POSITIONS", "SUPERVISED", "AWAY", "kept"],
)
def test_the_rule_of_the_story_is_what_stands_in_the_way(
    sample: Round, change: Callable[[Round], Round], candidate: str, window: str
) -> None:
    assert placed(change(sample))[candidate] == window


def test_without_the_waiver_the_lead_holds(sample: Round) -> None:
    assert "5622-c1" not in placed(with_candidate(sample, "5622-c1", lead_waiver=None))


def test_without_the_deadline_the_other_municipality_has_the_seat(sample: Round) -> None:
    assert (
        placed(with_candidate(sample, "5607-c1", complete_by=None))["5603-c2"]
        == "hammerfest-kirurgi-1"
    )


def test_without_the_rounds_waited_the_seat_may_be_another_one(sample: Round) -> None:
    waiting = with_candidate(
        with_candidate(sample, "5634-c1", rounds_waited=0), "5632-c1", rounds_waited=1
    )
    assert "5632-c1" in placed(waiting)
    assert "5634-c1" not in placed(waiting)


def test_without_acceptance_the_seat_is_not_in_the_plan(sample: Round) -> None:
    offered = tuple(c for own in sample.offered.values() for c in own)
    assert "5624-c1" not in placed(sample.replace(commitments=offered))


def test_the_reasons_told_are_of_every_kind(plan: Plan) -> None:
    """Not admissible by every rule but WISH, and seats lost for every limit."""
    reasons = [r for account in (*plan.unplaced, *plan.passed_over) for r in account.reasons]
    assert {r.code for r in reasons} >= set(ADMISSION) - {"WISH"}
    held = [r for r in reasons if r.code == "HELD"]
    assert {r.figures["rule"] for r in held} == {"POSITIONS", "SUPERVISED", "AWAY"}
    assert any(r.figures["colleagues"] for r in held)
    assert any(r.figures["others"] for r in held)


def test_the_verifier_agrees(sample: Round, plan: Plan) -> None:
    assert verify_document(sample, plan.document).kept


def test_no_municipality_of_finnmark_is_missing(sample: Round) -> None:
    assert len(sample.municipalities) == 18
    assert len(sample.units) == 13
    assert sample.municipality["5622"].name == "Porsanger - Porsáŋgu - Porsanki"


def test_an_id_begins_with_the_number_of_its_municipality(sample: Round) -> None:
    assert [c.id for c in sample.candidates if not c.id.startswith(f"{c.municipality}-")] == []

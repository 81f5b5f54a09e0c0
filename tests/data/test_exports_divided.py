"""What is made of a plan that divides stays: every part is there, every person counted once."""

from __future__ import annotations

import io
import json
from csv import DictReader
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from icalendar import Calendar

from data.documents import read_plan, write_plan
from data.explaining import Explaining
from data.exports.calendars import calendar
from data.exports.comparisons import Compared
from data.exports.explanations import explanation_record
from data.exports.keyfigures import key_figures
from data.exports.plan_csv import csv
from data.exports.plan_workbook import workbook
from data.exports.report import report
from data.exports.tables import municipalities
from data.exports.timeline import sites
from data.files import load_round
from data.forms.explanation_records import explanation_of
from data.forms.plan_records import plan_record
from data.sentences import LANGUAGES
from data.wording import Wording
from scheduler.comparison import Difference, Side
from scheduler.domain import Parts
from scheduler.explain import explanations
from scheduler.planner import plan_round
from scheduler.plans import Given, Plan, by_candidate
from scheduler.rounds import Round
from scheduler.verify import verify_document

SAMPLE = Path(str(files("data"))) / "samples" / "finnmark" / "round.json"


@cache
def planned() -> tuple[Round, Plan]:
    """Return the sample as it is where every stay of six months is divided, and its plan."""
    sample = load_round(SAMPLE)
    parts = Parts(divisions=((3, 3),), longest_gap_months=3)
    round_ = sample.replace(policy=replace(sample.policy, parts=parts))
    return round_, plan_round(round_)


def divided() -> dict[str, Given]:
    return {c: own for c, own in by_candidate(planned()[1].placements).items() if len(own) > 1}


def test_the_plan_comes_back_from_its_document() -> None:
    round_, plan = planned()
    assert len(divided()) >= 3
    document = read_plan(write_plan(plan))
    assert plan_record(document) == plan
    assert verify_document(round_, document).kept
    months = {p["candidate"]: p.get("months") for p in document["placements"]}
    assert all((months[c] == 3) == (c in divided()) for c in months)


def test_a_row_for_each_part_and_a_count_for_each_person() -> None:
    round_, plan = planned()
    rows = [*DictReader(io.StringIO(csv(round_, plan).decode("utf-8-sig")), delimiter=";")]
    for candidate, own in divided().items():
        mine = [row for row in rows if row["candidate"] == candidate]
        assert [row["window"] for row in mine] == [p.window for p in own]
        assert [row["end"] for row in mine] == [str(p.end) for p in own]
    figures = key_figures(round_, plan)
    assert figures.placed + figures.accepted == plan.placed == len(by_candidate(plan.placements))
    assert plan.placed + len(plan.unplaced) == len(round_.candidates)
    assert sum(row["placed"] for row in municipalities(round_, plan).records) == figures.placed
    assert sum(count for _, count in figures.classes) == figures.placed


def test_a_calendar_has_an_event_for_each_part_under_its_own_name() -> None:
    round_, plan = planned()
    events = Calendar.from_ical(calendar(round_, plan, "nb")).walk("VEVENT")
    assert len(events) == len({str(event["uid"]) for event in events}) == len(plan.placements)


def test_the_timeline_seats_each_part_in_its_window() -> None:
    lanes = (lane for s in sites(*planned()) for unit in s.units for lane in unit.lanes)
    seated = [
        (lane.window.id, s.placement) for lane in lanes for s in lane.stretches if s.placement
    ]
    assert sorted(p for _, p in seated) == sorted(planned()[1].placements)
    assert all(window == p.window for window, p in seated)


def test_pages_and_workbooks_are_made_in_every_language() -> None:
    round_, plan = planned()
    whole = Side(load_round(SAMPLE), plan_round(load_round(SAMPLE)))
    compared = Compared([None, "parts"], [whole, Side(round_, plan)])
    for language in LANGUAGES:
        assert all(p.window in report(round_, plan, language, None) for p in plan.placements)
        assert workbook(round_, plan, language)
        assert compared.workbook(language)
    (pair,) = compared.document["comparisons"]
    told = {p["candidate"]: p for p in pair["people"]}
    for candidate, own in divided().items():
        assert told[candidate]["second"]["then"]["window"] == own[1].window
        assert told[candidate]["difference"] != Difference.SAME


def test_explanations_come_back_and_are_worded_in_every_language() -> None:
    round_, plan = planned()
    codes = set()
    owed = [account.candidate for account in plan.unplaced][::2]
    for explained in explanations(round_, plan, [*owed, *divided()]):
        record = json.loads(json.dumps(explanation_record(explained)))
        assert explanation_of(record) == explained
        reasons = [r for w in explained.wishes for r in w.reasons]
        codes |= {reason.code for reason in reasons}
        for language in LANGUAGES:
            words = Wording(round_, language)
            by = Explaining(words, explained.candidate)
            assert all(words.placed_reason(reason) for reason in reasons)
            assert all(by.remedy(r) for w in explained.wishes for r in w.remedies)
            assert all(list(by.causes(w.causes)) for w in explained.wishes if w.causes)
    assert "PART" in codes

"""The CSV file opens in Norwegian Excel, and no cell of it is a formula."""

from __future__ import annotations

import csv as reader
from dataclasses import replace
from io import StringIO

import pytest

from data.exports.plan_csv import csv
from tests.data.made_up_plans import small_plan, small_round


def rows(content: bytes) -> list[dict[str, str]]:
    return list(reader.DictReader(StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_the_file_has_a_byte_order_mark_semicolons_and_crlf() -> None:
    content = csv(small_round(), small_plan())
    assert content.startswith(b"\xef\xbb\xbfcandidate;name;")
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines[-1] == ""
    assert len(lines) == 9 + 2
    assert not any("\n" in line for line in lines)


def test_a_row_tells_a_placement() -> None:
    first = rows(csv(small_round(), small_plan()))[0]
    assert first == {
        "candidate": "c1",
        "name": "Ánne Eksempel",
        "municipality": "5601",
        "municipality_name": "Alta",
        "unit": "hammerfest-medisin",
        "unit_name": "Avdeling for medisin",
        "site": "hammerfest",
        "trust": "finnmark",
        "window": "w1",
        "start": "2027-08-01",
        "end": "2028-02-01",
        "last_day": "2028-01-31",
        "class": "1",
        "standing": "new",
    }


def test_what_is_missing_is_empty() -> None:
    accepted = next(r for r in rows(csv(small_round(), small_plan())) if r["candidate"] == "c8")
    assert (accepted["class"], accepted["standing"]) == ("", "accepted")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_begins_like_a_formula_gets_an_apostrophe(start: str) -> None:
    round_ = small_round()
    round_ = round_.replace(
        candidates=tuple(replace(c, name=f"{start}cmd|' /C calc'!A0") for c in round_.candidates)
    )
    read = reader.DictReader(
        StringIO(csv(round_, small_plan()).decode("utf-8-sig"), newline=""), delimiter=";"
    )
    assert {row["name"] for row in read} == {f"'{start}cmd|' /C calc'!A0"}


def test_separators_quotes_and_line_breaks_stay_within_their_cell() -> None:
    name = 'Ola "; Nordmann\nÅs; x'
    round_ = small_round()
    round_ = round_.replace(candidates=tuple(replace(c, name=name) for c in round_.candidates))
    read = rows(csv(round_, small_plan()))
    assert len(read) == 9
    assert {row["name"] for row in read} == {name}

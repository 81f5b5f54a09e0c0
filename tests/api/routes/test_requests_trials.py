"""What a list could come to is told before it is handed in, and what is odd about it."""

from __future__ import annotations

from datetime import date

import pytest
from httpx2 import Response
from sqlmodel import select

from data.sentences import LANGUAGES
from models.scope import EVERYTHING
from models.tables import Municipality, Standing, Submission
from tests.api.routes.collected import (
    candidate,
    list_of,
    opened,
    plant_supervisor,
    plant_window,
    wish,
)
from tests.api.routes.said import alike, problem
from tests.api.served import ALTA, TROMSO, VADSO, Served


def warned(answer: Response) -> list[tuple[str, str]]:
    return [(each["code"], each["place"]) for each in answer.json()["warnings"]]


def test_a_dry_run_says_what_each_wish_could_come_to(embedded: Served) -> None:
    round_ = opened(embedded)
    window = plant_window(embedded)
    half = plant_window(embedded, fte_percent=40, opens=date(2028, 1, 1), closes=date(2030, 1, 1))
    list_ = list_of(
        candidate(
            supervisor=plant_supervisor(embedded),
            wishes=[
                wish(),
                wish(earliest="2027-06-01", latest="2027-07-15"),
                wish("hammerfest-kirurgi"),
                wish("hammerfest", earliest="2028-01-01", latest="2028-02-20"),
            ],
        ),
        candidate(f"{ALTA}-2", in_individual_plan=False),
    )
    answer = round_.dry_run(list_, headers={"Accept-Language": "en"})
    assert answer.json()["faults"] == []
    wishes = {(each["candidate"], each["wish"]): each for each in answer.json()["wishes"]}
    unit = "hammerfest-medisin"
    assert wishes[f"{ALTA}-1", 1]["windows"] == [
        {"window": window, "unit": unit, "first": "2027-08-01", "last": "2027-12-01", "starts": 9}
    ]
    assert wishes[f"{ALTA}-1", 1]["obstacles"] == []
    early = {each["window"]: each for each in wishes[f"{ALTA}-1", 2]["obstacles"]}
    assert (early[window]["code"], early[window]["figures"]) == ("OPENS_LATE", {"days": 17})
    assert early[window]["sentence"].startswith("The window opens 17 days after")
    assert [o["code"] for o in wishes[f"{ALTA}-1", 3]["obstacles"]] == ["NO_WINDOW"]
    assert [w["window"] for w in wishes[f"{ALTA}-1", 4]["windows"]] == [window]
    assert wishes[f"{ALTA}-1", 4]["windows"][0]["last"] == "2028-02-01"
    assert {o["code"] for o in wishes[f"{ALTA}-2", 1]["obstacles"]} == {
        "SUPERVISOR", "IN_PLAN", "OPENS_LATE",
    }  # fmt: skip
    assert half in {o["window"] for o in wishes[f"{ALTA}-2", 1]["obstacles"]}
    assert warned(answer) == [
        ("wish-unmet", "/candidates/0/wishes/1"),
        ("wish-unmet", "/candidates/0/wishes/2"),
        ("wish-unmet", "/candidates/1/wishes/0"),
    ]
    with embedded.database.reading(EVERYTHING) as session:
        assert session.exec(select(Submission)).all() == []
        assert session.exec(select(Standing)).all() == []


def test_a_limit_of_nought_keeps_every_window_from_a_wish(embedded: Served) -> None:
    with embedded.database.writing(EVERYTHING) as session:
        session.get_one(Municipality, ALTA).max_away = 0
    plant_window(embedded)
    list_ = list_of(candidate(supervisor=plant_supervisor(embedded)))
    (only,) = opened(embedded).dry_run(list_).json()["wishes"]
    assert (only["windows"], [o["code"] for o in only["obstacles"]]) == ([], ["HELD"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_others_shows_in_a_dry_run(served: Served, language: str) -> None:
    round_ = opened(served, participants=[ALTA, VADSO, TROMSO])
    plant_window(served)
    gone = plant_window(served, withdrawn_at=served.clock.now, closes=date(2029, 8, 1))
    maybe = plant_window(served, certainty="tentative", closes=date(2030, 8, 1))
    list_ = list_of(
        candidate(supervisor=plant_supervisor(served), wishes=[wish(), wish("hammerfest")]),
        candidate(f"{ALTA}-2"),
    )
    round_.hand_in(list_)
    before = round_.dry_run(list_, headers={"Accept-Language": language})
    assert before.json()["wishes"][0]["windows"]

    theirs = list_of(candidate(f"{VADSO}-1"), candidate(f"{VADSO}-2", name="Kanarifugl"))
    assert round_.hand_in(theirs, VADSO).status_code == 201
    seats = [
        {"candidate": f"{VADSO}-1", "window": gone, "start": "2027-08-01", "state": "accepted"},
        {"candidate": f"{VADSO}-2", "window": maybe, "start": "2027-08-01", "state": "offered"},
    ]
    commitments = f"{round_.path}/commitments"
    tag = served.planner.get(commitments).headers["etag"]
    held = served.planner.put(commitments, json={"commitments": seats}, tag=tag)
    assert held.status_code == 200, held.text
    after = round_.dry_run(list_, headers={"Accept-Language": language})
    assert after.content == before.content
    assert alike(before, after)
    by_planner = served.planner.put(
        round_.requests(),
        json=list_,
        params={"dry_run": "true"},
        headers={"Accept-Language": language},
    )
    assert problem(by_planner) == (409, "deadline-ahead")


def test_what_is_odd_is_told_with_the_receipt(embedded: Served) -> None:
    round_ = opened(embedded)
    plant_window(embedded)
    short = plant_supervisor(
        embedded,
        specialist=False,
        exempt_from=date(2027, 1, 1),
        exempt_until=date(2028, 1, 1),
    )
    specialist = plant_supervisor(embedded)
    a, b = (candidate(f"{ALTA}-{n}", supervisor=specialist) for n in (1, 2))
    assert warned(round_.hand_in(list_of(a, b))) == []
    answer = round_.hand_in(list_of(b, a))
    assert warned(answer) == [("order-reversed", "/default_order")]
    answer = round_.hand_in(list_of(a | {"supervisor": short}))
    assert warned(answer) == [
        ("candidate-dropped", "/candidates"),
        ("exemption-short", "/candidates/0/supervisor"),
    ]
    dropped, exemption = answer.json()["warnings"]
    assert dropped["figures"] == {"missing": 1}
    assert exemption["figures"] == {
        "from": "2027-01-01",
        "until": "2027-12-31",
        "start": "2027-08-01",
        "end": "2028-01-31",
    }
    assert "31. des. 2027" in exemption["sentence"]
    inside = [wish(earliest="2027-07-01", latest="2027-08-01")]
    assert warned(round_.hand_in(list_of(a | {"supervisor": short, "wishes": inside}))) == []
    assert warned(round_.hand_in({"candidates": []})) == [("candidate-dropped", "/candidates")]

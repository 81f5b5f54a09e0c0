"""Why, what if, how many and at what price, over HTTP, with a real worker."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from httpx2 import Response
from openpyxl import load_workbook
from sqlmodel import select
from typer.testing import CliRunner

from api.cli import app
from api.outcomes.explanations import part_of, why_answer
from api.outcomes.parties import Detail
from api.solving.desk import Desk
from api.solving.studies import STUDIES, Given
from data.documents import read_round, write_document
from data.exports.forecast import forecast_document
from data.forecasts import assumptions
from data.forms.forecast_records import forecast_of
from data.forms.forecasts import ForecastForm
from data.sentences import LANGUAGES
from data.wording import Wording
from models.scope import EVERYTHING
from models.tables import AuditEntry, Study
from scheduler.explained import Explanation, WishExplained
from scheduler.planner import plan_round
from scheduler.watch import Stop, Watch
from tests.api.routes.planned import SAMPLE, Locked, ended, finnmark, finnmark_plan, locked
from tests.api.served import ALTA, BERGEN, BERGEN_TOWN, Person, Served
from tests.builders import Doc, candidate, order, policy, round_doc, unit, window, wish
from tests.data.test_explaining import CAUSES, REMEDIES, WHO

HOME = "5605"
"""A municipality that can have one away at a time: its first candidate goes, not its second."""

FIRST, SECOND = f"{HOME}-c1", f"{HOME}-c2"

SCENARIOS: list[dict[str, Any]] = [
    {
        "format": "rotations/scenario@1",
        "name": "more",
        "changes": [
            {"action": "change", "record": "municipalities", "id": HOME, "fields": {"max_away": 2}}
        ],
    },
    {
        "format": "rotations/scenario@1",
        "name": "fewer",
        "changes": [
            {"action": "remove", "record": "candidates", "id": "5622-c1"},
            {"action": "change", "record": "policy", "fields": {"priority": "advisory"}},
        ],
    },
]


def run(*words: object) -> str:
    """Run a command here and return what it answers."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.stdout


def published(round_: Locked) -> str:
    """Keep the sample's plan, publish it, and return where its explanations are to be."""
    plan = round_.plan(finnmark_plan())
    planner = round_.served.as_("planner")
    tag = planner.get(f"/v1/plans/{plan}").headers["etag"]
    assert planner.post(f"/v1/plans/{plan}/publish", tag=tag).status_code == 200
    return f"/v1/plans/{plan}/explanations"


def why(person: Person, address: str, language: str = "en") -> Any:
    """Return what somebody is told of an explanation."""
    answer = person.get(address, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return answer.json()["explanation"]


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_published_plan_is_explained_to_each_as_far_as_they_may_know(worked: Served) -> None:
    address = published(locked(worked, finnmark()))
    assert ended(worked.planner, address) == "completed"
    study = worked.planner.get(address).json()["study"]
    assert study["progress"] == {"done": 18, "of": 18}
    with worked.database.reading(EVERYTHING) as session:
        entries = session.exec(select(AuditEntry.operation)).all()
    assert "complete_study" in entries
    coordinator = worked.coordinator(HOME)
    candidate = worked.as_("candidate", municipality=HOME, candidate=SECOND)
    said = [why(who, f"{address}/{SECOND}") for who in (worked.planner, coordinator, candidate)]
    whole, hers, own = ([cause["figures"] for cause in s["wishes"][0]["causes"]] for s in said)
    tier = {"tier": "rank", "level": 1}
    stay = {
        "window": "kirkenes-kirurgi-1",
        "unit": "kirkenes-kirurgi-ortopedi-fode-gyn",
        "start": "2027-09-01",
    }
    lost = {"value": 8, "forced": 7, "losers": [FIRST], "units": [stay["unit"]]}
    assert whole == [stay | {"colleagues": [FIRST]}, stay | tier | lost]
    assert hers == [
        stay | {"colleagues": [FIRST]},
        stay | tier | {"colleagues": [FIRST], "others": 0},
    ]
    assert own == [stay | {"colleagues": None}, stay | tier | {"colleagues": [], "others": None}]
    sentences = [cause["sentence"] for cause in said[2]["wishes"][0]["causes"]]
    assert "in the way of colleagues, whom" in sentences[0]
    assert sentences[1].endswith("it would be at the cost of other candidates.")
    remedies = [remedy["code"] for remedy in said[2]["wishes"][0]["remedies"]]
    assert remedies == ["LATER", "SHORTER", "PLACE"]
    assert FIRST not in json.dumps(said[2])
    check_outsiders(worked, address, coordinator, candidate)


def check_outsiders(worked: Served, address: str, coordinator: Person, candidate: Person) -> None:
    """Nobody else's explanation is there, and their ids are not told."""
    assert [i["candidate"] for i in coordinator.get(address).json()["items"]] == [FIRST, SECOND]
    assert [i["candidate"] for i in candidate.get(address).json()["items"]] == [SECOND]
    assert candidate.get(address).json()["study"] is None
    outsider = worked.coordinator(BERGEN_TOWN, BERGEN)
    nothing = worked.planner.get(f"{address}/nobody").json()
    for person, who in (
        (outsider, SECOND),
        (candidate, FIRST),
        (candidate, "nobody"),
        (coordinator, "5601-c1"),
        (worked.coordinator(ALTA), SECOND),
    ):
        answer = person.get(f"{address}/{who}")
        assert (answer.status_code, answer.json()) == (404, nothing)
    assert worked.as_("unit_leader", unit="kirkenes-medisin").get(address).status_code == 403


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_what_ifs_are_those_of_the_command_line(worked: Served, tmp_path: Path) -> None:
    check_scenarios_and_price(worked, tmp_path)
    place, file = check_capacity(worked, tmp_path)
    check_years_ahead(worked.planner, place, file)
    check_keeping(worked)


def check_scenarios_and_price(worked: Served, tmp_path: Path) -> None:
    round_ = locked(worked, finnmark())
    round_.plan(finnmark_plan())
    rounds = f"/v1/rounds/{round_.id}"
    price = worked.planner.post(f"{rounds}/price-of-priority")
    assert price.status_code == 202
    places = []
    for each in SCENARIOS:
        worked.clock.forward(seconds=1)
        asked = worked.planner.post(f"{rounds}/scenarios", json=each)
        assert asked.status_code == 202, asked.text
        places.append(asked.headers["location"])
    files = [tmp_path / f"{each['name']}.json" for each in SCENARIOS]
    for file, each in zip(files, SCENARIOS, strict=True):
        file.write_text(json.dumps(each), encoding="utf-8")
    out = tmp_path / "out"
    options = (word for file in files for word in ("--scenario", file))
    run("compare", SAMPLE, *options, "--out", out, "--jobs", 1)
    told = json.loads(run("price", SAMPLE, "--json", "--jobs", 1))
    assert [ended(worked.planner, place) for place in places] == ["completed", "completed"]
    together = worked.as_("auditor").get(f"{rounds}/scenarios/comparison")
    assert together.content == (out / "comparison.json").read_bytes()
    for number, (place, each) in enumerate(zip(places, SCENARIOS, strict=True), 1):
        said = worked.planner.get(place).json()
        made = (out / f"{each['name']}.plan.json").read_bytes()
        assert write_document(said["plan"]) == made
        assert said["scenario"] == each
        (beside,) = said["comparison"]["comparisons"]
        assert beside | {"second": number} in together.json()["comparisons"]
    listed = worked.planner.get(f"{rounds}/scenarios").json()["items"]
    counts = {item["name"]: (item["placed"], item["unplaced"]) for item in listed}
    assert counts == {
        side["scenario"]: (side["placed"], side["unplaced"])
        for side in together.json()["sides"][1:]
    }
    sheets = load_workbook(
        BytesIO(worked.planner.get(f"{rounds}/scenarios/comparison.xlsx").content)
    )
    assert len(sheets.sheetnames) >= 3
    assert ended(worked.planner, f"{rounds}/price-of-priority") == "completed"
    assert worked.planner.get(f"{rounds}/price-of-priority").json()["price"] == told
    assert worked.planner.post(f"{rounds}/price-of-priority").status_code == 200
    assert worked.planner.delete(places[0]).status_code == 204
    assert worked.planner.get(places[0]).status_code == 404


ENGLISH = ("--language", "en")


def crowded() -> Doc:
    """One seat, two who may have it, and a third whom nothing helps."""
    return round_doc(
        units=[unit(name="Medisin & mer")],
        candidates=[
            candidate("c1", wishes=[wish(latest="2027-08-01")]),
            candidate("c2", wishes=[wish(latest="2027-09-01")]),
            candidate("c3", has_supervisor=False),
        ],
        priorities=[order("c1", "c2", "c3")],
    )


def check_capacity(worked: Served, tmp_path: Path) -> tuple[str, Path]:
    """Compare a study with the command's; return where to ask for others, and the round's file."""
    planner, document = worked.planner, json.dumps(crowded()).encode()
    round_ = locked(worked, read_round(document))
    costs = {"format": "rotations/costs@1", "units": [{"unit": "u", "cost": 3}]}
    asked = {"target": "share", "percent": 100, "within": 24, "costs": costs, "exact": 1}
    studies = f"/v1/rounds/{round_.id}/capacity-studies"
    answer = planner.post(studies, json=asked)
    assert answer.status_code == 202, answer.text
    place = answer.headers["location"]
    file, priced, out = (tmp_path / name for name in ("crowded.json", "costs.json", "posts"))
    file.write_bytes(document)
    priced.write_text(json.dumps(costs), encoding="utf-8")
    options = ("--target", "share=1", "--within", 24, "--costs", priced, "--exact", 1, *ENGLISH)
    told = json.loads(run("capacity", file, *options, "--out", out, "--json"))
    assert ended(planner, place) == "completed"
    said = planner.get(place).json()
    assert said["study"] == told
    assert (said["found"], said["posts"], said["cost"]) == ("cheapest", 1, 3)
    page = planner.get(f"{place}/export.html", headers={"Accept-Language": "en"})
    assert page.content == (out / "capacity.html").read_bytes()
    sheets = [
        load_workbook(BytesIO(content)).sheetnames
        for content in (
            planner.get(f"{place}/export.xlsx").content,
            (out / "capacity.xlsx").read_bytes(),
        )
    ]
    assert len(sheets[0]) == len(sheets[1])
    assert planner.delete(place).status_code == 204
    return studies, file


YEARS: dict[str, Any] = {
    "format": "rotations/forecast@1",
    "years": 1,
    "wait_months": 6,
    "seed": "frø",
    "draws": 2,
    "scenarios": [{"name": "few", "a_year": [1]}, {"name": "many", "a_year": [3]}],
}


def check_years_ahead(planner: Person, studies: str, file: Path) -> None:
    """The years after a round are those of the command, in its document and in its files."""
    assumed, out = file.with_name("years.json"), file.with_name("years")
    assumed.write_text(json.dumps(YEARS), encoding="utf-8")
    told = json.loads(run("forecast", file, assumed, "--out", out, "--json", "--jobs", 1, *ENGLISH))
    answer = planner.post(studies, json={"forecast": YEARS})
    assert answer.status_code == 202, answer.text
    place = answer.headers["location"]
    assert ended(planner, place) == "completed"
    said = planner.get(place).json()
    assert said["study"] == told
    assert told["complete"]
    few, many = told["scenarios"]
    assert few["posts"]["cost"] < many["posts"]["cost"]
    assert said["ahead"] == [
        {"name": each["name"], "posts": posts["cost"], "cost": posts["cost"], "proven": True}
        for each in (few, many)
        for posts in (each["posts"],)
    ]
    (listed,) = planner.get(studies).json()["items"]
    assert listed["ahead"] == said["ahead"]
    page = planner.get(f"{place}/export.html", headers={"Accept-Language": "en"})
    assert page.content == (out / "forecast.html").read_bytes()
    book = planner.get(f"{place}/export.xlsx", headers={"Accept-Language": "en"})
    files = (book.content, (out / "forecast.xlsx").read_bytes())
    ours, theirs = (load_workbook(BytesIO(content)).worksheets for content in files)
    shown = [[[*sheet.values][1:] for sheet in book] for book in (ours, theirs)]
    assert shown[0] == shown[1]
    assert sum(map(len, shown[0])) > len(told["scenarios"])


def check_keeping(worked: Served) -> None:
    """Who is offered the only seat that another could take keeps her from it, though not alone."""
    there = [wish(), wish("v")]
    made = round_doc(
        round={"id": "kept", "decision_date": "2027-01-15"},
        units=[unit(), unit("v")],
        windows=[window(), window("v", unit="v")],
        candidates=[candidate("c1", wishes=there), candidate("c2")],
        priorities=[order("c1", "c2")],
        commitments=[{"candidate": "c1", "window": "w", "start": "2027-08-01", "state": "offered"}],
        policy=policy(tiers=["kept", "placed"], priority="advisory"),
    )
    round_ = locked(worked, read_round(json.dumps(made).encode()))
    address, planner = f"/v1/rounds/{round_.id}/price-of-keeping", worked.planner
    assert planner.get(address).json() == {"state": None, "study": None, "keeping": None}
    assert [planner.post(address).status_code for _ in range(2)] == [202, 200]
    assert ended(planner, address) == "completed"
    found = worked.as_("auditor").get(address).json()["keeping"]
    assert found["offers"] == 1
    kept, released = found["kept"], found["released"]
    assert [side["status"] for side in (kept, released)] == ["optimal"] * 2
    assert (kept["placed"], released["placed"]) == (1, 2)
    assert kept["plan_hash"] == plan_round(round_.round).hash
    assert released["round_hash"] != kept["round_hash"]
    places = {each["candidate"]: each for each in found["cost"]["people"]}
    assert places["c1"]["first"]["window"] == places["c2"]["second"]["window"] == "w"
    assert (places["c1"]["difference"], places["c2"]["difference"]) == ("worse", "placed")


@pytest.mark.parametrize("detail", [Detail.FULL, Detail.OWN])
def test_no_code_tells_of_strangers(detail: Detail) -> None:
    """Each cause and remedy that there is, worded in every language without what is left out."""
    round_ = finnmark()
    home = round_.candidate[WHO].municipality
    strangers = {c.id for c in round_.candidates if c.municipality != home}
    hidden = strangers if detail is Detail.FULL else {*round_.candidate} - {WHO}
    for reason in (*CAUSES, *REMEDIES):
        is_cause = reason in CAUSES
        told = ((reason,), ()) if is_cause else ((), (reason,))
        wish = WishExplained(1, (), *told)
        part = part_of(Explanation(WHO, (), (), (wish,)), round_, detail)
        (left,) = (*part.wishes[0].causes, *part.wishes[0].remedies)
        assert left.figures.keys().isdisjoint({"value", "forced", "losers", "holders", "units"})
        for language in LANGUAGES:
            said = why_answer(part, Wording(round_, language)).model_dump_json()
            assert not any(each in said for each in hidden), (reason.code, said)


# -- without a worker -----------------------------------------------------------------------------


@pytest.fixture
def round_(embedded: Served) -> Locked:
    return locked(embedded, finnmark())


def codes(answer: Response, status: int) -> set[tuple[str, str]]:
    """Return the faults of a refusal."""
    assert answer.status_code == status, answer.text
    return {(fault["code"], fault["place"]) for fault in answer.json()["faults"]}


def test_all_faults_of_what_is_asked_come_at_once(embedded: Served, round_: Locked) -> None:
    scenarios = f"/v1/rounds/{round_.id}/scenarios"
    changes = [
        {"action": "remove", "record": "candidates", "id": "nobody"},
        {"action": "change", "record": "windows", "id": "kirkenes-medisin-1",
         "fields": {"positions": -1}},
    ]  # fmt: skip
    wrong = SCENARIOS[0] | {"changes": changes}
    assert codes(embedded.planner.post(scenarios, json=wrong), 422) == {
        ("id-unknown", "/changes/0/id"),
        ("out-of-range", "/changes/1/fields/positions"),
    }
    capacity = f"/v1/rounds/{round_.id}/capacity-studies"
    costs = {"format": "rotations/costs@1", "units": [{"unit": "nowhere", "cost": 1}]}
    wrong = {"target": "deadlines", "percent": 50, "within": 6, "costs": costs}
    assert codes(embedded.planner.post(capacity, json=wrong), 422) == {
        ("not-asked", "/percent"),
        ("not-asked", "/within"),
        ("id-unknown", "/costs/units/0/unit"),
    }
    wrong = {"exact": 3, "forecast": YEARS | {"years": 2, "draws": 5}}
    assert codes(embedded.planner.post(capacity, json=wrong), 422) == {
        ("not-asked", "/exact"),
        ("too-few", "/forecast/scenarios/0/a_year"),
        ("too-few", "/forecast/scenarios/1/a_year"),
    }
    held = next(c for c in finnmark().commitments if c.state == "accepted")
    record = {"candidate": "5601-c3", "window": held.window, "start": str(held.start)}
    twice = [{"action": "add", "record": "commitments", "fields": record | {"state": "accepted"}}]
    refused = embedded.planner.post(scenarios, json=SCENARIOS[0] | {"changes": twice})
    assert (refused.status_code, refused.json()["code"]) == (422, "refused")
    assert embedded.planner.get(scenarios).json()["items"] == []
    round_.unlock("open")
    late = embedded.planner.post(scenarios, json=SCENARIOS[0])
    assert (late.status_code, late.json()["code"]) == (409, "round-not-locked")


def test_years_ahead_that_are_stopped_keep_what_is_decided() -> None:
    """The stop comes between the posts of the first scenario and its rounds."""
    stop, heard = Stop(), []

    def tell(_kind: str, what: Any) -> None:
        heard.append(what["work"])
        if what["work"] == "rolling":
            stop.request()

    made, asked = json.dumps(crowded()), json.dumps({"forecast": YEARS})
    desk = Desk(tell, SimpleQueue(), stop)
    ended_, said = STUDIES["capacity"](Given(made, None, asked), 600, Watch(stop=stop), desk)
    content = json.loads(said["content"])
    study = content["study"]
    assert (ended_, study["complete"], heard[-1]) == ("result", False, "rolling")
    assert [(each["name"], each["rolled"]) for each in study["scenarios"]] == [("few", [])]
    assert said["figures"]["ahead"][0]["cost"] == study["scenarios"][0]["posts"]["cost"]
    round_ = read_round(made.encode())
    assumed = assumptions(ForecastForm.model_validate(YEARS), round_)
    assert forecast_document(forecast_of(study, content["waits"], round_, assumed)) == study


def test_a_round_has_a_few_what_ifs_in_the_making(embedded: Served, round_: Locked) -> None:
    scenarios = f"/v1/rounds/{round_.id}/scenarios"
    capacity = f"/v1/rounds/{round_.id}/capacity-studies"
    assert embedded.planner.get(f"{scenarios}/comparison").status_code == 409
    places = [
        embedded.planner.post(scenarios, json=SCENARIOS[0]).headers["location"] for _ in range(3)
    ]
    assert embedded.planner.post(capacity).status_code == 202
    first = embedded.planner.post(f"/v1/rounds/{round_.id}/price-of-priority")
    again = embedded.planner.post(f"/v1/rounds/{round_.id}/price-of-priority")
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == again.json()
    refused = embedded.planner.post(scenarios, json=SCENARIOS[0])
    assert (refused.status_code, refused.json()["code"]) == (409, "studies-unfinished")
    waiting = embedded.planner.get(places[0])
    assert (waiting.json()["state"], waiting.headers["retry-after"]) == ("queued", "2")
    assert waiting.json()["plan"] is None
    assert embedded.as_("auditor").delete(places[0]).status_code == 403
    assert embedded.planner.delete(places[0]).status_code == 204
    assert embedded.planner.post(scenarios, json=SCENARIOS[0]).status_code == 202


def test_explanations_are_asked_for_once_and_can_be_cancelled(
    embedded: Served, round_: Locked
) -> None:
    waits = round_.plan()
    unmade = embedded.planner.post(f"/v1/plans/{waits}/explanations")
    assert (unmade.status_code, unmade.json()["code"]) == (409, "plan-not-completed")
    address = f"/v1/plans/{round_.plan(finnmark_plan())}/explanations"
    assert embedded.planner.delete(address).status_code == 409
    asked = [embedded.planner.post(address) for _ in range(2)]
    assert [answer.status_code for answer in asked] == [202, 200]
    own = embedded.planner.get(f"{address}/{SECOND}")
    assert (own.json()["state"], own.json()["explanation"]) == ("queued", None)
    assert own.headers["retry-after"] == "2"
    with embedded.database.reading(EVERYTHING) as session:
        [study] = session.exec(select(Study.asked).where(Study.kind == "explanations")).all()
    assert json.loads(study) == {"first": [SECOND]}
    stopped = [embedded.planner.delete(address) for _ in range(2)]
    assert [answer.json()["state"] for answer in stopped] == ["cancelled"] * 2
    anew = embedded.planner.post(address)
    assert (anew.status_code, anew.json()["id"] != asked[0].json()["id"]) == (202, True)
    assert embedded.coordinator(HOME).get(address).status_code == 404

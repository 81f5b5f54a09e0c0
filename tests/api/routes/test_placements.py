"""Placements: each step by whoever takes it, in order, and told to whom it concerns."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import col, select

from models.scope import EVERYTHING
from models.tables import AuditEntry, Municipality, Notice
from tests.api.routes.collected import at, plant_supervisor
from tests.api.routes.placed import HER, UNIT, Placed, placed
from tests.api.routes.said import MISSING, alike, faults, problem
from tests.api.served import ALTA, BERGEN, TROMS, VADSO, Served

IN_AUTUMN = datetime(2027, 10, 15, 12, tzinfo=UTC)
AFTERWARDS = datetime(2028, 2, 3, 12, tzinfo=UTC)

REACHED = {"ALM-055": True, "ALM-085": True}

FORMS: dict[str, dict[str, Any]] = {
    "start": {"day": "2027-08-01"},
    "contact": {"day": "2027-10-01"},
    "supervisor": {"day": "2027-10-01", "supervisor": None},
    "interrupt": {"day": "2027-10-01", "remaining_months": 4},
    "evaluation": {"day": "2028-01-20"},
    "complete": {"day": "2028-01-31", "goals": REACHED},
    "cancel": {"reason": "post-gone"},
}

STEPPED = {
    "start": ("unit_leader", "planner"),
    "contact": ("coordinator",),
    "supervisor": ("coordinator",),
    "interrupt": ("coordinator", "unit_leader", "planner"),
    "evaluation": ("unit_leader",),
    "complete": ("unit_leader", "planner"),
    "cancel": ("planner",),
}


def told(served: Served) -> list[tuple[str, str]]:
    """Return kind and recipient of every notice."""
    with served.database.reading(EVERYTHING) as session:
        rows = session.exec(select(Notice).order_by(col(Notice.made_at), col(Notice.id)))
        return [(row.kind, row.recipient) for row in rows]


def reachable(served: Served) -> None:
    """Give Alta an address."""
    with served.database.writing(EVERYTHING) as session:
        session.get_one(Municipality, ALTA).contact = "alis@alta.example"


def in_state(served: Served, state: str, **change: Any) -> Placed:
    """Return a placement in a state, in October 2027; evaluated, in February after its end."""
    at(served, IN_AUTUMN)
    found = placed(served, **change)
    if state not in {"planned", "cancelled"}:
        found.start()
    if state == "interrupted":
        found.done("interrupt", found.leader, **FORMS["interrupt"])
    if state in {"evaluated", "completed"}:
        found.done("evaluation", found.leader, **FORMS["evaluation"])
        at(served, AFTERWARDS)
    if state == "completed":
        found.done("complete", found.leader, **FORMS["complete"])
    if state == "cancelled":
        found.done("cancel", served.planner, **FORMS["cancel"])
    return found


# -- a whole life ---------------------------------------------------------------------------------


def test_a_stay_from_the_promise_to_the_last_evaluation(served: Served) -> None:
    """Every step has its day and who took it, and the municipality is told of what it must do."""
    reachable(served)
    first, second = plant_supervisor(served), plant_supervisor(served)
    stay = placed(served, supervisor=first)
    coordinator = served.coordinator()
    planned = coordinator.get(stay.path)
    assert (planned.headers["etag"], planned.json()["state"]) == ('"1"', "planned")
    assert planned.json()["supervisor"] == first

    at(served, IN_AUTUMN)
    coordinator = served.coordinator()
    assert stay.done("start", stay.leader, day="2027-08-01")["state"] == "started"
    stay.done("contact", coordinator, day="2027-10-14")
    changed = stay.done("supervisor", coordinator, day="2027-11-01", supervisor=second)
    assert changed["supervisor"] == second
    invited = stay.done("evaluation", stay.leader, day="2028-01-20")
    assert invited["state"] == "started"
    stay.done("evaluation", stay.leader, day="2028-01-21")
    assert told(served) == [("evaluation-due", "alis@alta.example")] * 2

    at(served, AFTERWARDS)
    goals = {"ALM-055": True, "ALM-085": False}
    over = stay.step("complete", served.planner, day="2028-01-31", goals=goals)
    assert over.headers["etag"] == '"7"'
    assert over.json() == stay.served.planner.get(stay.path).json()
    seen = over.json()
    assert (seen["state"], seen["goals"]) == ("completed", goals)
    assert [(step["number"], step["kind"], step["day"]) for step in seen["steps"]] == [
        (1, "planned", "2027-01-20"),
        (2, "started", "2027-08-01"),
        (3, "contact", "2027-10-14"),
        (4, "supervised", "2027-11-01"),
        (5, "evaluation", "2028-01-20"),
        (6, "evaluation", "2028-01-21"),
        (7, "completed", "2028-01-31"),
    ]
    assert all(step["noted_by"] for step in seen["steps"])
    assert ("placement-completed", "alis@alta.example") in told(served)

    assert stay.service()["full_time_months"] == 6
    (need,) = served.coordinator().get(f"/v1/municipalities/{ALTA}/needs").json()["items"]
    assert need["reason"] == "goal-not-reached"
    assert need["candidate"]["learning_goals"] == ["ALM-085"]


def test_of_many_who_complete_at_once_one_does(served: Served) -> None:
    stay = in_state(served, "evaluated")
    tag, people = stay.tag, [stay.leader, served.planner] * 4

    def complete(number: int) -> int:
        person = people[number]
        return person.post(f"{stay.path}/complete", json=FORMS["complete"], tag=tag).status_code

    with ThreadPoolExecutor(8) as threads:
        answers = sorted(threads.map(complete, range(8)))
    assert answers[0] == 200
    assert set(answers[1:]) == {412}
    kinds = [step["kind"] for step in served.planner.get(stay.path).json()["steps"]]
    assert kinds == ["planned", "started", "evaluation", "completed"]


# -- which step, by whom, when --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        ("planned", {"start", "contact", "supervisor", "cancel"}),
        ("started", {"contact", "supervisor", "interrupt", "evaluation"}),
        ("interrupted", set()),
        ("completed", set()),
        ("cancelled", set()),
    ],
)
def test_a_step_follows_its_states_alone(embedded: Served, state: str, allowed: set[str]) -> None:
    refused = in_state(embedded, state)
    before = embedded.planner.get(refused.path).content
    for name, form in FORMS.items():
        if name in allowed:
            continue
        who = {
            "planner": embedded.planner,
            "unit_leader": refused.leader,
            "coordinator": embedded.coordinator(),
        }[STEPPED[name][0]]
        not_evaluated = (state, name) == ("started", "complete")
        code = "placement-not-evaluated" if not_evaluated else f"placement-{state}"
        assert problem(refused.step(name, who, **form)) == (409, code), name
    assert embedded.planner.get(refused.path).content == before
    who_may = {"planner": embedded.planner, "coordinator": embedded.coordinator()}
    who_may["unit_leader"] = refused.leader
    for name in sorted(allowed - {"start", "cancel", "interrupt"}):
        refused.done(name, who_may[STEPPED[name][0]], **FORMS[name])


def test_who_takes_a_step(embedded: Served) -> None:
    """Others' roles learn that, and others in the role that there is no such placement."""
    stay = in_state(embedded, "planned")
    like = {
        "planner": [embedded.as_("planner", TROMS), embedded.as_("planner", BERGEN)],
        "unit_leader": [embedded.as_("unit_leader", unit="hammerfest-kirurgi")],
        "coordinator": [embedded.coordinator(VADSO)],
    }
    her = {"municipality": ALTA, "candidate": HER}
    for name, form in FORMS.items():
        for role in STEPPED[name]:
            for person in like[role]:
                missing = person.post(f"/v1/placements/{MISSING}/{name}", json=form, tag='"1"')
                assert problem(missing) == (404, "not-found")
                others = person.post(f"{stay.path}/{name}", json=form, tag='"1"')
                assert alike(others, missing), (name, role)
        for role in {"planner", "coordinator", "unit_leader", "approver"} - set(STEPPED[name]):
            right = {"coordinator": {"municipality": ALTA}, "unit_leader": {"unit": UNIT}}
            person = embedded.as_(role, **right.get(role, {}))
            assert problem(stay.step(name, person, **form)) == (403, "forbidden"), (name, role)
        assert problem(stay.step(name, embedded.as_("candidate", **her), **form))[0] == 403


def test_a_step_names_the_state_it_was_decided_on(embedded: Served) -> None:
    stay = in_state(embedded, "planned")
    path, form = f"{stay.path}/start", FORMS["start"]
    assert problem(stay.leader.post(path, json=form))[0] == 428
    assert problem(stay.leader.post(path, json=form, tag='"2"')) == (412, "stale")
    stay.done("contact", embedded.coordinator(), day="2027-07-01")
    assert problem(stay.leader.post(path, json=form, tag='"1"')) == (412, "stale")
    once = stay.leader.post(path, json=form, tag='"2"', key="k")
    again = stay.leader.post(path, json=form, tag='"2"', key="k")
    assert (once.status_code, again.content) == (200, once.content)


@pytest.mark.parametrize(
    ("state", "step", "good", "bad"),
    [
        ("planned", "start", ("2027-07-01", "2027-10-15"), ("2027-06-30", "2027-10-16")),
        ("planned", "contact", ("2027-01-20", "2027-10-15"), ("2027-01-19", "2027-10-16")),
        ("planned", "supervisor", ("2027-01-20", "2028-01-31"), ("2027-01-19", "2028-02-01")),
        ("started", "interrupt", ("2027-08-01", "2027-10-15"), ("2027-07-31", "2027-10-16")),
        ("started", "evaluation", ("2027-12-02", "2028-05-01"), ("2027-12-01", "2028-05-02")),
        ("evaluated", "complete", ("2028-01-31", "2028-02-03"), ("2028-01-19", "2028-02-04")),
    ],
)
def test_days_lie_in_order(
    embedded: Served, state: str, step: str, good: tuple[str, str], bad: tuple[str, str]
) -> None:
    """What has happened lies in the past; an evaluation and a supervisor may be named ahead.

    The evaluation lies in the last third of the stay.
    """
    for number, (code, day, right) in enumerate(
        zip(("day-too-soon", "day-too-late"), bad, good, strict=True)
    ):
        stay = in_state(embedded, state, candidate=f"{ALTA}-{number}")
        who = embedded.coordinator() if STEPPED[step] == ("coordinator",) else stay.leader
        refused = stay.step(step, who, **FORMS[step] | {"day": day})
        assert (problem(refused)[0], faults(refused)) == (422, [(code, "/day")])
        stay.done(step, who, **FORMS[step] | {"day": right})


def test_a_stay_is_completed_when_its_evaluation_has_been(embedded: Served) -> None:
    """On the day proposed last; not sooner, and never before it with less served than that."""
    stay = in_state(embedded, "started")
    stay.done("evaluation", stay.leader, day="2028-01-10")
    stay.done("evaluation", stay.leader, day="2028-01-20")
    early = FORMS["complete"] | {"day": "2028-01-20", "reason": "Stillingen ble borte"}
    for today in (IN_AUTUMN, datetime(2028, 1, 19, 22, 59, tzinfo=UTC)):
        at(embedded, today)
        refused = stay.step("complete", stay.leader, **early | {"day": str(today.date())})
        assert problem(refused) == (409, "placement-not-evaluated")
    at(embedded, datetime(2028, 1, 19, 23, tzinfo=UTC))
    sooner = stay.step("complete", stay.leader, **early | {"day": "2028-01-19"})
    assert faults(sooner) == [("day-too-soon", "/day")]
    stay.done("complete", stay.leader, **early)


def test_a_stay_whose_evaluation_was_forgotten_can_still_be_completed(embedded: Served) -> None:
    stay = in_state(embedded, "started")
    at(embedded, datetime(2028, 9, 1, 12, tzinfo=UTC))
    ahead = stay.step("evaluation", stay.leader, day="2028-09-02")
    assert faults(ahead) == [("day-too-late", "/day")]
    stay.done("evaluation", stay.leader, day="2028-09-01")
    stay.done("complete", stay.leader, **FORMS["complete"])


def test_a_stay_that_is_completed_early_says_why_and_is_counted(embedded: Served) -> None:
    stay = in_state(embedded, "evaluated")
    form = FORMS["complete"] | {"day": "2028-01-30"}
    assert faults(stay.step("complete", stay.leader, **form)) == [("missing", "/reason")]
    why = {"reason": "Stillingen ble borte"}
    whole = stay.step("complete", stay.leader, **FORMS["complete"], **why)
    assert faults(whole) == [("not-asked", "/reason")]
    done = stay.done("complete", stay.leader, **form, **why)
    assert "Stillingen" not in str(done)
    told = embedded.planner.get(f"/v1/rounds/{stay.round}/overrides").json()
    assert told["counts"] == {"completed-early": 1}
    assert told["items"][0]["reason"] == why["reason"]


def test_supervisors_follow_each_other_in_order(embedded: Served) -> None:
    stay, coordinator = placed(embedded), embedded.coordinator()
    own, others = plant_supervisor(embedded), plant_supervisor(embedded, VADSO)
    stay.done("supervisor", coordinator, day="2027-09-01", supervisor=own)
    back = stay.step("supervisor", coordinator, day="2027-08-31", supervisor=None)
    assert faults(back) == [("day-too-soon", "/day")]
    for unknown in (others, MISSING):
        answer = stay.step("supervisor", coordinator, day="2027-09-01", supervisor=unknown)
        assert (problem(answer)[0], faults(answer)) == (422, [("not-known", "/supervisor")])
    last = stay.done("supervisor", coordinator, day="2027-09-01", supervisor=None)
    assert (last["supervisor"], last["steps"][1]["figures"]) == (None, {"supervisor": own})


def test_no_step_takes_a_reason_in_words(embedded: Served) -> None:
    """Illness and leave are nobody's business: there is no field that could hold them."""
    stay = in_state(embedded, "started")
    why = stay.step("interrupt", stay.leader, **FORMS["interrupt"], reason="Syk")
    assert faults(why) == [("unknown-key", "/reason")]
    assert "Syk" not in why.text
    words = stay.step("cancel", embedded.planner, reason="Hun er syk")
    assert faults(words) == [("not-one-of", "/reason")]
    much = stay.step("interrupt", stay.leader, day="2027-10-01", remaining_months=7)
    assert faults(much) == [("at-most", "/remaining_months")]


# -- who sees what --------------------------------------------------------------------------------


def test_each_party_sees_its_own_and_who_supervises_is_not_everybodys(embedded: Served) -> None:
    stay = placed(embedded, supervisor=plant_supervisor(embedded))
    her = embedded.as_("candidate", municipality=ALTA, candidate=HER)
    whole = embedded.planner.get(stay.path).json()
    assert whole["supervisor"]
    assert whole["steps"][0]["noted_by"] == "test"
    assert embedded.coordinator().get(stay.path).json() == whole
    for person in (stay.leader, her):
        hidden = {"noted_by": None, "figures": None}
        seen = whole | {"supervisor": None, "steps": [whole["steps"][0] | hidden]}
        assert person.get(stay.path).json() == seen
        assert person.get(f"{stay.path}/service").status_code == 200
    missing = embedded.planner.get(f"/v1/placements/{MISSING}")
    for person in (
        embedded.coordinator(VADSO),
        embedded.as_("unit_leader", unit="hammerfest-kirurgi"),
        embedded.as_("candidate", municipality=ALTA, candidate=f"{ALTA}-2"),
        embedded.as_("planner", TROMS),
    ):
        for path in (stay.path, f"{stay.path}/service"):
            assert alike(person.get(path), missing)
        assert person.get("/v1/placements").json() == {"items": [], "next": None}


def test_whom_a_reading_and_a_step_were_about_is_on_record(embedded: Served) -> None:
    stay = in_state(embedded, "interrupted")
    for path in (stay.path, f"{stay.path}/service", f"/v1/municipalities/{ALTA}/needs"):
        assert embedded.coordinator().get(path).is_success
    with embedded.database.reading(EVERYTHING) as session:
        entries = session.exec(select(AuditEntry)).all()
    about = {each.operation: (each.municipality, HER in each.content) for each in entries}
    names = ("start_placement", "interrupt_placement", "get_placement", "get_placement_service")
    for name in (*names, "list_needs"):
        assert about[name] == (ALTA, True), name


def test_placements_are_listed_by_round_state_unit_and_municipality(embedded: Served) -> None:
    at(embedded, IN_AUTUMN)
    one = placed(embedded)
    one.start()
    two = placed(
        embedded, municipality=VADSO, candidate=f"{VADSO}-1", unit="kirkenes-medisin", window="w2"
    )

    def listed(**asked: str) -> list[str]:
        page = embedded.planner.get("/v1/placements", params=asked)
        return [each["id"] for each in page.json()["items"]]

    assert listed() == sorted([one.id, two.id])
    for asked in ("state=started", f"round={one.round}", f"unit={UNIT}", f"municipality={ALTA}"):
        name, _, value = asked.partition("=")
        assert listed(**{name: value}) == [one.id], asked
    assert listed(state="started", municipality=VADSO) == []
    first = embedded.planner.get("/v1/placements", params={"limit": "1"}).json()
    rest = embedded.planner.get("/v1/placements", params={"cursor": first["next"]}).json()
    assert [*first["items"], *rest["items"]] == embedded.planner.get("/v1/placements").json()[
        "items"
    ]

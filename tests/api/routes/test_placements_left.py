"""What of a placement counts, and what it leaves to be done."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from models.scope import EVERYTHING
from models.tables import Municipality, Supervisor
from tests.api.routes.collected import Collecting, at, candidate, list_of, opened, plant_supervisor
from tests.api.routes.placed import HER, Placed, placed
from tests.api.routes.said import alike, problem
from tests.api.served import ALTA, TROMS, VADSO, Person, Served

AFTERWARDS = datetime(2028, 2, 3, 12, tzinfo=UTC)

NEEDS = f"/v1/municipalities/{ALTA}/needs"


def reasons(service: dict[str, Any]) -> list[list[str]]:
    return [[reason["code"] for reason in month["reasons"]] for month in service["months"]]


def needs(person: Person) -> list[dict[str, Any]]:
    answer = person.get(NEEDS)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


# -- what counts ----------------------------------------------------------------------------------


def test_months_count_by_what_is_on_record(served: Served) -> None:
    """Nobody in the first weeks, an exemption until December, then one who is removed."""
    exempt: dict[str, Any] = {"exempt_from": date(2027, 1, 1), "exempt_until": date(2027, 12, 1)}
    first = plant_supervisor(served, specialist=False, **exempt)
    second = plant_supervisor(served)
    stay, coordinator = placed(served), served.coordinator()
    stay.done("supervisor", coordinator, day="2027-08-15", supervisor=first)
    said = stay.service()
    assert reasons(said) == [["no-supervisor"], [], [], [], *[["exemption-short"]] * 2]
    assert (said["full_time_months"], said["registered_on"]) == (3, "2019-03-01")
    assert said["months"][0]["start"] == "2027-08-01"
    assert [month["counts"] for month in said["months"]] == [False, *[True] * 3, *[False] * 2]
    stay.done("supervisor", coordinator, day="2027-12-01", supervisor=second)
    assert stay.service()["full_time_months"] == 5
    with served.database.writing(EVERYTHING) as session:
        session.delete(session.get_one(Supervisor, second))
        session.get_one(Municipality, ALTA).registered_on = date(2027, 9, 15)
    last = stay.service(stay.leader)
    assert reasons(last) == [
        ["not-registered", "no-supervisor"],
        ["not-registered"],
        *[[]] * 2,
        *[["supervisor-gone"]] * 2,
    ]
    english = served.planner.get(f"{stay.path}/service", headers={"Accept-Language": "en"}).json()
    assert english["months"][1]["reasons"][0]["sentence"].startswith("The municipality was not")


def test_half_a_post_that_began_late_and_was_broken_off(embedded: Served) -> None:
    at(embedded, AFTERWARDS)
    stay = placed(embedded, fte_percent=50, supervisor=plant_supervisor(embedded))
    stay.start("2027-08-10")
    stay.done("interrupt", stay.leader, day="2027-11-25", remaining_months=4)
    said = stay.service()
    assert [month["start"][5:] for month in said["months"]] == [
        *("08-10", "09-10", "10-10", "11-10", "12-10"),
        "01-10",
    ]
    assert reasons(said) == [*[[]] * 3, *[["ended"]] * 3]
    assert [month["months"] for month in said["months"]] == [*[0.5] * 3, 0.25, 0, 0]
    assert said["full_time_months"] == 1.75


def test_of_a_stay_that_came_to_nothing_nothing_counts(embedded: Served) -> None:
    stay = placed(embedded, supervisor=plant_supervisor(embedded))
    stay.done("cancel", embedded.planner, reason="post-gone")
    assert (stay.service()["months"], stay.service()["full_time_months"]) == ([], 0)


def test_nothing_counts_after_the_day_agreed(embedded: Served) -> None:
    """Whoever notes the end weeks later adds nothing; whoever ends sooner says so."""
    at(embedded, AFTERWARDS)
    for number, (day, months) in enumerate((("2028-02-02", 6), ("2028-01-30", 5.9677))):
        her = f"{ALTA}-{number}"
        stay = placed(embedded, candidate=her, supervisor=plant_supervisor(embedded))
        stay.start()
        stay.done("evaluation", stay.leader, day="2028-01-20")
        goals = {"ALM-055": True, "ALM-085": True}
        why = {"reason": "Ferie til gode"} if months < 6 else {}
        stay.done("complete", stay.leader, day=day, goals=goals, **why)
        assert stay.service()["full_time_months"] == months


def test_what_was_served_and_counts_is_not_lost_when_the_register_changes(served: Served) -> None:
    """Neither with the supervisor, nor with her exemption, nor with the registration."""
    exempt: dict[str, Any] = {"exempt_from": date(2027, 1, 1), "exempt_until": date(2028, 3, 1)}
    first, second = plant_supervisor(served), plant_supervisor(served, specialist=False, **exempt)
    stay = placed(served, supervisor=first)
    at(served, datetime(2028, 2, 2, 12, tzinfo=UTC))
    stay.start()
    stay.done("supervisor", served.coordinator(), day="2027-11-01", supervisor=second)
    assert stay.over()["state"] == "completed"
    coordinator = served.coordinator()

    def changed(who: Person, path: str, **values: Any) -> tuple[int, str]:
        shown = who.get(path)
        names = ("name", "capacity", "hours_per_month", "specialist", "exempt_from", "exempt_until")
        if path.startswith("/v1/m"):
            names = ("name", "organisation", "registered_on", "max_away", "contact", "language")
        form = {name: shown.json()[name] for name in names} | values
        answer = who.put(path, json=form, tag=shown.headers["etag"])
        return (200, "") if answer.is_success else problem(answer)

    for supervisor in (first, second):
        removed = coordinator.delete(f"/v1/supervisors/{supervisor}", tag='"1"')
        assert problem(removed) == (409, "supervisor-named")
    lost = (409, "service-counted")
    path, alta = f"/v1/supervisors/{second}", f"/v1/municipalities/{ALTA}"
    assert changed(coordinator, path, exempt_until="2028-01-31") == lost
    for registered in (None, "2027-08-02"):
        assert changed(served.planner, alta, registered_on=registered) == lost
    assert stay.service()["full_time_months"] == 6
    assert changed(coordinator, path, exempt_until="2028-02-01", capacity=0) == (200, "")
    assert changed(served.planner, alta, registered_on="2027-08-01") == (200, "")
    assert stay.service()["full_time_months"] == 6


def test_of_a_stay_underway_what_is_to_come_may_change(embedded: Served) -> None:
    exempt: dict[str, Any] = {"exempt_from": date(2027, 1, 1), "exempt_until": date(2028, 3, 1)}
    stay = placed(embedded, supervisor=plant_supervisor(embedded, specialist=False, **exempt))
    at(embedded, datetime(2027, 10, 15, 12, tzinfo=UTC))
    stay.start()
    coordinator = embedded.coordinator()
    (path,) = (
        f"/v1/supervisors/{each['id']}"
        for each in coordinator.get("/v1/supervisors").json()["items"]
    )
    shown = {"name": "Ola", "specialist": False, "capacity": 1, "hours_per_month": 4}
    shown |= {"exempt_from": "2027-01-01"}
    lost = coordinator.put(path, json=shown | {"exempt_until": "2027-10-14"}, tag='"1"')
    assert problem(lost) == (409, "service-counted")
    kept = coordinator.put(path, json=shown | {"exempt_until": "2027-10-15"}, tag='"1"')
    assert kept.is_success
    assert stay.service()["full_time_months"] == 2


# -- what is left ---------------------------------------------------------------------------------


def asked_for(served: Served) -> Collecting:
    """Return a round for which Alta has asked for her, with all that a list can say."""
    round_ = opened(served)
    asked = candidate(
        HER,
        name="Kari Eksempel",
        gp_months=30,
        min_fte_percent=80,
        complete_by="2029-06-30",
        unavailable=[{"from": "2028-07-01", "to": "2028-08-01"}],
        learning_goals=["ALM-085"],
    )
    assert round_.hand_in(list_of(asked)).is_success
    return round_


def interrupted(served: Served, round_id: str | None = None, **change: Any) -> Placed:
    at(served, AFTERWARDS)
    stay = placed(served, round_id, **change)
    stay.start()
    stay.done("interrupt", served.coordinator(), day="2027-10-01", remaining_months=4)
    return stay


def test_what_is_left_of_a_stay_can_be_asked_for_in_the_next_list(served: Served) -> None:
    """As it is answered it is handed in: with a wish, she stands in the next list."""
    round_ = asked_for(served)
    supervisor = plant_supervisor(served)
    stay = interrupted(served, round_.id, supervisor=supervisor)
    (need,) = needs(served.coordinator())
    assert (need["placement"], need["reason"]) == (stay.id, "interrupted")
    assert needs(served.planner) == [need]
    asked = need["candidate"]
    assert asked | {"months_needed": 4} == asked
    kept = {"name": "Kari Eksempel", "gp_months": 30, "min_fte_percent": 80}
    cleared: dict[str, Any] = {"complete_by": None, "unavailable": [], "wishes": []}
    assert asked | kept | cleared | {"id": HER, "supervisor": supervisor} == asked
    assert asked["learning_goals"] == ["ALM-085"]
    with served.database.writing(EVERYTHING) as session:
        session.delete(session.get_one(Supervisor, supervisor))
    (need,) = needs(served.coordinator())
    assert need["candidate"]["supervisor"] is None
    policy = served.planner.get(round_.path).json()["policy"]
    days = {"decision_date": "2028-04-15", "deadline": "2028-03-15T11:00:00Z"}
    following = opened(served, label="2028-Q2", policy=policy, **days)
    assert following.hand_in(list_of(need["candidate"])).is_success
    assert following.document()["candidates"][0]["months_needed"] == 4


def test_a_later_stay_takes_up_what_was_left(embedded: Served) -> None:
    """Also one that the reader does not see; one that came to nothing does not."""
    interrupted(embedded)
    assert len(needs(embedded.coordinator())) == 1
    dates: dict[str, Any] = {"start": date(2028, 2, 1), "end": date(2028, 6, 1), "months_needed": 4}
    elsewhere = placed(embedded, unit="tromso-medisin", **dates)
    assert needs(embedded.coordinator()) == []
    elsewhere.done("cancel", embedded.planner, reason="candidate-withdrew")
    assert len(needs(embedded.coordinator())) == 1
    again = placed(embedded, **dates)
    again.start("2028-02-01")
    again.done("evaluation", again.leader, day="2028-05-20")
    at(embedded, datetime(2028, 6, 2, 12, tzinfo=UTC))
    goals = {"ALM-055": True, "ALM-085": True}
    again.done("complete", again.leader, day="2028-05-31", goals=goals)
    assert needs(embedded.coordinator()) == []


def test_who_loses_her_place_by_no_wish_of_hers_needs_another(embedded: Served) -> None:
    for number, reason in enumerate(("candidate-withdrew", "entered-in-error", "post-gone")):
        stay = placed(embedded, candidate=f"{ALTA}-{number}", months_needed=9)
        stay.done("cancel", embedded.planner, reason=reason)
    (need,) = needs(embedded.coordinator())
    assert (need["placement"], need["reason"]) == (stay.id, "cancelled")
    asked = need["candidate"]
    assert (asked["id"], asked["months_needed"]) == (f"{ALTA}-2", 9)
    assert needs(embedded.planner) == [need]
    placed(embedded, candidate=f"{ALTA}-2", start=date(2027, 3, 1))
    assert needs(embedded.coordinator()) == []


def test_nothing_left_is_no_need_and_nobody_reads_anothers(embedded: Served) -> None:
    at(embedded, AFTERWARDS)
    stay = placed(embedded)
    stay.start()
    assert needs(embedded.coordinator()) == []
    stay.done("interrupt", stay.leader, day="2028-01-31", remaining_months=0)
    assert needs(embedded.coordinator()) == []
    interrupted(embedded, candidate=f"{ALTA}-2")
    missing = embedded.planner.get("/v1/municipalities/9999/needs")
    assert problem(missing) == (404, "not-found")
    for person in (embedded.coordinator(VADSO), embedded.as_("planner", TROMS)):
        assert alike(person.get(NEEDS), missing)
    first = embedded.coordinator().get(NEEDS, params={"limit": "1"}).json()
    assert (len(first["items"]), first["next"]) == (1, None)

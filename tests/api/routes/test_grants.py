"""Rights: one's own, and those that administrators give and take back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

from sqlmodel import col, select

from api.identity.issuers import LOCAL
from models.scope import EVERYTHING
from models.tables import Grant
from tests.api.routes.said import MISSING, NOBODYS, alike, faults, problem
from tests.api.served import (
    ALTA,
    BERGEN,
    BERGEN_TOWN,
    FINNMARK,
    NORTH,
    TROMS,
    TROMSO,
    VADSO,
    WEST,
    Person,
    Served,
)

SUBJECT = "made-up-subject"
FORM = {"issuer": LOCAL, "subject": SUBJECT, "role": "planner", "organisation": FINNMARK}


def administrator(served: Served, organisation: str = FINNMARK) -> Person:
    return served.as_("administrator", organisation)


def give(served: Served, organisation: str = FINNMARK, **change: str) -> str:
    """Give a right and return its address."""
    giver = administrator(served, organisation)
    made = giver.post("/v1/grants", json=FORM | {"organisation": organisation} | change)
    assert made.status_code == 201, made.text
    return str(made.headers["location"])


def bearer(served: Served, subject: str = SUBJECT) -> Person:
    """Return whoever has a token for a subject, with or without rights."""
    token = served.key.sign(subject, served.clock(), timedelta(hours=1))
    return Person(served.client, token, "")


def revoke(person: Person, address: str, **sent: Any) -> Any:
    return person.post(f"{address}/revoke", **sent)


# -- one's own ------------------------------------------------------------------------------------


def test_everybody_sees_who_they_are_and_nobody_else(served: Served) -> None:
    give(served, role="coordinator", municipality=ALTA)
    served.clock.forward(minutes=1)
    give(served, TROMS, role="unit_leader", unit="tromso-medisin")
    give(served, subject="somebody-else")
    assert bearer(served).get("/v1/me").json() == {
        "issuer": LOCAL,
        "subject": SUBJECT,
        "rights": [
            {
                "role": "coordinator",
                "organisation": FINNMARK,
                "unit": None,
                "municipality": ALTA,
                "candidate": None,
                "ends_on": None,
            },
            {
                "role": "unit_leader",
                "organisation": TROMS,
                "unit": "tromso-medisin",
                "municipality": None,
                "candidate": None,
                "ends_on": None,
            },
        ],
    }


# -- given ----------------------------------------------------------------------------------------


def test_a_right_is_given_and_shown_with_who_gave_it(served: Served) -> None:
    ends = "2027-11-22"
    address = give(served, role="candidate", municipality=ALTA, candidate=f"{ALTA}-7", ends_on=ends)
    giver = administrator(served)
    said = giver.get(address).json()
    me = giver.get("/v1/me").json()
    assert said == FORM | {
        "id": address.rpartition("/")[2],
        "role": "candidate",
        "unit": None,
        "municipality": ALTA,
        "candidate": f"{ALTA}-7",
        "ends_on": ends,
        "granted_at": "2026-11-22T09:00:00Z",
        "granted_by": f"{me['issuer']}|{me['subject']}",
        "revoked_at": None,
    }


def test_a_change_of_rights_acts_at_once(served: Served) -> None:
    person = bearer(served)
    assert problem(person.get("/v1/units")) == (403, "forbidden")
    address = give(served)
    assert person.get("/v1/units").status_code == 200
    revoke(administrator(served), address)
    assert problem(person.get("/v1/units")) == (403, "forbidden")


def test_what_was_answered_is_not_answered_again_when_the_right_is_gone(served: Served) -> None:
    person = bearer(served)
    address = give(served, role="coordinator", municipality=ALTA)
    give(served, role="coordinator", municipality=VADSO)
    form = {"name": "Vigdis Veileder", "specialist": True, "capacity": 1, "hours_per_month": 4}
    path = f"/v1/municipalities/{ALTA}/supervisors"
    assert person.post(path, json=form, key="k").status_code == 201
    assert person.post(path, json=form, key="k").status_code == 201
    revoke(administrator(served), address)
    assert problem(person.post(path, json=form, key="k")) == (404, "not-found")


def test_a_right_ends_with_the_day_before_in_norway(served: Served) -> None:
    """An id that is another person's next year shows nothing to who had it before."""
    named = {"role": "candidate", "municipality": ALTA, "candidate": f"{ALTA}-7"}
    give(served, ends_on="2026-11-23", **named)
    served.clock.forward(hours=13, minutes=59)  # 23.59 in Norway
    person = bearer(served)
    assert person.get("/v1/me").json()["rights"][0]["ends_on"] == "2026-11-23"
    served.clock.forward(minutes=1)
    assert problem(person.get("/v1/me")) == (403, "forbidden")
    giver = administrator(served)
    asked = {"role": "candidate"}
    assert giver.get("/v1/grants", params=asked).json()["items"] == []
    (ended,) = giver.get("/v1/grants", params=asked | {"revoked": "true"}).json()["items"]
    assert (ended["ends_on"], ended["revoked_at"]) == ("2026-11-23", None)
    give(served, ends_on="2027-11-23", **named)


def test_the_last_right_to_administer_is_one_that_has_not_ended(served: Served) -> None:
    person = administrator(served)
    subject = person.get("/v1/me").json()["subject"]
    give(served, TROMS, subject=subject, role="administrator", ends_on="2026-11-23")
    served.clock.forward(hours=14)
    assert problem(revoke(person, f"/v1/grants/{person.grant}")) == (409, "in-use")


def test_a_region_gives_rights_for_its_trusts_and_no_other(served: Served) -> None:
    region = administrator(served, NORTH)
    for organisation in (NORTH, FINNMARK, TROMS):
        given = region.post("/v1/grants", json=FORM | {"organisation": organisation})
        assert given.status_code == 201
    for giver, organisation in (
        (region, WEST),
        (region, BERGEN),
        (region, NOBODYS),
        (administrator(served), NORTH),
        (administrator(served), TROMS),
    ):
        refused = giver.post("/v1/grants", json=FORM | {"organisation": organisation})
        assert faults(refused) == [("not-known", "/organisation")]


def test_every_fault_of_a_right_is_told_at_once(embedded: Served) -> None:
    def said(**change: Any) -> list[tuple[str, str]]:
        return faults(administrator(embedded).post("/v1/grants", json=FORM | change))

    missing, unfit = "missing", "not-for-role"
    assert said(role="unit_leader") == [(missing, "/unit")]
    assert said(role="coordinator") == [(missing, "/municipality")]
    assert said(role="candidate") == [
        (missing, "/candidate"),
        (missing, "/ends_on"),
        (missing, "/municipality"),
    ]
    assert said(ends_on="2026-11-22") == [("day-too-soon", "/ends_on")]
    assert said(ends_on="soon") == [("not-date", "/ends_on")]
    assert said(unit="hammerfest-medisin", municipality=ALTA, candidate=f"{ALTA}-1") == [
        (unfit, "/candidate"),
        (unfit, "/municipality"),
        (unfit, "/unit"),
    ]
    assert said(role="unit_leader", unit="tromso-medisin", municipality=ALTA) == [
        (unfit, "/municipality"),
        ("not-known", "/unit"),
    ]
    assert said(
        role="candidate",
        organisation=BERGEN,
        municipality=TROMSO,
        candidate=f"{ALTA}-1",
        ends_on="2027-11-22",
    ) == [
        ("not-own-id", "/candidate"),
        ("not-known", "/municipality"),
        ("not-known", "/organisation"),
    ]
    assert said(role="king", subject="", issuer=None, extra=1) == [
        ("unknown-key", "/extra"),
        ("not-text", "/issuer"),
        ("not-one-of", "/role"),
        ("empty", "/subject"),
    ]
    assert administrator(embedded).get("/v1/grants").json()["items"] == [
        administrator(embedded).get(f"/v1/grants/{administrator(embedded).grant}").json()
    ]


def test_a_municipality_is_given_by_whoever_keeps_its_record(served: Served) -> None:
    form = FORM | {"role": "coordinator"}
    for giver, organisation, municipality in (
        (FINNMARK, FINNMARK, TROMSO),
        (FINNMARK, FINNMARK, BERGEN_TOWN),
        (FINNMARK, FINNMARK, "9999"),
        (NORTH, FINNMARK, TROMSO),
        (NORTH, NORTH, BERGEN_TOWN),
    ):
        named = {"organisation": organisation, "municipality": municipality}
        refused = administrator(served, giver).post("/v1/grants", json=form | named)
        assert faults(refused) == [("not-known", "/municipality")], named
    for giver, municipality in ((FINNMARK, ALTA), (NORTH, ALTA), (NORTH, TROMSO)):
        give(served, giver, role="coordinator", municipality=municipality)


def test_a_right_is_given_once(served: Served) -> None:
    giver = administrator(served)

    def post(_: int) -> int:
        return giver.post("/v1/grants", json=FORM).status_code

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(post, range(6))) == [201, *[409] * 5]
    assert problem(giver.post("/v1/grants", json=FORM)) == (409, "exists")
    give(served, role="approver")
    first = giver.get("/v1/grants", params={"role": "planner"}).json()["items"]
    revoke(giver, f"/v1/grants/{first[0]['id']}")
    give(served)


def test_a_national_identity_number_names_nobody(embedded: Served) -> None:
    refused = administrator(embedded).post("/v1/grants", json=FORM | {"subject": "01019012345"})
    assert faults(refused) == [("national-identity-number", "/subject")]
    assert "01019012345" not in refused.text


# -- seen -----------------------------------------------------------------------------------------


def test_rights_are_listed_where_one_administers_or_audits(served: Served) -> None:
    addresses = {name: give(served, name) for name in (NORTH, FINNMARK, TROMS, BERGEN)}
    revoke(administrator(served, TROMS), addresses[TROMS])

    def listed(person: Person, **asked: str) -> set[str]:
        items = person.get("/v1/grants", params={"role": "planner"} | asked).json()["items"]
        return {item["organisation"] for item in items}

    assert listed(administrator(served)) == listed(served.as_("auditor")) == {FINNMARK}
    assert listed(administrator(served, NORTH)) == {NORTH, FINNMARK}
    assert listed(administrator(served, NORTH), organisation=FINNMARK) == {FINNMARK}
    assert listed(administrator(served, NORTH), organisation=BERGEN) == set()
    assert listed(administrator(served, NORTH), revoked="true") == {TROMS}
    assert listed(administrator(served), role="approver") == set()


def test_anothers_right_is_like_none(served: Served) -> None:
    address, person = give(served, BERGEN), administrator(served, NORTH)
    missing = f"/v1/grants/{MISSING}"
    assert problem(person.get(address)) == (404, "not-found")
    assert alike(person.get(address), person.get(missing))
    assert problem(revoke(person, address)) == (404, "not-found")
    assert alike(revoke(person, address), revoke(person, missing))
    assert bearer(served).get("/v1/units").status_code == 200


# -- taken back -----------------------------------------------------------------------------------


def test_a_right_taken_back_keeps_its_time(served: Served) -> None:
    address, person = give(served), administrator(served)
    served.clock.forward(minutes=1)
    gone = revoke(person, address)
    assert (gone.status_code, gone.json()["revoked_at"]) == (200, "2026-11-22T09:01:00Z")
    served.clock.forward(minutes=1)
    assert alike(revoke(person, address), gone)
    assert person.get(address).json() == gone.json()


def test_nobody_takes_back_their_own_last_right_to_administer(served: Served) -> None:
    person = administrator(served)
    last = f"/v1/grants/{person.grant}"
    subject = person.get("/v1/me").json()["subject"]
    give(served, subject=subject)  # to plan is not to administer
    assert problem(revoke(person, last)) == (409, "in-use")
    give(served, TROMS, subject=subject, role="administrator")
    assert revoke(person, last).status_code == 200
    left = [right["role"] for right in person.get("/v1/me").json()["rights"]]
    assert sorted(left) == ["administrator", "planner"]
    assert problem(revoke(person, last)) == (404, "not-found")  # she reaches Troms alone now


def test_an_administrator_may_take_back_anothers_last(served: Served) -> None:
    region, person = administrator(served, NORTH), administrator(served)
    assert revoke(region, f"/v1/grants/{person.grant}").status_code == 200
    assert problem(person.get("/v1/grants")) == (403, "forbidden")


def test_of_two_who_take_each_others_right_back_one_is_left(served: Served) -> None:
    for round_ in range(5):
        subjects = [f"{round_}-{side}" for side in "ab"]
        addresses = [give(served, subject=each, role="administrator") for each in subjects]
        people = [bearer(served, each) for each in subjects]
        at_once = Barrier(2)

        def send(person: Person, address: str, at_once: Barrier = at_once) -> int:
            at_once.wait()
            return int(revoke(person, address).status_code)

        with ThreadPoolExecutor(2) as threads:
            codes = sorted(threads.map(send, people, reversed(addresses)))
        assert codes == [200, 403]
        with served.database.reading(EVERYTHING) as session:
            rows = select(Grant.subject).where(
                col(Grant.subject).in_(subjects), col(Grant.revoked_at).is_(None)
            )
            assert len(session.exec(rows).all()) == 1

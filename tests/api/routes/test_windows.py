"""Vacancies: published, changed and withdrawn by their unit, found and followed by everybody."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

from httpx2 import Response

from models.database import Database
from models.scope import EVERYTHING
from models.tables import Unit
from tests.api.routes.collected import opened
from tests.api.routes.planted import plant_round, plant_snapshot
from tests.api.routes.said import MISSING, alike, faults, problem
from tests.api.served import (
    BERGEN,
    FINNMARK,
    NORTH,
    TROMS,
    Person,
    Served,
    serving,
)

FORM = {"opens": "2027-08-01", "closes": "2028-08-01", "positions": 1}
MEDICINE, SURGERY = "hammerfest-medisin", "hammerfest-kirurgi"


def leader(served: Served, unit: str = MEDICINE) -> Person:
    return served.as_("unit_leader", unit=unit)


def publish(served: Served, unit: str = MEDICINE, **change: Any) -> str:
    """Publish a window and return its address."""
    made = leader(served, unit).post(f"/v1/units/{unit}/windows", json=FORM | change)
    assert made.status_code == 201, made.text
    return str(made.headers["location"])


def id_of(address: str) -> str:
    return address.rpartition("/")[2]


# -- published, changed, withdrawn ----------------------------------------------------------------


def test_a_unit_leader_publishes_a_vacancy(served: Served) -> None:
    address = publish(served)
    answer = leader(served).get(address)
    assert answer.headers["etag"] == '"1"'
    assert answer.json() == FORM | {
        "id": id_of(address),
        "unit": MEDICINE,
        "kind": "locum",
        "fte_percent": 100,
        "min_gp_months": 0,
        "release_on": None,
        "certainty": "confirmed",
        "published_at": "2026-11-22T09:00:00Z",
        "changed_at": "2026-11-22T09:00:00Z",
        "withdrawn_at": None,
        "in_locked_rounds": 0,
    }


def test_a_planner_publishes_for_every_unit_of_the_organisation(served: Served) -> None:
    for planner in (served.planner, served.as_("planner", NORTH)):
        made = planner.post("/v1/units/kirkenes-medisin/windows", json=FORM)
        assert made.status_code == 201


def test_nobody_publishes_for_anothers_unit(served: Served) -> None:
    person = leader(served)
    answers = [
        person.post(f"/v1/units/{unit}/windows", json=FORM)
        for unit in (SURGERY, "tromso-medisin", "ingensteds")
    ]
    assert problem(answers[0]) == (404, "not-found")
    assert alike(answers[0], answers[1])
    assert alike(answers[0], answers[2])
    bergen = served.as_("planner", BERGEN)
    assert alike(answers[0], bergen.post(f"/v1/units/{MEDICINE}/windows", json=FORM))
    assert served.planner.get("/v1/windows").json()["items"] == []


def test_every_fault_of_a_window_is_told_at_once(embedded: Served) -> None:
    def said(**change: Any) -> list[tuple[str, str]]:
        posted = leader(embedded).post(f"/v1/units/{MEDICINE}/windows", json=FORM | change)
        return faults(posted)

    assert said(closes="2027-08-01") == [("dates-reversed", "/closes")]
    assert said(positions=0, fte_percent=101, kind="leave", opens="1.8.2027", reason="ill") == [
        ("out-of-range", "/fte_percent"),
        ("not-one-of", "/kind"),
        ("not-date", "/opens"),
        ("out-of-range", "/positions"),
        ("unknown-key", "/reason"),
    ]


def test_a_window_is_changed_by_whoever_has_read_it(served: Served) -> None:
    address, person = publish(served), leader(served)
    assert problem(person.put(address, json=FORM)) == (428, "precondition-required")
    served.clock.forward(hours=1)
    changed = person.put(address, json=FORM | {"positions": 2}, tag='"1"')
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert changed.json()["changed_at"] == "2026-11-22T10:00:00Z"
    assert changed.json()["published_at"] == "2026-11-22T09:00:00Z"
    assert problem(person.put(address, json=FORM, tag='"1"')) == (412, "stale")


def test_the_same_once_more_is_no_change(served: Served) -> None:
    address, person = publish(served), leader(served)
    before = person.get(address)
    served.clock.forward(hours=1)
    same = person.put(address, json=FORM, tag='"1"')
    assert (same.status_code, same.headers["etag"]) == (200, '"1"')
    assert same.json() == before.json()


def test_a_withdrawn_window_stays_and_stays_withdrawn(served: Served) -> None:
    address, person = publish(served), leader(served)
    assert problem(person.post(f"{address}/withdraw")) == (428, "precondition-required")
    assert problem(person.post(f"{address}/withdraw", tag='"2"')) == (412, "stale")
    served.clock.forward(hours=1)
    gone = person.post(f"{address}/withdraw", tag='"1"')
    assert (gone.status_code, gone.headers["etag"]) == (200, '"2"')
    assert gone.json()["withdrawn_at"] == "2026-11-22T10:00:00Z"
    served.clock.forward(hours=1)
    again = person.post(f"{address}/withdraw", tag='"1"')
    assert alike(again, gone)
    assert problem(person.put(address, json=FORM, tag='"2"')) == (409, "window-withdrawn")
    assert person.get("/v1/windows").json()["items"] == []
    listed = person.get("/v1/windows", params={"withdrawn": "true"}).json()["items"]
    assert [item["id"] for item in listed] == [id_of(address)]


def test_anothers_window_is_there_to_read_and_not_to_change(served: Served) -> None:
    address, other = publish(served), leader(served, SURGERY)
    assert other.get(address).json()["in_locked_rounds"] is None
    assert problem(other.put(address, json=FORM, tag='"1"')) == (404, "not-found")
    for path in ("", "/withdraw"):
        send = other.post if path else other.put
        sent = {} if path else {"json": FORM}
        refused = send(f"{address}{path}", tag='"1"', **sent)
        missing = send(f"/v1/windows/{MISSING}{path}", tag='"1"', **sent)
        assert problem(refused) == (404, "not-found")
        assert alike(refused, missing)
    assert leader(served).get(address).headers["etag"] == '"1"'


def test_of_a_change_and_a_withdrawal_at_once_one_is_done(served: Served) -> None:
    person = leader(served)

    def change(address: str) -> Response:
        return person.put(address, json=FORM | {"positions": 9}, tag='"1"')

    def withdraw(address: str) -> Response:
        return person.post(f"{address}/withdraw", tag='"1"')

    for _ in range(5):
        address = publish(served)
        with ThreadPoolExecutor(2) as threads:
            both = [threads.submit(change, address), threads.submit(withdraw, address)]
        assert sorted(each.result().status_code for each in both) == [200, 412]
        assert person.get(address).headers["etag"] == '"2"'


# -- what was decided on --------------------------------------------------------------------------


def plant(served: Served, *snapshots: list[str], **kind: str) -> None:
    """Plant a round of the region with these snapshots, one after another."""
    with served.database.writing(EVERYTHING) as session:
        round_id = plant_round(session, organisation=NORTH, **{"state": "locked"} | kind)
        for number, windows in enumerate(snapshots, 1):
            plant_snapshot(session, round_id, number, windows)


def test_whoever_keeps_a_window_is_told_of_locked_rounds_that_hold_it(served: Served) -> None:
    address = publish(served)
    window = id_of(address)
    plant(served, [], ["a", window])
    plant(served, [window])
    plant(served, [window], [])  # its newest document is without it
    plant(served, ["a", window], state="open")
    plant(served, [window], origin="imported")
    plant(served, [f"{window}-2"])

    def told(person: Person) -> Any:
        return person.get(address).json()["in_locked_rounds"]

    assert told(leader(served)) == told(served.planner) == told(served.as_("planner", NORTH)) == 2
    for person in (leader(served, SURGERY), served.as_("planner", BERGEN), served.coordinator()):
        assert told(person) is None
    assert told(served.as_("regional_reader", NORTH)) is None
    changed = leader(served).put(address, json=FORM | {"positions": 2}, tag='"1"')
    assert (changed.status_code, changed.json()["in_locked_rounds"]) == (200, 2)
    gone = leader(served).post(f"{address}/withdraw", tag='"2"')
    assert gone.json()["in_locked_rounds"] == 2


def test_a_round_that_is_locked_over_http_holds_its_windows(served: Served) -> None:
    address = publish(served)
    round_ = opened(served)

    def told() -> Any:
        return leader(served).get(address).json()["in_locked_rounds"]

    assert told() == 0
    assert round_.move("lock").status_code == 200
    assert told() == 1
    assert round_.move("reopen", json={"reason": "Et vindu flytter seg"}).status_code == 200
    assert told() == 0
    leader(served).post(f"{address}/withdraw", tag='"1"').raise_for_status()
    assert round_.move("lock").status_code == 200
    assert told() == 0


# -- found ----------------------------------------------------------------------------------------


def test_vacancies_are_found_by_place_time_and_kind(served: Served) -> None:
    named = {
        publish(served): "medicine",
        publish(served, SURGERY, kind="earmarked"): "surgery",
        publish(served, "kirkenes-medisin", certainty="tentative"): "kirkenes",
        publish(served, "tromso-medisin", opens="2028-01-01"): "tromso",
        publish(served, "haukeland-medisin", closes="2027-12-31"): "bergen",
    }

    def found(**asked: str) -> set[str]:
        items = served.coordinator().get("/v1/windows", params=asked).json()["items"]
        return {named[f"/v1/windows/{item['id']}"] for item in items}

    assert found() == set(named.values())
    assert found(unit=MEDICINE) == {"medicine"}
    assert found(site="hammerfest") == {"medicine", "surgery"}
    assert found(organisation=FINNMARK) == {"medicine", "surgery", "kirkenes"}
    assert found(organisation=NORTH) == {"medicine", "surgery", "kirkenes", "tromso"}
    assert found(organisation=TROMS) == {"tromso"}
    assert found(kind="earmarked") == {"surgery"}
    assert found(certainty="tentative") == {"kirkenes"}
    assert found(opens_before="2028-01-01") == {"medicine", "surgery", "kirkenes", "bergen"}
    assert found(opens_before="2028-01-02", organisation=TROMS) == {"tromso"}
    assert found(closes_after="2027-12-31", kind="locum") == {"medicine", "kirkenes", "tromso"}
    assert found(closes_after="2027-12-30", organisation=BERGEN) == {"bergen"}
    assert found(unit="ingensteds") == found(withdrawn="true") == set()


def test_a_filter_that_says_nothing_is_refused(embedded: Served) -> None:
    asked = {"opens_before": "1. mai", "kind": "leave", "organisation": "123456789", "limit": "0"}
    assert faults(embedded.planner.get("/v1/windows", params=asked)) == [
        ("not-one-of", "/query/kind"),
        ("at-least", "/query/limit"),
        ("not-date", "/query/opens_before"),
        ("not-organisation-number", "/query/organisation"),
    ]


def test_pages_of_a_filtered_list_follow_each_other(served: Served) -> None:
    published = sorted(id_of(publish(served)) for _ in range(5))
    publish(served, SURGERY)
    found: list[str] = []
    page: dict[str, Any] = {"limit": 2, "unit": MEDICINE}
    while page:
        answer = served.planner.get("/v1/windows", params=page).json()
        found += [item["id"] for item in answer["items"]]
        page = page | {"cursor": answer["next"]} if answer["next"] else {}
    assert found == published


# -- followed -------------------------------------------------------------------------------------

FEED = "/v1/windows/feed.atom"
ATOM = "{http://www.w3.org/2005/Atom}"


def feed(answer: Response) -> Element:
    """Return the feed that an answer holds; it has what RFC 4287 asks of feeds and entries."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/atom+xml"
    root = fromstring(answer.content)
    assert root.tag == f"{ATOM}feed"
    entries = root.findall(f"{ATOM}entry")
    for element in (root, *entries):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
        assert element.findtext(f"{ATOM}author/{ATOM}name")
        moment = element.findtext(f"{ATOM}updated") or ""
        assert datetime.fromisoformat(moment).utcoffset() == timedelta()
    ids = [text(entry, "id") for entry in entries]
    assert len(set(ids)) == len(ids)
    return root


def text(element: Element, name: str) -> str:
    return element.findtext(f"{ATOM}{name}") or ""


def told(answer: Response) -> list[str]:
    """Return the windows that a feed tells of, by id, as they stand in it."""
    return [id_of(text(entry, "id")) for entry in feed(answer).findall(f"{ATOM}entry")]


def test_the_feed_tells_what_is_new_with_the_newest_first(served: Served) -> None:
    first = publish(served)
    served.clock.forward(minutes=1)
    second = publish(served, SURGERY)
    person = served.coordinator()
    assert told(person.get(FEED)) == [id_of(second), id_of(first)]
    served.clock.forward(minutes=1)
    leader(served).put(first, json=FORM | {"positions": 2}, tag='"1"')
    assert told(person.get(FEED)) == [id_of(first), id_of(second)]
    served.clock.forward(days=89)
    third = publish(served, "kirkenes-medisin")
    served.clock.forward(days=1)
    served.people.clear()
    assert told(served.coordinator().get(FEED)) == [id_of(third), id_of(first)]
    served.clock.forward(seconds=1)
    assert told(served.coordinator().get(FEED)) == [id_of(third)]


def test_a_withdrawn_window_is_told_once_more_as_withdrawn(served: Served) -> None:
    address = publish(served, certainty="tentative")
    before = feed(served.planner.get(FEED))
    served.clock.forward(minutes=1)
    leader(served).post(f"{address}/withdraw", tag='"1"')
    after = feed(served.planner.get(FEED))
    old, new = (root.find(f"{ATOM}entry") for root in (before, after))
    assert old is not None
    assert new is not None
    assert text(old, "id") == text(new, "id") == f"tag:rotations,2026:windows/{id_of(address)}"
    assert text(new, "title") == "Trukket tilbake: " + text(old, "title")
    assert text(old, "updated") == text(new, "published") == "2026-11-22T09:00:00Z"
    assert text(new, "updated") == text(after, "updated") == "2026-11-22T09:01:00Z"
    terms = [[c.get("term") for c in entry.iter(f"{ATOM}category")] for entry in (old, new)]
    assert terms == [["locum", "tentative"], ["locum", "tentative", "withdrawn"]]


def test_an_entry_says_what_there_is_in_the_readers_language(served: Served) -> None:
    address = publish(
        served, min_gp_months=36, fte_percent=50, positions=2, release_on="2027-05-01"
    )

    def read(language: str) -> Element:
        root = feed(served.planner.get(FEED, headers={"Accept-Language": language}))
        assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == language
        entry = root.find(f"{ATOM}entry")
        assert entry is not None
        return entry

    nb, en = read("nb"), read("en")
    assert text(nb, "title") == "Hammerfest medisin, Hammerfest: 1. aug. 2027 – 31. juli 2028"
    assert text(nb, "summary") == (
        "Et vikariat. 2 plasser på 50 prosent. Tidene er bekreftet. Krever 36 måneder i"
        " allmennpraksis. Fri for alle søkere fra 1. mai 2027."
    )
    assert text(en, "title") == "Hammerfest medisin, Hammerfest: 1 Aug 2027 – 31 Jul 2028"
    assert text(en, "summary") == (
        "A locum post. 2 places at 50 per cent. The dates are confirmed. Asks for 36 months in"
        " general practice. Free for all applicants from 1 May 2027."
    )
    assert nb.findtext(f"{ATOM}author/{ATOM}name") == "Finnmarkssykehuset HF"
    link = nb.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"http://testserver{address}"
    assert served.planner.get(link.get("href", "")).json()["id"] == id_of(address)


def test_names_stand_in_the_feed_as_they_are(served: Served) -> None:
    name = 'Føde & barsel <á č đ ŋ š ŧ ž> "2027-01-01" ]]>'
    with served.database.writing(EVERYTHING) as session:
        session.get_one(Unit, MEDICINE).name = name
    publish(served)
    entry = feed(served.planner.get(FEED)).find(f"{ATOM}entry")
    assert entry is not None
    assert text(entry, "title").startswith(f"{name}, Hammerfest: ")


def test_a_feed_is_filtered_like_the_list_and_has_its_own_name(served: Served) -> None:
    medicine = publish(served)
    surgery = publish(served, SURGERY, kind="earmarked")
    publish(served, "haukeland-medisin")
    asked = {"site": "hammerfest", "opens_before": "2027-08-02", "kind": "earmarked"}
    answer = served.planner.get(FEED, params=asked)
    assert told(answer) == [id_of(surgery)]
    assert set(told(served.planner.get(FEED, params={"organisation": NORTH}))) == {
        id_of(medicine),
        id_of(surgery),
    }
    query = "?kind=earmarked&opens_before=2027-08-02&site=hammerfest"
    assert text(feed(answer), "id") == f"tag:rotations,2026:windows{query}"
    link = feed(answer).find(f"{ATOM}link")
    assert link is not None
    assert (link.get("rel"), link.get("href")) == ("self", f"http://testserver{FEED}{query}")


def test_an_empty_feed_is_a_feed(served: Served) -> None:
    answer = served.planner.get(FEED)
    assert told(answer) == []
    served.clock.forward(hours=1)
    assert (
        served.planner.get(FEED, headers={"If-None-Match": answer.headers["etag"]}).content == b""
    )
    assert "last-modified" not in answer.headers


def test_links_lead_where_people_reach_the_service(database: Database, tmp_path: Path) -> None:
    with serving(database, tmp_path / "var", base_url="https://alis.example/rotations/") as running:
        address = publish(running)
        hrefs = [link.get("href") for link in feed(running.planner.get(FEED)).iter(f"{ATOM}link")]
    base = "https://alis.example/rotations"
    assert hrefs == [f"{base}{FEED}", f"{base}{address}"]


def test_a_feed_is_sent_once(served: Served) -> None:
    publish(served)
    served.clock.forward(minutes=2)
    person = served.coordinator()
    first = person.get(FEED)
    tag, modified = first.headers["etag"], first.headers["last-modified"]
    assert modified == "Sun, 22 Nov 2026 09:00:00 GMT"

    def again(**condition: str) -> int:
        headers = {name.replace("_", "-"): value for name, value in condition.items()}
        answer = person.get(FEED, headers=headers)
        if answer.status_code == 304:
            assert answer.content == b""
            assert (answer.headers["etag"], answer.headers["last-modified"]) == (tag, modified)
        return answer.status_code

    assert again() == 200
    for had in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        assert again(If_None_Match=had) == 304
    assert again(If_None_Match='"x"') == 200
    assert again(If_None_Match='"x"', If_Modified_Since=modified) == 200
    assert again(If_None_Match=tag, Accept_Language="en") == 200
    assert again(If_Modified_Since=modified) == 304
    assert again(If_Modified_Since="Sun, 22 Nov 2026 10:00:01 +0100") == 304
    assert again(If_Modified_Since="Sun, 22 Nov 2026 08:59:59 GMT") == 200
    for unread in ("yesterday", "", "Sun, 22 Nov 99999999999999999999 09:00:00 GMT"):
        assert again(If_Modified_Since=unread) == 200
    served.clock.forward(minutes=1)
    publish(served, SURGERY)
    assert again(If_None_Match=tag) == 200


def test_a_change_in_the_same_second_is_not_overlooked(served: Served) -> None:
    publish(served)
    served.clock.forward(seconds=0.4)
    assert "last-modified" not in served.planner.get(FEED).headers
    served.clock.forward(seconds=0.4)
    publish(served, SURGERY)
    served.clock.forward(minutes=2)
    assert served.planner.get(FEED).headers["last-modified"] == "Sun, 22 Nov 2026 09:00:00 GMT"

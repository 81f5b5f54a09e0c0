"""What the pages of a unit and of a candidate refuse, and the steps of a placement."""

from __future__ import annotations

from typing import Any

import pytest
from httpx2 import Response

from tests.api.routes.placed import UNIT, Placed, placed
from tests.api.routes.planned import finnmark, locked
from tests.api.routes.test_release import published
from tests.api.served import ALTA, TROMS, VADSO, Served
from tests.pages.reading import Reader, signed_in

FORM = {
    "/opens": "2027-08-01",
    "/closes": "2028-01-31",
    "/positions": "1",
    "/fte_percent": "100",
    "/kind": "locum",
    "/certainty": "confirmed",
    "/min_gp_months": "0",
    "/release_on": "",
}
NEW = f"/units/{UNIT}/windows/new"


def leader(served: Served, unit: str = UNIT) -> Reader:
    return signed_in(served, "unit_leader", unit=unit)


def windows(served: Served, **asked: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = served.planner.get("/v1/windows", params=asked).json()["items"]
    return found


def made(served: Served, reader: Reader) -> str:
    """Publish a vacancy and return its id."""
    assert reader.post(NEW, data=FORM).status_code == 303
    return str(windows(served)[0]["id"])


def test_what_is_typed_is_published(embedded: Served) -> None:
    reader = leader(embedded)
    answer = reader.post(NEW, data=FORM | {"key": "once", "/release_on": "2027-03-01"})
    assert answer.headers["location"] == f"/units/{UNIT}?done=window-published"
    again = reader.post(NEW, data=FORM | {"key": "once", "/release_on": "2027-03-01"})
    assert again.status_code == 303, "sent twice, published once"
    [found] = windows(embedded)
    assert (found["opens"], found["closes"]) == ("2027-08-01", "2028-02-01")
    assert (found["release_on"], found["unit"]) == ("2027-03-01", UNIT)


def test_every_fault_stands_at_its_field(embedded: Served) -> None:
    typed = {"/opens": "", "/positions": "to", "/fte_percent": "900", "/closes": "31.1.2028"}
    answer = leader(embedded).post(NEW, data=FORM | typed)
    assert answer.status_code == 422
    for name, text in typed.items():
        field = f"field-{name.strip('/')}"
        assert f'href="#{field}"' in answer.text, name
        assert f'value="{text}" autocomplete="off" id="{field}"' in answer.text, name
    assert answer.text.count('aria-invalid="true"') == len(typed)
    assert windows(embedded) == []


@pytest.mark.parametrize("role", ["unit_leader", "planner", "coordinator", "auditor"])
def test_who_does_not_answer_for_a_unit_has_no_forms(embedded: Served, role: str) -> None:
    window = made(embedded, leader(embedded))
    named: dict[str, dict[str, str]] = {
        "unit_leader": {"unit": "hammerfest-kirurgi"},
        "coordinator": {"municipality": ALTA},
        "planner": {"organisation": TROMS},
    }
    reader = signed_in(embedded, role, **named.get(role, {}))
    shown = reader.get(f"/units/{UNIT}")
    assert shown.status_code == 200
    assert "/windows/" not in shown.text
    for path in (
        NEW,
        f"/units/{UNIT}/windows/{window}",
        f"/units/{UNIT}/windows/{window}/withdraw",
    ):
        assert reader.get(path).status_code == 404, path
        assert reader.post(path, data=FORM | {"tag": '"1"'}).status_code == 404, path
    assert [each["id"] for each in windows(embedded)] == [window]
    elsewhere = f"/units/hammerfest-kirurgi/windows/{window}"
    assert signed_in(embedded, "planner").get(elsewhere).status_code == 404


def test_nobody_changes_what_they_have_not_seen(embedded: Served) -> None:
    reader = leader(embedded)
    path = f"/units/{UNIT}/windows/{made(embedded, reader)}"
    assert reader.post(path, data=FORM | {"/positions": "2", "tag": '"1"'}).status_code == 303
    changed = reader.post(path, data=FORM | {"/positions": "3", "tag": '"1"'})
    withdrawn = reader.post(f"{path}/withdraw", data={"tag": '"1"'})
    for answer in (changed, withdrawn):
        assert answer.status_code == 412
        assert 'name="tag" value="&#34;2&#34;"' in answer.text
    assert 'value="3" autocomplete="off" id="field-positions"' in changed.text
    assert [each["positions"] for each in windows(embedded)] == [2]
    assert reader.post(f"{path}/withdraw", data={"tag": '"2"'}).status_code == 303
    assert windows(embedded) == []
    assert reader.get(path).status_code == 404


# -- steps ----------------------------------------------------------------------------------------


def step(served: Served, at: Placed, name: str, **typed: str) -> Response:
    """Take a step as the unit's leader, as the placement stands."""
    sent = {"tag": at.tag, **{f"/{key.replace('__', '/')}": text for key, text in typed.items()}}
    return leader(served).post(f"/units/{UNIT}/placements/{at.id}/{name}", data=sent)


def state(at: Placed) -> str:
    return str(at.served.planner.get(at.path).json()["state"])


def test_a_placement_is_led_to_its_end(embedded: Served) -> None:
    at = placed(embedded)
    page = f"/units/{UNIT}/placements/{at.id}"
    early = step(embedded, at, "start", day="2026-11-22")
    assert early.status_code == 422
    assert 'aria-invalid="true"' in early.text
    assert "/complete" not in leader(embedded).get(page).text
    embedded.clock.forward(days=300)  # 18 September 2027
    embedded.people.clear()
    began = step(embedded, at, "start", day="2027-08-02")
    assert began.headers["location"] == f"{page}?done=placement-start"
    embedded.clock.forward(days=130)  # 26 January 2028
    embedded.people.clear()
    due = leader(embedded).get(f"/units/{UNIT}").text
    assert f'href="{page}"' in due.partition('id="calendar"')[0], "the evaluation is due"
    assert step(embedded, at, "evaluation", day="2028-01-25").status_code == 303
    shown = leader(embedded).get(page).text
    assert f"{page}/complete" in shown
    assert "25. jan. 2028" in shown
    faulty = step(embedded, at, "complete", day="2028-01-26", goals__ALM_055="")
    assert faulty.status_code == 422
    assert faulty.text.count('href="#field-goals-ALM-0') == 2
    sent = {"tag": at.tag, "/day": "2028-01-26", "/reason": "Flyttet"}
    goals = {"/goals/ALM-055": "true", "/goals/ALM-085": "false"}
    assert leader(embedded).post(f"{page}/complete", data=sent | goals).status_code == 303
    assert state(at) == "completed"
    assert embedded.planner.get(at.path).json()["goals"] == {"ALM-055": True, "ALM-085": False}
    assert (
        step(embedded, at, "interrupt", day="2028-01-26", remaining_months="1").status_code == 409
    )


def test_a_placement_is_interrupted(embedded: Served) -> None:
    at = placed(embedded)
    embedded.clock.forward(days=300)
    embedded.people.clear()
    assert step(embedded, at, "start", day="2027-08-02").status_code == 303
    assert step(embedded, at, "interrupt", day="2027-09-01").status_code == 422
    answer = step(embedded, at, "interrupt", day="2027-09-01", remaining_months="5")
    assert answer.status_code == 303
    assert state(at) == "interrupted"


def test_others_do_not_see_a_placement_there(embedded: Served) -> None:
    at = placed(embedded)
    page = f"/units/{UNIT}/placements/{at.id}"
    for reader in (
        leader(embedded, "hammerfest-kirurgi"),
        signed_in(embedded, "coordinator", municipality=VADSO),
    ):
        for path in (page, f"{page}/start"):
            assert reader.get(path).status_code == 404
    assert leader(embedded).get(page.replace(UNIT, "hammerfest-kirurgi")).status_code == 404
    assert leader(embedded).get(f"{page}/cancel").status_code == 404
    own = signed_in(embedded, "coordinator", municipality=ALTA).get(page)
    assert own.status_code == 200
    assert f"{page}/start" not in own.text


def test_who_comes_may_be_from_where_nobody_is_registered(embedded: Served) -> None:
    published(embedded, locked(embedded, finnmark()))
    unit = "kirkenes-kirurgi-ortopedi-fode-gyn"
    page = leader(embedded, unit).get(f"/units/{unit}")
    assert page.status_code == 200
    assert "<td>5605</td>" in page.text
    assert "Opphold uten ledig plass i kalenderen" in page.text, "the windows are not, either"
    assert '<text class="on-offered" x="8" y="17">5605-c1</text>' in page.text
    held = leader(embedded, "hammerfest-psykisk-helsevern-rus")
    [each] = embedded.planner.get("/v1/placements").json()["items"]
    at = f"/units/{each['unit']}/placements/{each['id']}"
    assert "Fra 5624, 100 prosent." in held.get(at).text


# -- a candidate ----------------------------------------------------------------------------------


def test_an_offer_is_answered_by_whom_it_is_made_to(embedded: Served) -> None:
    published(embedded, locked(embedded, finnmark()))
    offers = embedded.planner.get("/v1/offers", params={"limit": "200"}).json()["items"]
    [hers] = [each["id"] for each in offers if each["candidate"] == "5601-c1"]
    path = f"/my/offers/{hers}/decline"
    colleague = signed_in(embedded, "candidate", municipality=ALTA, candidate="5601-c2")
    coordinator = signed_in(embedded, "coordinator", municipality=ALTA)
    for reader in (colleague, coordinator):
        assert reader.get(path).status_code == 404
        assert reader.post(path, data={"tag": '"1"'}).status_code == 404
    assert coordinator.get("/my").status_code == 404
    her = signed_in(embedded, "candidate", municipality=ALTA, candidate="5601-c1")
    assert her.get(f"/my/offers/{hers}/withdraw").status_code == 404
    assert her.post(path, data={"tag": '"7"'}).status_code == 412
    shown = her.get("/my").text
    assert path in shown
    assert "5601-c2" not in shown
    assert her.post(path, data={"tag": '"1"'}).headers["location"] == "/my?done=offer-declined"
    assert "Du takket nei" in her.get("/my").text
    assert "<button" not in her.get(path).text.partition("<main")[2]
    embedded.clock.forward(days=30)
    embedded.people.clear()
    late = signed_in(embedded, "candidate", municipality=ALTA, candidate="5601-c2")
    [other] = [each["id"] for each in offers if each["candidate"] == "5601-c2"]
    refused = late.post(f"/my/offers/{other}/accept", data={"tag": '"1"'})
    assert refused.status_code == 409
    assert "ds-error-summary" in refused.text


def test_calendars_and_feeds_are_handed_on(embedded: Served) -> None:
    reader = leader(embedded)
    made(embedded, reader)
    calendar = reader.get(f"/units/{UNIT}/deadlines.ics")
    assert calendar.headers["content-type"].startswith("text/calendar")
    feed = reader.get("/vacancies/feed.atom", params={"unit": UNIT})
    assert feed.headers["content-type"].startswith("application/atom+xml")
    assert feed.text.count("<entry>") == 1
    none = reader.get("/vacancies/feed.atom", params={"unit": "kirkenes-medisin"})
    assert "<entry>" not in none.text
    faulty = reader.get("/vacancies", params={"first": "i går"})
    assert faulty.status_code == 422
    assert "ds-error-summary" in faulty.text


def test_who_sees_some_of_a_units_people_is_told_so(embedded: Served) -> None:
    """To others than who answers for it no place is said to be free, and nobody to be all."""
    at = placed(embedded)
    her = str(embedded.planner.get(at.path).json()["candidate"])
    own = leader(embedded).get(f"/units/{UNIT}").text
    assert "av 2 plasser med veileder" in own
    part = signed_in(embedded, "coordinator", municipality=VADSO).get(f"/units/{UNIT}").text
    assert her in own
    assert her not in part
    assert "Ingen av dem du kan se, har plass her." in part
    assert part.count("Også andre kan ha plass her.") >= 2
    for said in ("plasser med veileder.", "Ingen kommer ennå", 'class="free"'):
        assert said not in part, said

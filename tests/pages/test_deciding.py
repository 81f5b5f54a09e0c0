"""The planner's decisions without a browser: what is refused, and what comes of forms."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.datastructures import ImmutableMultiDict

from api.pages.deciding.changes import changes_in, fields_of
from api.pages.deciding.moving import Move, move_of, moves_in
from api.pages.rendering import text
from tests.api.routes.planned import Locked, finnmark, finnmark_plan, locked
from tests.api.served import ALTA, BERGEN, Served
from tests.pages.reading import Reader, signed_in


@pytest.fixture
def round_(embedded: Served) -> Locked:
    return locked(embedded, finnmark())


@pytest.fixture
def plan(round_: Locked) -> str:
    return round_.plan(finnmark_plan(), approved_at=None, approved_by=None)


def hers() -> str:
    """Return whose move breaks no rule: the last of her municipality, placed and not accepted."""
    return "5601-c2"


# -- moved by hand --------------------------------------------------------------------------------


@pytest.mark.parametrize("window", ["w/1", "w & x", "møte", None])
def test_a_move_is_one_word_of_an_address(window: str | None) -> None:
    start = "2027-08-01" if window else None
    made = Move("5601-c1", window, start)
    assert move_of(made.code) == made
    chosen = ImmutableMultiDict([("candidate", "5601-c1"), ("seat", made.seat)])
    assert moves_in(chosen) == [made]
    again = ImmutableMultiDict([("move", Move("5601-c1").code), ("move", made.code)])
    assert moves_in(again) == [made], "the last one holds"


def test_a_move_is_tried_and_kept_with_a_reason(
    embedded: Served, round_: Locked, plan: str
) -> None:
    planner = signed_in(embedded, "planner")
    path = f"/plans/{plan}/move"
    shown = planner.get(path, params={"candidate": hers()}).text
    assert shown.count('type="radio"') > 10
    tried = planner.get(path, params={"candidate": hers(), "seat": "-"}).text
    assert "Alle regler holdes" in tried
    assert "Flest mulig får plass" in tried
    form = {"move": Move(hers()).code, "/reason": " "}
    refused = planner.post(path, data=form)
    assert refused.status_code == 422
    assert 'id="field-reason"' in refused.text
    assert 'aria-invalid="true"' in refused.text
    kept = planner.post(path, data=form | {"/reason": "Har trukket seg"})
    assert kept.status_code == 303
    made = embedded.planner.get(round_.address).json()["items"]
    assert {each["origin"] for each in made} == {"solver", "hand"}
    by_hand = next(each["id"] for each in made if each["origin"] == "hand")
    assert kept.headers["location"] == f"/plans/{by_hand}?done=moved"
    release = planner.get(f"/plans/{by_hand}/release").text
    assert "En plan satt sammen for hånd" in release, "who approves it sees what was set aside"
    assert "Har trukket seg" in release


def test_a_move_that_breaks_rules_says_each_and_cannot_be_kept(embedded: Served, plan: str) -> None:
    planner = signed_in(embedded, "planner")
    first = next(p for p in finnmark_plan().placements if p.candidate == hers())
    other = next(p for p in finnmark_plan().placements if p.window != first.window)
    move = Move(other.candidate, first.window, str(first.start))
    shown = planner.get(f"/plans/{plan}/move", params={"move": move.code}).text
    assert "Kan ikke lagres" in shown
    assert "Lagre planen" not in shown
    form = {"move": move.code, "/reason": "Likevel"}
    assert planner.post(f"/plans/{plan}/move", data=form).status_code == 422


@pytest.mark.parametrize("path", ["move", "release"])
def test_what_is_not_yours_is_not_there(embedded: Served, plan: str, path: str) -> None:
    elsewhere = signed_in(embedded, "planner", BERGEN)
    coordinator = signed_in(embedded, "coordinator", municipality=ALTA)
    asked = [who.get(f"/plans/{plan}/{path}") for who in (elsewhere, coordinator)]
    assert [answer.status_code for answer in asked] == [404, 404]
    assert coordinator.get("/audit").status_code == 404


# -- released -------------------------------------------------------------------------------------


def tag_of(page: str) -> str:
    """Return the ETag that stands in a form."""
    _, _, rest = page.partition('name="tag" value="')
    return rest.partition('"')[0].replace("&#34;", '"')


def act(who: Reader, plan: str, what: str, **form: str) -> Any:
    path = f"/plans/{plan}/release"
    sent = {f"/{name}": value for name, value in form.items()}
    sent["tag"] = tag_of(who.get(path).text)
    return who.post(f"{path}/{what}", data=sent)


def test_two_people_and_the_label_stand_before_publishing(
    embedded: Served, round_: Locked, plan: str
) -> None:
    planner, approver = signed_in(embedded, "planner"), signed_in(embedded, "approver")
    assert "Kunngjør planen" not in planner.get(f"/plans/{plan}/release").text
    assert act(planner, plan, "approve").status_code == 404
    assert act(approver, plan, "approve").headers["location"].endswith("done=plan-approve")
    wrong = act(planner, plan, "publish", confirmation="2027-Q2")
    assert wrong.status_code == 422
    assert "Det du skrev, er ikke rundens navn" in wrong.text
    assert 'value="2027-Q2"' in wrong.text
    early = act(planner, plan, "publish", confirmation=finnmark().id, answer_by="2026-11-23")
    assert early.status_code == 422
    assert 'id="field-answer_by-faults"><p' in "".join(
        line.strip() for line in early.text.splitlines()
    )
    done = act(planner, plan, "publish", confirmation=finnmark().id)
    assert done.headers["location"].endswith("done=plan-publish")
    assert embedded.planner.get(f"/v1/plans/{plan}").json()["published_at"]
    blank = act(planner, plan, "void", reason="")
    assert blank.status_code == 422
    assert act(planner, plan, "void", reason="Feil vedlegg").status_code == 303
    shown = planner.get(f"/plans/{plan}/release").text
    assert "Feil vedlegg" in shown
    assert "annullert" in shown


def test_whom_publishing_writes_to_is_said_beforehand(
    embedded: Served, round_: Locked, plan: str
) -> None:
    path = f"/v1/municipalities/{ALTA}"
    coordinator = embedded.coordinator()
    known = coordinator.get(path)
    change = {"contact": "alis@alta.example"}
    assert coordinator.patch(path, json=change, tag=known.headers["etag"]).is_success
    shown = signed_in(embedded, "planner").get(f"/plans/{plan}/release").text
    preview = embedded.planner.get(f"/v1/plans/{plan}/release").json()
    assert preview["recipients_total"] > 0
    assert "alis@alta.example" in shown
    assert "hvor mange som er uten plass" in shown


# -- what if, and how many ------------------------------------------------------------------------


def said(key: str, **figures: object) -> str:
    return text("nb", key, **figures)


def test_common_changes_are_made_of_fields() -> None:
    document = finnmark().document
    window, person = document["windows"][0]["id"], document["candidates"][0]["id"]
    form = {
        "/seats": "true", "/seats/window": window, "/seats/positions": "3",
        "/closed": "true", "/closed/what": window,
        "/without": "true", "/without/what": person,
        "/another": "true", "/another/like": person, "/another/id": "5601-ny",
        "/priority": "true", "/priority/what": "advisory",
        "/json": "true", "/json/what": json.dumps([{"action": "change", "record": "round"}]),
    }  # fmt: skip
    changes, places, faults = changes_in(form, document, said)
    assert faults == []
    assert [(each["action"], each["record"]) for each in changes] == [
        ("change", "windows"), ("remove", "windows"), ("remove", "candidates"),
        ("add", "candidates"), ("change", "policy"), ("change", "round"),
    ]  # fmt: skip
    alike = {k: v for k, v in document["candidates"][0].items() if k != "name"}
    assert changes[3]["fields"] == alike | {"id": "5601-ny"}
    assert fields_of("/changes/0/fields/positions", places) == "/seats/positions"
    assert fields_of("/changes/4", places) == "/priority/what"
    assert fields_of("/name", places) == "/name"


def test_what_is_left_out_of_a_form_is_told_at_its_field() -> None:
    ticked = {f"/{kind}": "true" for kind in ("seats", "closed", "another", "json")}
    _, _, faults = changes_in(ticked, finnmark().document, said)
    assert [each["place"] for each in faults] == [
        "/seats/positions", "/closed/what", "/another/id", "/json/what",
    ]  # fmt: skip
    _, _, faults = changes_in({}, finnmark().document, said)
    assert [each["code"] for each in faults] == ["missing"]


def test_studies_are_asked_for_with_forms(embedded: Served, round_: Locked) -> None:
    planner = signed_in(embedded, "planner")
    path = f"/rounds/{round_.id}"
    window = finnmark().document["windows"][0]["id"]
    form = {"/name": "Flere", "/seats": "true", "/seats/window": window, "/seats/positions": "0"}
    refused = planner.post(f"{path}/scenarios", data=form)
    assert refused.status_code == 422
    assert 'href="#field-seats-positions"' in refused.text
    asked = planner.post(f"{path}/scenarios", data=form | {"/seats/positions": "2"})
    assert asked.headers["location"] == f"{path}/scenarios?done=study-asked"
    shown = planner.get(f"{path}/scenarios").text
    assert 'hx-trigger="every 1s"' in shown
    part = planner.get(f"{path}/scenarios", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="results"')
    share = planner.post(f"{path}/capacity", data={"/target": "share"})
    assert share.status_code == 422
    assert 'href="#field-percent"' in share.text
    every = {"/target": "everyone", "/percent": "50"}
    assert planner.post(f"{path}/capacity", data=every).status_code == 303
    years = {f"/forecast/{name}": "1" for name in ("years", "wait_months", "draws", "seed")}
    years |= {"/forecast/enough_percent": "100", "/forecast/scenarios/1/name": "mange"}
    wrong = planner.post(
        f"{path}/capacity/years", data=years | {"/forecast/scenarios/1/a_year": "2, x"}
    )
    assert wrong.status_code == 422
    assert 'href="#field-forecast-scenarios-0-a_year"' in wrong.text
    assert 'value="2, x"' in wrong.text
    told = years | {"/forecast/scenarios/1/a_year": "2"}
    assert planner.post(f"{path}/capacity/years", data=told).status_code == 303
    assert "1 år fremover: alle begynner innen 1 måned" in planner.get(f"{path}/capacity").text
    before = planner.get(f"{path}/capacity").text
    assert "Undersøkelsen planlegger runden tre ganger" in before
    assert "Ingen har spurt ennå." in before
    assert planner.post(f"{path}/capacity/price").status_code == 303
    waiting = planner.get(f"{path}/capacity").text
    assert "I kø" in waiting
    assert "Ingen har spurt ennå." not in waiting
    assert "Runden er planlagt tre ganger" not in waiting, "it has not been yet"
    [scenario] = embedded.planner.get(f"/v1/rounds/{round_.id}/scenarios").json()["items"]
    assert planner.post(f"{path}/scenarios/{scenario['id']}/remove").status_code == 303
    assert "Ingen scenarier ennå." in planner.get(f"{path}/scenarios").text
    approver = signed_in(embedded, "approver")
    assert "Nytt scenario" not in approver.get(f"{path}/scenarios").text
    assert approver.post(f"{path}/scenarios", data=form).status_code == 404


# -- the audit ------------------------------------------------------------------------------------


def test_the_audit_is_searched_newest_first(embedded: Served, plan: str) -> None:
    planner, auditor = signed_in(embedded, "planner"), signed_in(embedded, "auditor")
    planner.get(f"/plans/{plan}/move", params={"candidate": hers()})
    own = embedded.as_("auditor")
    asked = {"operation": "list_seats", "newest_first": True}
    [entry] = own.get("/v1/audit", params=asked).json()["items"]
    assert entry["candidates"] == [hers()]
    first = own.get("/v1/audit", params={"newest_first": True, "limit": 2}).json()
    then = own.get(
        "/v1/audit", params={"newest_first": True, "limit": 1, "after": first["next"]}
    ).json()
    shown = [each["number"] for each in (*first["items"], *then["items"])]
    assert shown == sorted(shown, reverse=True)
    assert len(set(shown)) == 3
    today = {"since": "2026-11-22", "until": "2026-11-22", "action": "read", "limit": 200}
    assert {each["action"] for each in own.get("/v1/audit", params=today).json()["items"]} == {
        "read"
    }
    for day in ({"until": "2026-11-21"}, {"since": "2026-11-23"}, {"since": "9999-12-31"}):
        assert own.get("/v1/audit", params=day).json()["items"] == []
    page = auditor.get("/audit", params={"operation": "list_seats", "candidate": hers()})
    assert f"candidate={hers()}" in page.text
    assert page.text.count("<tbody>") == 1
    assert auditor.get("/audit", params={"since": "i går"}).status_code == 422
    assert "Ingen innførsler" in auditor.get("/audit", params={"until": "2026-01-01"}).text

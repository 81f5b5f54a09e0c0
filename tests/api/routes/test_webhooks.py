"""Webhooks of organisations and municipalities, and the notices that were put down for them."""

from __future__ import annotations

from api.notices.sending import send
from models.scope import EVERYTHING
from models.store.notices import tell
from models.tables import Municipality, Unit, Webhook
from tests.api.notices.outboxes import AT_ALTA, AT_UNIT, UNIT, offered
from tests.api.routes.said import MISSING, alike, faults, problem
from tests.api.served import ALTA, BERGEN, FINNMARK, NORTH, VADSO, Served

URL = "https://hooks.hf.example/rotations"


def test_a_secret_is_shown_once(served: Served) -> None:
    planner = served.planner
    made = planner.post("/v1/webhooks", json={"organisation": FINNMARK, "url": URL})
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    shown = planner.get(made.headers["location"])
    assert shown.json() == {name: v for name, v in made.json().items() if name != "secret"}
    assert secret not in planner.get("/v1/webhooks").text
    assert problem(planner.delete(made.headers["location"])) == (428, "precondition-required")
    assert planner.delete(made.headers["location"], tag='"1"').status_code == 204
    assert problem(planner.get(made.headers["location"])) == (404, "not-found")
    assert problem(planner.delete(made.headers["location"], tag='"2"')) == (404, "not-found")
    assert planner.get("/v1/webhooks").json()["items"] == []
    with served.database.reading(EVERYTHING) as session:
        assert session.get_one(Webhook, made.json()["id"]).secret == ""


def test_each_party_has_its_own(embedded: Served) -> None:
    coordinator = embedded.coordinator()
    made = coordinator.post("/v1/webhooks", json={"municipality": ALTA, "url": URL})
    assert made.status_code == 201
    for other in (embedded.coordinator(VADSO), embedded.planner, embedded.as_("planner", BERGEN)):
        assert alike(other.get(made.headers["location"]), other.get(f"/v1/webhooks/{MISSING}"))
        assert other.get("/v1/webhooks").json()["items"] == []
    region = embedded.as_("planner", NORTH)
    own = region.post("/v1/webhooks", json={"organisation": FINNMARK, "url": URL})
    assert own.status_code == 201
    assert problem(region.post("/v1/webhooks", json={"organisation": FINNMARK, "url": URL})) == (
        409,
        "exists",
    )


def test_what_is_no_webhook_is_refused_without_being_repeated(embedded: Served) -> None:
    planner, coordinator = embedded.planner, embedded.coordinator()
    refused = planner.post("/v1/webhooks", json={"url": "http://10.0.0.1/latest"})
    assert faults(refused) == [("missing", "/organisation"), ("not-webhook", "/url")]
    assert "10.0.0.1" not in refused.text
    both = {"organisation": FINNMARK, "municipality": ALTA, "url": URL}
    assert faults(planner.post("/v1/webhooks", json=both)) == [
        ("not-asked", "/municipality"),
        ("not-known", "/municipality"),
    ]
    others = {"organisation": BERGEN, "url": URL}
    assert faults(planner.post("/v1/webhooks", json=others)) == [("not-known", "/organisation")]
    others = {"organisation": FINNMARK, "url": URL}
    assert faults(coordinator.post("/v1/webhooks", json=others)) == [("not-known", "/organisation")]
    here = {"organisation": FINNMARK, "url": "http://127.0.0.1:8000/"}
    assert faults(planner.post("/v1/webhooks", json=here)) == [("not-webhook", "/url")]


def test_a_party_has_ten_at_most(embedded: Served) -> None:
    for n in range(10):
        made = embedded.planner.post(
            "/v1/webhooks", json={"organisation": FINNMARK, "url": f"{URL}/{n}"}
        )
        assert made.status_code == 201
    more = embedded.planner.post("/v1/webhooks", json={"organisation": FINNMARK, "url": URL})
    assert faults(more) == [("too-many", "")]


def test_notices_are_listed_for_who_told_and_who_was_told(served: Served) -> None:
    with served.database.writing(EVERYTHING) as session:
        session.get_one(Municipality, ALTA).contact = AT_ALTA
        session.get_one(Unit, UNIT).contact = AT_UNIT
    with served.database.writing(EVERYTHING) as session:
        tell(session, [offered("offer-1"), offered("offer-2", unit=None)], served.clock())
    listed = served.planner.get("/v1/notices", headers={"Accept-Language": "en"}).json()["items"]
    assert sorted(each["recipient"] for each in listed) == [AT_ALTA, AT_ALTA, AT_UNIT]
    (first, second) = served.coordinator().get("/v1/notices").json()["items"]
    assert {first["recipient"], second["recipient"]} == {AT_ALTA}
    assert {each["title"] for each in listed} > {"Place offered at hammerfest-medisin"}
    assert served.coordinator(VADSO).get("/v1/notices").json()["items"] == []
    assert served.as_("planner", BERGEN).get("/v1/notices").json()["items"] == []
    assert problem(served.as_("unit_leader", unit=UNIT).get("/v1/notices")) == (403, "forbidden")
    send(served.database, served.service.settings, served.clock())
    asked = {"state": "waiting", "kind": "offer-made"}
    waiting = served.planner.get("/v1/notices", params=asked).json()["items"]
    assert [each["attempts"] for each in waiting] == [0, 0, 0], "no mail server, nothing lost"
    assert served.planner.get("/v1/notices", params={"state": "sent"}).json()["items"] == []


def test_a_unit_is_reached_by_its_roles_address(embedded: Served) -> None:
    form = {"name": "Medisin", "site": "hammerfest", "contact": AT_UNIT}
    put = embedded.planner.put(f"/v1/units/{UNIT}", json=form, tag='"1"')
    assert (put.status_code, put.json()["contact"]) == (200, AT_UNIT)
    read = embedded.as_("candidate", municipality=VADSO, candidate=f"{VADSO}-a")
    assert read.get(f"/v1/units/{UNIT}").json()["contact"] == AT_UNIT
    wrong = embedded.planner.put(f"/v1/units/{UNIT}", json=form | {"contact": "nobody"}, tag='"2"')
    assert faults(wrong) == [("not-e-mail", "/contact")]

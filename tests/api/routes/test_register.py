"""Organisations, sites and units; and who may do what with everything that is registered."""

from __future__ import annotations

from typing import Any

import pytest

from api.rights import RIGHTS
from models.tables.access import ROLES
from tests.api.routes.said import NOBODYS, alike, faults, problem
from tests.api.served import ALTA, BERGEN, FINNMARK, NORTH, TROMS, WEST, Person, Served

TRUST = {"name": "Nytt HF", "kind": "HF", "trust": "nytt", "parent": NORTH}


def test_everybody_reads_the_register(served: Served) -> None:
    planner = served.as_("planner", BERGEN)
    listed = planner.get("/v1/organisations").json()["items"]
    assert [item["number"] for item in listed] == sorted([NORTH, FINNMARK, TROMS, WEST, BERGEN])
    assert planner.get(f"/v1/organisations/{FINNMARK}").json() == {
        "number": FINNMARK,
        "name": "Finnmarkssykehuset HF",
        "kind": "HF",
        "trust": "finnmark",
        "parent": NORTH,
        "contact": None,
        "language": "nb",
    }
    assert planner.get("/v1/sites/hammerfest").json()["organisation"] == FINNMARK
    assert planner.get("/v1/units/hammerfest-medisin").json()["site"] == "hammerfest"


def test_pages_follow_each_other_without_gap_or_repeat(served: Served) -> None:
    for noun in ("organisations", "sites", "units", "municipalities"):
        whole = served.planner.get(f"/v1/{noun}", params={"limit": 200}).json()
        assert whole["next"] is None
        found: list[Any] = []
        page: dict[str, Any] = {"limit": 2}
        while page:
            answer = served.planner.get(f"/v1/{noun}", params=page).json()
            assert 0 < len(answer["items"]) <= 2
            found += answer["items"]
            page = {"limit": 2, "cursor": answer["next"]} if answer["next"] else {}
        assert found == whole["items"]
        assert len(found) > 2


def test_a_region_registers_a_trust_of_its_own(served: Served) -> None:
    region = served.as_("administrator", NORTH)
    made = region.put(f"/v1/organisations/{NOBODYS}", json=TRUST, new=True)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    renamed = region.put(f"/v1/organisations/{NOBODYS}", json=TRUST | {"name": "B"}, tag='"1"')
    assert (renamed.status_code, renamed.json()["name"]) == (200, "B")
    role = {"contact": "alis@b.example", "language": "se"}
    reached = region.put(f"/v1/organisations/{NOBODYS}", json=TRUST | role, tag='"2"')
    assert role.items() <= reached.json().items()
    wrong = TRUST | {"contact": "nobody", "language": "fkv"}
    refused = region.put(f"/v1/organisations/{NOBODYS}", json=wrong, tag='"3"')
    assert faults(refused) == [("not-e-mail", "/contact"), ("not-one-of", "/language")]


def test_a_trust_is_anothers_like_one_that_is_not_there(served: Served) -> None:
    region = served.as_("administrator", NORTH)
    bergen = TRUST | {"parent": WEST, "trust": "bergen"}
    others = region.put(f"/v1/organisations/{BERGEN}", json=bergen, tag='"1"')
    missing = region.put(f"/v1/organisations/{NOBODYS}", json=bergen, tag='"1"')
    assert problem(others) == (404, "not-found")
    assert alike(others, missing)


def test_what_a_trust_cannot_be_is_told_at_once(embedded: Served) -> None:
    region = embedded.as_("administrator", NORTH)

    def said(**change: str | None) -> list[tuple[str, str]]:
        refused = region.put(f"/v1/organisations/{NOBODYS}", json=TRUST | change, new=True)
        return faults(refused)

    assert said(trust=None) == [("trust-of-hf", "/trust")]
    assert said(kind="RHF") == [("not-known", "/parent"), ("trust-of-hf", "/trust")]
    assert said(trust="finnmark") == [("id-repeated", "/trust")]
    assert region.get(f"/v1/organisations/{NOBODYS}").status_code == 404


def test_nothing_is_registered_under_what_is_anothers(served: Served) -> None:
    region = served.as_("planner", NORTH)
    for organisation in (BERGEN, NOBODYS, NORTH):
        site = {"name": "Ny", "organisation": organisation}
        refused = region.put("/v1/sites/ny", json=site, new=True)
        assert faults(refused) == [("not-known", "/organisation")]
    for site_id in ("haukeland", "ingensteds"):
        refused = region.put("/v1/units/ny", json={"name": "Ny", "site": site_id}, new=True)
        assert faults(refused) == [("not-known", "/site")]
    assert region.get("/v1/sites/ny").status_code == region.get("/v1/units/ny").status_code == 404


@pytest.mark.parametrize(
    ("address", "missing", "form"),
    [
        ("/v1/sites/haukeland", "/v1/sites/ny", {"name": "X", "organisation": FINNMARK}),
        ("/v1/units/haukeland-medisin", "/v1/units/ny", {"name": "X", "site": "hammerfest"}),
    ],
)
def test_nobody_takes_what_is_anothers(
    served: Served, address: str, missing: str, form: dict[str, Any]
) -> None:
    before = served.planner.get(address)
    assert problem(served.planner.put(address, json=form, tag='"1"')) == (404, "not-found")
    assert served.planner.get(address).json() == before.json()
    assert problem(served.planner.put(missing, json=form, tag='"1"')) == (412, "stale")


OPERATIONS = {
    "list_organisations": ("get", "/v1/organisations"),
    "get_organisation": ("get", f"/v1/organisations/{FINNMARK}"),
    "put_organisation": ("put", f"/v1/organisations/{FINNMARK}"),
    "list_sites": ("get", "/v1/sites"),
    "get_site": ("get", "/v1/sites/hammerfest"),
    "put_site": ("put", "/v1/sites/hammerfest"),
    "list_units": ("get", "/v1/units"),
    "get_unit": ("get", "/v1/units/hammerfest-medisin"),
    "put_unit": ("put", "/v1/units/hammerfest-medisin"),
    "list_municipalities": ("get", "/v1/municipalities"),
    "get_municipality": ("get", f"/v1/municipalities/{ALTA}"),
    "put_municipality": ("put", f"/v1/municipalities/{ALTA}"),
    "update_municipality_contact": ("patch", f"/v1/municipalities/{ALTA}"),
    "list_agreements": ("get", f"/v1/municipalities/{ALTA}/agreements"),
    "get_agreement": ("get", f"/v1/municipalities/{ALTA}/agreements/{FINNMARK}/2021-05-01"),
    "put_agreement": ("put", f"/v1/municipalities/{ALTA}/agreements/{FINNMARK}/2021-05-01"),
    "list_supervisors": ("get", "/v1/supervisors"),
    "get_supervisor": ("get", f"/v1/supervisors/{'0' * 32}"),
    "create_supervisor": ("post", f"/v1/municipalities/{ALTA}/supervisors"),
    "put_supervisor": ("put", f"/v1/supervisors/{'0' * 32}"),
    "delete_supervisor": ("delete", f"/v1/supervisors/{'0' * 32}"),
    "list_policies": ("get", "/v1/policies"),
    "get_policy": ("get", f"/v1/policies/{'0' * 32}"),
    "create_policy": ("post", "/v1/policies"),
    "delete_policy": ("delete", f"/v1/policies/{'0' * 32}"),
    "list_windows": ("get", "/v1/windows"),
    "get_window": ("get", f"/v1/windows/{'0' * 32}"),
    "create_window": ("post", "/v1/units/hammerfest-medisin/windows"),
    "put_window": ("put", f"/v1/windows/{'0' * 32}"),
    "withdraw_window": ("post", f"/v1/windows/{'0' * 32}/withdraw"),
    "get_windows_feed": ("get", "/v1/windows/feed.atom"),
    "get_me": ("get", "/v1/me"),
    "list_grants": ("get", "/v1/grants"),
    "get_grant": ("get", f"/v1/grants/{'0' * 32}"),
    "create_grant": ("post", "/v1/grants"),
    "revoke_grant": ("post", f"/v1/grants/{'0' * 32}/revoke"),
}


def somebody(served: Served, role: str) -> Person:
    """Return somebody who has this role in Finnmark."""
    narrower: dict[str, dict[str, str]] = {
        "unit_leader": {"unit": "hammerfest-medisin"},
        "coordinator": {"municipality": ALTA},
        "candidate": {"municipality": ALTA, "candidate": f"{ALTA}-1"},
    }
    return served.as_(role, **narrower.get(role, {}))


@pytest.mark.parametrize("role", ROLES)
def test_a_role_does_what_the_table_of_rights_says_and_nothing_else(
    embedded: Served, role: str
) -> None:
    person = somebody(embedded, role)
    forbidden = set()
    for operation, (method, address) in OPERATIONS.items():
        sent: dict[str, Any] = {"json": {}} if method in {"put", "patch", "post"} else {}
        answer = getattr(person, method)(address, **sent)
        assert answer.status_code < 500, operation
        if answer.status_code == 403:
            forbidden.add(operation)
    assert forbidden == {o for o in OPERATIONS if role not in RIGHTS[o]}


def test_without_a_token_nothing_is_told(embedded: Served) -> None:
    for method, address in OPERATIONS.values():
        answer = embedded.client.request(method.upper(), address)
        assert problem(answer) == (401, "unauthenticated"), address


def test_nobody_joins_a_region_or_leaves_it_by_themselves(served: Served) -> None:
    newcomer = served.as_("administrator", NOBODYS)
    address = f"/v1/organisations/{NOBODYS}"
    assert faults(newcomer.put(address, json=TRUST, new=True)) == [("not-known", "/parent")]
    alone = TRUST | {"parent": None}
    assert newcomer.put(address, json=alone, new=True).status_code == 201
    assert faults(newcomer.put(address, json=TRUST, tag='"1"')) == [("not-known", "/parent")]
    finnmark = served.as_("administrator", FINNMARK)
    form = {"name": "Finnmarkssykehuset HF", "kind": "HF", "trust": "finnmark", "parent": None}
    left = finnmark.put(f"/v1/organisations/{FINNMARK}", json=form, tag='"1"')
    assert faults(left) == [("not-known", "/parent")]


def test_an_organisation_stays_what_it_is(served: Served) -> None:
    form = {"name": "Helse Nord", "kind": "HF", "trust": "nord"}
    region = served.as_("administrator", NORTH)
    changed = region.put(f"/v1/organisations/{NORTH}", json=form, tag='"1"')
    assert ("not-one-of", "/kind") in faults(changed)


@pytest.mark.parametrize(
    ("address", "form", "place"),
    [
        ("/v1/units/kirkenes", {"name": "A", "site": "kirkenes"}, ""),
        ("/v1/units/unn", {"name": "A", "site": "kirkenes"}, ""),
        ("/v1/sites/finnmark", {"name": "A", "organisation": FINNMARK}, ""),
        ("/v1/sites/haukeland-medisin", {"name": "A", "organisation": FINNMARK}, ""),
        (f"/v1/organisations/{NOBODYS}", TRUST | {"trust": "haukeland"}, "/trust"),
        (f"/v1/organisations/{NOBODYS}", TRUST | {"trust": "tromso-medisin"}, "/trust"),
    ],
)
def test_an_id_that_a_wish_can_name_means_one_thing(
    served: Served, address: str, form: dict[str, Any], place: str
) -> None:
    refused = served.as_("administrator", NORTH).put(address, json=form, new=True)
    assert faults(refused) == [("id-collides", place)]


def test_what_somebody_has_a_right_to_does_not_change_hands(served: Served) -> None:
    served.as_("unit_leader", FINNMARK, unit="kirkenes-medisin")
    served.coordinator(ALTA)
    planner = served.as_("planner", NORTH)
    unit = {"name": "Kirkenes medisin", "site": "tromso"}
    assert problem(planner.put("/v1/units/kirkenes-medisin", json=unit, tag='"1"')) == (
        409,
        "in-use",
    )
    record = {"name": "Alta", "organisation": TROMS}
    assert problem(planner.put(f"/v1/municipalities/{ALTA}", json=record, tag='"1"')) == (
        409,
        "in-use",
    )
    assert planner.put("/v1/units/hammerfest-kirurgi", json=unit, tag='"1"').status_code == 200

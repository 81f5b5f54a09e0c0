"""Every page that there is, for everybody: in each language, light and dark, at 400 %.

A page without a row here fails, and so does one that axe-core finds fault with. The stories look
besides at what comes and goes: faults at their fields, drafts, work under way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

import pytest
from playwright.sync_api import Page

from api.pages.page import PageRoute
from tests.api.running import awaited
from tests.api.served import FINNMARK
from tests.api.test_openapi import routes
from tests.pages.browsing import Desk, looks
from tests.pages.parties import Party, published

ALTA = "5601"
UNIT = "hammerfest-medisin"

WHO: dict[str, dict[str, str]] = {
    "coordinator": {"municipality": ALTA},
    "unit_leader": {"unit": UNIT},
    "candidate": {"municipality": ALTA, "candidate": f"{ALTA}-c2"},
}
"""What the rights of these roles name; the candidate has an offer of a seat in the unit."""

PAGES: dict[str, tuple[str, str]] = {
    "page_front": ("planner", "/"),
    "page_rounds": ("planner", "/rounds"),
    "page_accessibility": ("planner", "/accessibility"),
    "page_sign_in": ("", "/sign-in"),
    "page_sign_in_link": ("", "{link}"),
    "page_new_round": ("planner", "/rounds/new"),
    "page_change_round": ("planner", "/rounds/{draft}/change"),
    "page_import": ("planner", "/rounds/import"),
    "page_round": ("planner", "/rounds/{round}"),
    "page_plans": ("planner", "/rounds/{round}/plans"),
    "page_plan": ("planner", "/plans/{plan}"),
    "page_plan_proof": ("planner", "/plans/{plan}/proof"),
    "page_plan_people": ("planner", "/plans/{plan}/people?placed=all"),
    "page_compare_plans": ("planner", "/plans/{plan}/compare"),
    "page_move": ("planner", "/plans/{plan}/move?candidate=5601-c2"),
    "page_release": ("planner", "/plans/{plan}/release"),
    "page_explanation": ("planner", "/plans/{plan}/explanations/5601-c3"),
    "page_scenarios": ("planner", "/rounds/{round}/scenarios"),
    "page_capacity": ("planner", "/rounds/{round}/capacity"),
    "page_audit": ("auditor", "/audit"),
    "page_municipality": ("coordinator", "/municipalities/5601"),
    "page_new_supervisor": ("coordinator", "/municipalities/5601/supervisors/new"),
    "page_supervisor": ("coordinator", "/municipalities/5601/supervisors/{supervisor}"),
    "page_list": ("coordinator", "/rounds/{round}/lists/5601"),
    "page_receipt": ("coordinator", "/rounds/{round}/lists/5601/receipts/1"),
    "page_result": ("coordinator", "/rounds/{round}/results/5601"),
    "page_unit": ("unit_leader", "/units/hammerfest-medisin"),
    "page_placement": ("planner", "/units/{taken_at}/placements/{placement}"),
    "page_ask_step": ("planner", "/units/{taken_at}/placements/{placement}/start"),
    "page_new_window": ("unit_leader", "/units/hammerfest-medisin/windows/new"),
    "page_window": ("unit_leader", "/units/hammerfest-medisin/windows/hammerfest-medisin-1"),
    "page_ask_withdraw_window": (
        "unit_leader",
        "/units/hammerfest-medisin/windows/hammerfest-medisin-1/withdraw",
    ),
    "page_my": ("candidate", "/my"),
    "page_ask_answer_offer": ("candidate", "/my/offers/{offer}/accept"),
    "page_vacancies": ("candidate", "/vacancies"),
}
"""The role that looks, empty = nobody is signed in; and where, with ids of the world in braces."""

NO_PAGES = {
    "page_file": "styles and scripts",
    "page_plan_progress": "part of the page of a plan that is being made",
    "page_sign_in_openid": "leads to the issuer",
    "page_sign_in_callback": "leads to where somebody wanted to go",
}
"""What is fetched and not looked at, and what it is instead; files have names with a dot."""


@dataclass
class World:
    """The sample after its plan was published: every page has something to show."""

    desk: Desk
    windows: dict[str, Page] = field(default_factory=dict)

    def window(self, role: str) -> Page:
        """Return the window of somebody in a role; one for each."""
        if role not in self.windows:
            named = WHO.get(role, {})
            self.windows[role] = self.desk.signed_in(role, **named) if role else self.desk.open()
        return self.windows[role]

    @cached_property
    def ids(self) -> dict[str, str]:
        """What stands in addresses."""
        planner = Party(self.desk, "planner")
        alta = Party(self.desk, "coordinator", **WHO["coordinator"])
        [row] = planner.get("/rounds")["items"]
        round_ = str(row["id"])
        draft = drafted(planner)
        published(self.desk, round_)
        studied(planner, round_)
        [plan] = planner.get(f"/rounds/{round_}/plans")["items"]
        submitted_by_hand(planner, plan["id"], round_)
        offers = {o["candidate"]: o for o in alta.get(f"/offers?round={round_}")["items"]}
        taken = offers.pop(f"{ALTA}-c1")
        alta.post(f"/offers/{taken['id']}/accept", of=f"/offers/{taken['id']}")
        [placement] = planner.get(f"/placements?municipality={ALTA}")["items"]
        [supervisor] = alta.get(f"/supervisors?municipality={ALTA}")["items"]
        link = self.desk.link(role="planner", organisation=FINNMARK)
        return {
            "round": round_,
            "draft": draft,
            "plan": plan["id"],
            "offer": offers[f"{ALTA}-c2"]["id"],
            "placement": placement["id"],
            "taken_at": placement["unit"],
            "supervisor": supervisor["id"],
            "link": link.removeprefix(self.desk.url),
        }


def drafted(planner: Party) -> str:
    """Prepare another round, which nobody has opened yet."""
    [policy, *_] = planner.get("/policies")["items"]
    form = {
        "organisation": FINNMARK,
        "label": "2027-Q4",
        "name": "Høsten 2027",
        "decision_date": "2027-10-01",
        "deadline": "2027-09-01T12:00:00Z",
        "policy": policy["id"],
        "participants": [ALTA],
    }
    return str(planner.post("/rounds", form)["id"])


def studied(planner: Party, round_: str) -> None:
    """Ask for everything that can be asked for of a locked round, and wait for it."""
    path = f"/rounds/{round_}"
    priority = {"action": "change", "record": "policy", "fields": {"priority": "advisory"}}
    scenario = {"format": "rotations/scenario@1", "name": "Rådgivende", "changes": [priority]}
    asked: list[tuple[str, Any]] = [
        ("scenarios", scenario),
        ("capacity-studies", {"target": "everyone"}),
        ("price-of-priority", None),
    ]
    for kind, body in asked:
        planner.post(f"{path}/{kind}", body)

    def states() -> set[str]:
        lists = [
            planner.get(f"{path}/{kind}")["items"] for kind in ("scenarios", "capacity-studies")
        ]
        price = planner.get(f"{path}/price-of-priority")
        return {each["state"] for each in (price, *chain.from_iterable(lists))}

    awaited(lambda: states() == {"completed"}, 90)


def submitted_by_hand(planner: Party, plan: str, round_: str) -> None:
    """Hand in the same plan but for one placement, to be compared with."""
    document = planner.get(f"/plans/{plan}/document")
    kept = [p for p in document["placements"] if p["candidate"] != f"{ALTA}-c1"]
    names = ("candidate", "window", "start")
    sent = {
        "format": document["format"],
        "round": document["round"],
        "placements": [{name: each[name] for name in names} for each in kept],
    }
    planner.post(f"/rounds/{round_}/plans/hand", sent)


@pytest.fixture(scope="module")
def world(finnmark: Desk) -> Iterator[World]:
    found = World(finnmark)
    yield found
    for page in found.windows.values():
        page.context.close()


def test_every_page_has_a_row() -> None:
    pages = {
        str(route.operation_id)
        for route in routes()
        if isinstance(route, PageRoute) or not route.include_in_schema
        if "GET" in (route.methods or ()) and "." not in route.path.rpartition("/")[2]
    }
    assert pages - NO_PAGES.keys() == PAGES.keys()


@pytest.mark.parametrize("operation", PAGES)
def test_everybody_can_use_it(world: World, operation: str) -> None:
    role, path = PAGES[operation]
    page = world.window(role)
    answer = page.goto(path.format_map(world.ids))
    assert answer is not None
    assert answer.status == 200
    looks(world.desk, page, operation.removeprefix("page_").replace("_", "-"))

"""Regions with rounds of 120 and of 1,000 candidates, and their planners at their desks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from playwright.sync_api import Page

from data.documents import read_round, write_document
from models.database import Database, embedded_url
from tests.api.running import awaited
from tests.api.served import FINNMARK
from tests.databases import THOROUGH
from tests.pages.browsing import Desk, looks, overflows, shoot
from tests.pages.filling import fill, quick_plan, region
from tests.pages.parties import Party

NUMBERS = {"nord": "31", "national": "62"}
"""With what the numbers begin of those in a made-up region."""

ORGANISATIONS = {"finnmark": FINNMARK, **{size: region(own) for size, own in NUMBERS.items()}}
"""Who plans the round of each size; the sample's is there where it is served."""

MOST_BYTES = 300_000
"""Most that a page may send with all that belongs to it, as it goes over the wire."""

PATIENCE = 60_000
"""Milliseconds for what a busy machine takes its time for."""

SEARCH_SECONDS = {"nord": 10, "national": 15}
"""Longest search of a plan; the smaller one is proven before."""

WORK_SECONDS = 600.0
"""Most that a busy machine takes for one, with all that no limit bounds."""


@dataclass
class World:
    """A region with a round, its planner at her desk, and what she looks at weighed."""

    desk: Desk
    size: str
    planner: Party
    round: str
    page: Page

    @classmethod
    def of(cls, desk_: Desk, size: str) -> World:
        organisation = ORGANISATIONS[size]
        planner = Party(desk_, "planner", organisation=organisation)
        [row] = planner.get("/rounds")["items"]
        page = desk_.signs_in("planner", organisation)
        return cls(desk_, size, planner, row["id"], page)

    @property
    def organisation(self) -> str:
        """The number of whoever plans the round."""
        return ORGANISATIONS[self.size]

    def party(self, role: str, **named: str) -> Party:
        """Return somebody of the region who calls the interface."""
        return Party(self.desk, role, organisation=self.organisation, **named)

    def signed_in(self, role: str, **named: str) -> Page:
        """Return the window of somebody of the region."""
        return self.desk.signed_in(role, self.organisation, **named)

    @cached_property
    def handed_in(self) -> tuple[str, dict[str, Any]]:
        """A plan of the round, which is locked for it: its id, and its document."""
        path = self._locked()
        document = self.planner.get(f"{path}/document")
        plan = quick_plan(read_round(write_document(document)))
        return str(self.planner.post(f"{path}/plans/hand", plan)["id"]), plan

    @cached_property
    def searched(self) -> str:
        """A plan of the round that the search has made: its id."""
        asked = f"{self._locked()}/plans", {"seconds": SEARCH_SECONDS[self.size]}
        path = f"/plans/{self.planner.post(*asked)['id']}"
        awaited(lambda: self.planner.get(path)["state"] == "completed", WORK_SECONDS)
        return path.rpartition("/")[2]

    @property
    def label(self) -> str:
        """What has to be typed to publish a plan of the round."""
        return str(self.planner.get(f"/rounds/{self.round}")["label"])

    def approve(self, plan: str) -> None:
        """Have somebody else approve a plan."""
        self.party("approver").post(f"/plans/{plan}/approve", of=f"/plans/{plan}")

    def _locked(self) -> str:
        """Lock the round, if it is open, and return where it is."""
        path = f"/rounds/{self.round}"
        if self.planner.get(path)["state"] == "open":
            self.planner.post(f"{path}/lock", of=path)
        return path

    def placed(self, plan: str, towns: Collection[str] = ()) -> dict[str, Any]:
        """Return somebody to whom a plan gives a new place; of these towns, where any has one."""
        found = self.planner.get(f"/plans/{plan}/outcomes?placed=true&limit=200")["items"]
        new = [each for each in found if not each["placement"]["accepted"]]
        return next((each for each in new if each["municipality"] in towns), new[0])


def collect(desk_: Desk, *sizes: str) -> None:
    """Collect rounds in regions of their own."""
    database = Database(embedded_url(desk_.service.site.data))
    for size in sizes:
        fill(database, size, NUMBERS[size])
    database.close()


def visit(desk_: Desk, page: Page, path: str, name: str) -> None:
    """Open a page as if for the first time: it is light, and nobody scrolls it sideways."""
    page.set_default_timeout(PATIENCE)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sent: list[int] = []
    session.on("Network.loadingFinished", lambda event: sent.append(event["encodedDataLength"]))
    page.goto(path)
    session.detach()
    assert 0 < sum(sent) < MOST_BYTES, (name, sum(sent))
    assert overflows(page) <= 0, name
    shoot(desk_, page, f"size-{name}")
    if THOROUGH:
        looks(desk_, page, f"size-{name}")

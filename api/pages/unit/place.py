"""Which unit a page is about, whether its reader answers for it, and who comes there."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.pages.page import Page
from api.pages.parts import parts
from api.pages.unit.calendar import Stay, stays

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A unit with the site and the trust that it belongs to.

    `is_own` tells whether the reader answers for it: its leader, or a planner of the trust or the
    region. The interface decides all the same.
    """

    unit: Record
    site: Record
    trust: Record
    is_own: bool

    @property
    def id(self) -> str:
        """Id of the unit."""
        return str(self.unit["id"])

    @property
    def address(self) -> str:
        """Where its page is."""
        return f"/units/{self.id}"

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.unit['name']}, {self.site['name']}"


async def place(page: Page, id_: str) -> Place:
    """Return the unit of this id."""
    unit = (await page.ask.get(f"/v1/units/{id_}")).data
    site = (await page.ask.get(f"/v1/sites/{unit['site']}")).data
    trust = (await page.ask.get(f"/v1/organisations/{site['organisation']}")).data
    return Place(unit, site, trust, _is_own(page, unit, trust))


@dataclass(frozen=True, slots=True)
class Coming:
    """Who comes to a unit, as far as the reader may know: its placements, and all stays to be."""

    placements: list[Record]
    stays: list[Stay]


async def coming(page: Page, id_: str) -> Coming:
    """Return who comes to a unit: nobody, where the reader's roles do not include that."""
    if not page.may("list_placements"):
        return Coming([], [])
    placements, offers = await gather(
        page.ask.all("/v1/placements", unit=id_), page.ask.all("/v1/offers", state="open")
    )
    offered = [{**offer, **part} for offer in offers for part in parts(offer)]
    return Coming(placements, stays(placements, [each for each in offered if each["unit"] == id_]))


def _is_own(page: Page, unit: Record, trust: Record) -> bool:
    assert page.principal is not None
    return any(
        grant.unit == unit["id"]
        if grant.role == "unit_leader"
        else grant.role == "planner" and grant.organisation in (trust["number"], trust["parent"])
        for grant in page.principal.grants
    )

"""The names of units, sites, trusts and municipalities, as every party may read them."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.pages.asking import Asking

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Register:
    """Units and sites by id, and organisations by number."""

    units: Mapping[str, Record]
    sites: Mapping[str, Record]
    organisations: Mapping[str, Record]

    def unit(self, id_: str) -> str:
        """Return a unit's name with its site's, since many have a name in common."""
        unit = self.units.get(id_)
        if unit is None:  # an imported round may have units that are not registered
            return id_
        site = self.sites.get(unit["site"])
        return f"{unit['name']}, {site['name']}" if site else str(unit["name"])

    def target(self, id_: str) -> str:
        """Return the name of what somebody wishes for: a unit, a site or a trust."""
        if id_ in self.units:
            return self.unit(id_)
        if id_ in self.sites:
            return str(self.sites[id_]["name"])
        trusts = {each["trust"]: each["name"] for each in self.organisations.values()}
        return str(trusts.get(id_, id_))


async def read_register(ask: Asking) -> Register:
    """Return the whole register."""
    units, sites, organisations = await gather(
        ask.all("/v1/units"), ask.all("/v1/sites"), ask.all("/v1/organisations")
    )
    return Register(
        {each["id"]: each for each in units},
        {each["id"]: each for each in sites},
        {each["number"]: each for each in organisations},
    )


async def municipality_names(ask: Asking) -> Mapping[str, str]:
    """Return the name of each municipality, by number; an imported round may have others."""
    return {each["number"]: each["name"] for each in await ask.all("/v1/municipalities")}

"""What can be wished for in a round, by its name: a trust, a hospital or one department."""

from __future__ import annotations

from asyncio import gather
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from api.pages.page import Page
from api.rights import COORDINATOR

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Places:
    """Units, sites and trusts of a round.

    Attributes
    ----------
    names
        What each id is called, the widest first: trusts, sites, units.
    within
        The site of a unit, and the trust of a site.
    """

    names: Mapping[str, str]
    within: Mapping[str, str]

    def name(self, id_: str) -> str:
        """Return what something is called; its id where it is not known."""
        return self.names.get(id_, id_)

    def covers(self, target: str, unit: str) -> bool:
        """Tell whether who wishes for a target wishes for a unit."""
        around: str | None = unit
        while around is not None and around != target:
            around = self.within.get(around)
        return around is not None

    def told(self, text: str) -> str:
        """Return the id of what somebody has named; what is not known stays as it was typed."""
        said = text.strip()
        return said if said in self.names else self._ids.get(said.casefold(), said)

    @cached_property
    def _ids(self) -> Mapping[str, str]:
        return {name.casefold(): id_ for id_, name in self.names.items()}

    @cached_property
    def units(self) -> list[tuple[str, str]]:
        """Id and name of each unit."""
        sites = set(self.within.values())
        return [(id_, name) for id_, name in self.names.items() if self._is_unit(id_, sites)]

    def _is_unit(self, id_: str, around: set[str]) -> bool:
        return id_ in self.within and id_ not in around


def coordinated(page: Page) -> set[str | None]:
    """Return the municipalities that the reader answers for."""
    assert page.principal is not None
    return {each.municipality for each in page.principal.grants if each.role == COORDINATOR}


async def places_of(page: Page, round_: Record | None = None) -> Places:
    """Return what can be wished for in a round; without one, everything that there is."""
    organisations, sites, units = await gather(
        *(page.ask.all(f"/v1/{kind}") for kind in ("organisations", "sites", "units"))
    )
    if round_ is not None:
        owner = round_["organisation"]
        organisations = [
            each for each in organisations if owner in (each["number"], each["parent"])
        ]
    return _places(organisations, sites, units)


def _places(
    organisations: Iterable[Record], sites: Iterable[Record], units: Iterable[Record]
) -> Places:
    trusts = {each["number"]: each for each in organisations if each["trust"]}
    own = {each["id"]: each for each in sites if each["organisation"] in trusts}
    names = {each["trust"]: each["name"] for each in trusts.values()}
    names |= {id_: site["name"] for id_, site in own.items()}
    departments = [each for each in units if each["site"] in own]
    names |= {
        each["id"]: f"{own[each['site']]['name']}: {each['name'] or each['id']}"
        for each in departments
    }
    often = Counter(name.casefold() for name in names.values())
    for id_, name in names.items():
        if often[name.casefold()] > 1:  # what is typed must say which
            names[id_] = f"{name} ({id_})"
    within = {id_: trusts[site["organisation"]]["trust"] for id_, site in own.items()}
    return Places(names, within | {each["id"]: each["site"] for each in departments})

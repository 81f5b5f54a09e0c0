"""What ids are called: names of a round's units and municipalities, of tiers and their values."""

from __future__ import annotations

from asyncio import gather
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from typing import Any

from starlette.exceptions import HTTPException

from api.pages.page import Page
from data.sentences import Language, written_date
from data.wording import last_day, tier_name, tier_value

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Names:
    """What a round's document calls what stands in it, in one language; `sites` are named by id."""

    document: Record
    language: Language
    sites: Mapping[str, str]

    @cached_property
    def _units(self) -> Mapping[str, str]:
        """Names by id, with the site where another unit is called the same."""
        units = self.document["units"]
        called = {each["id"]: each.get("name") or each["id"] for each in units}
        times = Counter(called.values())
        return {
            each["id"]: f"{name} ({self.sites.get(each['site'], each['site'])})"
            if times[name] > 1
            else name
            for each in units
            for name in [called[each["id"]]]
        }

    @cached_property
    def _municipalities(self) -> Mapping[str, str]:
        records = self.document["municipalities"]
        return {each["id"]: each.get("name") or each["id"] for each in records}

    def unit(self, id_: str) -> str:
        """Return a unit's name, with its site where that is needed; its id where it has none."""
        return self._units.get(id_, id_)

    def municipality(self, id_: str) -> str:
        """Return a municipality's name, or its number where it has none."""
        return self._municipalities.get(id_, id_)

    def stretch(self, start: str, end: str) -> str:
        """Return ``[start, end)`` from its first to its last day, as people write it."""
        first, after = date.fromisoformat(start), date.fromisoformat(end)
        day = partial(written_date, self.language)
        return f"{day(first)} – {day(last_day(after))}"

    def tier(self, tier: str, level: int | None) -> str:
        """Return a tier's name, with its level where it has one."""
        return tier_name(self.language, tier, level)

    def tier_value(self, tier: str, value: int) -> str:
        """Return a tier's value with its noun."""
        return tier_value(self.language, tier, value)


async def names_of(page: Page, round_id: str) -> Names:
    """Return what a frozen round calls what stands in it."""
    found, sites = await gather(
        page.ask.get(f"/v1/rounds/{round_id}/document"), page.ask.all("/v1/sites")
    )
    called = {each["id"]: each["name"] for each in sites}
    return Names(found.data, page.language, called)


def expect(page: Page, operation: str) -> None:
    """Make sure that some role of the reader includes what a page is for.

    Raises
    ------
    HTTPException
        404: what is not to be done and what is not there look the same.
    """
    if not page.may(operation):
        raise HTTPException(404)

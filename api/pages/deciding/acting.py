"""Who has done what, in words: people by their roles, the service and commands by their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.pages.page import Page
from api.pages.register import Register, municipality_names, read_register
from data.sentences import catalogue, family

Record = Mapping[str, Any]

LAST = 6
"""How many letters of an id tell two people of one role apart."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something: in words, and what tells them from others of the same words."""

    words: str
    mark: str | None


@dataclass(frozen=True)
class Actors:
    """Says who did something to one reader."""

    page: Page
    register: Register
    towns: Mapping[str, str]

    def of(self, entry: Record) -> Actor:
        """Return who did what an entry of the audit tells of."""
        actor = str(entry["actor"])
        issuer, bar, subject = actor.rpartition("|")
        if not bar:
            return Actor(self._service(actor), None)
        assert self.page.principal is not None
        if actor == self.page.principal.subject:
            return Actor(self.page.text("pages_planner.you"), None)
        said = [self._acting(each) for each in entry["acting"]]
        words = " / ".join(dict.fromkeys(said)) or self.page.text("pages_deciding.actor-unknown")
        return Actor(words, f"…{subject[-LAST:]}" if issuer else None)

    def _acting(self, right: Record) -> str:
        """Return a role, and whose: of a unit, a municipality or an organisation."""
        number = right["organisation"]
        known = self.register.organisations.get(number)
        whose = str(known["name"]) if known else number
        if right["municipality"] is not None:
            whose = self.towns.get(right["municipality"], right["municipality"])
        elif right["unit"] is not None:
            whose = self.register.unit(right["unit"])
        role = self.page.text(f"role-{right['role']}")
        return self.page.text("acting-as", role=role, whose=whose)

    def _service(self, name: str) -> str:
        key = f"pages_deciding.actor-{name.replace(' ', '-')}"
        if key in catalogue(self.page.language):
            return self.page.text(key)
        return self.page.text("pages_deciding.actor-command", name=name)


async def actors(page: Page) -> Actors:
    """Return who says to the reader who did something."""
    return Actors(page, await read_register(page.ask), await municipality_names(page.ask))


def operations(page: Page) -> dict[str, str]:
    """Return what can have been done, in words, by its code; sorted as the words are."""
    texts = family(page.language, "operations")
    found = {code.replace("-", " "): text for code, text in texts.items()}
    return dict(sorted(found.items(), key=lambda each: each[1].casefold()))

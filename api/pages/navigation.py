"""Where each role can go; an area of the pages has a row here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from api.rights import CANDIDATE, COORDINATOR, PLANNER, RIGHTS, UNIT_LEADER
from models.tables import Grant


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go, from every page.

    Attributes
    ----------
    path
        Where; ``{municipality}`` and ``{unit}`` stand for those of a right.
    text
        Key of its name in the catalogue.
    roles
        Who can go there.
    """

    path: str
    text: str
    roles: frozenset[str]


PLACES: tuple[Place, ...] = (
    Place("/my", "pages_mine.nav", frozenset({CANDIDATE})),
    Place("/municipalities/{municipality}", "pages_municipality.nav", frozenset({COORDINATOR})),
    Place("/units/{unit}", "pages_unit.nav", frozenset({UNIT_LEADER})),
    Place("/rounds", "pages.nav-rounds", RIGHTS["list_rounds"]),
    Place(
        "/vacancies",
        "pages_vacancies.nav",
        frozenset({PLANNER, COORDINATOR, CANDIDATE, UNIT_LEADER}),
    ),
    Place("/audit", "pages_deciding.nav-audit", RIGHTS["list_audit"]),
)
"""In the order in which they stand."""


def places(grants: Iterable[Grant]) -> Iterator[tuple[str, str]]:
    """Yield path and text of each place that these rights lead to, each once."""
    known = list(grants)
    found = (
        (place.path.format(municipality=each.municipality, unit=each.unit), place.text)
        for place in PLACES
        for each in known
        if each.role in place.roles
    )
    yield from dict.fromkeys(found)


def whose(grant: Grant) -> str:
    """Return the address of whom a right is for: its unit, its municipality, or who gave it."""
    if grant.unit is not None:
        return f"/v1/units/{grant.unit}"
    if grant.municipality is not None:
        return f"/v1/municipalities/{grant.municipality}"
    return f"/v1/organisations/{grant.organisation}"

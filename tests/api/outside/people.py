"""Who calls: somebody in each role, their like elsewhere, and those who are several things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from api.identity.issuers import LOCAL
from models.scope import EVERYTHING
from models.tables import Grant
from tests.api.outside.seeing import Right
from tests.api.outside.world import World
from tests.api.served import (
    ALTA,
    BERGEN,
    BERGEN_TOWN,
    NORTH,
    NOW,
    TROMS,
    TROMSO,
    VADSO,
    WEST,
    Served,
)

MEDICINE, SURGERY, TROMSO_MEDICINE = "hammerfest-medisin", "hammerfest-kirurgi", "tromso-medisin"


WHOLE = ("planner", "approver", "regional_reader", "auditor", "administrator")
"""Roles that are for a whole organisation."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with rights and a token; nobody knows who it is without one."""

    name: str
    rights: tuple[Right, ...]
    token: str | None

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(right.role for right in self.rights)

    def rights_as(self, roles: frozenset[str]) -> tuple[Right, ...]:
        """Return the rights with one of these roles."""
        return tuple(right for right in self.rights if right.role in roles)

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def callers(served: Served, world: World) -> list[Caller]:
    """Return everybody, with rights on record and tokens; the first of a role is of Finnmark."""
    people: dict[str, tuple[Right, ...]] = dict(_single(world)) | dict(_several(world))
    found = [Caller(name, rights, _token(served, name, rights)) for name, rights in people.items()]
    return [*found, Caller("anonymous", (), None)]


def _single(world: World) -> Iterator[tuple[str, tuple[Right, ...]]]:
    for role in WHOLE:
        yield role, (Right(role=role),)
    for unit in (MEDICINE, SURGERY, TROMSO_MEDICINE):
        yield f"unit_leader {unit}", (Right(role="unit_leader", unit=unit),)
    for number in (ALTA, VADSO, BERGEN_TOWN):
        yield f"coordinator {number}", (Right(role="coordinator", municipality=number),)
    for number, n in ((ALTA, 0), (VADSO, 1), (BERGEN_TOWN, 0)):
        her = published_candidates(world, number)[n]
        yield f"candidate {her}", (Right(role="candidate", municipality=number, candidate=her),)
    for role, organisation in (
        *(("planner", number) for number in (NORTH, TROMS, WEST)),
        ("administrator", NORTH),
    ):
        yield f"{role} {organisation}", (Right(role=role, organisation=organisation),)


def _several(world: World) -> Iterator[tuple[str, tuple[Right, ...]]]:
    """Yield people whose rights must not lend each other anything."""
    alta, tromso, vadso = (
        Right(role="coordinator", municipality=number) for number in (ALTA, TROMSO, VADSO)
    )
    her = published_candidates(world, VADSO)[0]
    yield "auditor there, coordinator here", (Right(role="auditor", organisation=BERGEN), alta)
    yield "administrator here, coordinator there", (Right(role="administrator"), tromso)
    yield (
        "reader, candidate",
        (
            Right(role="regional_reader"),
            Right(role="candidate", municipality=VADSO, candidate=her),
        ),
    )
    yield "unit leader, coordinator", (Right(role="unit_leader", unit=MEDICINE), vadso)
    yield "nothing at all", ()


def published_candidates(world: World, municipality: str) -> list[str]:
    """Return the candidates of a municipality in the round that Finnmark has published."""
    plantings = (thing.traits["planting"] for thing in world.of("round"))
    (published,) = (planting for planting in plantings if planting.name == "f-published")
    return list(published.people[municipality])


def _token(served: Served, name: str, rights: tuple[Right, ...]) -> str:
    subject = f"outside-{uuid4().hex}"
    with served.database.writing(EVERYTHING) as session:
        for right in rights:
            session.add(
                Grant(
                    id=uuid4().hex,
                    issuer=LOCAL,
                    subject=subject,
                    role=right.role,
                    organisation=right.organisation,
                    unit=right.unit,
                    municipality=right.municipality,
                    candidate=right.candidate,
                    granted_at=NOW,
                    granted_by=name,
                )
            )
    return served.key.sign(subject, served.clock(), timedelta(hours=24))

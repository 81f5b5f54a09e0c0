"""A world of two regions in which everything that is somebody's says whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import SQLModel

from models.database import Database
from models.scope import EVERYTHING
from models.tables import (
    Agreement,
    Grant,
    IdempotencyKey,
    Policy,
    Supervisor,
    Window,
    Worker,
)
from tests.api.outside import seeing
from tests.api.outside.canaries import Aviary, Owner
from tests.api.served import (
    ALTA,
    BERGEN,
    BERGEN_TOWN,
    FINNMARK,
    NORTH,
    NOW,
    TROMS,
    TROMSO,
    VADSO,
    WEST,
)

DAY = date(2021, 5, 1)
DECISION = date(2027, 1, 15)

TRUSTS = {FINNMARK: "finnmark", TROMS: "unn", BERGEN: "bergen"}

SITES = {"hammerfest": FINNMARK, "kirkenes": FINNMARK, "tromso": TROMS, "haukeland": BERGEN}

KEEPERS = {ALTA: FINNMARK, VADSO: FINNMARK, TROMSO: TROMS, BERGEN_TOWN: BERGEN}

AGREED = {
    ALTA: (FINNMARK,),
    VADSO: (FINNMARK, TROMS),
    TROMSO: (TROMS, FINNMARK),
    BERGEN_TOWN: (BERGEN, FINNMARK),
}
"""With which trusts each municipality has an agreement."""

HANDED_IN = {
    ALTA: (FINNMARK, NORTH),
    VADSO: (FINNMARK,),
    TROMSO: (FINNMARK, NORTH, TROMS),
    BERGEN_TOWN: (FINNMARK,),
}
"""Who plans a round into which each municipality has handed in a list, in time."""

RULES: Mapping[str, Any] = {
    "lead": {"minimum_months": 6, "target_months": 9, "counts_from": "decision", "by_trust": {}},
    "start_days": [1],
    "priority": "strict",
    "round_every_months": 3,
    "tiers": ["kept", "deadline", "placed", "rank", "wish", "lottery"],
    "lottery_seed": "outside",
}


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that an address can name: its kind, the names of its address, and whose it is.

    `traits` are what a request about it may need: a round's label and state, a window's unit.
    """

    kind: str
    at: Mapping[str, str]
    owner: Owner
    traits: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class World:
    """What was planted, and what can be asked for."""

    aviary: Aviary = field(default_factory=Aviary)
    things: list[Thing] = field(default_factory=list)
    policies: dict[str, str] = field(default_factory=dict)
    windows: dict[str, str] = field(default_factory=dict)
    supervisors: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, owner: Owner, at: Mapping[str, str], **traits: Any) -> None:
        """Let something be asked for."""
        self.things.append(Thing(kind, at, owner, traits))

    def of(self, kind: str) -> list[Thing]:
        """Return every thing of a kind."""
        return [thing for thing in self.things if thing.kind == kind]


def plant_rows(database: Database, rows: Iterable[SQLModel]) -> None:
    """Plant rows, those first that others refer to."""
    with database.writing(EVERYTHING) as session:
        for row in rows:
            session.add(row)
            session.flush()


def plant_register(database: Database, world: World) -> None:
    """Plant what lasts from round to round, beside what `tests.api.served.plant` has planted."""
    plant_rows(database, _lasting(world))
    plant_rows(database, _rights(world))
    world.add("problem", Owner(), {"code": "stale"})
    for number in (NORTH, FINNMARK, TROMS, WEST, BERGEN):
        world.add("organisation", Owner(organisations=frozenset({number})), {"number": number})
    for site, organisation in SITES.items():
        owner = Owner(organisations=frozenset({organisation}))
        world.add("site", owner, {"id": site}, organisation=organisation)


def _lasting(world: World) -> Iterator[SQLModel]:
    for number, organisations in AGREED.items():
        yield from _municipality(world, number, organisations)
    for organisation in (NORTH, FINNMARK, TROMS, WEST, BERGEN):
        yield _policy(world, organisation)
    for unit, organisation in seeing.UNITS.items():
        owner = Owner(organisations=frozenset({organisation}), unit=unit)
        site = unit.partition("-")[0]
        world.add("unit", owner, {"id": unit, "unit": unit}, site=site)
        world.windows[unit] = window = world.aviary.handle(seeing.REGISTER, owner)
        world.add("window", owner, {"id": window})
        yield Window(
            id=window,
            unit=unit,
            opens=date(2027, 8, 1),
            closes=date(2028, 2, 1),
            positions=2,
            kind="locum",
            fte_percent=100,
            min_gp_months=0,
            certainty="confirmed",
            published_at=NOW,
            changed_at=NOW,
        )
    nobody = Owner()
    yield Worker(id=world.aviary.handle(seeing.NOBODY, nobody), started_at=NOW, seen_at=NOW)
    yield IdempotencyKey(
        subject="rotations-local|somebody-else",
        key=OTHERS_KEY,
        request_hash="sha256:0",
        status=200,
        headers={"ETag": world.aviary.word(seeing.NOBODY, nobody)},
        body=world.aviary.word(seeing.NOBODY, nobody),
        answered_at=NOW,
    )


OTHERS_KEY = "a key of somebody else"


def _municipality(world: World, number: str, organisations: tuple[str, ...]) -> Iterator[SQLModel]:
    keeper = KEEPERS[number]
    kept = Owner(organisations=frozenset({keeper}), municipality=number)
    world.add("municipality", kept, {"number": number}, organisation=keeper)
    for organisation in organisations:
        owner = Owner(organisations=frozenset({organisation}), municipality=number)
        at = {"number": number, "organisation": organisation, "signed_on": str(DAY)}
        world.add("agreement", owner, at)
        if organisation != keeper:  # that one stands already
            yield Agreement(municipality=number, organisation=organisation, signed_on=DAY)
    seers = frozenset({keeper, *HANDED_IN[number]})
    owner = Owner(organisations=seers, municipality=number)
    for named in (False, True):
        world.supervisors[number] = id_ = world.aviary.handle(seeing.SUPERVISOR, owner)
        world.add("supervisor", owner, {"id": id_}, named=named)
        yield Supervisor(
            id=id_,
            municipality=number,
            name=f"Veileder {world.aviary.word(seeing.SUPERVISOR, owner)}",
            specialist=True,
            capacity=2,
            hours_per_month=4,
        )


def _policy(world: World, organisation: str) -> Policy:
    owner = Owner(organisations=frozenset({organisation}))
    world.policies[organisation] = id_ = world.aviary.handle(seeing.REGISTER, owner)
    world.add("policy", owner, {"id": id_}, organisation=organisation, free=False)
    return Policy(
        id=id_,
        organisation=organisation,
        name=f"regler {world.aviary.word(seeing.REGISTER, owner)}",
        version=1,
        valid_from=date(2026, 1, 1),
        content=dict(RULES),
        made_at=NOW,
        made_by=world.aviary.word(seeing.NOBODY, owner),
    )


def _rights(world: World) -> Iterator[Grant]:
    """Yield a right of every organisation that holds, and one that was taken back."""
    for organisation in (NORTH, FINNMARK, TROMS, BERGEN):
        owner = Owner(organisations=frozenset({organisation}))
        for revoked_at in (None, NOW):
            id_ = world.aviary.handle(seeing.SUBJECT, owner)
            world.add("grant", owner, {"id": id_}, revoked=revoked_at is not None)
            yield Grant(
                id=id_,
                issuer="https://issuer.example",
                subject=world.aviary.word(seeing.SUBJECT, owner),
                role="planner",
                organisation=organisation,
                granted_at=NOW,
                granted_by=world.aviary.word(seeing.SUBJECT, owner),
                revoked_at=revoked_at,
            )

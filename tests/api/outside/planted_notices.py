"""Webhooks of every party, and what has been told to each."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import SQLModel

from models.tables import Notice, Webhook
from tests.api.outside import seeing
from tests.api.outside.canaries import Owner
from tests.api.outside.world import KEEPERS, World
from tests.api.served import BERGEN, FINNMARK, NORTH, NOW, TROMS, WEST


def told(world: World) -> Iterator[SQLModel]:
    """Yield a webhook of each organisation and municipality, and a notice to each."""
    for organisation in (NORTH, FINNMARK, TROMS, WEST, BERGEN):
        owner = Owner(organisations=frozenset({organisation}))
        yield _webhook(world, owner, organisation=organisation)
        yield _notice(world, owner, organisation)
    for municipality, keeper in KEEPERS.items():
        yield _webhook(world, Owner(municipality=municipality), municipality=municipality)
        owner = Owner(organisations=frozenset({keeper}), municipality=municipality)
        yield _notice(world, owner, keeper)


def _webhook(world: World, owner: Owner, **whose: str) -> Webhook:
    id_ = world.aviary.handle(seeing.WEBHOOK, owner)
    world.add("webhook", owner, {"id": id_})
    return Webhook(
        id=id_,
        url=f"https://{world.aviary.word(seeing.WEBHOOK, owner)}.example/",
        secret=world.aviary.word(seeing.NOBODY, owner),
        made_at=NOW,
        made_by=world.aviary.word(seeing.NOBODY, owner),
        organisation=whose.get("organisation"),
        municipality=whose.get("municipality"),
    )


def _notice(world: World, owner: Owner, organisation: str) -> Notice:
    word, id_ = world.aviary.word, world.aviary.handle(seeing.NOTICE, owner)
    world.add("notice", owner, {"id": id_})
    return Notice(
        id=id_,
        key=word(seeing.NOBODY, owner),
        kind="plan-voided",
        organisation=organisation,
        municipality=owner.municipality,
        channel="email",
        recipient=f"{word(seeing.NOTICE, owner)}@role.example",
        language="nb",
        figures={"round": word(seeing.NOTICE, owner), "subject": word(seeing.NOTICE, owner)},
        state="failed",
        attempts=1,
        made_at=NOW,
        due_at=NOW,
        failure="gone",
    )

"""What becomes of the world's rounds: snapshots, plans by the real planner, and seats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from sqlmodel import SQLModel

from data.documents import read_round, write_plan
from models.database import Database
from models.tables import Commitment, Plan, PlanEvent, Publication, Snapshot
from scheduler import plans
from scheduler.planner import plan_round
from tests.api.outside import seeing
from tests.api.outside.planted_notices import told
from tests.api.outside.planted_offers import offers
from tests.api.outside.planted_placements import placements
from tests.api.outside.planted_rounds import SETTINGS, Planting
from tests.api.outside.planted_studies import explained, unexplained, what_ifs
from tests.api.outside.world import World, plant_register, plant_rows
from tests.api.served import NOW


def plant_world(database: Database) -> World:
    """Plant everything in a database that holds the register of `tests.api.served.plant`."""
    world = World()
    plant_register(database, world)
    plant_rows(database, told(world))
    for name, setting in SETTINGS.items():
        planting = Planting(world, name, setting)
        for rows in (planting.head(), planting.lists(), _held(planting), _frozen(planting)):
            plant_rows(database, rows)
        _offer(planting)
    return world


def _held(planting: Planting) -> Iterator[Commitment]:
    """Offer the last candidate of an open round a seat."""
    if planting.setting.state == "open":
        *_, people = planting.people.values()
        unit = planting.wished(1)[0]
        yield Commitment(
            round=planting.id,
            candidate=people[1],
            window=planting.world.windows[unit],
            start=date(2027, 8, 1),
            state="offered",
        )


def _frozen(planting: Planting) -> Iterator[SQLModel]:
    """Yield the snapshot of a locked round, and its plans."""
    if planting.setting.state != "locked":
        return
    document = planting.document()
    round_ = read_round(document)
    aviary, owner = planting.world.aviary, planting.owner
    aviary.keep(round_.hash.removeprefix("sha256:"), seeing.DIGEST, owner)
    snapshot = aviary.handle(seeing.NOBODY, owner)
    yield Snapshot(
        id=snapshot,
        round=planting.id,
        number=1,
        content=document.decode(),
        hash=round_.hash,
        made_at=NOW,
        made_by=aviary.word(seeing.NOBODY, owner),
    )
    made = _planned(document)
    for state in planting.setting.plans:
        yield from _plan(planting, snapshot, state, made)
        plan = planting.world.of("plan")[-1].at["id"]
        if state == "published":
            yield from explained(planting, snapshot, plan, round_)
        if state == "completed" and planting.name == "f-locked":
            yield unexplained(planting, snapshot, plan)
    yield from what_ifs(planting, snapshot, round_, made)


@cache
def _planned(document: bytes) -> plans.Plan:
    return plan_round(read_round(document))


def _plan(planting: Planting, snapshot: str, state: str, made: plans.Plan) -> Iterator[SQLModel]:
    """Yield a plan in a state; `published` is one that is completed and for all to see."""
    published = state == "published"
    approved = published or (state == "completed" and planting.name == "f-locked")
    owner = replace(planting.owner, published=published)
    aviary = planting.world.aviary
    id_ = aviary.handle(seeing.PLAN, owner)
    state = "completed" if published else state
    movable = [*(a.candidate for a in made.unplaced), *(p.candidate for p in made.placements)][0]
    traits = {"state": state, "published": published, "movable": movable}
    planting.world.add("plan", owner, {"id": id_}, **traits)
    yield Plan(
        id=id_,
        round=planting.id,
        snapshot=snapshot,
        origin="solver",
        state=state,
        requested_at=NOW,
        requested_by=aviary.word(seeing.NOBODY, owner),
        started_at=None if state == "queued" else NOW,
        ended_at=None if state in {"queued", "running"} else NOW,
        attempt=0 if state == "queued" else 1,
        lease=aviary.handle(seeing.NOBODY, owner) if state == "running" else None,
        progress=PROGRESS if state == "running" else None,
        approved_at=NOW if approved else None,
        approved_by=aviary.word(seeing.NOBODY, owner) if approved else None,
        published_at=NOW if published else None,
        published_by=aviary.word(seeing.NOBODY, owner) if published else None,
        **_outcome(planting, state, made),
    )
    if published:
        _seat(planting, made)
        publication = aviary.handle(seeing.NOBODY, owner)
        yield Publication(
            id=publication,
            round=planting.id,
            number=1,
            plan=id_,
            published_at=NOW,
            published_by=aviary.word(seeing.NOBODY, owner),
        )
        yield from offers(planting, publication, made)
        yield from placements(planting, publication, made)
    yield PlanEvent(
        plan=id_, number=1, kind="state", data={"state": state, "attempt": 1}, told_at=NOW
    )
    yield PlanEvent(plan=id_, number=2, kind="progress", data=PROGRESS, told_at=NOW)


PROGRESS: dict[str, Any] = {
    "tier": "placed",
    "level": None,
    "value": 3,
    "bound": 4,
    "seconds": 0.5,
    "position": 3,
    "of": 7,
}


def _outcome(planting: Planting, state: str, made: plans.Plan) -> dict[str, Any]:
    if state == "completed":
        digest, aviary = made.hash.removeprefix("sha256:"), planting.world.aviary
        if digest not in aviary.canaries:
            aviary.keep(digest, seeing.DIGEST, planting.owner)
        content = write_plan(made).decode()
        return {"content": content, "hash": made.hash, "status": str(made.status)}
    if state == "failed":
        people = [ids[0] for ids in planting.people.values()]
        window = next(iter(planting.world.windows.values()))
        conflict = {"rule": "POSITIONS", "subject": window, "candidates": people}
        figures = {"active": 5, "limit": 2, "day": "2027-08-01"}
        return {"failure": "refused", "figures": {"conflicts": [conflict | {"figures": figures}]}}
    return {}


def _seat(planting: Planting, made: plans.Plan) -> None:
    """Note which unit takes whom: its leader comes to see them, and its trust their names."""
    canaries = planting.world.aviary.canaries
    for placement in made.placements:
        for word, canary in list(canaries.items()):
            person = canary.kind in {seeing.CANDIDATE, seeing.NAME}
            if person and canary.owner.candidate == placement.candidate:
                canaries[word] = replace(canary, owner=replace(canary.owner, unit=placement.unit))


def _offer(planting: Planting) -> None:
    """Let the round, and each municipality's part in it, be asked for."""
    setting, world = planting.setting, planting.world
    traits = {"state": setting.state, "label": planting.label, "planting": planting}
    world.add("round", planting.owner, {"id": planting.id}, **traits)
    trusts = seeing.COVERS.get(setting.organisation, set()) if setting.state != "draft" else set()
    takers = replace(planting.owner, organisations=planting.owner.organisations | trusts)
    world.add("handover", takers, {"id": planting.id})
    for number in setting.parties if planting.is_asked_for else ():
        at = {"id": planting.id, "number": number}
        part = {"round": planting.owner, **traits}
        world.add("part", planting.of(number), at, **part)
        if setting.origin == "collected" and setting.state != "draft":
            world.add("list", planting.of(number), at, **part)
            world.add("receipt", planting.of(number), {**at, "receipt": "1"}, **part)

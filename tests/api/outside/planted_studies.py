"""Studies of the world's rounds: why a published plan is as it is, what if, at what price."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlmodel import SQLModel

from data.documents import write_plan
from data.exports.capacity import study_document
from data.exports.comparisons import price_document
from data.exports.explanations import explanation_record
from data.exports.replans import keeping_document
from models.tables import Explained, Study
from scheduler.canonical import encode
from scheduler.capacity import Found, Purchase, Target
from scheduler.capacity import Study as CapacityStudy
from scheduler.comparison import Side
from scheduler.domain import Candidate
from scheduler.explained import Explanation, WishExplained
from scheduler.plans import Plan, Reason
from scheduler.posts import Unplaceable
from scheduler.price import MODES, Price
from scheduler.rounds import Round
from tests.api.outside import seeing
from tests.api.outside.planted_rounds import Planting
from tests.api.served import NOW


def explained(planting: Planting, snapshot: str, plan: str, round_: Round) -> Iterator[SQLModel]:
    """Yield the explanations of a published plan, which everybody in it can be asked about."""
    row = _study(planting, snapshot, "explanations", plan=plan, figures={"explained": 1})
    yield row
    for candidate in round_.candidates:
        owner = planting.of(candidate.municipality, candidate.id)
        at = {"id": plan, "candidate": candidate.id}
        planting.world.add("explanation", owner, at, round=planting.owner)
        yield Explained(
            study=row.id,
            candidate=candidate.id,
            municipality=candidate.municipality,
            content=encode(explanation_record(_explanation(round_, candidate))).decode(),
        )


def _explanation(round_: Round, candidate: Candidate) -> Explanation:
    """Everybody is in everybody's way: nothing that is known of others is left out."""
    everybody = sorted(round_.candidate)
    window = round_.windows[0]
    stay = {"window": window.id, "unit": window.unit, "start": str(window.opens)}
    worse = {"tier": "placed", "level": None, "value": 9, "forced": 8}
    causes = (
        Reason("FULL", 1, {"rule": "POSITIONS", "subject": window.id, "holders": everybody}),
        Reason("PRIORITY", 1, stay | {"colleagues": [*round_.colleagues[candidate.municipality]]}),
        Reason("TIER", 1, stay | worse | {"losers": everybody, "units": [window.unit]}),
    )
    wishes = (WishExplained(1, (), causes, ()),) if candidate.wishes else ()
    return Explanation(candidate.id, (), (), wishes)


def unexplained(planting: Planting, snapshot: str, plan: str) -> Study:
    """Return explanations that are yet to be found."""
    waiting = {"state": "queued", "started_at": None, "ended_at": None, "attempt": 0}
    return _study(planting, snapshot, "explanations", plan=plan, **waiting)


def what_ifs(planting: Planting, snapshot: str, round_: Round, made: Plan) -> Iterator[SQLModel]:
    """Yield a scenario in which nothing is otherwise, a study of capacity and two prices."""
    name = planting.world.aviary.word(seeing.STUDY, planting.owner)
    scenario = {"format": "rotations/scenario@1", "name": name, "changes": []}
    yield _study(
        planting,
        snapshot,
        "scenario",
        name=name,
        asked=encode(scenario).decode(),
        content=write_plan(made).decode(),
        figures={"status": str(made.status), "placed": len(made.placements), "unplaced": 0},
    )
    asked: dict[str, Any] = {
        "target": "everyone",
        "percent": None,
        "within": None,
        "costs": None,
        "exact": 1,
    }
    content = {"study": study_document(_capacity(round_, made)), "plan": made.document}
    yield _study(
        planting,
        snapshot,
        "capacity",
        asked=encode(asked).decode(),
        content=encode(content | {"bought": None}).decode(),
        figures={"found": "impossible", "posts": 0, "cost": 0},
    )
    if planting.name != "f-locked":  # there somebody is to ask
        side = Side(round_, made)
        prices = {
            "price": price_document(round_, Price(dict.fromkeys(MODES, side), ())),
            "keeping": keeping_document(side, side),
        }
        for kind, content in prices.items():
            yield _study(planting, snapshot, kind, content=encode(content).decode(), figures={})


def _capacity(round_: Round, made: Plan) -> CapacityStudy:
    """A study in which no post can help anybody."""
    people = tuple(Unplaceable(candidate, ("NO_WISH",)) for candidate in round_.candidate)
    purchase = Purchase(found=Found.IMPOSSIBLE, counted=0, needed=0, reachable=0, left_out=people)
    return CapacityStudy(round=round_, target=Target(), plan=made, worths=(), purchase=purchase)


def _study(planting: Planting, snapshot: str, kind: str, **values: Any) -> Study:
    id_ = planting.world.aviary.handle(seeing.STUDY, planting.owner)
    if kind in ("scenario", "capacity"):
        planting.world.add(kind, planting.owner, {"id": id_})
    usual: dict[str, Any] = {
        "asked": "{}",
        "state": "completed",
        "started_at": NOW,
        "ended_at": NOW,
        "attempt": 1,
    }
    return Study(
        id=id_,
        round=planting.id,
        snapshot=snapshot,
        kind=kind,
        requested_at=NOW,
        requested_by=planting.world.aviary.word(seeing.NOBODY, planting.owner),
        **usual | values,
    )

"""Whoever waits takes the rounds she has waited along into the next one."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from sqlmodel import col, select

from models.scope import EVERYTHING
from models.store.waiting import waits
from models.tables import Offer, Publication, Round, Standing
from tests.api.routes import planted
from tests.api.routes.collected import (
    Collecting,
    candidate,
    list_of,
    new_round,
    opened,
    plant_policy,
)
from tests.api.routes.placed import plant_placement, plant_publication
from tests.api.served import ALTA, BERGEN, FINNMARK, NORTH, NOW, TROMS, VADSO, Served

HER = f"{ALTA}-1"


def held(
    served: Served,
    waited: int = 0,
    *,
    quarters_ago: int = 1,
    placed: bool = False,
    organisation: str = FINNMARK,
    municipality: str = ALTA,
    origin: str = "collected",
    published: bool = True,
    candidate: str = HER,
    **offer: Any,
) -> str:
    """Plant an earlier round in which she stood, with its plan, and return its id.

    Parameters
    ----------
    offer
        What became of an offer that she had, if she had one.
    """
    people = [{"id": candidate, "municipality": municipality, "rounds_waited": waited}]
    plan = {"placements": [{"candidate": candidate}] if placed else []}
    with served.database.writing(EVERYTHING) as session:
        id_ = uuid4().hex
        session.add(
            Round(
                id=id_,
                organisation=organisation,
                label=id_,
                decision_date=date(2027, 1, 15) - quarters_ago * timedelta(days=91),
                deadline=NOW,
                policy=planted.plant_policy(session, organisation),
                state="locked",
                origin=origin,
                made_at=NOW,
                made_by="test",
            )
        )
        session.flush()
        if origin == "collected":
            session.add(
                Standing(
                    round=id_,
                    candidate=candidate,
                    municipality=municipality,
                    submitted_on=NOW.date(),
                )
            )
        if not published:
            return id_
        document = json.dumps({"candidates": people})
        publication = plant_publication(session, id_, document, json.dumps(plan))
        if offer:
            session.add(_offer(id_, publication, candidate, **offer))
    return id_


def _offer(round_id: str, publication: str, her: str, **offer: Any) -> Offer:
    values: dict[str, Any] = {
        "id": uuid4().hex,
        "publication": publication,
        "round": round_id,
        "municipality": ALTA,
        "candidate": her,
        "unit": "hammerfest-medisin",
        "window": "w1",
        "start": date(2027, 8, 1),
        "end": date(2028, 2, 1),
        "offered_at": NOW,
        "answer_by": NOW,
        "ended_at": NOW,
    }
    return Offer(**values | offer)


def take(served: Served, round_id: str, days: int, **change: Any) -> str:
    """Let her take a place some days after the plan of a round was published; return its id."""
    with served.database.writing(EVERYTHING) as session:
        of_round = select(Publication.id).where(col(Publication.round) == round_id)
        later = NOW + timedelta(days=days)
        row = plant_placement(session, round_id, session.exec(of_round).one(), later, **change)
        return row.id


def counted(served: Served, round_id: str, her: str, municipality: str = ALTA) -> int:
    """Return how often she has waited if she comes into a list of the round now."""
    with served.database.reading(EVERYTHING) as session:
        round_ = session.get_one(Round, round_id)
        found = waits(session, round_, municipality, [her, "nobody"])
        return found[her].rounds if her in found else 0


def test_whoever_brings_a_list_sees_who_is_taken_for_whom(embedded: Served) -> None:
    """So that an id that was given anew by mistake does not inherit another's wait and place."""
    another = f"{ALTA}-2"
    before = held(embedded, 1)
    take(embedded, before, -90, candidate=another)
    round_ = opened(embedded)
    list_ = list_of(candidate(HER), candidate(another), candidate(f"{ALTA}-3"))
    expected = [
        ("carried-over", "/candidates/0/id", {"round": before, "waited": 2}),
        ("placed-before", "/candidates/1/id", {"round": before}),
    ]
    for answer in (round_.dry_run(list_), round_.hand_in(list_), round_.dry_run(list_)):
        told = [
            (each["code"], each["place"], each["figures"]) for each in answer.json()["warnings"]
        ]
        assert [each for each in told if each[0] in ("carried-over", "placed-before")] == expected


def waited(round_: Collecting) -> int:
    """Return what a list that has her in it makes of her wait."""
    assert round_.hand_in(list_of(candidate(HER), candidate(f"{ALTA}-new"))).is_success
    by_id = {each["id"]: each["rounds_waited"] for each in round_.document()["candidates"]}
    assert by_id[f"{ALTA}-new"] == 0
    return int(by_id[HER])


def test_waiting_is_carried_from_round_to_round(served: Served) -> None:
    """The newest round without a place counts; what a planner says of her afterwards holds."""
    held(served, 7, quarters_ago=3)
    held(served, 2, quarters_ago=1)
    round_ = opened(served)
    tried = round_.dry_run(list_of(candidate(HER)))
    assert tried.json()["faults"] == []
    assert waited(round_) == 3
    path = f"{round_.path}/candidates/{HER}/standing"
    known = served.planner.get(path)
    assert known.json()["rounds_waited"] == 3
    form = {"rounds_waited": 1, "lead_waiver": None}
    assert served.planner.put(path, json=form, tag=known.headers["etag"]).is_success
    assert waited(round_) == 1


CASES: list[tuple[list[dict[str, Any]], int]] = [
    ([{"waited": 1, "organisation": NORTH}], 2),
    ([{"waited": 1, "organisation": TROMS}, {"waited": 4, "organisation": BERGEN}], 0),
    ([{"waited": 1, "origin": "imported"}], 2),
    ([{"waited": 1, "origin": "imported", "municipality": VADSO}], 0),
    ([{"waited": 1, "published": False}, {"quarters_ago": 2}], 1),
    ([{"waited": 1, "quarters_ago": 0}, {"waited": 1, "quarters_ago": -1}], 0),
    ([{"waited": 1, "placed": True}, {"waited": 4, "quarters_ago": 2}], 5),
    ([{"waited": 1, "state": "declined"}], 0),
    ([{"waited": 1, "state": "expired"}, {"waited": 4, "quarters_ago": 2}], 5),
    ([{"waited": 1, "state": "withdrawn", "reason": "post gone"}], 2),
    ([{"waited": 1, "state": "voided"}], 2),
]
"""Earlier rounds of somebody, and how often she has waited by them."""


def test_which_round_counts(embedded: Served) -> None:
    """Of the organisation or its region, earlier, published; the newest that had no place."""
    round_ = opened(embedded)
    for number, (earlier, expected) in enumerate(CASES):
        for each in earlier:
            held(embedded, candidate=f"{ALTA}-{number}", **each)
        assert counted(embedded, round_.id, f"{ALTA}-{number}") == expected, earlier


def test_a_region_carries_what_its_trusts_let_wait(embedded: Served) -> None:
    held(embedded, 2, organisation=TROMS)
    policy = plant_policy(embedded, NORTH)
    regional = embedded.as_("planner", NORTH)
    form = new_round(embedded, organisation=NORTH, policy=policy)
    made = regional.post("/v1/rounds", json=form).json()["id"]
    assert counted(embedded, made, HER) == 3
    assert counted(embedded, made, HER, VADSO) == 0


def test_whoever_has_taken_a_place_since_waits_from_the_start(embedded: Served) -> None:
    round_ = opened(embedded)
    for number, (days, whose, expected) in enumerate(
        [(-1, "", 4), (0, "", 0), (20, "", 0), (20, "-other", 4)]
    ):
        her = f"{ALTA}-{number}"
        take(embedded, held(embedded, 3, candidate=her), days, candidate=her + whose)
        assert counted(embedded, round_.id, her) == expected, days


def test_a_place_that_came_to_nothing_was_none(served: Served) -> None:
    placement = take(served, held(served, 3), 20)
    body, tag = {"reason": "post-gone"}, '"1"'
    ended = served.planner.post(f"/v1/placements/{placement}/cancel", json=body, tag=tag)
    assert ended.status_code == 200
    assert waited(opened(served)) == 4

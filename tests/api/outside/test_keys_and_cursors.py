"""What the service hands out to one caller is worth nothing in the hands of another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import col, select, update

from models.database import Database
from models.scope import EVERYTHING
from models.tables import Grant, Window
from tests.api.outside.canaries import told
from tests.api.outside.kept import Kept
from tests.api.outside.operations import Operation, operations
from tests.api.outside.people import MEDICINE, SURGERY
from tests.api.outside.sweeping import Sweep, sweeping
from tests.api.outside.world import OTHERS_KEY, Thing
from tests.api.served import ALTA, BERGEN_TOWN, NORTH, NOW, TROMS
from tests.databases import Files

LISTS = [each for each in operations().values() if each.id.startswith("list_")]
PAGED = [each for each in LISTS if each.names == () and each.id != "list_problems"]

CHANGES = [each for each in operations().values() if each.changes]


@pytest.fixture(scope="module")
def world(sqlite_databases: Files, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sweep]:
    database = Database(sqlite_databases.migrated())
    with sweeping(database, tmp_path_factory.mktemp("keys")) as found:
        yield found
    database.close()


@pytest.fixture(scope="module")
def kept(world: Sweep) -> Kept:
    return Kept(world.served.database)


@pytest.fixture
def sweep(world: Sweep, kept: Kept) -> Iterator[Sweep]:
    """The world as it was planted."""
    yield world
    kept.restore()
    world.faults.clear()


def test_a_cursor_leads_nobody_to_what_is_not_theirs(sweep: Sweep) -> None:
    """Every page of everybody's lists, reached with the cursors of somebody who sees more."""
    followed = 0
    for operation in PAGED:
        for giver, taker in (
            (f"planner {NORTH}", "planner"),
            ("planner", f"planner {TROMS}"),
            ("planner", f"coordinator {ALTA}"),
            (f"coordinator {ALTA}", f"coordinator {BERGEN_TOWN}"),
            (f"administrator {NORTH}", "administrator"),
        ):
            cursor: str | None = None
            while True:
                at = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
                page = sweep.send(sweep.called(giver), operation, {}, params=at)
                if not page.is_success or (cursor := page.json()["next"]) is None:
                    break
                params = {"limit": "200", "cursor": cursor}
                answer = sweep.send(sweep.called(taker), operation, {}, params=params)
                sweep.hold(sweep.called(taker), operation, None, answer)
                followed += 1
    assert not sweep.faults, "\n".join(sweep.faults)
    print(f"{followed} cursors followed")
    assert followed > 60


def test_anothers_key_repeats_nothing(sweep: Sweep) -> None:
    """The same request with the same key, by somebody else: as if the first had not been sent."""
    create = operations()["create_window"]
    owner, other = (sweep.called(f"unit_leader {unit}") for unit in (MEDICINE, SURGERY))
    (unit,) = (thing for thing in sweep.world.of("unit") if thing.at["id"] == MEDICINE)
    key = {"Idempotency-Key": "the same"}
    made = sweep.ask(owner, create, unit, headers=key)
    assert made.status_code == 201
    assert sweep.ask(owner, create, unit, headers=key).headers["idempotency-replayed"] == "true"
    with_key = sweep.ask(other, create, unit, headers=key)
    assert with_key.status_code == 404
    assert told(with_key) == told(sweep.ask(other, create, unit))
    planner = sweep.ask(sweep.called("planner"), create, unit, headers=key)
    assert planner.status_code == 201
    assert planner.headers["location"] != made.headers["location"]
    assert not sweep.faults, "\n".join(sweep.faults)


@pytest.mark.parametrize("operation", CHANGES, ids=lambda each: each.id)
def test_nobody_gets_what_was_kept_for_somebody_else(sweep: Sweep, operation: Operation) -> None:
    things: list[Thing | None] = [*sweep.about(operation)[:2]]
    for name in ("planner", "administrator", f"coordinator {ALTA}", f"planner {TROMS}"):
        for thing in things or [None]:
            answer = sweep.ask(
                sweep.called(name), operation, thing, headers={"Idempotency-Key": OTHERS_KEY}
            )
            assert "idempotency-replayed" not in answer.headers
    assert not sweep.faults, "\n".join(sweep.faults)


def test_a_right_taken_back_repeats_nothing(sweep: Sweep) -> None:
    """Not even what its holder was answered while it held."""
    leader, create = sweep.called(f"unit_leader {MEDICINE}"), operations()["create_window"]
    (unit,) = (thing for thing in sweep.world.of("unit") if thing.at["id"] == MEDICINE)
    key = {"Idempotency-Key": "mine"}
    assert sweep.ask(leader, create, unit, headers=key).status_code == 201
    with sweep.served.database.writing(EVERYTHING) as session:
        session.exec(update(Grant).where(col(Grant.unit) == MEDICINE).values(revoked_at=NOW))
    assert sweep.ask(leader, create, unit, headers=key).status_code == 403
    with sweep.served.database.reading(EVERYTHING) as session:
        assert len(session.exec(select(Window).where(col(Window.unit) == MEDICINE)).all()) == 2

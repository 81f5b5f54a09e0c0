"""The sample as a live round: locked it is the sample's document, and it is there only once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest
from sqlmodel import col, func, select

from api.collecting.moves import lock
from api.running.sample import BY, FINNMARK, NORTH, OPEN_DAYS, TROMS, load_sample
from data.documents import read_round
from models.database import Database
from models.scope import EVERYTHING
from models.store.rounds import taken
from models.store.sightings import said
from models.tables import (
    METADATA,
    AuditEntry,
    Municipality,
    Organisation,
    Participation,
    Round,
    Site,
    Standing,
    Submission,
    Supervisor,
)
from scheduler.rounds import Round as Document

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def document() -> Document:
    file = files("data") / "samples" / "finnmark" / "round.json"
    return read_round(file.read_bytes())


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table."""
    with database.engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(table.select())), key=repr)
            for table in METADATA.sorted_tables
        }


def the_round(database: Database) -> Round:
    with database.reading(EVERYTHING) as session:
        return session.exec(select(Round)).one()


def test_locked_it_is_the_samples_document(database: Database, document: Document) -> None:
    load_sample(database, NOW)
    with database.writing(EVERYTHING) as session:
        round_ = taken(session, the_round(database).id)
        assert round_ is not None
        frozen = lock(session, round_, author="test", now=NOW)
        assert frozen.hash == document.hash
        assert read_round(frozen.content.encode()).hash == document.hash


def test_it_is_open_with_every_list_handed_in(database: Database, document: Document) -> None:
    load_sample(database, NOW)
    round_ = the_round(database)
    assert (round_.state, round_.origin, round_.organisation) == ("open", "collected", FINNMARK)
    assert round_.deadline == NOW + timedelta(days=OPEN_DAYS)
    with database.reading(EVERYTHING) as session:
        numbers = set(session.exec(select(col(Municipality.number))))
        assert len(numbers) == 18
        assert set(session.exec(select(col(Participation.municipality)))) == numbers
        assert set(session.exec(select(col(Submission.municipality)))) == numbers
        assert set(session.exec(select(col(Supervisor.municipality)))) == numbers
        assert set(session.exec(select(col(Standing.candidate)))) == document.candidate.keys()
        entry = session.exec(select(AuditEntry)).one()
        assert (entry.actor, entry.round, entry.organisation) == (BY, round_.id, FINNMARK)
        assert set(said(entry)["candidates"]) == document.candidate.keys()
        waited = select(col(Standing.submitted_on)).where(col(Standing.candidate) == "5624-c1")
        assert session.exec(waited).one() == date(2026, 8, 20)
        trusts = select(Organisation).order_by(col(Organisation.number))
        assert [(o.number, o.kind, o.trust, o.parent) for o in session.exec(trusts)] == [
            (NORTH, "RHF", None, None),
            (FINNMARK, "HF", "finnmark", NORTH),
            (TROMS, "HF", "unn", NORTH),
        ]


def test_a_second_time_changes_nothing(database: Database) -> None:
    load_sample(database, NOW)
    before = rows(database)
    load_sample(database, NOW + timedelta(days=40))
    assert rows(database) == before
    assert sum(map(len, before.values())) > 120


def test_of_two_at_once_one_fills_it_in(database: Database) -> None:
    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(load_sample, database, NOW) for _ in range(4)]:
            done.result()
    assert the_round(database).made_by == BY
    with database.reading(EVERYTHING) as session:
        assert session.exec(select(func.count()).select_from(Submission)).one() == 18


def test_what_is_registered_already_stays(database: Database) -> None:
    with database.writing(EVERYTHING) as session:
        session.add(Organisation(number=NORTH, name="Annet navn", kind="RHF"))
        session.flush()
        session.add(
            Organisation(
                number=FINNMARK, name="Eget navn", kind="HF", trust="finnmark", parent=NORTH
            )
        )
        session.flush()
        session.add(Site(id="alta", name="Eget sted", organisation=FINNMARK))
    load_sample(database, NOW)
    with database.reading(EVERYTHING) as session:
        assert session.get_one(Organisation, FINNMARK).name == "Eget navn"
        assert session.get_one(Site, "alta").name == "Eget sted"
        assert session.exec(select(func.count()).select_from(Submission)).one() == 18

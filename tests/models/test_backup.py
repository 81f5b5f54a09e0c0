"""What is kept comes back, row by row, on either database, or nothing does."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest
from sqlalchemy import text
from sqlmodel import Session, SQLModel, select, update

from models.archive import MANIFEST, Damaged, Manifest, Part, opened, summed, write
from models.backup import LEFT_OUT, NewerBackup, NotEmpty, NothingToKeep, back_up, restore
from models.database import Database
from models.migrate import current, downgrade, is_current
from models.scope import EVERYTHING
from models.tables import METADATA, REVISION, Organisation, Plan, Publication, Site, Unit, Worker
from tests.databases import KINDS, Databases
from tests.models.made_up_rows import NOW, fill, trust, undivide

Making = Callable[..., Database]
Contents = dict[str, bytes]


@pytest.fixture
def making(request: pytest.FixtureRequest) -> Iterator[Making]:
    """Make databases without rows, of a kind by its name."""
    made: list[tuple[Databases, Database]] = []

    def make(kind: str, *, tables: bool = True) -> Database:
        source: Databases = request.getfixturevalue(f"{kind}_databases")
        made.append((source, Database(source.migrated() if tables else source.empty())))
        return made[-1][1]

    yield make
    for source, database in made:
        database.close()
        source.drop(database.url)


@pytest.fixture
def filled(database: Database) -> Database:
    """Every made-up row, a replaced publication, and letters that databases sort otherwise."""
    fill(database)
    with database.writing(EVERYTHING) as session:
        names = (("z", None), ("Å", "z"), ("aa", "Å"), ("B", "aa"))
        for number, (id_, before) in enumerate(names, start=2):
            voided = Publication(
                id=id_,
                round="open1",
                number=number,
                plan="open1-kept",
                replaces=before,
                published_at=NOW,
                published_by="issuer|approver",
                ended_at=NOW,
                ending="voided",
                reason='Wrong:\n"\\ \u2028 æ',
            )
            session.add(voided)
            session.flush()
    return database


def kept(database: Database) -> tuple[bytes, Manifest]:
    """Return a backup, and what it says it holds."""
    file = BytesIO()
    manifest = back_up(database, file, NOW)
    return file.getvalue(), manifest


def put_back(database: Database, content: bytes, **options: Any) -> None:
    with opened(BytesIO(content)) as source:
        restore(database, source, **options)


def rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return every row as the program reads it."""
    found = {}
    with database.reading(EVERYTHING) as session:
        for table in _classes():
            every = [row.model_dump() for row in session.exec(select(table))]
            found[str(table.__tablename__)] = sorted(every, key=repr)
    return found


def _classes() -> list[type[SQLModel]]:
    mappers = SQLModel._sa_registry.mappers
    return [each.class_ for each in mappers if each.class_.__tablename__ not in LEFT_OUT]


# -- there and back -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_comes_back_on_either_database(
    filled: Database, making: Making, kind: str
) -> None:
    content, manifest = kept(filled)
    other = making(kind)
    put_back(other, content)
    assert is_current(other)
    assert rows(other) == rows(filled)
    assert kept(other)[1] == manifest
    assert {part.name for part in manifest.tables} == METADATA.tables.keys() - LEFT_OUT
    assert sum(part.rows for part in manifest.tables) >= 130
    assert all(part.rows for part in manifest.tables)


def test_a_backup_is_the_same_on_either_database(
    sqlite_databases: Databases, postgresql_databases: Databases
) -> None:
    said = []
    for source in (sqlite_databases, postgresql_databases):
        database = Database(source.migrated())
        fill(database)
        said.append(kept(database)[1])
        database.close()
        source.drop(database.url)
    assert said[0] == said[1]
    assert said[0].fingerprint == said[1].fingerprint


def test_what_is_kept_is_readable_without_the_program(filled: Database) -> None:
    with ZipFile(BytesIO(kept(filled)[0])) as archive:
        manifest = json.loads(archive.read(MANIFEST))
        plans = [json.loads(line) for line in archive.read("plans.jsonl").splitlines()]
    assert (manifest["revision"], manifest["made_at"]) == (REVISION, NOW.isoformat())
    assert [plan["id"] for plan in plans] == sorted(plan["id"] for plan in plans)
    assert {plan["requested_at"] for plan in plans} == {NOW.isoformat()}


def test_what_an_older_version_kept_is_brought_to_this_one(
    filled: Database, making: Making
) -> None:
    undivide(filled)
    downgrade(filled, "0001")
    content, manifest = kept(filled)
    assert manifest.revision == "0001"
    other = making("sqlite", tables=False)
    put_back(other, content)
    assert is_current(other)
    downgrade(other, "0001")
    assert kept(other)[1] == manifest


# -- while others write ---------------------------------------------------------------------------


def test_what_is_kept_while_others_write_is_of_one_moment(filled: Database, making: Making) -> None:
    """Each writer adds a site and its unit at once, and then says so."""
    said: list[str] = []
    enough, over = threading.Event(), threading.Event()

    def add(writer: int) -> None:
        number = 0
        while not over.is_set():
            id_ = f"w{writer}-{number}"
            with filled.writing(EVERYTHING) as session:
                session.add(Site(id=id_, name="Made up", organisation=trust(1)))
                session.flush()
                session.add(Unit(id=id_, name="Made up", site=id_, learning_goals=[]))
            said.append(id_)
            number += 1
            if len(said) >= 20:
                enough.set()

    writers = [threading.Thread(target=add, args=(n,)) for n in range(4)]
    for writer in writers:
        writer.start()
    assert enough.wait(30)
    before = set(said)
    content, _ = kept(filled)
    while len(said) < len(before) + 10:
        assert not over.wait(0.01)
    over.set()
    for writer in writers:
        writer.join()
    other = making("sqlite")
    put_back(other, content)
    found = {name: {row["id"] for row in rows(other)[name]} for name in ("sites", "units")}
    sites, units = ({id_ for id_ in ids if id_.startswith("w")} for ids in found.values())
    assert sites == units
    assert before <= sites < set(said)


class Paused(BytesIO):
    """A file that waits before it takes anything."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go = threading.Event(), threading.Event()

    def write(self, content: Any, /) -> int:
        self.asked.set()
        assert self.go.wait(30)
        return super().write(content)


def test_nobody_waits_for_a_backup(filled: Database) -> None:
    _, manifest = kept(filled)
    file, told = Paused(), list[Manifest]()
    keeping = threading.Thread(target=lambda: told.append(back_up(filled, file, NOW)))
    keeping.start()
    assert file.asked.wait(30)
    with filled.writing(EVERYTHING) as session:
        session.exec(update(Site).values(name="changed"))
    assert keeping.is_alive()
    file.go.set()
    keeping.join()
    assert told == [manifest]
    assert kept(filled)[1] != manifest


# -- refused --------------------------------------------------------------------------------------


def _contents(content: bytes) -> Contents:
    with ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _zipped(contents: Mapping[str, bytes], compression: int = ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", compression) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return file.getvalue()


def _said(contents: Contents, **change: Any) -> Contents:
    return contents | {MANIFEST: json.dumps(json.loads(contents[MANIFEST]) | change).encode()}


def _flipped(contents: Contents) -> Contents:
    line = contents["sites.jsonl"].replace(b"Hospital 1", b"Hospital 3")
    return contents | {"sites.jsonl": line}


def _without(contents: Contents, name: str) -> Contents:
    return {key: value for key, value in contents.items() if key != name}


TAMPERED: dict[str, Callable[[Contents], bytes]] = {
    "a letter": lambda c: _zipped(_flipped(c)),
    "a row gone": lambda c: _zipped(c | {"sites.jsonl": c["sites.jsonl"].split(b"\n", 1)[1]}),
    "a row twice": lambda c: _zipped(c | {"sites.jsonl": c["sites.jsonl"] * 2}),
    "rows in another order": lambda c: _zipped(
        c | {"sites.jsonl": b"".join(reversed(c["sites.jsonl"].splitlines(keepends=True)))}
    ),
    "a table gone": lambda c: _zipped(_without(c, "audit.jsonl")),
    "a table more": lambda c: _zipped(c | {"workers.jsonl": b"{}\n"}),
    "something else more": lambda c: _zipped(c | {"../evil": b""}),
    "no manifest": lambda c: _zipped(_without(c, MANIFEST)),
    "an empty manifest": lambda c: _zipped(c | {MANIFEST: b"{}"}),
    "a manifest that is a list": lambda c: _zipped(c | {MANIFEST: b"[]"}),
    "a deep manifest": lambda c: _zipped(c | {MANIFEST: b"[" * 100_000}),
    "another format": lambda c: _zipped(_said(c, format="rotations/backup@2")),
    "another revision": lambda c: _zipped(_said(c, revision="0001")),
    "no tables": lambda c: _zipped(_said(c, tables=[])),
    "compressed otherwise": lambda c: _zipped(c, ZIP_BZIP2),
    "half of it": lambda c: _zipped(c)[: len(_zipped(c)) // 2],
    "nothing": lambda _: b"",
    "no archive": lambda _: b"rotations" * 1_000,
}


@pytest.fixture(scope="module")
def sound(sqlite_databases: Databases) -> Iterator[bytes]:
    """A backup as it was written."""
    database = Database(sqlite_databases.migrated())
    fill(database)
    yield kept(database)[0]
    database.close()
    sqlite_databases.drop(database.url)


@pytest.mark.parametrize("how", TAMPERED)
def test_what_is_not_as_it_was_written_is_refused(sound: bytes, making: Making, how: str) -> None:
    database = making("sqlite", tables=False)
    with pytest.raises(Damaged):
        put_back(database, TAMPERED[how](_contents(sound)))
    assert current(database) is None


def test_no_byte_can_be_changed_unseen(sound: bytes) -> None:
    """Where one can be, it says nothing of what is kept: the rows and the manifest are the same."""
    whole = _contents(sound)
    for place in range(0, len(sound), 61):
        broken = bytearray(sound)
        broken[place] ^= 0x11
        try:
            with opened(BytesIO(bytes(broken))) as source:
                lines = {p.name: b"".join(source.lines(p.name)) for p in source.manifest.tables}
                assert source.manifest.encode() == whole[MANIFEST]
                assert {f"{name}.jsonl": found for name, found in lines.items()} == _without(
                    whole, MANIFEST
                )
        except Damaged:
            continue


def _forged(content: bytes, change: Callable[[Contents], Contents], revision: str = "") -> bytes:
    """Return a backup that was changed by somebody who knows how it is written."""
    contents = change(_contents(content))
    said = json.loads(contents.pop(MANIFEST))
    file = BytesIO()
    tables = [(part["name"], f"{part['name']}.jsonl") for part in said["tables"]]
    lines = [
        (name, contents[at].splitlines(keepends=True)) for name, at in tables if at in contents
    ]
    write(file, revision or said["revision"], NOW, lines)
    return file.getvalue()


def _replaced(table: str, old: bytes, new: bytes) -> Callable[[Contents], Contents]:
    name = f"{table}.jsonl"
    return lambda contents: contents | {name: contents[name].replace(old, new)}


FORGED: dict[str, Callable[[Contents], Contents]] = {
    "refers to nothing": _replaced("units", b'"site1"', b'"site9"'),
    "refers to itself in a circle": _replaced("organisations", b'"990000001"', b'"980000001"'),
    "breaks a rule": _replaced("windows", b'"positions":1', b'"positions":0'),
    "no date": _replaced("windows", b'"2027-01-15"', b'"yesterday"'),
    "no number": _replaced("windows", b'"positions":1', b'"positions":"many"'),
    "an object for a text": _replaced("sites", b'"Hospital 1"', b'{"a":1}'),
    "another column": _replaced("sites", b'"name":', b'"nome":'),
    "no object": _replaced("sites", b"{", b"[{"),
    "as it would not be kept": _replaced("sites", b'","', b'", "'),
    "a table gone": lambda contents: _without(contents, "placement_steps.jsonl"),
}


@pytest.mark.parametrize(
    ("kind", "ways"),
    [("sqlite", [*FORGED]), ("postgresql", ["refers to nothing", "an object for a text"])],
)
def test_rows_that_do_not_fit_are_refused_together(
    sound: bytes, making: Making, kind: str, ways: list[str]
) -> None:
    database = making(kind)
    for how in ways:
        with pytest.raises(Damaged):
            put_back(database, _forged(sound, FORGED[how]))
        assert not any(rows(database).values()), how
    put_back(database, sound)


def test_what_a_newer_version_kept_is_left_to_it(sound: bytes, making: Making) -> None:
    database = making("sqlite", tables=False)
    with pytest.raises(NewerBackup):
        put_back(database, _forged(sound, dict, "9999"))
    assert current(database) is None


def test_nothing_is_put_over_what_is_there(sound: bytes, filled: Database) -> None:
    before = rows(filled)
    with pytest.raises(NotEmpty):
        put_back(filled, sound)
    assert rows(filled) == before


def test_an_empty_database_of_another_revision_is_left_alone(
    sound: bytes, database: Database
) -> None:
    downgrade(database, "0001")
    with pytest.raises(NotEmpty):
        put_back(database, sound)
    assert current(database) == "0001"


def test_what_fails_at_the_end_leaves_no_row(sound: bytes, database: Database) -> None:
    def fail(session: Session) -> None:
        assert session.get(Plan, "open1-kept") is not None
        raise InterruptedError

    with pytest.raises(InterruptedError):
        put_back(database, sound, then=fail)
    assert not any(rows(database).values())
    put_back(database, sound)
    assert any(rows(database).values())


def test_where_there_is_nothing_nothing_is_kept(making: Making) -> None:
    with pytest.raises(NothingToKeep):
        back_up(making("sqlite", tables=False), BytesIO(), NOW)


def test_workers_are_not_kept(database: Database, making: Making) -> None:
    fill(database)
    other = making("sqlite")
    put_back(other, kept(database)[0])
    with other.reading(EVERYTHING) as session:
        assert session.exec(select(Worker)).all() == []
        assert len(session.exec(select(Organisation)).all()) == 4


def test_a_fingerprint_is_of_every_row() -> None:
    parts = [
        summed("a", [b"1\n"]),
        summed("a", [b"2\n"]),
        Part("b", 1, summed("a", [b"1\n"]).sha256),
    ]
    prints = {Manifest("1", NOW, (part,)).fingerprint for part in parts}
    prints |= {Manifest("2", NOW, tuple(parts[:1])).fingerprint}
    assert len(prints) == 4


def test_others_tables_are_not_kept(database: Database) -> None:
    with database.writer.begin() as connection:
        connection.execute(text("CREATE TABLE workflow_status (workflow_uuid TEXT PRIMARY KEY)"))
    assert "workflow_status" not in {part.name for part in kept(database)[1].tables}

"""``rotations backup`` and ``restore``, as somebody runs them who operates the service."""

from __future__ import annotations

import re
import shlex
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import api.running.logs
from api.cli import app
from api.running.restoring import restore
from api.solving import jobs
from models.backup import back_up
from models.database import Database, embedded_url
from models.migrate import upgrade
from models.scope import EVERYTHING
from models.store.orphans import wanting
from models.tables import Site
from tests.databases import Databases
from tests.models.made_up_rows import NOW, fill

Command = Callable[[str], Result]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in a folder of its own, within this process, and in English."""
    monkeypatch.setattr(api.running.logs, "configure", lambda: None)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return lambda words: CliRunner().invoke(app, [*shlex.split(words), "--language", "en"])


@pytest.fixture
def kept(command: Command, tmp_path: Path) -> Iterator[str]:
    """Keep made-up rows, and return what was said of it."""
    with_rows = Database(embedded_url(tmp_path / "var"))
    upgrade(with_rows)
    fill(with_rows)
    said = command("backup kept.zip")
    assert (said.exit_code, said.stderr) == (0, "")
    yield said.stdout
    with_rows.close()


def test_what_was_kept_is_put_back_with_the_same_fingerprint(
    command: Command, kept: str, tmp_path: Path
) -> None:
    assert stat.S_IMODE((tmp_path / "kept.zip").stat().st_mode) == 0o600
    back = command("restore kept.zip --data-dir other")
    assert (back.exit_code, back.stderr) == (0, "")
    assert back.stdout.startswith("Every row is back.")
    again = command("backup again.zip --data-dir other")
    prints = {said.split("Fingerprint: ")[1] for said in (kept, back.stdout, again.stdout)}
    assert len(prints) == 1
    said = command("db current --data-dir other").stdout
    revision, newest = re.findall(r"\d{4}", said)
    assert revision == newest


def test_a_backup_takes_the_place_of_another_only_where_asked(
    command: Command, kept: str, tmp_path: Path
) -> None:
    before = (tmp_path / "kept.zip").read_bytes()
    refused = command("backup kept.zip")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert (tmp_path / "kept.zip").read_bytes() == before
    assert command("backup kept.zip --force").exit_code == 0
    assert (tmp_path / "kept.zip").read_bytes() != before


def test_what_stands_there_stays_where_a_backup_fails(
    command: Command, kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (tmp_path / "kept.zip").read_bytes()
    monkeypatch.setattr("models.archive.line_of", lambda _: 1 / 0)
    assert command("backup kept.zip --force").exit_code == 70
    assert (tmp_path / "kept.zip").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.zip", "var"]


def test_each_refusal_is_said(command: Command, kept: str, tmp_path: Path) -> None:
    whole = (tmp_path / "kept.zip").read_bytes()
    (tmp_path / "half.zip").write_bytes(whole[: len(whole) // 2])
    for words, said in (
        ("restore kept.zip", "This one was left as it is."),
        ("restore half.zip --data-dir new", "Nothing was put back."),
        ("restore missing.zip --data-dir new", "No such file"),
        ("backup empty.zip --data-dir new", "nothing to keep"),
    ):
        refused = command(words)
        assert (refused.exit_code, refused.stdout) == (74, "")
        assert said in refused.stderr
        assert refused.stderr.count("\n") == 1
    assert not (tmp_path / "empty.zip").exists()


def test_a_newer_database_or_backup_is_left_to_its_version(
    command: Command, kept: str, tmp_path: Path
) -> None:
    database = Database(embedded_url(tmp_path / "var"))
    with database.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    refused = command("backup new.zip")
    assert (refused.exit_code, "newer version" in refused.stderr) == (74, True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.migrate.expect_known", lambda _: None)
        assert command("backup new.zip").exit_code == 0
    refused = command("restore new.zip --data-dir other")
    assert (refused.exit_code, "newer version" in refused.stderr) == (74, True)
    database.close()


def test_plans_in_the_making_are_handed_on_with_the_rows(
    database: Database, sqlite_databases: Databases, tmp_path: Path
) -> None:
    source = Database(sqlite_databases.migrated())
    fill(source)
    file = tmp_path / "kept.zip"
    with file.open("wb") as place:
        back_up(source, place, NOW)
    with file.open("rb") as place:
        restore(database, place)
    with database.reading(EVERYTHING) as session:
        wanted = wanting(session)
        assert session.get(Site, "site1") is not None
    assert len(wanted) == 12
    assert jobs.Jobs(database).alive() == wanted
    assert jobs.Jobs(database).held() == {}
    source.close()
    sqlite_databases.drop(source.url)

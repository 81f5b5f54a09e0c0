"""Commands of the service: what each says where it cannot run, and how little it repeats."""

from __future__ import annotations

import os
import shlex
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

import api.running.logs
from api.cli import app
from api.failures import ExitCode, Unusable, failure
from api.identity.issuers import InvalidIssuers
from api.identity.local import FILE, LocalKey, UnfitKey
from api.identity.tokens import Identifier
from api.running.sample import load_sample
from api.settings import Settings
from api.shell.local_tokens import UnfitToken, make_token
from api.shell.troubles import explained
from data.sentences import LANGUAGES
from models.database import Database, UnsafeJournal, embedded_url
from models.scope import EVERYTHING
from models.store.grants import rights_of
from models.store.workers import GivenUp
from models.tables import REVISION, Grant
from tests.api.running import PROGRAM
from tests.api.served import FINNMARK, NOW
from tests.databases import Files

Command = Callable[[str], Result]

SECRET = "hemmelig-passord"


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """Run a command in a folder of its own, within this process, and in English."""
    monkeypatch.setattr(api.running.logs, "configure", lambda: None)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    mask = os.umask(0o022)
    yield lambda words: CliRunner().invoke(app, [*shlex.split(words), "--language", "en"])
    os.umask(mask)


@pytest.fixture(scope="module")
def register(sqlite_databases: Files) -> Path:
    """Return a data folder in which the sample is registered."""
    database = Database(sqlite_databases.migrated())
    load_sample(database, NOW)
    database.close()
    return Path(str(database.engine.url.database)).parent


# -- token ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("", ["--role", "--org"]),
        ("--role=boss --org=983974880", ["--role"]),
        ("--role=planner --org=983974881 --hours=0", ["--org", "--hours"]),
        ("--role=planner --org=983658725", ["--org"]),
        (
            "--role=planner --org=983974880 --unit=nowhere --candidate=y",
            ["--unit", "--candidate", "--unit"],
        ),
        ("--role=unit_leader --org=983974880", ["--unit"]),
        ("--role=unit_leader --org=983974880 --unit=nowhere --hours=25", ["--hours", "--unit"]),
        ("--role=coordinator --org=983974880 --municipality=0301", ["--municipality"]),
        ("--role=candidate --org=983974880", ["--municipality", "--candidate"]),
        ("--role=candidate --org=983974880 --municipality=5601 --candidate=x", ["--candidate"]),
        (
            "--role=candidate --org=983974880 --municipality=alta --candidate=13057549999",
            ["--municipality", "--candidate", "--candidate"],
        ),
    ],
)
def test_every_misuse_of_token_is_said_at_once(
    command: Command, register: Path, words: str, options: list[str]
) -> None:
    refused = command(f"token {words} --data-dir {register}")
    assert (refused.exit_code, refused.stdout) == (2, "")
    title, *lines = refused.stderr.splitlines()
    assert title == "The command cannot be run like this:"
    assert [line.split(":")[0].strip() for line in lines] == options
    for given in ("boss", "nowhere", "983974881", "13057549999", "0301"):
        assert given not in refused.stderr
    database = Database(embedded_url(register))
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT * FROM grants").all() == []
    database.close()


def test_a_token_gives_the_one_right_that_was_asked_for(database: Database, tmp_path: Path) -> None:
    load_sample(database, NOW)
    key = LocalKey.of(tmp_path)
    asked = {
        "role": "candidate",
        "organisation": FINNMARK,
        "unit": None,
        "municipality": "5601",
        "candidate": "5601-c1",
    }
    token, another = (make_token(database, key, asked, 2, NOW) for _ in range(2))
    identifier = Identifier.of(Settings(data_dir=tmp_path))
    identity = identifier.identify(token, NOW + timedelta(hours=1, minutes=59))
    with database.reading(EVERYTHING) as session:
        [right] = rights_of(session, identity.issuer, identity.subject, NOW.date())
    assert asked.items() <= right.model_dump().items()
    assert (right.granted_by, right.granted_at) == ("rotations token", NOW)
    assert right.ends_on == NOW.date() + timedelta(days=365)
    assert identifier.identify(another, NOW).subject != identity.subject


def test_a_token_that_cannot_be_made_leaves_no_right(database: Database, tmp_path: Path) -> None:
    with pytest.raises(UnfitToken):
        make_token(
            database, LocalKey.of(tmp_path), {"role": "planner", "organisation": FINNMARK}, 1, NOW
        )
    with database.reading(EVERYTHING) as session:
        assert session.exec(select(Grant)).all() == []


def test_the_first_administrator_comes_before_the_register(
    command: Command, tmp_path: Path
) -> None:
    made = command(f"token --role=administrator --org={FINNMARK}")
    assert (made.exit_code, made.stderr) == (0, "")
    assert made.stdout.count(".") == 2
    assert made.stdout.count("\n") == 1
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700


# -- the database --------------------------------------------------------------------------------


def test_the_database_is_brought_to_this_version(command: Command) -> None:
    assert command("db current").stdout == f"Revision -. This program's: {REVISION}\n"
    assert {command("db upgrade").stdout for _ in range(2)} == {
        f"The database is at revision {REVISION}.\n"
    }
    assert command("db current").stdout == f"Revision {REVISION}. This program's: {REVISION}\n"


def test_a_database_of_a_newer_version_is_left_alone(command: Command, tmp_path: Path) -> None:
    command("db upgrade")
    database = Database(embedded_url(tmp_path / "var"))
    with database.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    for words in ("serve --port 0", "worker", "token", "db upgrade"):
        refused = command(words)
        assert refused.exit_code == 74
        assert "newer version" in refused.stderr
    assert command("db current").stdout == f"Revision 9999. This program's: {REVISION}\n"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (f"postgresql://planner:{SECRET}@127.0.0.1:1/rotations", 74),
        (f"postgres://127.0.0.1:1/rotations?user=planner&password={SECRET}", 74),
        (f"postgresql://planner:{SECRET}@127.0.0.1:port/rotations", 2),
        (f"mysql://planner:{SECRET}@127.0.0.1/rotations", 2),
        (SECRET, 2),
    ],
)
def test_a_password_is_never_said(
    command: Command, monkeypatch: pytest.MonkeyPatch, address: str, code: int
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    for words in ("serve --port 0", "worker", "token", "db upgrade", "db current"):
        refused = command(words)
        assert refused.exit_code == code, refused.stderr
        assert "DATABASE_URL" in refused.stderr
        assert SECRET not in refused.output


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_addresses_of_postgresql_are_all_alike(scheme: str) -> None:
    settings = Settings(database_url=f"{scheme}://planner:p%40ss@db.example:5433/r?sslmode=require")
    assert settings.database_url == (
        "postgresql+psycopg://planner:p%40ss@db.example:5433/r?sslmode=require"
    )
    assert "p%40ss" not in repr(settings)


def test_settings_that_cannot_be_used_are_named(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROTATIONS_ATTEMPTS", SECRET)
    monkeypatch.setenv("ROTATIONS_HTTPS", SECRET)
    refused = command("serve --port 0")
    assert refused.exit_code == 2
    assert "ROTATIONS_ATTEMPTS, ROTATIONS_HTTPS" in refused.stderr
    assert SECRET not in refused.output


# -- what else keeps it from running -------------------------------------------------------------


def test_an_address_that_is_taken_is_said(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        refused = command(f"serve --port {taken.getsockname()[1]}")
    assert refused.exit_code == 74
    assert refused.stderr == f"{address} cannot be listened at: Address already in use.\n"


def test_an_address_that_is_none_of_ours_is_said(command: Command) -> None:
    refused = command("serve --host 192.0.2.1 --port 0")
    assert refused.exit_code == 74
    assert refused.stderr.startswith("192.0.2.1:0 cannot be listened at: ")


def test_a_key_that_others_may_read_is_refused(command: Command, tmp_path: Path) -> None:
    command(f"token --role=administrator --org={FINNMARK}")
    (tmp_path / "var" / FILE).chmod(0o644)
    refused = command("serve --port 0")
    assert refused.exit_code == 74
    assert refused.stderr.startswith("The local signing key cannot be used:\n  ")


def test_an_issuers_file_says_all_its_faults(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "issuers.toml"
    file.write_text("[[issuer]]\nissuer = 1\n", encoding="utf-8")
    monkeypatch.setenv("ROTATIONS_ISSUERS", str(file))
    refused = command("serve --port 0")
    assert refused.exit_code == 74
    title, *faults = refused.stderr.splitlines()
    assert title == "The file of trusted issuers cannot be used:"
    assert faults


@pytest.mark.parametrize(
    "error", [GivenUp(), UnsafeJournal(), UnfitKey("x"), InvalidIssuers(["x"])]
)
def test_each_trouble_has_its_sentence(error: Exception) -> None:
    with pytest.raises(Unusable) as raised, explained():
        raise error
    for language in LANGUAGES:
        failed = failure(raised.value, language)
        assert failed.exit_code == ExitCode.OUTPUT
        assert failed.title


# -- the other commands --------------------------------------------------------------------------

SLOW = {"alembic", "dbos", "fastapi", "opentelemetry", "sqlalchemy", "sqlmodel", "uvicorn"}


@pytest.mark.parametrize("words", ["--help", "token --help", "solve {sample} --out {out}"])
def test_who_needs_no_service_does_not_wait_for_it(tmp_path: Path, words: str) -> None:
    root = Path(__file__).parents[2]
    sample = root / "data" / "samples" / "finnmark" / "round.json"
    filled = words.format(sample=sample, out=tmp_path / "out")
    timed = subprocess.run(
        [sys.executable, "-X", "importtime", *PROGRAM[1:], *filled.split()],
        cwd=root, capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = [line for line in timed.stderr.splitlines() if line.startswith("import time:")]
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}
    assert imported >= {"typer", "api"}
    assert imported.isdisjoint(SLOW)

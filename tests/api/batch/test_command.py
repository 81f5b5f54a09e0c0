"""``rotations batch``: with real workers, without any, and how it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest
from typer.testing import CliRunner, Result

import api.running.logs
from api.cli import app
from api.failures import ExitCode
from api.shell.batches import Batch, exit_code, worker_beside
from models.database import Database
from models.scope import EVERYTHING
from models.store.workers import seen
from tests.api.batch.locked import LONG_AGO, end_plans, lock, plans_of
from tests.asked import TRUST

Command = Callable[[str], Result]


def test_every_round_is_planned_by_a_worker_and_reported(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database.url)
    round_ = lock(database)
    command = [sys.executable, "-m", "api", "worker", "--with-parent"]
    with worker_beside([*command, "--data-dir", str(tmp_path)], database):
        lines = Batch(database=database, out=tmp_path / "out").run()
    assert [(line.round, line.state, line.needs) for line in lines] == [(round_, "planned", ())]
    assert exit_code(lines) is ExitCode.OK
    [folder] = [path for path in (tmp_path / "out").iterdir() if path.is_dir()]
    [plan] = plans_of(database, round_)
    assert plan.content is not None
    assert (folder / "plan.json").read_text(encoding="utf-8") == plan.content
    with database.reading(EVERYTHING) as session:
        assert not seen(session), "the worker has left with the batch"


@pytest.fixture
def command(
    embedded: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Command]:
    """Run a command on the database, within this process, and in English."""
    monkeypatch.setattr(api.running.logs, "configure", lambda: None)
    monkeypatch.setenv("DATABASE_URL", embedded.url)
    monkeypatch.chdir(tmp_path)
    mask = os.umask(0o022)
    yield lambda words: CliRunner().invoke(app, [*words.split(), "--language", "en"])
    os.umask(mask)


def test_the_command_says_what_needs_a_person(command: Command, embedded: Database) -> None:
    assert command("batch").exit_code == ExitCode.OK
    round_ = lock(embedded, decision_date=LONG_AGO, label="2020-Q1")
    Batch(database=embedded, out=Path("out"), silence=0).run()
    end_plans(embedded)
    end = command("batch --out deep/out --organisation " + TRUST)
    assert end.exit_code == ExitCode.ATTENTION
    assert end.stdout.splitlines() == [
        "1 locked round; a person is needed for 1.",
        "2020-Q1: overdue",
        "The report lies here: deep/out/region.html",
    ]
    assert Path("deep/out/region.html").stat().st_mode & 0o777 == 0o600
    assert len(plans_of(embedded, round_)) == 1


def test_without_a_worker_it_gives_up_waiting_and_says_so(
    embedded: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock(embedded)
    begun = monotonic()
    [line] = Batch(
        database=embedded, out=tmp_path / "out", organisation=TRUST, language="en", silence=0.2
    ).run()
    assert (line.needs, line.state) == (("unfinished",), "unfinished")
    assert monotonic() - begun < 5
    assert "No worker is to be seen." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--organisation 999999999", "No organisation of that number is registered."),
        ("--out file", "file is a file. Give a folder with --out."),
    ],
)
def test_a_batch_that_cannot_be_asks_for_nothing(
    command: Command, embedded: Database, words: str, said: str
) -> None:
    round_ = lock(embedded)
    Path("file").touch()
    refused = command(f"batch {words}")
    assert (refused.exit_code, refused.stdout, refused.stderr.strip()) == (2, "", said)
    assert plans_of(embedded, round_) == []

"""Templates are compiled once, and where that cannot be kept, each time."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemBytecodeCache

from data.templates import templates


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder that nobody has kept anything in."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def reports() -> Environment:
    return templates("data.exports", "templates")


def read(environment: Environment) -> str | None:
    """Return the name of a template that an environment has read."""
    return environment.get_template("head.html").name


def test_a_template_is_compiled_once(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(reports()) == "head.html"
    (kept,) = temporary.rglob("*.cache")
    assert kept.parent.stat().st_mode & 0o777 == 0o700

    def compiled(*_: object, **__: object) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(Environment, "compile", compiled)
    assert read(reports()) == "head.html"


def test_what_is_kept_and_damaged_is_compiled_anew(temporary: Path) -> None:
    assert read(reports()) == "head.html"
    (kept,) = temporary.rglob("*.cache")
    kept.write_bytes(b"not a template")
    assert read(reports()) == "head.html"
    assert kept.read_bytes() != b"not a template"


def test_where_there_can_be_no_folder_nothing_is_kept(temporary: Path) -> None:
    reports()
    (own,) = temporary.iterdir()
    own.rmdir()
    own.write_text("not a folder")
    environment = reports()
    assert environment.bytecode_cache is None
    assert read(environment) == "head.html"


def test_what_cannot_be_written_is_not_kept(temporary: Path) -> None:
    environment = reports()
    assert isinstance(environment.bytecode_cache, FileSystemBytecodeCache)
    Path(environment.bytecode_cache.directory).rmdir()
    assert read(environment) == "head.html"
    assert not list(temporary.rglob("*.cache"))

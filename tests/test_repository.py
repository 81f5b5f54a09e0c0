"""The frame of the repository: what ships, what must not, and a README that runs."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from data.sentences import LANGUAGES, catalogue

ROOT = Path(__file__).parents[1]
PACKAGES = ("api", "data", "models", "scheduler")
TEXTUAL = {".py", ".toml", ".md", ".json", ".csv", ".html", ".css", ".lock", ".txt", ".yml", ""}
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|home|root|Users)/[\w.-]*")


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def own_files() -> list[Path]:
    """Every file that belongs to the repository, also those not yet committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    names = listed or [
        str(path.relative_to(ROOT))
        for package in (*PACKAGES, "tests", "docs")
        for path in (ROOT / package).rglob("*")
        if "__pycache__" not in path.parts
    ]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-bench.lock"]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_hashes_everything(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert len(requirements) > 20
    assert all("==" in r and "--hash=sha256:" in r for r in requirements)


@pytest.mark.parametrize("lock", LOCKS[1:])
def test_other_locks_agree_with_that_of_the_program(lock: str) -> None:
    def pins(name: str) -> set[str]:
        text = (ROOT / name).read_text(encoding="utf-8")
        return set(re.findall(r"^[\w.-]+==\S+", text, re.MULTILINE))

    assert pins("requirements.lock") <= pins(lock)


def test_every_dependency_is_locked(project: dict[str, Any]) -> None:
    asked = project["project"]["dependencies"] + project["project"]["optional-dependencies"]["dev"]
    locked = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    for requirement in asked:
        name = re.split(r"[\[><=!~ ]", requirement)[0]
        assert re.search(rf"^{re.escape(name)}==", locked, re.MULTILINE), name


SAFE = {
    "cryptography": (50, 0, 0),  # CVE-2026-69247
    "dbos": (3, 4, 0),  # what takes over a dead worker's runs was tried with it
    "fastapi": (0, 165, 0),  # body limits, telemetry, and a commit before the answer
    "pyjwt": (2, 13, 0),  # CVE-2026-48522 to -48526: forged tokens
    "sqlmodel": (0, 0, 50),  # times are UTC
    "starlette": (1, 3, 1),  # CVE-2025-62727, CVE-2026-48710, CVE-2026-54283
}
"""The oldest version of a library that is safe to use."""


@pytest.mark.parametrize("lock", LOCKS)
def test_no_locked_version_is_known_to_be_unsafe(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([\w.-]+)==(\d+(?:\.\d+)*)", text, re.MULTILINE))
    locked = {name: tuple(map(int, pins[name].split("."))) for name in SAFE if name in pins}
    assert len(locked) >= 5
    assert all(version >= SAFE[name] for name, version in locked.items()), locked
    assert locked["dbos"] < (4,)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_typed_and_says_what_it_is(package: str, project: dict[str, Any]) -> None:
    assert (ROOT / package / "py.typed").is_file()
    assert (ROOT / package / "__init__.py").read_text(encoding="utf-8").startswith('"""')
    assert package in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


def test_no_file_speaks_of_a_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in own_files()
        if path.suffix in TEXTUAL and path != Path(__file__)
        for match in MACHINE_PATH.finditer(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []


def test_the_pattern_for_machine_paths_finds_some() -> None:
    assert MACHINE_PATH.search("see /home/somebody/notes")
    assert not MACHINE_PATH.search("docs/work/page and a/home/b and </worksheet>")


def test_every_ignored_pattern_is_anchored() -> None:
    """An unanchored ``data/`` would silently drop a package from the wheel."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    assert patterns
    assert all(p.startswith("/") or p == "__pycache__/" for p in patterns)


def test_the_version_is_the_same_everywhere(project: dict[str, Any]) -> None:
    version = project["project"]["version"]
    said = subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said == f"rotations {version}\n"
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_console_speaks_every_language_alike() -> None:
    keys = [
        {key for key in catalogue(language) if key.startswith("console.")} for language in LANGUAGES
    ]
    assert keys[0]
    assert all(other == keys[0] for other in keys)


@pytest.mark.parametrize("key", sorted(k for k in catalogue("nb") if k.startswith("console.")))
def test_a_sentence_has_the_same_figures_in_every_language(key: str) -> None:
    figures = [set(re.findall(r"\{(\w+)", catalogue(language)[key])) for language in LANGUAGES]
    assert all(other == figures[0] for other in figures)


def test_links_between_pages_lead_somewhere() -> None:
    for page in ROOT.glob("*.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def block(name: str) -> str:
    """The fenced block of the README below the comment with this name."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"<!-- {re.escape(name)} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found.group(1)


def test_the_readme_runs(tmp_path: Path) -> None:
    """The smallest round gives exactly the answer that stands below it."""
    (tmp_path / "smallest.json").write_text(block("smallest.json"), encoding="utf-8")
    command, _, answer = block("smallest.txt").partition("\n")
    words = command.removeprefix("$ rotations ").split()
    said = subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    ).stdout
    lines = (re.sub(r"sha256:\w+", "sha256:…", line).rstrip() for line in said.splitlines())
    assert "\n".join(lines).strip() == answer.strip()
    assert (tmp_path / "out" / "report.html").is_file()

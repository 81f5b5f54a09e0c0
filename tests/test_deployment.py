"""The compose file says nothing that the program does not know, and holds no secret."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml  # type: ignore[import-untyped, unused-ignore]

from api.cli import app
from api.settings import Settings

ROOT = Path(__file__).parents[1]
OPERATIONS = ROOT / "docs" / "operations.md"

GIVEN = {
    "POSTGRES_PASSWORD": "0123456789abcdef",
    "ROTATIONS_HOST": "rotations.example",
    "ROTATIONS_LOG_KEY": "fedcba9876543210",
}
"""What the file takes from its environment, and what it may be."""


def composed() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return found


SERVICES: dict[str, dict[str, Any]] = composed()["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "rotations"}


def settings_names() -> set[str]:
    """Every variable of the environment that the program reads as a setting."""
    return {
        str(field.validation_alias or f"ROTATIONS_{name.upper()}")
        for name, field in Settings.model_fields.items()
    }


def interpolated(text: str) -> str:
    return re.sub(r"\$\{(\w+)[^}]*\}", lambda match: GIVEN[match[1]], text)


@pytest.mark.parametrize("name", OURS)
def test_the_program_knows_every_variable_and_takes_its_value(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = OURS[name]["environment"]
    assert environment.keys() <= settings_names()
    for variable in settings_names():
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environment.items():
        if value is not None:
            monkeypatch.setenv(variable, interpolated(value))
    settings = Settings()
    assert settings.database_url == ("postgresql+psycopg://rotations:0123456789abcdef@db/rotations")
    assert settings.https
    assert settings.base_url == "https://rotations.example"


@pytest.mark.parametrize("name", OURS)
def test_the_program_knows_every_command(name: str) -> None:
    program: Any = typer.main.get_command(app)
    command, *words = OURS[name]["command"]
    context = program.make_context("rotations", [command, *words])
    given = program.get_command(context, command).make_context(command, list(words)).params
    if command == "serve":
        assert (given["no_worker"], given["host"], given["port"]) == (True, "0.0.0.0", 8000)


def test_everything_but_the_database_is_there_twice() -> None:
    commands = [service["command"][0] for service in OURS.values()]
    assert sorted(commands) == ["serve", "serve", "worker", "worker"]
    replicas = [name for name, service in OURS.items() if service["command"][0] == "serve"]
    caddy = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    assert f"reverse_proxy {' '.join(f'{name}:8000' for name in replicas)} {{" in caddy
    assert "health_uri /readyz" in caddy
    for name in replicas:
        assert "/readyz" in OURS[name]["healthcheck"]["test"][-1]
    major = re.fullmatch(r"postgres:(\d+)", SERVICES["db"]["image"])
    assert major is not None
    assert int(major[1]) >= 15


def test_only_the_proxy_can_be_reached_and_is_believed() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    address = SERVICES["proxy"]["networks"]["inside"]["ipv4_address"]
    assert all(each["environment"]["ROTATIONS_PROXIES"] == address for each in OURS.values())
    assert composed()["networks"]["inside"]["internal"] is True
    for service in OURS.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]


def test_what_is_mounted_is_there() -> None:
    named = composed()["volumes"]
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in named or (ROOT / source).is_file()


def test_the_file_holds_no_secret() -> None:
    for service in SERVICES.values():
        for variable, value in service.get("environment", {}).items():
            if value is not None and re.search(r"PASSWORD|KEY|DATABASE_URL|SMTP", variable):
                bare = re.sub(r"\$\{\w+:\?[^}]*\}", "", value)
                assert bare in {"", "postgresql://rotations:@db/rotations"}
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "/.env" in ignored


def test_the_page_says_what_has_to_be_given() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{(\w+)", text))
    assert asked == GIVEN.keys()
    page = OPERATIONS.read_text(encoding="utf-8")
    assert all(re.search(rf"^    {name}=", page, re.MULTILINE) for name in asked)


def test_the_page_has_every_setting() -> None:
    page = OPERATIONS.read_text(encoding="utf-8")
    missing = {name for name in settings_names() if f"| `{name}` |" not in page}
    assert not missing

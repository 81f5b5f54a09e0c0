"""The page for operators says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.identity.issuers import LOCAL, RemoteIssuer, read_issuers
from api.identity.keys import COOL_DOWN_SECONDS, FRESH_SECONDS, KEPT_SECONDS
from api.identity.local import FILE, LIFETIME
from api.identity.publications import FETCH_SECONDS
from api.identity.refusals import Reason
from models.tables.access import ROLES

PAGE = (Path(__file__).parents[3] / "docs" / "security.md").read_text(encoding="utf-8")


def column(heading: str) -> list[str]:
    """Return what stands in the first column of the table with this heading."""
    table = re.search(rf"^\| {heading} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert table is not None
    return re.findall(r"^\| (.*?) \|", table.group(1), re.MULTILINE)


def test_every_reason_has_its_row() -> None:
    assert column("code") == [f"`{reason}`" for reason in Reason]


def test_every_field_of_an_issuer_has_its_row() -> None:
    assert set(column("field")) == {f"`{name}`" for name in RemoteIssuer.model_fields}


def test_every_role_is_said_to_reach_something() -> None:
    assert set(", ".join(column("role")).split(", ")) == {f"`{role}`" for role in ROLES}


def test_the_example_can_be_used(tmp_path: Path) -> None:
    found = re.search(r"<!-- issuers.toml -->\n```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    path = tmp_path / "issuers.toml"
    path.write_text(found.group(1), encoding="utf-8")
    assert [issuer.issuer for issuer in read_issuers(path)] == [
        "https://maskinporten.no/",
        "https://helseid-sts.nhn.no",
    ]


@pytest.mark.parametrize(
    "said",
    [
        f"issuer `{LOCAL}`",
        f"`{FILE}`",
        f"good for {LIFETIME.total_seconds() / 3600:.0f} hours",
        f"after {FRESH_SECONDS / 60:.0f} minutes",
        f"once in {COOL_DOWN_SECONDS:.0f} seconds",
        f"after {FETCH_SECONDS:.0f} seconds",
        f"serve for {KEPT_SECONDS / 3600:.0f} hours",
    ],
)
def test_figures_are_those_of_the_code(said: str) -> None:
    assert said in " ".join(PAGE.split())

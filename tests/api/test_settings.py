"""The settings and the page that tells of them are the same."""

from __future__ import annotations

import re
from pathlib import Path

from api.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


def test_every_setting_stands_on_the_page_with_its_default() -> None:
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| (none|`[^`]+`) \|", PAGE.read_text("utf-8"), re.MULTILINE
    )
    told = {variable: default.strip("`") for variable, default in rows}
    kept = {
        str(info.validation_alias or f"ROTATIONS_{name}").upper(): written(info.default)
        for name, info in Settings.model_fields.items()
    }
    assert told == kept


def written(default: object) -> str:
    if default is None:
        return "none"
    return str(default).lower() if isinstance(default, bool) else str(default)

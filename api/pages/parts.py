"""Stays as the interface tells them: where one is divided, its second part stands in the first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def parts(stay: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the parts of a stay, the first one first; an undivided one is its own."""
    return [stay, stay["then"]] if stay["then"] else [stay]

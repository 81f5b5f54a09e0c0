"""The Finnmark sample as a story that is told now: its dates in years to come, from now on."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

SAMPLE = Path(str(files("data"))) / "samples" / "finnmark" / "round.json"
DAYS_LEFT = 10


def told(now: datetime) -> dict[str, Any]:
    """Return the sample with a decision that lies ahead, years later on the same days."""
    text = SAMPLE.read_text(encoding="utf-8").replace("sámi-klinihkka", "sami-klinihkka")
    decided = date.fromisoformat(json.loads(text)["round"]["decision_date"])
    years = 0
    while decided.replace(year=decided.year + years) <= now.date() + timedelta(days=DAYS_LEFT):
        years += 1
    return dict(
        json.loads(
            re.sub(
                r'"(\d{4})-(\d\d-\d\d)"',
                lambda found: f'"{int(found[1]) + years:04}-{found[2]}"',
                text,
            )
        )
    )


@dataclass
class Story:
    """The sample, as its parties would say it to the service.

    Attributes
    ----------
    windows
        Ids that the service gave, by those of the sample.
    supervisors
        Ids that the service gave, by municipality.
    """

    sample: dict[str, Any]
    windows: dict[str, str] = field(default_factory=dict)
    supervisors: dict[str, str] = field(default_factory=dict)

    @property
    def towns(self) -> list[str]:
        return [town["id"] for town in self.sample["municipalities"]]

    def sites(self) -> list[str]:
        return sorted({unit["site"] for unit in self.sample["units"]})

    def people(self, town: str) -> list[dict[str, Any]]:
        return [each for each in self.sample["candidates"] if each["municipality"] == town]

    def list_of(self, town: str) -> dict[str, Any]:
        """Return a municipality's list; a supervisor is registered for those who have one."""
        others = {"municipality", "submitted_on", "has_supervisor", "rounds_waited", "lead_waiver"}
        candidates = [
            {key: value for key, value in each.items() if key not in others}
            | {"supervisor": self.supervisors[town] if each["has_supervisor"] else None}
            for each in self.people(town)
        ]
        orders = [each for each in self.sample["priorities"] if each["municipality"] == town]
        default = [each["order"] for each in orders if each.get("unit") is None]
        by_unit = [
            {"unit": each["unit"], "order": each["order"]}
            for each in orders
            if each.get("unit") is not None
        ]
        return {
            "candidates": candidates,
            "default_order": default[0] if default else None,
            "orders": by_unit,
        }

    def window(self, window: dict[str, Any]) -> dict[str, Any]:
        """Return a vacancy as its unit publishes it."""
        return {key: value for key, value in window.items() if key not in {"id", "unit"}}

    def commitments(self) -> dict[str, Any]:
        """Return the seats already held, in the service's own ids."""
        held = [
            seat | {"window": self.windows[seat["window"]]} for seat in self.sample["commitments"]
        ]
        return {"commitments": held}

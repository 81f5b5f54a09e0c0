"""Where made-up rounds take place: trusts, their departments, their municipalities.

Real where a source names them (``places/`` beside this module): the trusts, the municipalities of
Finnmark, the departments of Finnmarkssykehuset and Nordlandssykehuset. Everything else is generic
and numbered.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

REGIONS = ("nord", "midt", "vest", "sorost")

_DEPARTMENTS = (
    ("medisin", "Medisinsk avdeling"),
    ("kirurgi", "Kirurgisk avdeling"),
    ("akuttmedisin", "Akuttmedisinsk avdeling"),
    ("barn", "Barneavdeling"),
    ("kvinne", "Kvinneklinikk"),
    ("psykiatri", "Psykiatrisk avdeling"),
    ("rehabilitering", "Rehabiliteringsavdeling"),
)
_INHABITANTS_PER_SITE = 120_000


@dataclass(frozen=True, slots=True)
class Department:
    """A department by id, with its name, site id and trust id."""

    id: str
    name: str
    site: str
    trust: str


@dataclass(frozen=True, slots=True)
class Employer:
    """A municipality by id, with its name, trust id and number of inhabitants."""

    id: str
    name: str
    trust: str
    inhabitants: int


@dataclass(frozen=True, slots=True)
class Trust:
    """A hospital trust: `municipalities` counts those it serves, `inhabitants` their people."""

    id: str
    name: str
    region: str
    municipalities: int
    inhabitants: int

    def departments(self) -> list[Department]:
        """Return its departments: those its own page names, else seven generic ones a site."""
        listed = [
            Department(row["id"], row["name"], row["site"], row["trust"])
            for row in _table("departments.csv")
            if row["trust"] == self.id
        ]
        return listed or [
            Department(f"{site}-{kind}", name, site, self.id)
            for site in self._sites()
            for kind, name in _DEPARTMENTS
        ]

    def employers(self) -> list[Employer]:
        """Return its municipalities: the real ones in Finnmark, else numbered ones.

        Numbered ones share the trust's inhabitants as 1 : 1/2 : 1/3 : …, a few large and many
        small, which is how Norwegian municipalities are spread.
        """
        if self.id == "finnmark":
            return [
                Employer(row["id"], row["name"], self.id, int(row["inhabitants"]))
                for row in _table("finnmark.csv")
            ]
        parts = [self.inhabitants // rank for rank in range(1, self.municipalities + 1)]
        return [
            Employer(
                f"{self.id}-{rank:02}",
                f"Eksempelkommune {rank} ({self.name})",
                self.id,
                part * self.inhabitants // sum(parts),
            )
            for rank, part in enumerate(parts, start=1)
        ]

    def _sites(self) -> list[str]:
        count = max(1, round(self.inhabitants / _INHABITANTS_PER_SITE))
        return [f"{self.id}-sykehus-{number}" for number in range(1, count + 1)]


def trusts(regions: Sequence[str]) -> list[Trust]:
    """Return the trusts of some regions, in the order of the table."""
    return [
        Trust(
            row["id"],
            row["name"],
            row["region"],
            int(row["municipalities"]),
            int(row["inhabitants"]),
        )
        for row in _table("trusts.csv")
        if row["region"] in regions
    ]


@cache
def _table(name: str) -> list[dict[str, str]]:
    text = (files("data.synthetic") / "places" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))

"""Tiny random rounds for comparison with brute force: crowded, and rich in every rule."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from random import Random
from typing import Any

from tests.brute import Brute

TIERS = ["kept", "deadline", "placed", "waiting", "rank", "wish", "spread", "lead", "start"]
MONTHS = [f"2027-{m:02d}" for m in range(7, 13)] + [f"2028-{m:02d}" for m in range(1, 7)]


def small_round(seed: int) -> dict[str, Any]:
    """Return a valid round document of at most 5 candidates, some contradictory by commitments."""
    return _Dice(seed).round()


def divided_round(seed: int) -> dict[str, Any]:
    """Return such a document in which stays may be divided; some seats held are parts of stays."""
    document, r = small_round(seed), Random(f"parts {seed}")
    divisions: list[list[int]] = []
    for needed in sorted({person["months_needed"] for person in document["candidates"]}):
        first = r.randint(1, max(1, needed - 1))
        ways = [[first, needed - first], [needed - first, first], [needed]]
        divisions += [way for way, p in zip(ways, (0.9, 0.4, 0.4), strict=True) if r.random() < p]
    allowed = [list(way) for way in dict.fromkeys(map(tuple, divisions)) if min(way) > 0]
    gap = r.choice([0, 1, 1, 2, 4])
    document["policy"] |= {
        "start_days": r.choice([[], [], [1]]),
        "parts": {"divisions": allowed or [[6]], "longest_gap_months": gap},
    }
    document["commitments"] = [*_held_in_parts(document, r)]
    return document


def _held_in_parts(document: dict[str, Any], r: Random) -> Iterator[dict[str, Any]]:
    """Yield seats: of some people the parts of a stay that some rules would not admit today."""
    lenient = deepcopy(document)
    lenient["policy"]["lead"] |= {"minimum_months": 0, "by_trust": {}}
    lenient["windows"] = [window | {"release_on": None} for window in lenient["windows"]]
    options = Brute(lenient | {"commitments": []}).options
    held = {seat["candidate"] for seat in document["commitments"]}
    for person in document["candidates"]:
        who = person["id"]
        in_parts = [option for option in options[who] if len(option) > 1]
        if in_parts and r.random() < (0.9 if who in held else 0.25):
            state = r.choice(["accepted", "offered", "offered"])
            for window, start, months in r.choice(in_parts):
                more = state == "accepted" and r.random() < 0.1
                yield {"candidate": who, "window": window, "start": str(start), "state": state,
                       "months": person["months_needed"] if more else months}  # fmt: skip
        else:
            yield from (seat for seat in document["commitments"] if seat["candidate"] == who)


class _Dice:
    def __init__(self, seed: int) -> None:
        self.r = Random(seed)
        self.seed = seed

    def chance(self, p: float) -> bool:
        return self.r.random() < p

    def month(self, first: int = 0, last: int = 11) -> int:
        return self.r.randint(first, last)

    def round(self) -> dict[str, Any]:
        r = self.r
        units = [self.unit(n) for n in range(r.choice([1, 1, 2, 2, 3]))]
        windows = [self.window(n, units) for n in range(r.randint(2, 4))]
        towns = [self.town(n) for n in range(r.randint(1, 2))]
        people = [self.person(n, towns, units) for n in range(r.choice([1, 2, 3, 4, 4, 5, 5]))]
        return {
            "format": "rotations/round@1",
            "round": {"id": f"small-{self.seed}", "decision_date": "2027-01-15"},
            "policy": self.policy(),
            "units": units,
            "windows": windows,
            "municipalities": towns,
            "candidates": people,
            "priorities": self.priorities(towns, people, units),
            "commitments": self.commitments(people, windows),
        }

    def policy(self) -> dict[str, Any]:
        r = self.r
        tiers = list(TIERS)
        if self.chance(0.4):
            r.shuffle(tiers)
            tiers = tiers[: r.randint(0, len(tiers))]
        minimum = r.choice([3, 5, 6, 6, 9])
        return {
            "name": "små",
            "version": 1,
            "lead": {
                "minimum_months": minimum,
                "target_months": minimum + r.choice([0, 2, 3]),
                "counts_from": r.choice(["decision", "decision", "submission"]),
                "by_trust": {"t1": {"minimum_months": 8}} if self.chance(0.3) else {},
            },
            "start_days": r.choice([[1], [1], [1, 15], [], [31]]),
            "priority": r.choice(["strict", "strict", "placement", "advisory"]),
            "round_every_months": r.choice([3, 6]),
            "tiers": tiers,
            "lottery_seed": f"frø {self.seed}",
        }

    def unit(self, n: int) -> dict[str, Any]:
        unit: dict[str, Any] = {"id": f"u{n}", "site": f"s{n % 2}", "trust": f"t{n % 2}"}
        if self.chance(0.35):
            unit["supervised_places"] = self.r.choice([0, 1, 1, 2])
        if self.chance(0.1):
            unit["learning_goals"] = ["ALM-055"]
        return unit

    def window(self, n: int, units: list[dict[str, Any]]) -> dict[str, Any]:
        r = self.r
        opens = self.month(0, 4)
        closes = min(opens + r.choice([3, 5, 6, 7, 9, 11]), 11)
        day = "01" if self.chance(0.8) else "16"
        window: dict[str, Any] = {
            "id": f"w{n}",
            "unit": r.choice(units)["id"],
            "opens": f"{MONTHS[opens]}-{day}",
            "closes": f"{MONTHS[max(closes, opens + 1)]}-{day}",
            "positions": r.choice([1, 1, 1, 2]),
        }
        if self.chance(0.15):
            window["fte_percent"] = r.choice([40, 50, 75])
        if self.chance(0.1):
            window["min_gp_months"] = 12
        if self.chance(0.1):
            window["release_on"] = r.choice(["2027-01-15", "2027-01-16"])
        return window

    def town(self, n: int) -> dict[str, Any]:
        r = self.r
        agreements = [
            {"trust": f"t{t}", "signed_on": "2021-05-01"} for t in (0, 1) if self.chance(0.95)
        ]
        if agreements and self.chance(0.1):
            agreements[0]["ends_on"] = "2028-01-01"
        town: dict[str, Any] = {"id": f"m{n}", "name": f"Kommune {n}", "agreements": agreements}
        town["registered_on"] = r.choice(["2019-03-01"] * 14 + ["2027-10-01"])
        if self.chance(0.3):
            town["max_away"] = r.choice([0, 1, 1, 2])
        return town

    def person(
        self, n: int, towns: list[dict[str, Any]], units: list[dict[str, Any]]
    ) -> dict[str, Any]:
        r = self.r
        person: dict[str, Any] = {
            "id": f"c{n}",
            "municipality": r.choice(towns)["id"],
            "submitted_on": r.choice(["2026-10-01", "2026-12-01", "2027-01-10"]),
            "has_supervisor": self.chance(0.97),
            "in_individual_plan": self.chance(0.97),
            "lis1_completed_on": "2024-08-31" if self.chance(0.97) else None,
            "months_needed": r.choice([1, 2, 2, 3, 3, 4, 6]),
            "gp_months": r.choice([0, 12, 24]),
            "rounds_waited": r.choice([0, 0, 0, 1, 2]),
            "wishes": [self.wish(units) for _ in range(r.choice([0, 1, 2, 2, 3, 3, 3, 4]))],
        }
        if self.chance(0.7):
            person["learning_goals"] = r.choice([["ALM-055", "ALM-085"], ["ALM-055"], []])
        if self.chance(0.3):
            person["complete_by"] = f"{MONTHS[self.month(5)]}-01"
        if self.chance(0.1):
            person["available_from"] = f"{MONTHS[self.month(0, 4)]}-01"
        if self.chance(0.1):
            start = self.month(2, 9)
            person["unavailable"] = [
                {"from": f"{MONTHS[start]}-10", "to": f"{MONTHS[start + 1]}-01"}
            ]
        if self.chance(0.1):
            person["lead_waiver"] = "skriftlig avtale"
        if self.chance(0.1):
            person["min_fte_percent"] = r.choice([0, 60, 100])
        return person

    def wish(self, units: list[dict[str, Any]]) -> dict[str, Any]:
        unit = self.r.choice(units)
        first = self.month(0, 5)
        last = min(first + self.r.choice([0, 1, 1, 2, 3]), 11)
        wish = {
            "target": unit[self.r.choice(["id", "id", "site", "trust"])],
            "earliest": f"{MONTHS[first]}-01",
            "latest": f"{MONTHS[last]}-20",
        }
        if self.chance(0.2):
            wish["ideal"] = f"{MONTHS[self.month()]}-{self.r.choice(['01', '15'])}"
        return wish

    def priorities(
        self,
        towns: list[dict[str, Any]],
        people: list[dict[str, Any]],
        units: list[dict[str, Any]],
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for town in towns:
            own = [p["id"] for p in people if p["municipality"] == town["id"]]
            if len(own) > 1 or (own and self.chance(0.3)):
                found.append({"municipality": town["id"], "unit": None, "order": self.mixed(own)})
            for unit in units:
                if self.chance(0.2):
                    names = (unit["id"], unit["site"], unit["trust"])
                    wishing = [
                        p["id"]
                        for p in people
                        if p["id"] in own and any(w["target"] in names for w in p["wishes"])
                    ]
                    order = self.mixed(wishing)
                    found.append({"municipality": town["id"], "unit": unit["id"], "order": order})
        return found

    def mixed(self, ids: list[str]) -> list[str]:
        return self.r.sample(ids, len(ids))

    def commitments(
        self, people: list[dict[str, Any]], windows: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for person in people:
            if self.chance(0.15):
                window = self.r.choice(windows)
                start = date.fromisoformat(window["opens"])
                if self.chance(0.3):
                    start = date.fromisoformat(f"{MONTHS[self.month(0, 6)]}-01")
                state = self.r.choice(["accepted", "offered"])
                found.append(
                    {
                        "candidate": person["id"],
                        "window": window["id"],
                        "start": start.isoformat(),
                        "state": state,
                    }
                )
                if state == "accepted" and self.chance(0.1):
                    again = dict(found[-1], start="2028-03-01")
                    if again != found[-1]:
                        found.append(again)
        return found

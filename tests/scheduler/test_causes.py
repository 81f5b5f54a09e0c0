"""The cause that is told is the true one: every plan that grants the wish is tried."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any

from data.documents import read_round
from scheduler.causes import causes
from scheduler.ceilings import Ceilings
from scheduler.exact import exact
from scheduler.forcing import Forcing
from scheduler.glop import Glop
from scheduler.planner import plan_round
from scheduler.plans import Reason
from scheduler.watch import Watch
from tests.brute import Brute, Option, Refused
from tests.small_rounds import small_round

WISHES = int(os.environ.get("ROTATIONS_CAUSES", "60"))
"""How many wishes that could be granted, and were not, are asked about."""

PLANS_AT_MOST = 500
"""Rounds with more plans to try are passed over."""

MODES = ("strict", "placement", "advisory")
LIMITS = {
    "POSITIONS": ("windows", "positions"),
    "SUPERVISED": ("units", "supervised_places"),
    "AWAY": ("municipalities", "max_away"),
}
Plan = dict[str, Option]


@dataclass(frozen=True)
class Tried:
    """Every plan of a small round that grants one wish of one candidate."""

    brute: Brute
    best: tuple[list[tuple[str, int | None, int]], Plan, int]
    her: str
    wish: int

    @cached_property
    def lawful(self) -> list[Plan]:
        return [plan for plan in self.brute.plans() if self._grants(plan.get(self.her))]

    @cached_property
    def lifted(self) -> list[Plan]:
        """Those in which she may be in anybody's way, too."""
        return [plan for plan in self.brute.plans(self.her) if self._grants(plan.get(self.her))]

    @property
    def is_admissible(self) -> bool:
        return any(map(self._grants, self.brute.options[self.her]))

    def _grants(self, option: Option | None) -> bool:
        if option is None:
            return False
        wishes = self.brute.people[self.her]["wishes"][: self.wish]
        covers = self.brute.covers
        each = all(any(covers(wish, stay) for wish in wishes) for stay in option)
        return each and any(covers(wishes[-1], stay) for stay in option)

    def loss(self, plans: list[Plan]) -> tuple[str, int | None, int, int] | None:
        """Return the first level in which the best of some plans loses, and both values."""
        vectors = [self._values(plan) for plan in plans]
        best = max(vectors, key=lambda vector: [v if more else -v for _, _, v, more in vector])
        for (tier, level, own), (_, _, value, more) in zip(self.best[0], best, strict=True):
            if value != own:
                return (tier, level, own, value) if (value < own) == more else None
        return None

    def _values(self, plan: Plan) -> list[tuple[str, int | None, int, bool]]:
        drawn = self.brute.lottery(plan, self.best[2])
        return [*self.brute.value(plan), ("lottery", None, drawn, True)]


def told(document: dict[str, Any]) -> list[tuple[str, int, list[Reason]]]:
    """Return candidate, wish and causes for every wish better than what the plan gives."""
    round_ = read_round(json.dumps(document).encode())
    plan = plan_round(round_)
    forcing = Forcing(round_, plan, exact, Watch(), Ceilings(round_, plan, Glop))
    given = {p.candidate: p.wish_class or 1 for p in plan.placements}
    owed = (
        (person.id, wish)
        for person in round_.candidates
        if person.id not in round_.accepted
        for wish in range(1, given.get(person.id, len(person.wishes) + 1))
    )
    return [(person, wish, list(causes(forcing, person, wish))) for person, wish in owed]


def check(tried: Tried, reasons: list[Reason]) -> None:
    """Hold what is told of a wish against every plan that grants it."""
    if not tried.is_admissible:
        assert reasons == []
        return
    first, *then = reasons
    if first.code == "FULL":
        assert tried.lifted == []
        check_full(tried, reasons)
    elif first.code == "PRIORITY":
        lawful, lifted = tried.lawful, tried.loss(tried.lifted)
        assert not lawful or lifted is None or lifted[0] == "lottery"
        assert first.figures["colleagues"]
        costs = [] if lifted is None or lifted[0] == "lottery" else [lifted]
        assert [_said(reason) for reason in then] == costs
    else:
        assert then == []
        loss = tried.loss(tried.lawful)
        assert loss is not None
        if loss[0] == "lottery":
            assert first.code == "LOTTERY"
        else:
            assert (first.code, _said(first)) == ("TIER", loss)


def check_full(tried: Tried, reasons: list[Reason]) -> None:
    """Without the limits that are told, there is room for her beside what is accepted."""
    doc = deepcopy(tried.brute.doc)
    for reason in reasons:
        assert reason.code == "FULL"
        name, limit = LIMITS[reason.figures["rule"]]
        for each in doc[name]:
            if each["id"] == reason.figures["subject"]:
                each[limit] = 9
    others = [c for c in doc["candidates"] if c["id"] not in tried.brute.accepted]
    for each in others:
        each["wishes"] = each["wishes"] if each["id"] == tried.her else []
    held = doc["commitments"]
    doc["commitments"] = [
        c for c in held if c["state"] == "accepted" or c["candidate"] == tried.her
    ]
    doc["priorities"] = [p for p in doc["priorities"] if p["unit"] is None]
    alone = Tried(Brute(doc), tried.best, tried.her, tried.wish)
    assert alone.lifted


def _said(reason: Reason) -> tuple[Any, ...]:
    return tuple(reason.figures[name] for name in ("tier", "level", "value", "forced"))


def asked() -> Iterator[tuple[Tried, list[Reason]]]:
    """Yield every wish that was not granted in small rounds, and what is told of it."""
    for seed in count():
        document = small_round(seed)
        document["policy"]["priority"] = MODES[seed % len(MODES)]
        with suppress(Refused):
            brute = Brute(document)
            if brute.size() <= PLANS_AT_MOST:
                best = brute.best()
                for candidate, wish, reasons in told(document):
                    yield Tried(brute, best, candidate, wish), reasons


def test_each_cause_is_the_true_one() -> None:
    seen: Counter[str] = Counter()
    for tried, reasons in asked():
        check(tried, reasons)
        seen.update([reason.code for reason in reasons])
        if seen.total() >= WISHES:
            break
    assert seen.keys() == {"FULL", "PRIORITY", "TIER", "LOTTERY"}
    assert min(seen.values()) >= WISHES // 50

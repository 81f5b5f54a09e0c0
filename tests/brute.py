"""A planner that tries every plan of a tiny round, written from docs/model.md alone.

It reads the raw document, counts day by day and knows nothing of the project's code, so that it
shares no mistake with it.
"""

from __future__ import annotations

import json
import math
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from itertools import product
from typing import Any

Doc = dict[str, Any]
Option = tuple[str, date]
"""Window and start."""


class Refused(Exception):
    """The accepted commitments alone break a rule."""


def add(day: date, months: int) -> date | None:
    """Month arithmetic with clipping; None beyond the calendar."""
    year, month = day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1
    if year > 9999:
        return None
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def on(text: str | None) -> date | None:
    """Date of an ISO text."""
    return None if text is None else date.fromisoformat(text)


class Brute:
    """Every question of the model asked of one raw round document."""

    def __init__(self, doc: Doc) -> None:
        self.doc = doc
        self.policy = doc["policy"]
        self.decision = date.fromisoformat(doc["round"]["decision_date"])
        self.units = {u["id"]: u for u in doc.get("units", [])}
        self.windows = {w["id"]: w for w in doc.get("windows", [])}
        self.towns = {m["id"]: m for m in doc.get("municipalities", [])}
        self.people = {c["id"]: c for c in doc.get("candidates", [])}
        self.accepted: dict[str, Option] = {}
        self.offered: dict[str, Option] = {}
        for c in doc.get("commitments", []):
            own = (c["window"], date.fromisoformat(c["start"]))
            if c["state"] == "accepted":
                if c["candidate"] in self.accepted:
                    raise Refused("ONE")
                self.accepted[c["candidate"]] = own
            else:
                self.offered[c["candidate"]] = own
        self.orders = {
            (p["municipality"], p.get("unit")): p["order"] for p in doc.get("priorities", [])
        }
        self.options = {c: list(self._admissible(c)) for c in self.people}
        self._days: dict[tuple[str, Option], frozenset[date]] = {}

    # -- section 2 -------------------------------------------------------------------------------

    def end(self, c: str, o: Option) -> date | None:
        fte = self.windows[o[0]].get("fte_percent", 100)
        return add(o[1], math.ceil(self.people[c].get("months_needed", 6) * 100 / fte))

    def days(self, c: str, o: Option) -> frozenset[date]:
        if (c, o) not in self._days:
            end = self.end(c, o)
            assert end is not None
            count = (end - o[1]).days
            self._days[c, o] = frozenset(o[1] + timedelta(days=n) for n in range(count))
        return self._days[c, o]

    def starts(self, c: str, w: str) -> Iterator[date]:
        window = self.windows[w]
        opens, closes = date.fromisoformat(window["opens"]), date.fromisoformat(window["closes"])
        fte = window.get("fte_percent", 100)
        months = math.ceil(self.people[c].get("months_needed", 6) * 100 / fte)
        chain = set()
        for k in range(1300):
            link = add(opens, k * months)
            if link is None or link > closes:
                break
            chain.add(link)
        day = opens
        while day < closes:
            end = add(day, months)
            starts = day.day in self.policy["start_days"] or day in chain
            if starts and end is not None and end <= closes:
                yield day
            day += timedelta(days=1)

    def wish_class(self, c: str, o: Option) -> int | None:
        unit = self.units[self.windows[o[0]]["unit"]]
        for k, wish in enumerate(self.people[c].get("wishes", []), start=1):
            covers = wish["target"] in (unit["id"], unit["site"], unit["trust"])
            if covers and wish["earliest"] <= o[1].isoformat() <= wish["latest"]:
                return k
        return None

    def base(self, c: str) -> date:
        if self.policy["lead"]["counts_from"] == "submission":
            return date.fromisoformat(self.people[c]["submitted_on"])
        return self.decision

    def lead(self, trust: str, figure: str) -> int:
        own = self.policy["lead"].get("by_trust", {}).get(trust, {}).get(figure)
        return int(self.policy["lead"][figure] if own is None else own)

    def _admissible(self, c: str) -> Iterator[Option]:
        for w in self.windows:
            for start in self.starts(c, w):
                if self.admits(c, (w, start)):
                    yield (w, start)

    def admits(self, c: str, o: Option) -> bool:
        person, window, start = self.people[c], self.windows[o[0]], o[1]
        unit, town = self.units[window["unit"]], self.towns[person["municipality"]]
        end = self.end(c, o)
        assert end is not None
        own_offer = self.offered.get(c) == o
        cleared = add(self.base(c), self.lead(unit["trust"], "minimum_months"))
        release, registered = on(window.get("release_on")), on(town.get("registered_on"))
        lis1, since = on(person.get("lis1_completed_on")), on(person.get("available_from"))
        goals = person.get("learning_goals", [])
        return all(
            (
                self.wish_class(c, o) is not None,
                own_offer
                or bool(person.get("lead_waiver"))
                or (cleared is not None and start >= cleared),
                registered is not None and registered <= start,
                any(
                    a["trust"] == unit["trust"]
                    and date.fromisoformat(a["signed_on"]) <= start
                    and (a.get("ends_on") is None or date.fromisoformat(a["ends_on"]) >= end)
                    for a in town.get("agreements", [])
                ),
                lis1 is not None and lis1 <= start,
                person["has_supervisor"],
                person["in_individual_plan"],
                all(g in unit.get("learning_goals", ["ALM-055", "ALM-085"]) for g in goals),
                person.get("gp_months", 0) >= window.get("min_gp_months", 0),
                window.get("fte_percent", 100) >= person.get("min_fte_percent", 50),
                since is None or since <= start,
                not any(
                    d.isoformat() >= p["from"] and d.isoformat() < p["to"]
                    for p in person.get("unavailable", [])
                    for d in self.days_of(o, end)
                ),
                own_offer or release is None or release > self.decision,
            )
        )

    @staticmethod
    def days_of(o: Option, end: date) -> list[date]:
        return [o[1] + timedelta(days=n) for n in range((end - o[1]).days)]

    # -- section 3 -------------------------------------------------------------------------------

    def limits_kept(self, plan: dict[str, Option]) -> bool:
        counts: dict[tuple[str, str, date], int] = {}
        for c, o in plan.items():
            window = self.windows[o[0]]
            for key, subject, limit in (
                ("w", o[0], window["positions"]),
                ("u", window["unit"], self.units[window["unit"]].get("supervised_places")),
                (
                    "m",
                    self.people[c]["municipality"],
                    self.towns[self.people[c]["municipality"]].get("max_away"),
                ),
            ):
                if limit is None:
                    continue
                for day in self.days(c, o):
                    counts[key, subject, day] = counts.get((key, subject, day), 0) + 1
                    if counts[key, subject, day] > limit:
                        return False
        return True

    def order(self, town: str, unit: str | None) -> list[str]:
        own = [c for c in self.people if self.people[c]["municipality"] == town]
        return list(self.orders.get((town, unit), self.orders.get((town, None), own)))

    def priority_kept(self, plan: dict[str, Option], exempt: str | None = None) -> bool:
        mode = self.policy.get("priority", "strict")
        if mode == "advisory":
            return True
        for b, y in plan.items():
            if b in self.accepted or self.offered.get(b) == y or b == exempt:
                continue
            unit = self.windows[y[0]]["unit"]
            order = self.order(self.people[b]["municipality"], unit)
            for a in order[: order.index(b)]:
                if a in self.accepted or (mode == "placement" and a in plan):
                    continue
                if self.in_the_way(plan, a, b, unit):
                    return False
        return True

    def in_the_way(self, plan: dict[str, Option], a: str, b: str, unit: str) -> bool:
        has = self.wish_class(a, plan[a]) if a in plan else None
        for o in self.options[a]:
            wanted = self.wish_class(a, o)
            assert wanted is not None
            if self.windows[o[0]]["unit"] != unit or not self.days(a, o) & self.days(b, plan[b]):
                continue
            if has is not None and wanted >= has:
                continue
            others = {c: p for c, p in plan.items() if c not in (a, b)}
            if self.limits_kept(others | {a: o}):
                return True
        return False

    # -- section 4 -------------------------------------------------------------------------------

    def value(self, plan: dict[str, Option]) -> list[tuple[str, int | None, int, bool]]:
        """Tier, level, value and whether more is better, lottery left out."""
        free = {c: o for c, o in plan.items() if c not in self.accepted}
        found: list[tuple[str, int | None, int, bool]] = []
        for tier in self.policy["tiers"]:
            if tier == "lottery":
                continue
            found += getattr(self, f"tier_{tier}")(free)
        return found

    def tier_kept(self, free: dict[str, Option]) -> Any:
        yield "kept", None, sum(self.offered.get(c) == o for c, o in free.items()), True

    def tier_deadline(self, free: dict[str, Option]) -> Any:
        count = 0
        for c, o in free.items():
            by = on(self.people[c].get("complete_by"))
            end = self.end(c, o)
            assert end is not None
            if by is None or end > by:
                continue
            later = add(self.decision, self.policy["round_every_months"])
            need = self.policy["lead"]["minimum_months"] + self.people[c].get("months_needed", 6)
            done = None if later is None else add(later, need)
            count += done is None or done > by
        yield "deadline", None, count, True

    def tier_placed(self, free: dict[str, Option]) -> Any:
        yield "placed", None, len(free), True

    def tier_waiting(self, free: dict[str, Option]) -> Any:
        yield "waiting", None, sum(self.people[c].get("rounds_waited", 0) for c in free), True

    def tier_rank(self, free: dict[str, Option]) -> Any:
        ranks = [self.order(self.people[c]["municipality"], None).index(c) + 1 for c in free]
        for r in (1, 2, 3, 4):
            yield "rank", r, sum(x == r for x in ranks), True
        yield "rank", 5, sum(x >= 5 for x in ranks), True

    def tier_wish(self, free: dict[str, Option]) -> Any:
        worst = max(
            (self.wish_class(c, o) or 0 for c in self.people for o in self.options[c]), default=0
        )
        for k in range(worst, 1, -1):
            yield "wish", k, sum((self.wish_class(c, o) or 0) >= k for c, o in free.items()), False

    def tier_spread(self, free: dict[str, Option]) -> Any:
        total = 0
        for town in self.towns:
            u = sum(
                p["municipality"] == town and c not in free and c not in self.accepted
                for c, p in self.people.items()
            )
            total += u * (u + 1) // 2
        yield "spread", None, total, False

    def tier_lead(self, free: dict[str, Option]) -> Any:
        count = 0
        for c, o in free.items():
            trust = self.units[self.windows[o[0]]["unit"]]["trust"]
            hoped = add(self.base(c), self.lead(trust, "target_months"))
            count += hoped is not None and o[1] >= hoped
        yield "lead", None, count, True

    def tier_start(self, free: dict[str, Option]) -> Any:
        total = 0
        for c, o in free.items():
            wish = self.people[c]["wishes"][(self.wish_class(c, o) or 1) - 1]
            ideal = date.fromisoformat(wish.get("ideal") or wish["earliest"])
            total += abs((o[1] - ideal).days)
        yield "start", None, total, False

    def lottery(self, plan: dict[str, Option], counter: int) -> int:
        total = 0
        for c, (w, start) in plan.items():
            if c not in self.accepted:
                drawn = [self.policy["lottery_seed"], counter, c, w, start.isoformat()]
                text = json.dumps(drawn, ensure_ascii=False, separators=(",", ":"))
                total += int(sha256(text.encode()).hexdigest()[:5], 16)
        return total

    # -- all plans -------------------------------------------------------------------------------

    def size(self) -> int:
        """Number of plans to try."""
        return math.prod(len(self.options[c]) + 1 for c in self.people if c not in self.accepted)

    def plans(self, exempt: str | None = None) -> Iterator[dict[str, Option]]:
        """Every plan that keeps all hard rules; `exempt` may be in anybody's way."""
        free = [c for c in self.people if c not in self.accepted]
        for choice in product(*([None, *self.options[c]] for c in free)):
            plan = dict(self.accepted)
            plan |= {c: o for c, o in zip(free, choice, strict=True) if o is not None}
            if self.limits_kept(plan) and self.priority_kept(plan, exempt):
                yield plan

    def best(self) -> tuple[list[tuple[str, int | None, int]], dict[str, Option], int]:
        """Tier values of the best plan, the plan itself and the draw that decided."""
        if not self.limits_kept(self.accepted):
            raise Refused("limits")
        top: list[dict[str, Option]] = []
        score: list[int] | None = None
        for plan in self.plans():
            own = [v if more else -v for _, _, v, more in self.value(plan)]
            if score is None or own > score:
                top, score = [plan], own
            elif own == score:
                top.append(plan)
        counter = 0
        while True:
            drawn = [self.lottery(plan, counter) for plan in top]
            if drawn.count(max(drawn)) == 1:
                plan = top[drawn.index(max(drawn))]
                values = [(t, k, v) for t, k, v, _ in self.value(plan)]
                return [*values, ("lottery", None, max(drawn))], plan, counter
            counter += 1

"""A planner that tries every plan of a tiny round, written from docs/model.md alone.

It reads the raw document, counts day by day and knows nothing of the project's code, so that it
shares no mistake with it.
"""

from __future__ import annotations

import json
import math
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise, product
from typing import Any

Doc = dict[str, Any]
Stay = tuple[str, date, int]
"""Window, start and full-time months."""

Option = tuple[Stay, ...]
"""One stay, or the parts of a divided one."""


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
        self._days: dict[Stay, frozenset[date]] = {}
        self._starts: dict[tuple[str, int], list[date]] = {}
        self.accepted = self._held("accepted")
        self.offered = self._held("offered")
        self.orders = {
            (p["municipality"], p.get("unit")): p["order"] for p in doc.get("priorities", [])
        }
        self.options = {c: list(self._admissible(c)) for c in self.people}
        if not all(self.is_one_person_s(c) for c in self.accepted):
            raise Refused("ONE")

    def _held(self, state: str) -> dict[str, Option]:
        found: dict[str, Option] = {}
        for c in sorted(self.doc.get("commitments", []), key=lambda c: str(c["start"])):
            if c["state"] == state:
                months = c.get("months") or self.needed(c["candidate"])
                stay = (c["window"], date.fromisoformat(c["start"]), months)
                found[c["candidate"]] = (*found.get(c["candidate"], ()), stay)
        return found

    def is_one_person_s(self, c: str) -> bool:
        """Whether accepted seats are one alone, or parts that do not meet and are not too many."""
        own = self.accepted[c]
        days = sum(len(self.days_of_stay(stay)) for stay in own)
        apart = days == len(self.days(own))
        return len(own) == 1 or (apart and sum(m for _, _, m in own) <= self.needed(c))

    def read(self, plan: Doc) -> dict[str, Option]:
        """Return the placements of a plan document by candidate, parts in the order of time."""
        found: dict[str, Option] = {}
        for p in sorted(plan["placements"], key=lambda p: str(p["start"])):
            months = p.get("months", self.needed(p["candidate"]))
            stay = (p["window"], date.fromisoformat(p["start"]), months)
            found[p["candidate"]] = (*found.get(p["candidate"], ()), stay)
        return found

    # -- section 2 -------------------------------------------------------------------------------

    def needed(self, c: str) -> int:
        return int(self.people[c].get("months_needed", 6))

    def lasts(self, w: str, months: int) -> int:
        return math.ceil(months * 100 / int(self.windows[w].get("fte_percent", 100)))

    def end_of_stay(self, stay: Stay) -> date | None:
        w, start, months = stay
        return add(start, self.lasts(w, months))

    def end(self, o: Option) -> date | None:
        return self.end_of_stay(o[-1])

    def days_of_stay(self, stay: Stay) -> frozenset[date]:
        if stay not in self._days:
            end = self.end_of_stay(stay)
            assert end is not None
            count = (end - stay[1]).days
            self._days[stay] = frozenset(stay[1] + timedelta(days=n) for n in range(count))
        return self._days[stay]

    def days(self, o: Option) -> frozenset[date]:
        return frozenset().union(*map(self.days_of_stay, o))

    def days_in(self, o: Option, unit: str) -> frozenset[date]:
        """Days on which an option is in a unit."""
        there = (stay for stay in o if self.windows[stay[0]]["unit"] == unit)
        return frozenset().union(*map(self.days_of_stay, there))

    def starts(self, w: str, served: int) -> list[date]:
        if (w, served) not in self._starts:
            self._starts[w, served] = list(self._every_start(w, served))
        return self._starts[w, served]

    def _every_start(self, w: str, served: int) -> Iterator[date]:
        window = self.windows[w]
        opens, closes = date.fromisoformat(window["opens"]), date.fromisoformat(window["closes"])
        months = self.lasts(w, served)
        chain = set()
        for k in range(1300):
            link = add(opens, k * months)
            if link is None or link > closes:
                break
            chain.add(link)
        day = opens
        while day < closes:
            if day.day in self.policy["start_days"] or day in chain:
                end = add(day, months)
                if end is not None and end <= closes:
                    yield day
            day += timedelta(days=1)

    def covers(self, wish: Doc, stay: Stay) -> bool:
        unit = self.units[self.windows[stay[0]]["unit"]]
        named = wish["target"] in (unit["id"], unit["site"], unit["trust"])
        return bool(named and wish["earliest"] <= stay[1].isoformat() <= wish["latest"])

    def class_of_stay(self, c: str, stay: Stay) -> int | None:
        for k, wish in enumerate(self.people[c].get("wishes", []), start=1):
            if self.covers(wish, stay):
                return k
        return None

    def wish_class(self, c: str, o: Option) -> int | None:
        classes = [self.class_of_stay(c, stay) for stay in o]
        return None if None in classes else max(k for k in classes if k is not None)

    def base(self, c: str) -> date:
        if self.policy["lead"]["counts_from"] == "submission":
            return date.fromisoformat(self.people[c]["submitted_on"])
        return self.decision

    def lead(self, trust: str, figure: str) -> int:
        own = self.policy["lead"].get("by_trust", {}).get(trust, {}).get(figure)
        return int(self.policy["lead"][figure] if own is None else own)

    def divisions(self, c: str) -> list[list[int]]:
        allowed = (self.policy.get("parts") or {"divisions": []})["divisions"]
        return [d for d in allowed if sum(d) == self.needed(c)] or [[self.needed(c)]]

    def _admissible(self, c: str) -> Iterator[Option]:
        for division in self.divisions(c):
            ways = (
                [(w, start, months) for w in self.windows for start in self.starts(w, months)]
                for months in division
            )
            for o in product(*ways):
                if self.goes_together(o) and all(self.admits(c, o, stay) for stay in o):
                    yield o

    def goes_together(self, o: Option) -> bool:
        for (w, start, months), (next_w, next_start, _) in pairwise(o):
            end = self.end_of_stay((w, start, months))
            assert end is not None
            latest = add(end, self.policy["parts"]["longest_gap_months"])
            if next_start < end or (latest is not None and next_start > latest):
                return False
            if next_w == w and next_start == end:
                return False
        return True

    def admits(self, c: str, o: Option, stay: Stay) -> bool:
        person, window, start = self.people[c], self.windows[stay[0]], stay[1]
        unit, town = self.units[window["unit"]], self.towns[person["municipality"]]
        end = self.end_of_stay(stay)
        assert end is not None
        own_offer = self.offered.get(c) == o
        cleared = add(self.base(c), self.lead(unit["trust"], "minimum_months"))
        release, registered = on(window.get("release_on")), on(town.get("registered_on"))
        lis1, since = on(person.get("lis1_completed_on")), on(person.get("available_from"))
        goals = person.get("learning_goals", [])
        return all(
            (
                self.class_of_stay(c, stay) is not None,
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
                    for d in self.days_of_stay(stay)
                ),
                own_offer or release is None or release > self.decision,
            )
        )

    # -- section 3 -------------------------------------------------------------------------------

    def limits_kept(self, plan: dict[str, Option]) -> bool:
        takers: dict[tuple[str, str, int], list[Stay]] = {}
        for c, stay in ((c, stay) for c, o in plan.items() for stay in o):
            window, town = self.windows[stay[0]], self.towns[self.people[c]["municipality"]]
            for key, subject, limit in (
                ("w", stay[0], window["positions"]),
                ("u", window["unit"], self.units[window["unit"]].get("supervised_places")),
                ("m", town["id"], town.get("max_away")),
            ):
                if limit is not None:
                    takers.setdefault((key, subject, limit), []).append(stay)
        for (_, _, limit), stays in takers.items():
            # As many as there are places are too many on no day.
            if len(stays) > limit:
                days = Counter(day for stay in stays for day in self.days_of_stay(stay))
                if max(days.values()) > limit:
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
            for unit in {self.windows[stay[0]]["unit"] for stay in y}:
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
            if not self.days_in(o, unit) & self.days_in(plan[b], unit):
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
            end = self.end(o)
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
            window, start, _ = o[0]
            trust = self.units[self.windows[window]["unit"]]["trust"]
            hoped = add(self.base(c), self.lead(trust, "target_months"))
            count += hoped is not None and start >= hoped
        yield "lead", None, count, True

    def tier_start(self, free: dict[str, Option]) -> Any:
        total = 0
        for c, o in free.items():
            wish = self.people[c]["wishes"][(self.class_of_stay(c, o[0]) or 1) - 1]
            ideal = date.fromisoformat(wish.get("ideal") or wish["earliest"])
            total += abs((o[0][1] - ideal).days)
        yield "start", None, total, False

    def lottery(self, plan: dict[str, Option], counter: int) -> int:
        total = 0
        for c, o in plan.items():
            if c not in self.accepted:
                drawn = [self.policy["lottery_seed"], counter, c]
                for w, start, months in o:
                    drawn += (
                        [w, start.isoformat(), months] if len(o) > 1 else [w, start.isoformat()]
                    )
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

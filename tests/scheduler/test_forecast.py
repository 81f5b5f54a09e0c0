"""The years ahead: posts held against every choice of posts, and the rounds played with them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from hashlib import sha256
from itertools import product
from math import ceil
from typing import Any

import pytest

import scheduler.rolling
from data.exports.forecast import forecast_document
from data.forecasts import read_forecast
from scheduler.asking import Asking
from scheduler.cpsat import CpSat
from scheduler.demand import Arrival, Assumptions, Draw, drawn
from scheduler.forecast import Forecast, forecast
from scheduler.planner import plan_round
from scheduler.plans import Plan
from scheduler.provision import Future, able, provided
from scheduler.rolling import rolled
from scheduler.rounds import Round
from scheduler.solver import Answer, Outcome
from scheduler.tiers import Level
from scheduler.verify import verify_document
from scheduler.watch import Stop, Watch
from tests.brute import Doc, add
from tests.builders import (
    candidate,
    municipality,
    order,
    round_doc,
    round_of,
    unit,
    window,
    wish,
)

DECISION, BEGINS = date(2027, 1, 15), date(2027, 2, 1)


def town(complete_by: str = "2028-03-01", **second: Any) -> Doc:
    """Two units, one of which can supervise one; three who wait, and one who is there already."""
    either = [wish("u", earliest="2027-01-01"), wish("v", earliest="2027-01-01")]
    return round_doc(
        units=[unit(supervised_places=1), unit("v", site="s2", **second)],
        windows=[window(opens="2027-03-01", closes="2028-03-01"), window("x", unit="v")],
        municipalities=[municipality(), municipality("k")],
        candidates=[
            candidate("a", wishes=either),
            candidate("b", wishes=[wish("u", earliest="2027-01-01")], complete_by=complete_by),
            candidate("c", municipality="k", wishes=[wish("s2", earliest="2027-11-01")]),
            candidate("h", municipality="k"),
        ],
        priorities=[order("a", "b"), order("h", "c", municipality="k")],
        commitments=[{"candidate": "h", "window": "w", "start": "2027-03-01", "state": "accepted"}],
    )


def assumed(round_: Round, **changes: Any) -> Assumptions:
    document = {
        "format": "rotations/forecast@1",
        "years": 2,
        "wait_months": 12,
        "seed": "frø",
        "draws": 2,
        "scenarios": [{"name": "one", "a_year": [1, 1]}],
        "vacancies": [{"unit": "u", "a_year": 0}, {"unit": "v", "a_year": 1}],
        "costs": [{"unit": "v", "cost": 2}],
    } | changes
    return read_forecast(json.dumps(document).encode(), round_)


def asking(**changes: Any) -> Asking:
    return Asking(**({"new_solver": CpSat} | changes))


# -- the program, against enumeration --------------------------------------------------------------


def months_between(first: date, last: date) -> int:
    """Whole months from one day to a later one."""
    return sum(1 for n in range(1, 400) if (day := add(first, n)) is not None and day <= last)


class Tried:
    """A draw as docs/capacity.md, section 5, reads it, and every way of placing its people."""

    def __init__(self, doc: Doc, draw: Draw, years: int, wait: int) -> None:
        self.doc, self.years = doc, years
        self.quarters = ceil((12 * years + wait) / 3)
        self.limits = {u["id"]: u.get("supervised_places") for u in doc["units"]}
        self.windows = {w.id: w for w in draw.windows}
        self.held = Counter[tuple[str, int]]()
        for seat in doc["commitments"]:
            start = max(date.fromisoformat(seat["start"]), BEGINS)
            end = add(date.fromisoformat(seat["start"]), 6)
            assert end is not None
            for n in range(months_between(start, end) // 3):
                self.held[seat["window"], self.quarter(start) + n] += 1
                self.held["unit " + self.windows[seat["window"]].unit, self.quarter(start) + n] += 1
        self.choices = [list(self.seats(person)) for person in draw.people]

    def quarter(self, day: date) -> int:
        return months_between(BEGINS, day) // 3

    def day(self, quarter: int) -> date:
        day = add(BEGINS, 3 * quarter)
        assert day is not None
        return day

    def seats(self, person: Arrival) -> Iterator[tuple[str, str, int]]:
        """Yield seat, unit and first quarter of everything that lets somebody start in time."""
        since = months_between(DECISION, person.arrived_on)
        heard = add(DECISION, 3 * ceil(since / 3))
        assert heard is not None
        cleared = add(heard, 6)
        assert cleared is not None
        for u in self.doc["units"]:
            wished = [
                w.earliest for w in person.candidate.wishes if w.target in (u["id"], u["site"])
            ]
            for q in range(self.quarters):
                end, by = add(self.day(q), 6), person.candidate.complete_by
                assert end is not None
                if (
                    not wished
                    or self.day(q + 1) <= max(min(wished), cleared)
                    or self.day(q) > person.due
                    or (by is not None and end > by)
                ):
                    continue
                yield f"post {u['id']}", u["id"], q
                for w in self.windows.values():
                    opens = max(w.opens, BEGINS)
                    span = months_between(opens, w.closes) // 3
                    if w.unit == u["id"] and 0 <= q - self.quarter(opens) <= span - 2:
                        yield w.id, u["id"], q

    def served(self, posts: dict[tuple[str, int], int]) -> int:
        """Return the most who can start in time with these posts."""
        taken = Counter(self.held)

        def fits(seat: str, u: str, q: int) -> bool:
            for each in (q, q + 1):
                if seat.startswith("post "):
                    limit = posts.get((u, min(each // 4, self.years - 1)), 0)
                else:
                    limit = self.windows[seat].positions
                places = self.limits[u]
                if taken[seat, each] >= limit:
                    return False
                if places is not None and taken[f"unit {u}", each] >= places:
                    return False
            return True

        def best(n: int) -> int:
            if n == len(self.choices):
                return 0
            most = best(n + 1)
            for seat, u, q in self.choices[n]:
                if most < len(self.choices) - n and fits(seat, u, q):
                    keys = [(name, each) for name in (seat, f"unit {u}") for each in (q, q + 1)]
                    taken.update(keys)
                    most = max(most, 1 + best(n + 1))
                    taken.subtract(keys)
            return most

        return best(0)


def ticket(seed: str, u: str, year: int) -> int:
    """The ticket of a post, written from docs/capacity.md."""
    text = json.dumps([seed, "post", u, year], ensure_ascii=False, separators=(",", ":"))
    return int(sha256(text.encode()).hexdigest()[:13], 16) % 2**20


def test_the_posts_are_those_that_enumeration_finds(capsys: pytest.CaptureFixture[str]) -> None:
    seen = Counter[str]()
    places = [(u, year) for u in ("u", "v") for year in range(2)]
    counts = product(range(2), range(2), range(3), range(3))
    every = [dict(zip(places, n, strict=True)) for n in counts]
    for doc, wait in ((town(), 12), (town("2027-10-01", supervised_places=1), 9)):
        round_ = round_of(doc)
        years = assumed(
            round_, rolled=0, wait_months=wait, draws=2, scenarios=[{"name": "s", "a_year": [2, 1]}]
        )
        futures = []
        enough_in_all = every
        for number in range(years.draws):
            draw = drawn(round_, years, years.intakes[0], number)
            tried = Tried(doc, draw, 2, wait)
            most = able(round_, years, draw, asking())
            assert most == tried.served(dict.fromkeys(places, 9)), (wait, number)
            futures.append(Future(draw, most))
            enough = [posts for posts in every if tried.served(posts) == most]
            assert first(enough, years) == provided(round_, years, futures[-1:], asking()).posts
            enough_in_all = [posts for posts in enough_in_all if posts in enough]
            seen[f"{most} of {len(draw.people)}"] += 1
        together = provided(round_, years, futures, asking())
        assert together.posts == first(enough_in_all, years)
        assert together.proven
        seen[f"{sum(together.posts.values())} posts"] += 1
        found = forecast(round_, years, asking()).scenarios[0].provided
        assert found is not None
        assert (found.cost, found.bound, found.proven) == (together.cost, together.cost, True)
    with capsys.disabled():
        print(f"\nyears held against enumeration: {dict(seen)}")
    assert len(seen) >= 4


def first(
    enough: list[dict[tuple[str, int], int]], years: Assumptions
) -> dict[tuple[str, int], int]:
    """The cheapest posts, and of those the ones whose tickets sum to least."""

    def order(posts: dict[tuple[str, int], int]) -> tuple[int, int]:
        cost = sum(years.costs[u] * n for (u, _), n in posts.items())
        return cost, sum(ticket(years.seed, u, year) * n for (u, year), n in posts.items())

    return {place: count for place, count in min(enough, key=order).items() if count}


# -- the whole forecast ---------------------------------------------------------------------------


def turned(doc: Doc) -> Doc:
    """The same round with every list that has no order turned around."""
    lists = ("units", "windows", "municipalities", "candidates", "priorities", "commitments")
    return doc | {name: doc[name][::-1] for name in lists}


def test_neither_the_order_of_lists_nor_who_decides_the_draws_changes_anything() -> None:
    def looked(doc: Doc, *, backwards: bool) -> dict[str, Any]:
        round_ = round_of(doc)
        scenarios = [
            {"name": "one", "a_year": [1, 1]},
            {"name": "by home", "municipalities": HOMES[:: -1 if backwards else 1]},
        ]
        vacancies = [{"unit": "u", "a_year": 1}, {"unit": "v", "a_year": 1}]
        years = assumed(
            round_,
            scenarios=scenarios[:: -1 if backwards else 1],
            vacancies=vacancies[:: -1 if backwards else 1],
        )
        return forecast_document(forecast(round_, years, asking()))

    found = looked(town(), backwards=False)
    assert found == looked(turned(town()), backwards=True)
    assert [scenario["name"] for scenario in found["scenarios"]] == ["by home", "one"]
    assert all(scenario["waits"][0]["people"] >= 3 for scenario in found["scenarios"])


HOMES = [{"municipality": "m", "a_year": [1, 0]}, {"municipality": "k", "a_year": [0, 1]}]


def test_every_round_that_is_played_keeps_the_rules_and_what_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    played: list[tuple[Round, Plan]] = []

    def watched(round_: Round, *rest: Any) -> Plan:
        played.append((round_, plan_round(round_, *rest)))
        return played[-1][1]

    monkeypatch.setattr(scheduler.rolling, "plan_round", watched)
    round_ = round_of(town())
    years = assumed(round_, scenarios=[{"name": "one", "a_year": [3, 3]}])
    (ahead,) = forecast(round_, years, asking()).scenarios
    (found,) = ahead.rolled
    assert found.rounds == found.proven == len(played) == 13
    given: dict[str, tuple[str, date]] = {}
    for each, plan in played:
        assert verify_document(each, plan.document).kept
        seats = {p.candidate: (p.window, p.start) for p in plan.placements}
        held = {c for c in given if c in each.accepted}
        assert all(seats[c] == given[c] for c in held)
        assert not any(c in each.candidate for c in given.keys() - held)
        given |= seats
    draw = drawn(round_, years, years.intakes[0], 0)
    arrived = {a.candidate.id: a for a in draw.people}
    assert {w.candidate for w in found.waits} == arrived.keys()
    for wait in found.waits:
        person = arrived[wait.candidate]
        if wait.months is None:
            assert wait.candidate not in given
        else:
            start = given[wait.candidate][1]
            assert wait.months == months_between(person.arrived_on, start)
            assert wait.in_time == (start <= person.due)
    assert sum(w.months is not None for w in found.waits) >= 7
    assert ahead.provided is not None
    foreseen = Tried(town(), draw, 2, 12).served(dict(ahead.provided.posts))
    assert 5 <= sum(w.in_time for w in found.waits) <= foreseen


def test_rounds_that_are_not_proven_are_counted() -> None:
    round_ = round_of(town())
    years = assumed(round_)
    draw = drawn(round_, years, years.intakes[0], 0)
    hurried = rolled(round_, years, draw, {}, asking(work=1e-9))
    assert hurried.proven < hurried.rounds == 13
    assert len(hurried.waits) == len(draw.people)


def test_a_stopped_forecast_says_what_is_decided() -> None:
    round_ = round_of(town())

    def stopped_at(work: str, number: int) -> Forecast:
        stop = Stop()

        def told(heard: str, done: int, _of: int) -> None:
            if (heard, done) == (work, number):
                stop.request()

        return forecast(round_, assumed(round_), asking(watch=Watch(stop=stop), told=told))

    early, late = stopped_at("draw", 1), stopped_at("rolling", 4)
    assert not early.complete
    assert len(early.scenarios[0].draws) == 1
    assert early.scenarios[0].provided is None
    assert not late.complete
    assert late.scenarios[0].provided is not None
    assert late.scenarios[0].rolled == ()


def test_work_that_ends_early_leaves_bounds() -> None:
    round_ = round_of(town())
    years = assumed(round_, rolled=0)
    found = forecast(round_, years, asking(new_solver=Hasty)).scenarios[0]
    exact = forecast(round_, years, asking()).scenarios[0]
    for hasty, proven in zip(found.draws, exact.draws, strict=True):
        assert not hasty.provided.proven
        assert hasty.provided.bound <= proven.provided.cost <= hasty.provided.cost
    assert found.provided is not None
    assert exact.provided is not None
    assert not found.provided.proven
    assert found.provided.bound <= exact.provided.cost <= found.provided.cost


class Hasty(CpSat):
    """A solver whose time is always up before the cost is proven."""

    def optimise(self, level: Level, *rest: Any) -> Answer:
        answer = super().optimise(level, *rest)
        if level.tier != "cost" or not answer.chosen:
            return answer
        return replace(answer, outcome=Outcome.FEASIBLE, bound=level.value(answer.chosen) - 1)

"""Counts of a plan, and what could be computed from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from api.outcomes.counts import Counts, Span, counts
from api.outcomes.excerpts import LEAST
from scheduler.domain import Candidate, Municipality, Priority
from scheduler.planner import plan_round
from scheduler.plans import Placement, Plan
from scheduler.rounds import Round
from tests.api.routes.planned import finnmark, finnmark_plan, locked
from tests.api.served import ALTA, VADSO, Served

# Counts, and what could be computed from them


def test_counts_for_a_municipality(served: Served) -> None:
    plan = locked(served, finnmark()).plan(finnmark_plan(), published=True)
    said = served.coordinator().get(f"/v1/plans/{plan}/figures").json()
    assert (said["candidates"], said["placed"], said["unplaced"]) == (3 + 15, 2 + 5, 1 + 5)
    assert 5 <= sum(c["placed"] for c in said["classes"]) <= 10
    assert (said["classes"][0]["first"], said["classes"][-1]["last"]) == (None, None)
    assert (said["starts"][0]["first"], said["starts"][-1]["last"]) == (None, None)


def test_few_others_are_not_counted(served: Served) -> None:
    people = [c for c in finnmark().candidates if c.municipality in (ALTA, VADSO)]
    kept = {c.id for c in people}
    small = finnmark().replace(
        candidates=tuple(people),
        priorities=tuple(p for p in finnmark().priorities if p.municipality == ALTA),
        commitments=(),
    )
    assert len(kept) == 4
    plan = locked(served, small).plan(plan_round(small), published=True)
    nothing: dict[str, Any] = {
        "candidates": None,
        "placed": None,
        "unplaced": None,
        "classes": [],
        "starts": [],
    }
    readers = [
        served.coordinator(),
        served.as_("regional_reader"),
        served.as_("unit_leader", unit="hammerfest-medisin"),
        served.as_("candidate", municipality=ALTA, candidate="5601-c1"),
    ]
    for reader in readers:
        assert reader.get(f"/v1/plans/{plan}/figures").json() == nothing


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Round, Plan, frozenset[str]]:
    """Draw a round and a plan as a count sees them, and whose outcome a reader can see."""
    size = draw(st.integers(0, 40))
    ids = [f"c{n:02}" for n in range(size)]
    placements = [
        Placement(
            id_,
            "w",
            "u",
            date(2027, draw(st.integers(1, 12)), 1),
            date(2029, 1, 1),
            draw(st.sampled_from([1, 1, 1, 2, 2, 3, None])),
        )
        for id_ in ids
        if draw(st.booleans())
    ]
    round_ = finnmark().replace(
        municipalities=tuple(Municipality(id=id_) for id_ in ids),
        candidates=tuple(
            Candidate(
                id=id_,
                municipality=id_,
                submitted_on=date(2026, 1, 1),
                has_supervisor=True,
                in_individual_plan=True,
            )
            for id_ in ids
        ),
        priorities=(),
        commitments=(),
    )
    known = frozenset(id_ for id_ in ids if draw(st.integers(0, 3)) == 0)
    return round_, replace(finnmark_plan(), placements=tuple(placements)), known


def stated(round_: Round, plan: Plan, told: Counts) -> Iterator[tuple[int, frozenset[str]]]:
    """Yield every count that is told, with the people whom it is about."""
    everybody = frozenset(round_.candidate)
    placed = {p.candidate: p for p in plan.placements}
    for count, people in (
        (told.candidates, everybody),
        (told.placed, frozenset(placed)),
        (told.unplaced, frozenset(everybody - placed.keys())),
    ):
        if count is not None:
            yield count, people
    for span in told.classes:
        yield span.count, _in(span, {c: p.wish_class for c, p in placed.items()})
    for span in told.starts:
        months = {c: p.start.year * 12 + p.start.month - 1 for c, p in placed.items()}
        yield span.count, _in(span, months)


def _in(span: Span, keys: Mapping[str, int | None]) -> frozenset[str]:
    first, last = span.first or 0, span.last or 10**9
    ends = span.last is None
    return frozenset(
        c for c, key in keys.items() if (ends if key is None else first <= key <= last)
    )


def deduced(groups: set[frozenset[str]]) -> set[frozenset[str]]:
    """Return the groups whose size follows: what is apart adds, what lies within is subtracted."""
    known = set(groups)
    for _ in range(3):
        for one, other in combinations(sorted(known, key=sorted), 2):
            if not one & other:
                known.add(one | other)
            elif one < other or other < one:
                known.add(one ^ other)
            if len(known) > 400:
                return known
    return known


@settings(max_examples=150, deadline=None, derandomize=True)
@given(worlds())
def test_no_count_of_a_few_others_follows_from_what_is_told(
    world: tuple[Round, Plan, frozenset[str]],
) -> None:
    round_, plan, known = world
    told = list(stated(round_, plan, counts(round_, plan, known)))
    for count, people in told:
        rest = len(people) - count
        assert 0 <= rest < LEAST
        assert (count - len(people & known)) % LEAST == 0
    others = {people - known for _, people in told}
    assert not [group for group in deduced(others) if 0 < len(group) < LEAST]
    if counts(round_, plan, known).placed is None:
        assert len(told) <= 1


def test_everything_is_told_where_there_are_enough_others() -> None:
    """The property above is about something: here most is told, and some is counted together."""
    told = counts(finnmark(), finnmark_plan(), frozenset())
    assert (told.candidates, told.placed, told.unplaced) == (15, 10, 5)
    classes = Counter(p.wish_class for p in finnmark_plan().placements)
    assert classes == {1: 6, 2: 3, 3: 1}
    assert told.classes == (Span(None, None, 10),)
    many = replace(
        finnmark_plan(),
        placements=tuple(
            replace(p, candidate=f"{p.candidate}{n}")
            for p in finnmark_plan().placements
            for n in range(5)
        ),
    )
    everybody = {p.candidate for p in many.placements} | finnmark().candidate.keys()
    people = finnmark().replace(
        candidates=tuple(
            replace(finnmark().candidates[0], id=id_, municipality="5603", wishes=())
            for id_ in sorted(everybody)
        ),
        priorities=(Priority(municipality="5603", order=tuple(sorted(everybody))),),
        commitments=(),
    )
    assert counts(people, many, frozenset()).classes == (
        Span(None, 1, 30),
        Span(2, 2, 15),
        Span(3, None, 5),
    )

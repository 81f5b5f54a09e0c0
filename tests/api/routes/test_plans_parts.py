"""What each party sees of a plan: its own part, and nothing from which others' could be told."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import combinations
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import Response
from hypothesis import given, settings
from hypothesis import strategies as st

from api.outcomes.counts import Counts, Span, counts
from api.outcomes.excerpts import LEAST, excerpt
from api.outcomes.parties import Detail, details
from data.wording import Wording
from models.scope import EVERYTHING, Scope
from models.tables import Grant
from scheduler.domain import Candidate, Municipality, Priority
from scheduler.planner import plan_round
from scheduler.plans import Account, Placement, Plan, Reason
from scheduler.rounds import Round
from tests.api.routes.planned import Locked, finnmark, finnmark_plan, locked
from tests.api.routes.said import alike, problem
from tests.api.served import ALTA, FINNMARK, NORTH, TROMS, VADSO, Person, Served
from tests.data.made_up_plans import small_plan, small_round

VIEWS = ("", "/outcomes?limit=200", "/figures", "/export.xlsx", "/export.csv", "/export.ics")
STAFF_VIEWS = ("/document", "/verification", "/events")

CANARY = re.compile(rb"zq([a-z])(\d{4})(?:c(\d+))?zq")
"""A planted word: what kind of thing it tells, of which municipality, of which candidate."""


@cache
def canary_round() -> Round:
    """Return the sample with a word of its own in everything that tells of somebody."""
    new = {c.id: f"{c.id}-{word('i', c.id)}" for c in finnmark().candidates}
    return finnmark().replace(
        municipalities=tuple(
            replace(m, name=word("m", f"{m.id}-")) for m in finnmark().municipalities
        ),
        candidates=tuple(
            replace(c, id=new[c.id], name=f"Kari {word('n', c.id)}", lead_waiver=word("w", c.id))
            for c in finnmark().candidates
        ),
        priorities=tuple(
            replace(p, order=tuple(new[c] for c in p.order)) for p in finnmark().priorities
        ),
        commitments=tuple(replace(c, candidate=new[c.candidate]) for c in finnmark().commitments),
    )


def word(kind: str, id_: str) -> str:
    municipality, _, person = id_.partition("-")
    return f"zq{kind}{municipality}{person}zq"


@cache
def canary_plan() -> Plan:
    return plan_round(canary_round())


Word = tuple[str, str, str | None]


def whole(answer: Response) -> bytes:
    """Return an answer's head and body, unpacked."""
    content = answer.content
    if content.startswith(b"PK"):
        packed = zipfile.ZipFile(io.BytesIO(content))
        content = b"".join(packed.read(name) for name in packed.namelist())
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return head.encode() + content


def found(answer: Response) -> set[Word]:
    """Return the words in an answer."""
    return {
        (kind.decode(), municipality.decode(), person.decode() or None)
        for kind, municipality, person in CANARY.findall(whole(answer))
    }


def everything(person: Person, round_: Locked, plan: str) -> Iterator[Response]:
    """Ask for all that there is of a plan."""
    yield person.get(round_.address)
    for view in (*VIEWS, *STAFF_VIEWS):
        yield person.get(f"/v1/plans/{plan}{view}")
    yield person.get(f"/v1/plans/{plan}/diff", params={"against": plan})


@dataclass(frozen=True)
class World:
    """A published plan in which everything of anybody is a word of its own."""

    served: Served
    round: Locked
    plan: str

    def seen(self, person: Person) -> set[Word]:
        """Return every word in anything that somebody can be answered."""
        words: set[Word] = set()
        for answer in everything(person, self.round, self.plan):
            assert answer.status_code in (200, 403)
            words |= found(answer)
        return words

    def check_municipality(self, municipality: str) -> None:
        words = self.seen(self.served.coordinator(municipality))
        own = {c.id for c in finnmark().candidates if c.municipality == municipality}
        assert {m for _, m, _ in words} == {municipality}
        assert {kind for kind, *_ in words} <= {"i", "n", "m"}
        assert {f"{m}-c{person}" for kind, m, person in words if kind == "i"} == own

    def check_candidate(self, candidate: Candidate) -> None:
        own = (candidate.municipality, candidate.id.split("-")[1].removeprefix("c"))
        person = self.served.as_("candidate", municipality=own[0], candidate=candidate.id)
        words = self.seen(person)
        assert {("i", *own)} <= words <= {("i", *own), ("n", *own), ("m", own[0], None)}

    def check_unit(self, unit: str) -> None:
        words = self.seen(self.served.as_("unit_leader", unit=unit))
        coming = {p.candidate for p in canary_plan().placements if p.unit == unit}
        assert {kind for kind, *_ in words} <= {"i"}
        ids = [f"{municipality}-c{person}" for _, municipality, person in words]
        assert {f"{id_}-{word('i', id_)}" for id_ in ids} == coming

    def check_region(self) -> None:
        reader = self.served.as_("regional_reader", NORTH)
        assert reader.get(f"/v1/plans/{self.plan}/figures").json()["candidates"] == 18
        assert self.seen(reader) == set()


def world(served: Served) -> World:
    round_ = locked(served, canary_round())
    return World(served, round_, round_.plan(canary_plan(), published=True))


@pytest.fixture
def canaries(embedded: Served) -> World:
    return world(embedded)


def test_staff_see_every_candidate_and_name(canaries: World) -> None:
    kinds = Counter(kind for kind, *_ in canaries.seen(canaries.served.planner))
    assert kinds["i"] == kinds["n"] == len(finnmark().candidates)


def test_a_municipality_sees_no_word_of_another(canaries: World) -> None:
    for municipality in {c.municipality for c in finnmark().candidates}:
        canaries.check_municipality(municipality)


def test_a_candidate_sees_no_word_of_a_colleague(canaries: World) -> None:
    for candidate in canary_round().candidates:
        canaries.check_candidate(candidate)


def test_a_unit_sees_no_word_but_the_ids_of_those_who_come(canaries: World) -> None:
    for unit in canary_round().units:
        canaries.check_unit(unit.id)


def test_each_party_sees_its_own_on_either_database(served: Served) -> None:
    canaries = world(served)
    canaries.check_municipality(ALTA)
    canaries.check_candidate(canary_round().candidates[0])
    canaries.check_unit("hammerfest-medisin")
    canaries.check_region()


# Nothing of others shows, not even through what is computed from them


def shuffled(round_: Round, plan: Plan, keep: str) -> tuple[Round, Plan]:
    """Return a round and plan in which all is otherwise that is not about one municipality."""
    new = {c.id: f"{c.id}-x" if c.municipality != keep else c.id for c in round_.candidates}
    changed = round_.replace(
        municipalities=tuple(
            m if m.id == keep else replace(m, name="Annen", max_away=9)
            for m in round_.municipalities
        ),
        candidates=tuple(
            c
            if c.municipality == keep
            else replace(c, id=new[c.id], name="Annen", gp_months=99, rounds_waited=7)
            for c in round_.candidates
        ),
        priorities=tuple(
            replace(p, order=tuple(new[c] for c in p.order)) for p in round_.priorities
        ),
        commitments=tuple(replace(c, candidate=new[c.candidate]) for c in round_.commitments),
    )
    own = {c.id for c in round_.candidates if c.municipality == keep}
    return changed, replace(
        plan,
        round_hash=changed.hash,
        placements=tuple(p for p in plan.placements if p.candidate in own),
        unplaced=tuple(a for a in plan.unplaced if a.candidate in own),
        passed_over=tuple(a for a in plan.passed_over if a.candidate in own),
        tiers=tuple(replace(t, value=t.value + 1, bound=t.bound + 1) for t in plan.tiers),
        lottery_counter=3,
    )


def test_one_s_own_part_is_the_same_whatever_becomes_of_others(served: Served) -> None:
    one = locked(served, finnmark())
    other_round, other_plan = shuffled(finnmark(), finnmark_plan(), ALTA)
    other = locked(served, other_round, TROMS)
    plans = [
        one.plan(finnmark_plan(), published=True),
        other.plan(other_plan, published=True, id=uuid4().hex),
    ]
    views = [view for view in VIEWS if view not in ("", "/figures")]
    people = [
        served.coordinator(),
        served.as_("candidate", municipality=ALTA, candidate="5601-c1"),
        served.as_("candidate", municipality=ALTA, candidate="5601-c3"),
    ]
    for person in people:
        for view in views:
            first, second = (person.get(f"/v1/plans/{plan}{view}") for plan in plans)
            assert alike(first, second), view


def test_no_hash_of_the_whole_is_told(canaries: World) -> None:
    digests = {canary_round().hash, canary_plan().hash}
    secrets = [digest.removeprefix("sha256:").encode() for digest in digests]
    for answer in everything(canaries.served.coordinator(), canaries.round, canaries.plan):
        assert not [secret for secret in secrets if secret in whole(answer)]


# How much of a reason


def outcomes(person: Person, plan: str, language: str = "en") -> dict[str, Any]:
    headers = {"Accept-Language": language}
    answer = person.get(f"/v1/plans/{plan}/outcomes", headers=headers)
    return {item["candidate"]: item for item in answer.json()["items"]}


def test_a_municipality_hears_of_others_without_their_number(served: Served) -> None:
    plan = locked(served, finnmark()).plan(finnmark_plan(), published=True)
    own = outcomes(served.coordinator(), plan)
    assert own.keys() == {"5601-c1", "5601-c2", "5601-c3"}
    held = own["5601-c3"]["reasons"][0]
    assert (held["figures"]["colleagues"], held["figures"]["others"]) == (["5601-c2"], 0)
    assert "5601-c2, whom the municipality ranks higher" in held["sentence"]
    theirs = outcomes(served.coordinator("5612"), plan)["5612-c1"]["reasons"][0]
    assert (theirs["figures"]["colleagues"], theirs["figures"]["others"]) == ([], None)
    assert theirs["sentence"].endswith("the window is full: places are held by others.")


def test_a_candidate_hears_of_no_colleague(served: Served) -> None:
    plan = locked(served, finnmark()).plan(finnmark_plan(), published=True)
    person = served.as_("candidate", municipality=ALTA, candidate="5601-c3")
    assert outcomes(person, plan).keys() == {"5601-c3"}
    held = outcomes(person, plan)["5601-c3"]["reasons"][0]
    assert (held["figures"]["colleagues"], held["figures"]["others"]) == ([], None)
    assert "5601-c2" not in held["sentence"]
    assert held["sentence"].endswith("places are held by others.")


def test_a_unit_hears_who_comes_and_when(served: Served) -> None:
    plan = locked(served, finnmark()).plan(finnmark_plan(), published=True)
    leader = served.as_("unit_leader", unit="hammerfest-medisin")
    assert list(outcomes(leader, plan).values()) == [
        {
            "candidate": "5601-c2",
            "municipality": "5601",
            "placement": {
                "window": "hammerfest-medisin-1",
                "unit": "hammerfest-medisin",
                "start": "2027-08-01",
                "end": "2028-02-01",
                "class": None,
                "accepted": False,
            },
            "reasons": [],
        }
    ]


PERSON = "c12"
"""Somebody of the made-up round without a place."""

REDACTED: tuple[tuple[Reason, Detail, dict[str, Any], str], ...] = (
    (
        Reason("HELD", 1, {"rule": "POSITIONS", "colleagues": ["c1"], "others": 4}),
        Detail.FULL,
        {"rule": "POSITIONS", "colleagues": ["c1"], "others": None},
        "places are held by c1, whom the municipality ranks higher, and others.",
    ),
    (
        Reason("HELD", 1, {"rule": "SUPERVISED", "colleagues": ["c1"], "others": 0}),
        Detail.OWN,
        {"rule": "SUPERVISED", "colleagues": [], "others": None},
        "more at once: places are held by others.",
    ),
    (
        Reason("HELD", 1, {"rule": "AWAY", "colleagues": list("abcde"), "others": 2}),
        Detail.OWN,
        {"rule": "AWAY", "colleagues": 5, "others": None},
        "are held by 5 colleagues, whom the municipality ranks higher, and others.",
    ),
    (
        Reason("HELD", 1, {"rule": "POSITIONS", "colleagues": [], "others": 0}),
        Detail.OWN,
        {"rule": "POSITIONS", "colleagues": [], "others": 0},
        "no places are set aside.",
    ),
    (
        Reason("PRIORITY", 1, {"colleagues": ["c1", "c2"]}),
        Detail.FULL,
        {"colleagues": ["c1", "c2"]},
        "in the way of c1, c2, whom the municipality ranks higher.",
    ),
    (
        Reason("PRIORITY", 1, {"colleagues": ["c1", "c2"]}),
        Detail.OWN,
        {"colleagues": None},
        "in the way of colleagues, whom the municipality ranks higher.",
    ),
    (
        Reason("PRIORITY", 1, {"colleagues": list("abcdef")}),
        Detail.OWN,
        {"colleagues": 6},
        "in the way of 6 colleagues, whom the municipality ranks higher.",
    ),
    (
        Reason("LEAD", 1, {"start": "2027-06-01", "months": 4, "required": 6, "secret": "c1"}),
        Detail.FULL,
        {"start": "2027-06-01", "months": 4, "required": 6},
        "4 months until the start on 1 Jun 2027, 6 required.",
    ),
)


@pytest.mark.parametrize(
    ("reason", "detail", "figures", "said"),
    REDACTED,
    ids=[f"{r.code}-{d.name}" for r, d, *_ in REDACTED],
)
def test_what_is_about_others_is_taken_out_of_a_reason(
    reason: Reason, detail: Detail, figures: Mapping[str, Any], said: str
) -> None:
    plan = replace(small_plan(), unplaced=(Account(PERSON, (reason,)),))
    town = small_round().candidate[PERSON].municipality
    full, own = (
        Scope(municipalities=frozenset({town})),
        Scope(candidates=frozenset({(town, PERSON)})),
    )
    shown = details(small_round(), plan, full if detail is Detail.FULL else own)
    assert shown[PERSON] is detail
    round_, part = excerpt(small_round(), plan, shown, "en")
    [account] = part.unplaced
    assert account.reasons[0].figures == figures
    assert Wording(round_, "en").reason(account.reasons[0]).endswith(said)


def test_units_are_called_as_in_the_whole_round() -> None:
    """Two units share a name; who sees one of them must still be told which."""
    own = details(small_round(), small_plan(), Scope(candidates=frozenset({("5607", "c6")})))
    round_, plan = excerpt(small_round(), small_plan(), own, "nb")
    assert [p.unit for p in plan.placements] == ["kirkenes-medisin"]
    assert Wording(round_, "nb").unit("kirkenes-medisin") == "Avdeling for medisin (kirkenes)"
    assert len(round_.windows) < len(small_round().windows)


# Whose part


def also(served: Served, person: Person, **right: Any) -> None:
    """Give somebody one more right."""
    with served.database.writing(EVERYTHING) as session:
        held = session.get_one(Grant, person.grant)
        more = held.model_dump() | {"unit": None, "municipality": None, "candidate": None} | right
        session.add(Grant(**more | {"id": uuid4().hex}))


def test_two_rights_show_two_parts(served: Served) -> None:
    plan = locked(served, finnmark()).plan(finnmark_plan(), published=True)
    person = served.as_("coordinator", municipality=VADSO)
    also(served, person, role="coordinator", municipality="5612")
    also(served, person, role="unit_leader", unit="hammerfest-medisin")
    also(served, person, role="candidate", municipality=ALTA, candidate="5601-c3")
    shown = outcomes(person, plan)
    assert shown.keys() == {"5607-c1", "5612-c1", "5601-c2", "5601-c3"}
    assert shown["5601-c2"]["placement"]["class"] is None
    assert shown["5607-c1"]["placement"]["class"] == 1
    book = person.get(f"/v1/plans/{plan}/export.csv").text
    assert [c for c in finnmark().candidate if c in book] == ["5607-c1"]


def test_an_id_of_another_municipality_is_nobody_s_own(served: Served) -> None:
    plan = locked(served, finnmark()).plan(finnmark_plan(), published=True)
    person = served.as_("candidate", municipality=VADSO, candidate="5601-c2")
    assert outcomes(person, plan) == {}


def test_staff_of_another_trust_see_their_own_part_alone(served: Served) -> None:
    plan = locked(served, finnmark()).plan(finnmark_plan(), published=True)
    person = served.as_("planner", TROMS)
    also(served, person, role="coordinator", municipality=ALTA, organisation=FINNMARK)
    assert outcomes(person, plan).keys() == {"5601-c1", "5601-c2", "5601-c3"}
    assert problem(person.get(f"/v1/plans/{plan}/document")) == (404, "not-found")
    assert person.get(f"/v1/plans/{plan}").json()["hash"] is None


def test_a_region_counts_published_plans_alone(served: Served) -> None:
    round_ = locked(served, finnmark())
    plan = round_.plan(finnmark_plan())
    reader = served.as_("regional_reader", NORTH)
    assert problem(reader.get(f"/v1/plans/{plan}/figures")) == (404, "not-found")
    assert served.as_("auditor", NORTH).get(f"/v1/plans/{plan}/figures").status_code == 200


def test_a_municipality_compares_its_own_candidates(served: Served) -> None:
    before = finnmark().replace(id="before")
    moved = replace(
        finnmark_plan(),
        placements=tuple(replace(p, start=date(2027, 9, 15)) for p in finnmark_plan().placements),
    )
    old = locked(served, before, TROMS).plan(moved, published=True)
    new = locked(served, finnmark()).plan(finnmark_plan(), published=True)
    place = f"/v1/plans/{new}/diff"
    said = served.coordinator().get(place, params={"against": old}).json()
    assert [change["candidate"] for change in said["changes"]] == ["5601-c1", "5601-c2"]
    assert [change["before"]["start"] for change in said["changes"]] == ["2027-09-15"] * 2
    assert said["tiers"] is None
    # Staff of one of the two rounds, municipality in the other: no more than the municipality.
    person = served.as_("planner", FINNMARK)
    also(served, person, role="coordinator", municipality=ALTA)
    half = person.get(place, params={"against": old}).json()
    assert (half["changes"], half["tiers"]) == (said["changes"], None)


# Counts, and what could be computed from them


def test_counts_for_a_municipality(served: Served) -> None:
    plan = locked(served, finnmark()).plan(finnmark_plan(), published=True)
    said = served.coordinator().get(f"/v1/plans/{plan}/figures").json()
    assert (said["candidates"], said["placed"], said["unplaced"]) == (18, 10, 8)
    assert sum(c["placed"] for c in said["classes"]) == 10
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
    assert all(count == len(people) for count, people in told)
    others = {people - known for _, people in told}
    assert not [group for group in deduced(others) if 0 < len(group) < LEAST]
    if counts(round_, plan, known).placed is None:
        assert len(told) <= 1


def test_everything_is_told_where_there_are_enough_others() -> None:
    """The property above is about something: here most is told, and some is counted together."""
    told = counts(finnmark(), finnmark_plan(), frozenset())
    assert (told.candidates, told.placed, told.unplaced) == (18, 10, 8)
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

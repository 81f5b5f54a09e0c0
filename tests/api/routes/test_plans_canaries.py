"""No answer of a plan holds a word, or a trace, of what belongs to others."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from uuid import uuid4

import pytest
from httpx2 import Response

from scheduler.domain import Candidate
from scheduler.planner import plan_round
from scheduler.plans import Plan
from scheduler.rounds import Round
from tests.api.routes.planned import Locked, finnmark, finnmark_plan, locked
from tests.api.routes.said import alike
from tests.api.served import ALTA, NORTH, TROMS, Person, Served

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
        assert reader.get(f"/v1/plans/{self.plan}/figures").json()["candidates"] == 15
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

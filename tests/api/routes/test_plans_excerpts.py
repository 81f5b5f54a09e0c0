"""A round and a plan cut down: coherent, as exact as may be, and about nobody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from api.outcomes.excerpts import excerpt
from api.outcomes.parties import Detail, details
from data.wording import Wording
from models.scope import Scope
from scheduler.conflicts import conflicts
from scheduler.planner import plan_round
from scheduler.plans import Account, Placement, Plan, Reason
from scheduler.rounds import Round
from scheduler.verify.admission import admissible, stay
from scheduler.verify.values import tier_values
from tests import builders
from tests.data.made_up_plans import small_plan, small_round
from tests.small_rounds import small_round as crowded_round

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
    round_, part = excerpt(Wording(small_round(), "en"), plan, shown)
    [account] = part.unplaced
    assert account.reasons[0].figures == figures
    assert Wording(round_, "en").reason(account.reasons[0]).endswith(said)


def test_units_are_called_as_in_the_whole_round() -> None:
    """Two units share a name; who sees one of them must still be told which."""
    own = details(small_round(), small_plan(), Scope(candidates=frozenset({("5607", "c6")})))
    words = Wording(small_round(), "nb", {"kirkenes": "Kirkenes"})
    round_, plan = excerpt(words, small_plan(), own)
    assert [p.unit for p in plan.placements] == ["kirkenes-medisin"]
    assert Wording(round_, "nb").unit("kirkenes-medisin") == "Avdeling for medisin (Kirkenes)"
    assert len(round_.windows) < len(small_round().windows)


def test_a_unit_learns_of_no_seat_elsewhere() -> None:
    """Somebody was offered a seat in u and is placed in v: v sees her stay, and nothing of u."""
    round_ = builders.round_of(
        builders.round_doc(
            windows=[builders.window("w"), builders.window("x", unit="v")],
            units=[builders.unit("u"), builders.unit("v")],
            commitments=[
                {"candidate": "c", "window": "w", "start": "2027-08-01", "state": "offered"}
            ],
        )
    )
    start, end = date(2027, 8, 1), date(2028, 2, 1)
    plan = replace(small_plan(), placements=(Placement("c", "x", "v", start, end, 1),))
    shown = details(round_, plan, Scope(units=frozenset({"v"})))
    alone = replace(plan, unplaced=(), passed_over=())
    part, _ = excerpt(Wording(round_, "nb"), alone, shown)
    assert ([w.id for w in part.windows], [u.id for u in part.units]) == (["x"], ["v"])
    assert part.commitments == ()
    assert part.candidates[0].wishes == ()


def test_a_part_of_any_round_is_coherent_and_names_nobody_else() -> None:
    """Small crowded rounds, each cut down for every combination of rights."""
    parts = 0
    for seed in range(120):
        round_ = builders.round_of(crowded_round(seed))
        if conflicts(round_):
            continue
        plan = plan_round(round_)
        for scope in scopes(round_):
            shown = details(round_, plan, scope)
            its_round, part = excerpt(Wording(round_, "nb"), plan, shown)
            assert its_round.candidate.keys() == shown.keys()
            told = (*part.unplaced, *part.passed_over)
            assert all(shown[account.candidate] > Detail.SEAT for account in told)
            words = Wording(its_round, "nb")
            said = {words.placed_reason(r) for account in told for r in account.reasons}
            assert not [sentence for sentence in said if "{" in sentence or "None" in sentence]
            strangers = round_.candidate.keys() - shown.keys()
            assert not strangers & named(its_round, part)
            parts += 1
    assert parts > 500


def scopes(round_: Round) -> Iterator[Scope]:
    for municipality in round_.municipalities:
        yield Scope(municipalities=frozenset({municipality.id}))
    people = [(c.municipality, c.id) for c in round_.candidates]
    yield Scope(candidates=frozenset(people[:1]))
    for unit in round_.units:
        yield Scope(units=frozenset({unit.id}))
        yield Scope(units=frozenset({unit.id}), candidates=frozenset(people[-1:]))
    yield Scope(units=frozenset(round_.unit), municipalities=frozenset(people[0][:1]))


def named(round_: Round, plan: Plan) -> set[str]:
    """Return every text in a round and a plan."""
    found: set[str] = set()
    pending: list[object] = [round_.document, plan.document]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            pending += item
        elif isinstance(item, str):
            found.add(item)
    return found


def test_a_tier_named_in_a_reason_follows_from_the_candidate_alone() -> None:
    """Moved alone, she changes what she adds to each tier; so the first one to differ is her own.

    That is why a reason TIER may be told to her and her municipality as it stands.
    """
    named = 0
    for seed in range(200):
        round_ = builders.round_of(crowded_round(seed))
        if conflicts(round_):
            continue
        plan = plan_round(round_)
        for account in (*plan.unplaced, *plan.passed_over):
            for reason in account.reasons:
                if reason.code == "TIER":
                    told = (reason.figures["tier"], reason.figures["level"])
                    window = reason.figures["window"]
                    assert told in set(changed_alone(round_, plan, account.candidate, window))
                    named += 1
    assert named > 20


def changed_alone(
    round_: Round, plan: Plan, candidate: str, window: str
) -> Iterator[tuple[str, int | None]]:
    """Yield the first tier that each of her stays in a window changes, where nobody else is."""
    own = [p for p in plan.placements if p.candidate == candidate]
    now = [s for p in own if (s := stay(round_, candidate, p.window, p.start))]
    values = tier_values(round_, now, plan.lottery_counter)
    for (other,) in admissible(round_, round_.candidate[candidate]):
        if other.window.id == window:
            then = tier_values(round_, [other], plan.lottery_counter)
            for (tier, level, before), (_, _, after) in zip(values, then, strict=True):
                if before != after:
                    yield tier, level
                    break

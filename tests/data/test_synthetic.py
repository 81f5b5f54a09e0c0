"""Made-up rounds: as large as promised, coherent, and the same everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields

import pytest

from data.synthetic import PRESETS, generate
from data.synthetic.chance import Dice
from scheduler.conflicts import conflicts
from scheduler.domain import Candidate, Municipality, Unit, Window, Wish
from scheduler.options import admissible_options, is_offer
from scheduler.rounds import Round

GOLDEN = {
    ("finnmark", 1): "sha256:eeb26c82fd4f8b9844906dc197d6da4eb35f4dcdaf96bfe924479eb74a61a7ec",
    ("finnmark", 2): "sha256:930e6116494af0b7fcf86d96598ed8ea36fb9cdd3a26807400de833da14f0ce0",
    ("nord", 1): "sha256:24cf0dcd77d8a4ca113cba131e5d32c2bd12e1a9ecfc874cbb0b26e3f4a10f69",
    ("national", 1): "sha256:c1d1524396eecfbc4ab718121fdfc7a58c3aef92e26d6345513c36680f4d978a",
}


def seats(round_: Round) -> int:
    """Six-month full-time stays that fit one after the other into the windows."""
    months = [
        (w.closes.year - w.opens.year) * 12 + w.closes.month - w.opens.month for w in round_.windows
    ]
    return sum(
        w.positions * (m * w.fte_percent // 600)
        for w, m in zip(round_.windows, months, strict=True)
    )


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_has_as_many_candidates_and_seats_as_promised(preset: str) -> None:
    round_ = generate(preset, 1)
    count = PRESETS[preset].candidates
    assert len(round_.candidates) == count
    assert count * 0.9 <= seats(round_) <= count * 0.9 + 6


@pytest.mark.parametrize("preset", PRESETS)
def test_commitments_are_there_and_do_not_contradict(preset: str) -> None:
    for seed in range(3):
        round_ = generate(preset, seed)
        assert conflicts(round_) == ()
        assert round_.accepted
        assert round_.offered


def test_offers_can_be_kept() -> None:
    round_ = generate("nord", 4)
    kept = {o.candidate for o in admissible_options(round_) if is_offer(round_, o)}
    assert kept == round_.offered.keys()


@pytest.mark.parametrize("preset", ["finnmark", "nord"])
def test_the_same_seed_gives_the_same_round_and_another_another(preset: str) -> None:
    assert generate(preset, 7) == generate(preset, 7)
    assert generate(preset, 7).hash != generate(preset, 8).hash


@pytest.mark.parametrize(("preset", "seed"), GOLDEN)
def test_a_seed_gives_the_round_it_always_gave(preset: str, seed: int) -> None:
    assert generate(preset, seed).hash == GOLDEN[preset, seed]


def test_the_order_of_hashing_does_not_matter() -> None:
    code = "from data.synthetic import generate; print(generate('nord', 3).hash)"
    answers = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Pacific/Auckland"))
    }
    assert answers == {generate("nord", 3).hash + "\n"}


def test_supply_is_what_is_asked_for() -> None:
    assert generate("nord", 1, supply=0).windows == ()
    assert 240 <= seats(generate("nord", 1, supply=2.0)) <= 246


def test_a_round_without_vacancies_has_no_commitments() -> None:
    assert generate("nord", 1, supply=0).commitments == ()


def test_an_unknown_preset_is_an_error() -> None:
    with pytest.raises(KeyError):
        generate("atlantis", 1)


@pytest.mark.parametrize("record", [Unit, Window, Municipality, Candidate, Wish])
def test_every_field_varies(record: type) -> None:
    """A field that always has one value would never be tried by anything that is generated."""
    round_ = generate("national", 1)
    records: dict[type, list[object]] = {
        Unit: list(round_.units),
        Window: list(round_.windows),
        Municipality: list(round_.municipalities),
        Candidate: list(round_.candidates),
        Wish: [w for c in round_.candidates for w in c.wishes],
    }
    for field in fields(record):
        values = {str(getattr(item, field.name)) for item in records[record]}
        assert len(values) > 1, field.name


def test_some_orders_are_for_one_unit_and_trusts_have_leads_of_their_own() -> None:
    round_ = generate("nord", 1)
    assert any(p.unit for p in round_.priorities)
    assert round_.policy.lead.by_trust.keys() <= {u.trust for u in round_.units}


def test_candidates_live_where_people_live() -> None:
    """A few large municipalities have many trainees, most have one or none."""
    sizes = sorted(len(ids) for ids in generate("national", 1).colleagues.values())
    assert sizes[-1] >= 20
    assert sizes[len(sizes) // 2] <= 2


def test_chance_is_fair_enough_and_stays_in_range() -> None:
    dice = Dice(1)
    throws = [dice.between(1, 6) for _ in range(6_000)]
    assert set(throws) == {1, 2, 3, 4, 5, 6}
    assert all(800 < throws.count(face) < 1_200 for face in range(1, 7))
    assert sorted(dice.shuffled(range(50))) == list(range(50))
    assert {dice.weighted((0, 1, 0)) for _ in range(50)} == {1}


def test_weights_of_nothing_are_an_error() -> None:
    with pytest.raises(ValueError, match="0"):
        Dice(1).weighted((0, 0))

"""A certificate: other solvers, in a process of their own, get what it claims and nothing else."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest

from data.documents import read_round
from data.exports.certificates import export_certificate
from data.exports.mps import Programs
from data.files import load_round
from scheduler.certificate import certificate
from scheduler.planner import plan_round
from scheduler.plans import Placement, Plan, TierResult
from scheduler.rounds import Round
from scheduler.verify import verify_document
from tests import outsider
from tests.brute import Brute, Refused
from tests.brute import Option as Given
from tests.small_rounds import small_round

SAMPLE = Path(str(files("data"))) / "samples" / "finnmark" / "round.json"
ROUNDS = 12
PLANS_AT_MOST = 400
ODD_ID = "Å  b*'$1"
"""An id with what an MPS file cannot hold; it takes the place of c0's."""


@dataclass(frozen=True)
class Case:
    """A small round, its plan, and every other plan."""

    brute: Brute
    round: Round
    plan: Plan


@cache
def cases() -> tuple[Case, ...]:
    return tuple(islice(_cases(), ROUNDS))


def _cases() -> Iterator[Case]:
    for seed in count():
        document = json.loads(json.dumps(small_round(seed)).replace('"c0"', json.dumps(ODD_ID)))
        with suppress(Refused):
            brute = Brute(document)
            if brute.size() <= PLANS_AT_MOST:
                brute.best()
                round_ = read_round(json.dumps(document).encode())
                yield Case(brute, round_, plan_round(round_))


def checked(folders: Iterable[Path], solver: str = "HIGHS") -> dict[Path, list[int | None]]:
    """Have another solver find the minimum of each program, knowing nothing but the files."""
    command = [sys.executable, outsider.__file__, solver, *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {Path(folder): found for folder, found in json.loads(done.stdout).items()}


def index(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "certificate.json").read_text(encoding="utf-8"))
    return found


def claims(folder: Path) -> list[int]:
    return [program["minimum"] for program in index(folder)["programs"]]


def values(folder: Path, minima: list[int | None]) -> list[int]:
    """Return what minima say of the tiers, by the figures of the index."""
    programs = index(folder)["programs"]
    return [
        p["constant"] + p["sign"] * found
        for p, found in zip(programs, minima, strict=True)
        if found is not None
    ]


def as_plan(case: Case, given: dict[str, Given]) -> Plan:
    """Return a plan that keeps every rule, claiming of itself that it is proven best."""
    brute = case.brute
    drawn = ("lottery", None, brute.lottery(given, 0))
    told = [*((tier, level, value) for tier, level, value, _ in brute.value(given)), drawn]
    return replace(
        case.plan,
        placements=tuple(sorted(_placement(brute, c, option) for c, option in given.items())),
        tiers=tuple(TierResult(tier, level, value, value, True) for tier, level, value in told),
        unplaced=(),
        passed_over=(),
        lottery_counter=0,
    )


def _placement(brute: Brute, candidate: str, option: Given) -> Placement:
    ((window, start, _),) = option
    end = brute.end(option)
    assert end is not None
    wish = brute.wish_class(candidate, option)
    return Placement(candidate, window, brute.windows[window]["unit"], start, end, wish)


@pytest.mark.parametrize("solver", ["HIGHS", "GSCIP"])
def test_another_solver_gets_what_every_plan_tried_has_shown(tmp_path: Path, solver: str) -> None:
    for number, case in enumerate(cases()):
        export_certificate(case.round, case.plan, tmp_path / str(number))
    found = checked(sorted(tmp_path.iterdir()), solver)
    for number, case in enumerate(cases()):
        folder = tmp_path / str(number)
        tried = [value for _, _, value in case.brute.best()[0]]
        assert values(folder, found[folder]) == [*tried, 0]
        assert found[folder] == claims(folder)


def test_the_sample_comes_out_as_claimed(tmp_path: Path) -> None:
    round_ = load_round(SAMPLE)
    plan = plan_round(round_)
    export_certificate(round_, plan, tmp_path)
    (found,) = checked([tmp_path]).values()
    assert values(tmp_path, found) == [*(tier.value for tier in plan.tiers), 0]


def test_a_plan_that_only_claims_to_be_best_does_not_come_out(tmp_path: Path) -> None:
    """The verifier cannot tell: such a plan keeps every rule, and its values are its own."""
    for number, case in enumerate(cases()):
        best = case.brute.best()[1]
        for other, given in enumerate(islice((p for p in case.brute.plans() if p != best), 2)):
            plan = as_plan(case, given)
            document = plan.document
            del document["unplaced"], document["passed_over"], document["plan_hash"]
            assert verify_document(case.round, document).kept
            export_certificate(case.round, plan, tmp_path / f"{number}-{other}")
    found = checked(tmp_path.iterdir())
    assert len(found) >= ROUNDS
    assert not [folder.name for folder, minima in found.items() if minima == claims(folder)]


@pytest.mark.parametrize("wrong", [1, -1])
def test_a_value_that_is_one_off_does_not_come_out(tmp_path: Path, wrong: int) -> None:
    case = max(cases(), key=lambda case: len(case.plan.placements))
    tiers = case.plan.tiers
    for number, tier in enumerate(tiers):
        changed = replace(tier, value=tier.value + wrong, bound=tier.bound + wrong)
        false = replace(case.plan, tiers=(*tiers[:number], changed, *tiers[number + 1 :]))
        export_certificate(case.round, false, tmp_path / f"{number:02}")
    for folder, minima in checked(sorted(tmp_path.iterdir())).items():
        position = int(folder.name)
        assert minima[position] != claims(folder)[position]
        assert minima[:position] == claims(folder)[:position]


def test_the_last_program_sees_every_tie(tmp_path: Path) -> None:
    """Without the lottery, plans are as good as the one claimed, or none is: all were tried."""
    alone = {}
    for number, case in enumerate(cases()):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = certificate(case.round, case.plan)
        last = found.programs[-1]
        drawn = replace(last, fixed=last.fixed[:-1])
        text = "\n".join(Programs(found).text(drawn, "tie"))
        (folder / "tie.mps.gz").write_bytes(gzip.compress(text.encode()))
        best = [row[:3] for row in case.brute.value(case.brute.best()[1])]
        as_good = sum([r[:3] for r in case.brute.value(p)] == best for p in case.brute.plans())
        alone[folder] = (as_good == 1, last.minimum)
    minima = checked(alone)
    told = {folder: minima[folder] == [own] for folder, (_, own) in alone.items()}
    assert told == {folder: is_alone for folder, (is_alone, _) in alone.items()}
    assert len(set(told.values())) == 2


def test_the_index_names_what_lies_there(tmp_path: Path) -> None:
    round_ = load_round(SAMPLE)
    plan = plan_round(round_)
    export_certificate(round_, plan, tmp_path)
    document = index(tmp_path)
    assert (document["round_hash"], document["plan_hash"]) == (round_.hash, plan.hash)
    for each in (*document["programs"], document["plan"]):
        assert sha256((tmp_path / each["file"]).read_bytes()).hexdigest() == each["sha256"]
    names = {variable["name"] for variable in document["variables"]}
    text = gzip.decompress((tmp_path / document["programs"][-1]["file"]).read_bytes()).decode()
    assert {line.split()[2] for line in text.splitlines() if line.startswith(" UP ")} == names
    given = {(p.candidate, p.window, str(p.start)) for p in plan.placements}
    options = [v for v in document["variables"] if v["kind"] == "give"]
    kept = [v for v in options if (v["candidate"], v["window"], v["start"]) in given]
    assert len(kept) == document["programs"][-1]["minimum"]


def test_nobody_is_named(tmp_path: Path) -> None:
    round_ = load_round(SAMPLE)
    export_certificate(round_, plan_round(round_), tmp_path)
    content = [path.read_bytes() for path in tmp_path.iterdir()]
    written = "".join(
        (gzip.decompress(each) if each.startswith(b"\x1f\x8b") else each).decode()
        for each in content
    )
    assert not [c.name for c in round_.candidates if c.name and c.name in written]


def test_a_plan_that_is_not_proven_has_no_certificate(tmp_path: Path) -> None:
    first, second = cases()[:2]
    with pytest.raises(ValueError, match="proven"):
        export_certificate(first.round, second.plan, tmp_path / "out")
    assert not list(tmp_path.iterdir())

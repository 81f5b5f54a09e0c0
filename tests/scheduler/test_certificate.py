"""The rules of a certificate allow exactly the plans that keep every hard rule: all are tried."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import chain, count, islice, product

import pytest

from data.documents import read_round
from scheduler.certificate import Certificate, certificate
from scheduler.planner import plan_round
from tests.brute import Brute, Option, Refused
from tests.small_rounds import small_round

ROUNDS = 14
PLANS_AT_MOST = 300
TWOFOLD = 260
"""A round in which a junior's stays need two rows, with different blockers, against one claim."""

Plan = Mapping[str, Option]


def cases() -> Iterator[tuple[Brute, Certificate]]:
    """Yield small rounds in which others than two colleagues can decide who is in whose way."""
    for seed in chain([TWOFOLD], count()):
        document = small_round(seed)
        with suppress(Refused):
            brute = Brute(document)
            if brute.size() > PLANS_AT_MOST or not brute.limits_kept(brute.accepted):
                continue
            round_ = read_round(json.dumps(document).encode())
            found = certificate(round_, plan_round(round_))
            if any(rule.name.kind == "FILLED" for rule in found.rules):
                yield brute, found


def choices(brute: Brute) -> Iterator[dict[str, Option]]:
    """Yield every way to give each candidate one option or none, whatever it breaks."""
    free = [c for c in brute.people if c not in brute.accepted]
    for choice in product(*([None, *brute.options[c]] for c in free)):
        yield {c: option for c, option in zip(free, choice, strict=True) if option is not None}


def named(option: Option) -> list[str]:
    """Return the figures by which a certificate names an option."""
    whole = len(option) == 1
    return [each for w, s, m in option for each in ((w, str(s)) if whole else (w, str(s), str(m)))]


def allows(found: Certificate, brute: Brute, plan: Plan) -> bool:
    """Tell whether some values of the other Booleans keep every row, once a plan is given."""
    home = Counter(brute.people[c]["municipality"] for c in plan)
    given = {(c, *named(option)) for c, option in plan.items()}
    chosen = set()
    for i, name in found.variables.items():
        reached = name.kind == "step" and home[name.about[0]] >= int(name.about[1])
        if reached or (name.kind == "give" and name.about in given):
            chosen.add(i)
    for rule in found.rules:
        if rule.name.kind in ("SERVED", "FILLED"):
            (defined, needed), *others = rule.row.terms
            if sum(i in chosen for i, _ in others) >= abs(needed):
                chosen.add(defined)
    sums = ((rule.row, sum(w for i, w in rule.row.terms if i in chosen)) for rule in found.rules)
    return all(
        (row.lower is None or row.lower <= total) and (row.upper is None or total <= row.upper)
        for row, total in sums
    )


def test_the_rules_allow_every_lawful_plan_and_no_other() -> None:
    told = {True: 0, False: 0}
    for brute, found in islice(cases(), ROUNDS):
        for plan in choices(brute):
            whole = brute.accepted | plan
            lawful = brute.limits_kept(whole) and brute.priority_kept(whole)
            assert allows(found, brute, plan) == lawful, (brute.doc["round"]["id"], plan)
            told[lawful] += 1
    assert min(told.values()) > ROUNDS


def test_another_round_s_plan_has_no_certificate() -> None:
    first, second = (read_round(json.dumps(small_round(seed)).encode()) for seed in (1, 2))
    with pytest.raises(ValueError, match="proven"):
        certificate(first, plan_round(second))

"""Every rule and tier has its builder, its check, its sentence and its source."""

from __future__ import annotations

import pytest

from data.sentences import LANGUAGES, Language, catalogue
from scheduler.admission import ADMISSION
from scheduler.domain import TIERS
from scheduler.rules import RULES
from scheduler.tiers import BUILDERS
from scheduler.verify.admission import RULES as CHECKS
from scheduler.verify.values import MAXIMISED
from tests.scheduler.test_verify import BROKEN

ADMISSION_NAMES = [rule.name for rule in RULES if rule.stage == "admission"]


def test_every_admission_rule_has_a_builder_and_a_check() -> None:
    assert list(ADMISSION) == ADMISSION_NAMES
    assert list(CHECKS) == ADMISSION_NAMES


def test_every_rule_is_shown_broken_alone() -> None:
    assert {rule.name for rule in RULES} <= {rule for rule, _, _ in BROKEN}


def test_every_rule_has_a_source() -> None:
    assert all(rule.source for rule in RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_and_tier_has_its_sentence(language: Language) -> None:
    texts = catalogue(language)
    assert {f"rules.{rule.name}" for rule in RULES} <= texts.keys()
    assert {f"tiers.name-{tier}" for tier in TIERS} <= texts.keys()


def test_every_tier_has_a_builder_and_a_sense() -> None:
    assert set(BUILDERS) | {"lottery"} == set(TIERS)
    assert set(TIERS) - {"wish", "spread", "start"} == MAXIMISED

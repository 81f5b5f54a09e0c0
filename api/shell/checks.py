"""Checking a round and a plan without planning anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.shell.console import say
from data.files import load_plan, load_round
from data.sentences import Language, Verbatim, catalogue, sentence
from scheduler.conflicts import conflicts
from scheduler.errors import RefusedRound
from scheduler.options import admissible_options
from scheduler.rounds import Round
from scheduler.verify import Broken, verify_document


def checked_round(path: Path, language: Language) -> list[str]:
    """Return what can be said of a good round: its size, its hash, and what to look at twice.

    Raises
    ------
    InvalidRound
        With every fault.
    RefusedRound
        With every conflict between accepted commitments.
    """
    round_ = load_round(path)
    contradictions = conflicts(round_)
    if contradictions:
        raise RefusedRound(contradictions)
    figures = {
        "candidates": len(round_.candidates),
        "windows": len(round_.windows),
        "units": len(round_.units),
        "municipalities": len(round_.municipalities),
        "commitments": len(round_.commitments),
    }
    size = say(language, "round-ok", name=Verbatim(round_.id), **figures)
    return [size, say(language, "round-hash", hash=round_.hash), *_warnings(round_, language)]


def _warnings(round_: Round, language: Language) -> list[str]:
    """Return a line per kind of record that is well formed but can come to nothing."""
    options = admissible_options(round_)
    reachable = {o.candidate for o in options} | round_.accepted.keys()
    used = {part.window for o in options for part in o.parts}
    used |= {c.window for held in round_.accepted.values() for c in held}
    wishless = [c.id for c in round_.candidates if not c.wishes and c.id not in round_.accepted]
    stranded = [c.id for c in round_.candidates if c.wishes and c.id not in reachable]
    idle = [w.id for w in round_.windows if w.id not in used]
    found: Mapping[str, list[str]] = {
        "warning-wishless": wishless,
        "warning-stranded": stranded,
        "warning-idle": idle,
    }
    return [
        say(language, key, count=len(ids), ids=[Verbatim(name) for name in ids])
        for key, ids in found.items()
        if ids
    ]


def verdict(round_: Round, plan_path: Path, language: Language) -> list[str]:
    """Return a sentence for each rule that a plan breaks and each claim that is untrue.

    Raises
    ------
    InvalidPlan
        With every fault of the plan's form.
    """
    return broken_lines(round_, load_plan(plan_path), language)


def broken_lines(round_: Round, document: Mapping[str, Any], language: Language) -> list[str]:
    """Return a sentence for each rule that a plan document breaks and each untrue claim."""
    return [_broken(broken, language) for broken in verify_document(round_, document).broken]


def _broken(broken: Broken, language: Language) -> str:
    """Word a broken rule: its name, the rule as it should be, who and what it concerns."""
    key = f"rules.{broken.rule}"
    known = key in catalogue(language)
    rule = sentence(language, key) if known else say(language, f"broken-{broken.rule}")
    figures = [f"{name} = {value}" for name, value in broken.figures.items()]
    concerned = ", ".join((*broken.subjects, *figures))
    return f"{broken.rule}: {rule}" + (f" [{concerned}]" if concerned else "")

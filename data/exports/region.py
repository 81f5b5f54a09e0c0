"""A region's rounds in one table: how far each has come, and which of them need a person.

It holds counts and ids of rounds and plans, nothing about candidates.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from data.exports.report import environment
from data.sentences import Language, sentence, written_count, written_date
from data.wording import tier_name, tier_value

FORMAT = "rotations/region@1"

NEEDS = (
    "unplanned",
    "unfinished",
    "failed",
    "refused",
    "unverified",
    "unproven",
    "changed",
    "seat-gone",
    "seat-free",
    "overdue",
)
"""Why a round needs a person; several may hold."""

State = Literal["planned", "unfinished", "failed", "unplanned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The most important tier whose value is not proven, and what no plan can beat there."""

    tier: str
    level: int | None
    value: int
    bound: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundLine:
    """A round, and the plan of its newest document that says most.

    Attributes
    ----------
    organisation
        Who plans it: an organisation number.
    placed, unplaced
        Candidates of the plan with and without a place, None without a plan.
    gap
        None where everything is proven, or nothing is planned.
    overrides
        How often rules of the round were set aside, by kind.
    incidents
        Solver verdicts that could not be true, and were put aside.
    failure
        Why there is no plan: a stable code.
    needs
        Why it needs a person: those of `NEEDS` that hold.
    report
        Where its report lies, seen from the region's.
    """

    round: str
    organisation: str
    label: str
    name: str | None
    decision_date: date
    state: State
    plan: str | None = None
    placed: int | None = None
    unplaced: int | None = None
    proven: bool = False
    gap: Gap | None = None
    overrides: Mapping[str, int] = field(default_factory=dict)
    incidents: int = 0
    failure: str | None = None
    needs: tuple[str, ...] = ()
    report: str | None = None

    def document(self) -> dict[str, Any]:
        """Return the line in plain values."""
        return asdict(self) | {"decision_date": str(self.decision_date), "needs": list(self.needs)}


def needing(lines: Sequence[RoundLine]) -> list[RoundLine]:
    """Return the rounds that need a person."""
    return [line for line in lines if line.needs]


def region_files(
    lines: Sequence[RoundLine], made_at: datetime, day: date, language: Language
) -> dict[str, bytes]:
    """Return the content of the region's files by name.

    Parameters
    ----------
    made_at, day
        When the report is made, in UTC, and the date there.
    """
    return {
        "region.html": _page(lines, day, language).encode(),
        "region.json": _document(lines, made_at),
    }


def _document(lines: Sequence[RoundLine], made_at: datetime) -> bytes:
    document = {
        "format": FORMAT,
        "made_at": made_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "needs_a_person": len(needing(lines)),
        "rounds": [line.document() for line in lines],
    }
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"


def _page(lines: Sequence[RoundLine], day: date, language: Language) -> str:
    def text(key: str, **figures: object) -> str:
        return sentence(language, f"region.{key}", figures)

    return (
        environment()
        .get_template("region.html")
        .render(
            language=language,
            t=text,
            day=lambda day: written_date(language, day),
            count=lambda number: "" if number is None else written_count(language, number),
            proof=lambda line: _proof(line, language),
            override=lambda kind, times: text(
                "override",
                text=sentence(language, f"overrides.{kind}"),
                times=written_count(language, times),
            ),
            today=day,
            lines=lines,
            pressing=len(needing(lines)),
        )
    )


def _proof(line: RoundLine, language: Language) -> str:
    """Return whether a plan is proven, or how far its first open tier may be from the best."""
    gap = line.gap
    if gap is None:
        key = "proven" if line.proven else "open-unique"
        return sentence(language, f"region.{key}") if line.placed is not None else ""
    figures = {
        "tier": tier_name(language, gap.tier, gap.level),
        "value": tier_value(language, gap.tier, gap.value),
        "bound": tier_value(language, gap.tier, gap.bound),
    }
    return sentence(language, "region.open", figures)

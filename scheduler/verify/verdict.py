"""A plan document held against its round: every rule, every tier, every claim.

A hand-made plan may claim nothing but its placements; what a document does claim about its round,
its placements, who is left out and the tiers' values must be true, and its bounds and proofs must
fit together. That no better plan exists is the solver's proof: here it is not tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from scheduler.canonical import digest
from scheduler.rounds import Round
from scheduler.verify.admission import Stay, given, outcome_class, stay
from scheduler.verify.hard import Broken, broken_rules
from scheduler.verify.values import MAXIMISED, TierValue, tier_values


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verifier found; `tiers` holds the values it computed itself."""

    broken: tuple[Broken, ...]
    tiers: tuple[TierValue, ...]

    @property
    def kept(self) -> bool:
        """True where every rule is kept and every claim is true."""
        return not self.broken


def verify_document(round_: Round, document: Mapping[str, Any]) -> Verdict:
    """Check a plan against its round.

    Parameters
    ----------
    round_
        The round the plan is for.
    document
        A well-formed ``rotations/plan@1``; everything but `round` and the candidate, window and
        start of its placements may be absent. A placement without months has all she needs.
    """
    unknown = list(_unknown(round_, document["placements"]))
    if unknown:
        return Verdict(tuple(unknown), ())
    stays = [
        stay(round_, p["candidate"], p["window"], date.fromisoformat(p["start"]), p.get("months"))
        for p in document["placements"]
    ]
    ended = [s for s in stays if s is not None]
    if len(ended) < len(stays):
        return Verdict((Broken("FIT", (), {"stays": len(stays) - len(ended)}),), ())
    broken = [*broken_rules(round_, ended), *_claims(round_, document, ended)]
    tiers = tier_values(round_, ended, document.get("lottery_counter") or 0)
    broken += _tier_claims(document, tiers)
    return Verdict(tuple(broken), tuple(tiers))


def _unknown(round_: Round, placements: Sequence[Mapping[str, Any]]) -> Iterator[Broken]:
    for position, p in enumerate(placements):
        for noun, known in (("candidate", round_.candidate), ("window", round_.window)):
            if p[noun] not in known:
                yield Broken("CLAIM", (), {"claim": f"placements/{position}/{noun}"})


def _claims(round_: Round, document: Mapping[str, Any], stays: list[Stay]) -> Iterator[Broken]:
    """Yield each claim about round, placements, unplaced and hash that is not true."""
    true: dict[str, object] = {"round": round_.id, "round_hash": round_.hash}
    for claim, value in true.items():
        if document.get(claim, value) != value:
            yield Broken("CLAIM", (), {"claim": claim})
    classes = {own[0].candidate.id: outcome_class(round_, own) for own in given(stays)}
    for position, (p, s) in enumerate(zip(document["placements"], stays, strict=True)):
        derived = {"unit": s.window.unit, "end": str(s.end), "class": classes[s.candidate.id]}
        if p.get("class") is None and s.candidate.id in round_.accepted:
            del derived["class"]
        for claim, derived_value in derived.items():
            if p.get(claim, derived_value) != derived_value:
                figures = {"claim": f"placements/{position}/{claim}"}
                yield Broken("CLAIM", (s.candidate.id,), figures)
    yield from _accounts(round_, document, stays)
    content = {k: v for k, v in document.items() if k not in ("engine", "plan_hash")}
    if "plan_hash" in document and document["plan_hash"] != digest(content):
        yield Broken("CLAIM", (), {"claim": "plan_hash"})


def _accounts(round_: Round, document: Mapping[str, Any], stays: list[Stay]) -> Iterator[Broken]:
    """Yield false claims about who is unplaced and who was passed over."""
    placed = {s.candidate.id for s in stays}
    below = {o[0].candidate.id for o in given(stays) if (outcome_class(round_, o) or 1) > 1}
    owed = {
        "unplaced": {c.id for c in round_.candidates} - placed,
        "passed_over": below - round_.accepted.keys(),
    }
    for claim, expected in owed.items():
        if claim in document:
            named = [account["candidate"] for account in document[claim]]
            if sorted(named) != sorted(expected):
                yield Broken("CLAIM", tuple(sorted(expected ^ set(named))), {"claim": claim})


def _tier_claims(document: Mapping[str, Any], tiers: list[TierValue]) -> Iterator[Broken]:
    """Yield false values, impossible bounds and unfounded proofs."""
    claimed = document.get("tiers")
    if claimed is None:
        if document.get("status") == "optimal":
            yield Broken("CLAIM", (), {"claim": "status"})
        return
    if [(t["tier"], t["level"], t["value"]) for t in claimed] != tiers:
        yield Broken("CLAIM", (), {"claim": "tiers"})
    proven = True
    for position, t in enumerate(claimed):
        slack = t["bound"] - t["value"] if t["tier"] in MAXIMISED else t["value"] - t["bound"]
        proven = proven and slack == 0
        if slack < 0 or (t["proven"] and not proven):
            yield Broken("CLAIM", (), {"claim": f"tiers/{position}"})
        proven = proven and t["proven"]
    if document.get("status", "optimal" if proven else "feasible") == "optimal" and not proven:
        yield Broken("CLAIM", (), {"claim": "status"})

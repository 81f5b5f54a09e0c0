"""Why a candidate has what she has, for whoever may know, worded in their language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from api.outcomes.answers import placement_answer
from api.outcomes.excerpts import told
from api.outcomes.parties import Detail
from api.schemas.plans import ReasonAnswer
from api.schemas.studies import WhyAnswer, WishAnswer
from data.explaining import Explaining
from data.wording import Wording
from scheduler.explained import Explanation, WishExplained
from scheduler.plans import Reason
from scheduler.rounds import Round

PEOPLE = ("holders", "losers")
"""Figures that hold whomever it concerns, of any municipality."""


def part_of(explanation: Explanation, round_: Round, detail: Detail) -> Explanation:
    """Return what an explanation says to its candidate, or to the municipality that ranks her.

    Left out: what a tier comes to, where others would lose a place, and who they are; colleagues
    are told as reasons tell them.
    """
    home = round_.candidate[explanation.candidate].municipality

    def part(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
        return tuple(told(_parted(reason, round_, home), detail) for reason in reasons)

    wishes = (
        WishExplained(w.wish, part(w.reasons), part(w.causes), part(w.remedies))
        for w in explanation.wishes
    )
    return replace(explanation, reasons=part(explanation.reasons), wishes=tuple(wishes))


def _parted(reason: Reason, round_: Round, home: str) -> Reason:
    """Tell colleagues from others, as the reasons of a plan do."""
    figures = dict(reason.figures)
    for name in PEOPLE:
        if name in figures:
            people = figures.pop(name)
            own = [c for c in people if round_.candidate[c].municipality == home]
            figures |= {"colleagues": own, "others": len(people) - len(own)}
    return replace(reason, figures=figures)


def why_answer(explanation: Explanation, words: Wording) -> WhyAnswer:
    """Return an explanation as an answer: codes, figures and a sentence for each."""
    given = explanation.given
    return WhyAnswer(
        placement=placement_answer(words.round, given) if given else None,
        reasons=_reasons(explanation.reasons, words),
        wishes=[_wish(wish, explanation.candidate, words) for wish in explanation.wishes],
    )


def _wish(explained: WishExplained, candidate: str, words: Wording) -> WishAnswer:
    by = Explaining(words, candidate)
    wish = words.round.candidate[candidate].wishes[explained.wish - 1]
    causes = zip(explained.causes, by.causes(explained.causes), strict=True)
    return WishAnswer(
        wish=explained.wish,
        sentence=words.wish(wish),
        reasons=_reasons(explained.reasons, words),
        causes=[_said(cause, sentence) for cause, sentence in causes],
        remedies=[_said(remedy, by.remedy(remedy)) for remedy in explained.remedies],
    )


def _reasons(reasons: Sequence[Reason], words: Wording) -> list[ReasonAnswer]:
    return [_said(reason, words.placed_reason(reason)) for reason in reasons]


def _said(reason: Reason, sentence: str) -> ReasonAnswer:
    return ReasonAnswer(
        code=reason.code, wish=reason.wish, figures=dict(reason.figures), sentence=sentence
    )

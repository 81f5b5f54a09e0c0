"""Moves by hand in a plan: where a candidate could go, and what the plan would be then.

Nothing is searched for: everybody else stays where the plan has them, and the verifier says which
rules break and what each tier comes to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from api.handmade import whole_placements
from api.outcomes.answers import broken_answer, placement_answer, reason_answer
from api.schemas.moves import (
    MoveForm,
    MovesTriedAnswer,
    PersonMovedAnswer,
    SeatsAnswer,
    StartAnswer,
    TierMovedAnswer,
    WindowSeatsAnswer,
)
from data.sentences import Language
from data.wording import MINIMISED, Wording
from scheduler.comparison import Difference, PersonCompared, Side, compared
from scheduler.errors import Fault
from scheduler.options import Option, options_of
from scheduler.plans import Placement, Plan, TierResult
from scheduler.rounds import Round
from scheduler.seats import Seats
from scheduler.verify import Verdict, verify_document
from scheduler.verify.admission import stay


def unknown(round_: Round, moves: Sequence[MoveForm]) -> Iterator[Fault]:
    """Yield what moves name that the round does not know, and what they leave half said."""
    for position, move in enumerate(moves):
        if move.candidate not in round_.candidate:
            yield Fault("not-known", ("moves", position, "candidate"), {"what": "candidate"})
        if move.window is not None and move.window not in round_.window:
            yield Fault("not-known", ("moves", position, "window"), {"what": "window"})
        if (move.window is None) != (move.start is None):
            missing = "start" if move.start is None else "window"
            yield Fault("missing", ("moves", position, missing))


def moved_document(plan: Plan, moves: Sequence[MoveForm]) -> dict[str, Any]:
    """Return the document of a plan with moves made in it: placements, and the lottery's draw."""
    placements = list(plan.document["placements"])
    for move in moves:
        placements = [p for p in placements if p["candidate"] != move.candidate]
        if move.window is not None:
            seat = {"window": move.window, "start": str(move.start)}
            placements.append({"candidate": move.candidate} | seat)
    return {
        "format": plan.document["format"],
        "round": plan.round_id,
        "placements": placements,
        "lottery_counter": plan.lottery_counter,
    }


@dataclass(frozen=True, slots=True)
class Trial:
    """A plan with moves made in it, held against its round.

    Attributes
    ----------
    round, plan
        The round, and the plan as it was.
    document
        The plan with the moves, as `moved_document` makes it.
    verdict
        What the verifier says of it.
    """

    round: Round
    plan: Plan
    document: dict[str, Any]
    verdict: Verdict

    def answer(self, language: Language) -> MovesTriedAnswer:
        """Return broken rules, whose place differs, and every tier before and after."""
        after = replace(self.plan, placements=tuple(self._placements()), tiers=self._tiers())
        both = compared(Side(self.round, self.plan), Side(self.round, after))
        return MovesTriedAnswer(
            verified=self.verdict.kept,
            broken=[broken_answer(broken, language) for broken in self.verdict.broken],
            changes=[
                self._person(person)
                for person in both.people
                if person.difference is not Difference.SAME
            ],
            tiers=[
                TierMovedAnswer(
                    tier=t.tier,
                    level=t.level,
                    before=t.first,
                    after=t.second,
                    outcome=_outcome(t.tier, t.first, t.second),
                )
                for t in both.tiers
            ],
        )

    def _placements(self) -> Iterator[Placement]:
        """Yield what the plan and its moves come to; a stay that would never end is left out."""
        stays = (
            stay(self.round, p["candidate"], p["window"], day, p.get("months"))
            for p in self.document["placements"]
            for day in [date.fromisoformat(p["start"])]
        )
        yield from whole_placements(self.round, [s for s in stays if s is not None])

    def _tiers(self) -> tuple[TierResult, ...]:
        return tuple(
            TierResult(tier, level, value, value, proven=False)
            for tier, level, value in self.verdict.tiers
        )

    def _person(self, person: PersonCompared) -> PersonMovedAnswer:
        places = [placement_answer(self.round, own) if own else None for own in _sides(person)]
        return PersonMovedAnswer.model_validate(
            {
                "candidate": person.candidate,
                "municipality": self.round.candidate[person.candidate].municipality,
                "before": places[0],
                "after": places[1],
                "difference": str(person.difference),
            }
        )


def tried(round_: Round, plan: Plan, moves: Sequence[MoveForm]) -> Trial:
    """Make moves in a plan whose candidates and windows the round knows, and verify what comes."""
    document = moved_document(plan, moves)
    return Trial(round_, plan, document, verify_document(round_, document))


def _sides(person: PersonCompared) -> tuple[tuple[Placement, ...], tuple[Placement, ...]]:
    return person.first, person.second


def _outcome(
    tier: str, before: int | None, after: int | None
) -> Literal["better", "worse", "same"]:
    if before is None or after is None or before == after:
        return "same"
    return "better" if (after < before) == (tier in MINIMISED) else "worse"


def seats_answer(words: Wording, plan: Plan, candidate: str) -> SeatsAnswer:
    """Return every undivided stay that a candidate could have, and which of them are held."""
    round_ = words.round
    person = round_.candidate[candidate]
    seats = Seats(round_, plan.placements, plan.lottery_counter, decided=False)
    found: dict[str, list[Option]] = {}
    for option in sorted(options_of(round_, person), key=lambda each: each.start):
        if len(option.parts) == 1:
            found.setdefault(option.parts[0].window, []).append(option)
    own = seats.of.get(candidate)
    return SeatsAnswer(
        candidate=candidate,
        municipality=person.municipality,
        placement=placement_answer(round_, own) if own else None,
        windows=[
            WindowSeatsAnswer(
                window=window,
                unit=options[0].parts[0].unit,
                unit_name=words.unit(options[0].parts[0].unit),
                starts=[_start(option, seats, words) for option in options],
            )
            for window, options in sorted(found.items(), key=_best_wish_first)
        ],
    )


def _best_wish_first(item: tuple[str, list[Option]]) -> tuple[int, str]:
    window, options = item
    return min(option.wish_class for option in options), window


def _start(option: Option, seats: Seats, words: Wording) -> StartAnswer:
    window = words.round.window[option.parts[0].window]
    reason = seats.reason([option], option.wish_class, window)
    return StartAnswer(
        start=option.start,
        end=option.end,
        wish_class=option.wish_class,
        held=reason_answer(words, reason) if reason.code == "HELD" else None,
    )

"""How far a round has come, and supply against demand, in figures that tell nobody's affairs.

Whoever may not see the people of a round is told no count that is about fewer than `LEAST` people
beside their own, and larger counts of others in steps of `LEAST`: neither one's own share taken
away, nor two readings compared, nor months summed up leads back to a few.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from api.collecting.assembly import assembled
from api.collecting.moves import coherent
from api.collecting.sitting import Document
from api.outcomes.excerpts import LEAST
from api.schemas.rounds import MonthFigures, RoundFiguresAnswer
from models.store import rounds as store
from models.store.submissions import in_force
from models.tables import Round
from models.tables.rounds import FROZEN
from scheduler.conflicts import conflicts
from scheduler.dates import add_months, whole_months
from scheduler.errors import InvalidRound

MAX_MONTHS = 60
SEAT_MONTHS = 6

Records = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told: `own` are the municipalities whose candidates are theirs; None = everybody's."""

    own: Set[str] | None

    @property
    def is_staff(self) -> bool:
        """Whether they may see the people of the round."""
        return self.own is None

    def count(self, candidates: Records) -> int | None:
        """Return how many candidates these are, as far as may be told."""
        if self.own is None:
            return len(candidates)
        mine = sum(each["municipality"] in self.own for each in candidates)
        others = len(candidates) - mine
        return None if others < LEAST else mine + others // LEAST * LEAST


def figures(session: Session, round_: Round, audience: Audience) -> RoundFiguresAnswer:
    """Return the figures of a round for somebody who may know of it.

    Parameters
    ----------
    session
        Sees the whole round.
    """
    document = document_now(session, round_)
    lists = set(in_force(session, round_.id)) if round_.origin == "collected" else None
    invited = store.participants(session, round_.id)
    missing = None if lists is None else [each for each in invited if each not in lists]
    candidates: Records = document["candidates"]
    vacant = [window for window in document["windows"] if _is_open(window, round_.decision_date)]
    return RoundFiguresAnswer(
        participants=len(invited),
        lists=None if lists is None else len(lists),
        missing=missing if audience.is_staff else None,
        faults=_faults(round_, document) if audience.is_staff else None,
        candidates=audience.count(candidates),
        windows=len(vacant),
        six_month_seats=sum(map(_seats, vacant)),
        months=[
            MonthFigures(
                month=f"{first:%Y-%m}",
                positions=sum(each["positions"] for each in vacant if _covers(each, first)),
                candidates=audience.count([each for each in candidates if _is_away(each, first)]),
            )
            for first in _months(round_.decision_date, vacant)
        ],
    )


def document_now(session: Session, round_: Round) -> Document:
    """Return the frozen document of a round, or the one of an open round as it stands."""
    if round_.state not in FROZEN:
        return assembled(session, round_)
    snapshot = store.snapshot(session, round_.id)
    assert snapshot is not None, "a round is locked with a snapshot"
    document: Document = json.loads(snapshot.content)
    return document


def _faults(round_: Round, document: Document) -> int:
    if round_.state in FROZEN:
        return 0
    try:
        return len(conflicts(coherent(document)))
    except InvalidRound as error:
        return len(error.faults)


def _is_open(window: Mapping[str, Any], decided: date) -> bool:
    return window["release_on"] is None or window["release_on"] > str(decided)


def _seats(window: Mapping[str, Any]) -> int:
    """Return how many stays of six full-time months fit into a window one after another."""
    opens, closes = map(date.fromisoformat, (window["opens"], window["closes"]))
    length = -(-SEAT_MONTHS * 100 // window["fte_percent"])
    return int(window["positions"] * (whole_months(opens, closes) // length))


def _covers(window: Mapping[str, Any], day: date) -> bool:
    return bool(window["opens"] <= str(day) < window["closes"])


def _is_away(candidate: Mapping[str, Any], day: date) -> bool:
    """Tell whether a first wish that starts as hoped for has a candidate away on a day."""
    if not candidate["wishes"]:
        return False
    wish = candidate["wishes"][0]
    start = date.fromisoformat(wish["ideal"] or wish["earliest"])
    end = add_months(start, candidate["months_needed"])
    return start <= day and (end is None or day < end)


def _months(decided: date, windows: Records) -> Iterator[date]:
    """Yield the first days of the months after the decision, until the last window closes."""
    last = max((each["closes"] for each in windows), default="")
    first = add_months(decided.replace(day=1), 1)
    for _ in range(MAX_MONTHS):
        if first is None or str(first) >= last:
            return
        yield first
        first = add_months(first, 1)

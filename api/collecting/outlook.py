"""What a municipality's list could come to today, and what is odd about it.

Its own candidates are looked at and the windows that are open to the round: what others wish, hold
or rank is not part of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from api.collecting.lists import Examined
from api.schemas.requests import (
    ObstacleRecord,
    ReachableWindow,
    RequestedCandidate,
    WarningRecord,
    WishOutlook,
)
from data.faults import pointer
from data.sentences import Language, sentence
from data.wording import Wording, last_day
from models.tables import Submission, Supervisor
from scheduler.accounts import accounts
from scheduler.dates import add_months
from scheduler.domain import Candidate, Window, Wish
from scheduler.errors import Fault
from scheduler.options import covers, grants, options_of
from scheduler.plans import Reason


def outlook(words: Wording) -> list[WishOutlook]:
    """Say of each wish which windows it could meet, or else what keeps it from all of them.

    Parameters
    ----------
    words
        Of the round with one municipality's candidates alone.
    """
    round_ = words.round
    unplaced, _ = accounts(round_, (), 0, decided=False)
    said = {account.candidate: account.reasons for account in unplaced}
    return [
        _wish(words, candidate, position, wish, said[candidate.id])
        for candidate in round_.candidates
        for position, wish in enumerate(candidate.wishes, start=1)
    ]


def warnings(
    list_: Examined, wishes: Sequence[WishOutlook], before: Submission | None, language: Language
) -> list[WarningRecord]:
    """Say what is odd about a list without faults.

    Parameters
    ----------
    wishes
        What `outlook` says of it.
    before
        The list that it is going to replace.
    """
    assert list_.form is not None
    candidates = list_.form.candidates
    last = json.loads(before.content) if before else {"candidates": [], "default_order": None}
    found = [
        *_dropped({each.id for each in candidates}, last["candidates"]),
        *_reversed(list_.form.default_order or [], last["default_order"] or []),
        *_exemptions(candidates, list_.supervisors),
        *_unmet(candidates, wishes),
        *_carried(candidates, list_),
    ]
    return [
        WarningRecord(
            code=fault.code,
            place=pointer(fault.place),
            figures=dict(fault.figures),
            sentence=sentence(language, f"warnings.{fault.code}", fault.figures),
        )
        for fault in found
    ]


def _wish(
    words: Wording, candidate: Candidate, position: int, wish: Wish, said: Sequence[Reason]
) -> WishOutlook:
    """Say what a wish could come to; a limit of nought keeps a window from it like any rule."""
    own = [each for each in said if each.wish in (None, position) and each.code != "OPEN"]
    full = {each.figures["window"] for each in own if each.code == "HELD"}
    granting = [o for o in options_of(words.round, candidate) if grants(words.round, o, position)]
    parts = {p for o in granting for p in o.parts if covers(words.round, wish, p)}
    windows = []
    for window in words.round.windows_at.get(wish.target, ()):
        days = sorted({part.start for part in parts if part.window == window.id})
        if days and window.id not in full:
            windows.append(_reachable(window, days))
    return WishOutlook(
        candidate=candidate.id,
        wish=position,
        windows=windows,
        obstacles=[] if windows else [_obstacle(words, each) for each in own],
    )


def _reachable(window: Window, days: Sequence[date]) -> ReachableWindow:
    return ReachableWindow(
        window=window.id, unit=window.unit, first=days[0], last=days[-1], starts=len(days)
    )


def _obstacle(words: Wording, reason: Reason) -> ObstacleRecord:
    figures = dict(reason.figures)
    return ObstacleRecord(
        code=reason.code,
        window=figures.pop("window", None),
        unit=figures.pop("unit", None),
        figures=figures,
        sentence=words.reason(reason),
    )


def _dropped(now: set[str], before: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    missing = sum(each["id"] not in now for each in before)
    if missing:
        yield Fault("candidate-dropped", ("candidates",), {"missing": missing})


def is_reversed(now: Sequence[str], before: Sequence[str]) -> bool:
    """Tell whether those who stand in both orders stand in them the other way round, two at least.

    Perhaps the last one was taken for the first.
    """
    kept = [each for each in now if each in before]
    return len(kept) > 1 and kept == [each for each in reversed(before) if each in now]


def _reversed(now: Sequence[str], before: Sequence[str]) -> Iterator[Fault]:
    if is_reversed(now, before):
        yield Fault("order-reversed", ("default_order",))


def _exemptions(
    candidates: Sequence[RequestedCandidate], supervisors: Mapping[str, Supervisor]
) -> Iterator[Fault]:
    """An exemption holds throughout the earliest stay that is wished."""
    for position, candidate in enumerate(candidates):
        supervisor = supervisors.get(candidate.supervisor or "")
        if supervisor is None or supervisor.specialist or not candidate.wishes:
            continue
        start = min(wish.earliest for wish in candidate.wishes)
        end = add_months(start, candidate.months_needed)
        begins, ends = supervisor.exempt_from, supervisor.exempt_until
        if end is None or begins is None or ends is None:
            continue
        if not begins <= start < end <= ends:
            days = {"from": begins, "until": last_day(ends), "start": start, "end": last_day(end)}
            figures = {name: str(day) for name, day in days.items()}
            yield Fault("exemption-short", ("candidates", position, "supervisor"), figures)


def _unmet(
    candidates: Sequence[RequestedCandidate], wishes: Sequence[WishOutlook]
) -> Iterator[Fault]:
    positions = {each.id: position for position, each in enumerate(candidates)}
    unmet = [(positions[wish.candidate], wish.wish - 1) for wish in wishes if not wish.windows]
    for candidate, wish in sorted(unmet):
        yield Fault("wish-unmet", ("candidates", candidate, "wishes", wish))


def _carried(candidates: Sequence[RequestedCandidate], list_: Examined) -> Iterator[Fault]:
    """Say who is taken for somebody of an earlier round, so that a wrong id is seen."""
    for position, candidate in enumerate(candidates):
        place = ("candidates", position, "id")
        if wait := list_.waits.get(candidate.id):
            yield Fault("carried-over", place, {"round": wait.label, "waited": wait.rounds})
        if label := list_.placed.get(candidate.id):
            yield Fault("placed-before", place, {"round": label})

"""The years ahead as they are kept: their document, and how long each one waited, unnamed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scheduler.demand import Assumptions
from scheduler.forecast import Ahead, Drawn, Forecast
from scheduler.provision import Provided
from scheduler.rolling import Rolled, Wait
from scheduler.rounds import Round

NOBODY = ""
"""In place of ids: those who wait are counted."""


def waits_record(found: Forecast) -> list[list[list[list[Any]]]]:
    """Return year, months and `in_time` of each wait, by scenario and draw; nobody is named."""
    return [
        [[[w.year, w.months, w.in_time] for w in rolled.waits] for rolled in ahead.rolled]
        for ahead in found.scenarios
    ]


def forecast_of(
    document: Mapping[str, Any], waits: Sequence[Any], round_: Round, assumed: Assumptions
) -> Forecast:
    """Return the years ahead of a ``rotations/years-ahead@1`` document.

    Parameters
    ----------
    waits
        As `waits_record` made them.
    round_, assumed
        The round, and what was assumed of the years after it.
    """
    scenarios = zip(document["scenarios"], waits, strict=True)
    aheads = tuple(_ahead(record, own) for record, own in scenarios)
    return Forecast(round_, assumed, aheads, document["complete"])


def _ahead(record: Mapping[str, Any], waits: Sequence[Any]) -> Ahead:
    return Ahead(
        intake=record["name"],
        draws=tuple(map(_drawn, record["draws"])),
        enough_in=record["enough_in"],
        provided=None if record["posts"] is None else _provided(record["posts"]),
        rolled=tuple(
            Rolled(each["draw"], each["rounds"], each["proven"], tuple(map(_wait, own)))
            for each, own in zip(record["rolled"], waits, strict=True)
        ),
    )


def _drawn(record: Mapping[str, Any]) -> Drawn:
    return Drawn(
        number=record["draw"],
        people=tuple(record["people"]),
        vacancies=tuple(record["vacancies"]),
        able=record["able"],
        provided=_provided(record),
    )


def _provided(record: Mapping[str, Any]) -> Provided:
    posts = {(each["unit"], each["year"] - 1): each["count"] for each in record["places"]}
    return Provided(posts, record["cost"], record["bound"], record["proven"])


def _wait(record: Sequence[Any]) -> Wait:
    year, months, in_time = record
    return Wait(NOBODY, year, months, in_time)

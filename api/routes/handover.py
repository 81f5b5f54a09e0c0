"""What a round hands over: to the trusts' HR, to a regional board, to whoever studies it.

The files are made of the plan in force and of what became of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import SystemRandom
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from api.schemas.fields import Handle
from api.schemas.handover import BoardCounts, BoardFiguresAnswer, BoardOverride, BoardRow
from api.web.admission import AdmittedRoute, Caller
from api.web.calls import Call, found
from api.web.downloads import CSV, JSON, XLSX, download, file_answers
from api.web.problems import Problem, answers
from data.documents import read_round, write_round
from data.sentences import sentence
from models.scope import EVERYTHING
from models.store import handover as store
from models.store import rounds, sightings
from models.store.offers import Seat
from models.tables import Placement, Round
from models.tables.rounds import FROZEN

if TYPE_CHECKING:
    from data.exports.board_figures import BoardFigures, Outcome, Person
    from data.exports.hr_list import Stay

router = APIRouter(route_class=AdmittedRoute, tags=["hand-over"])

_CODES = ("not-found", "plan-not-published")
_KINDS = ("candidates", "units", "windows")


@router.get(
    "/rounds/{id}/hr-list.xlsx",
    operation_id="export_hr_list_xlsx",
    response_class=Response,
    responses=file_answers(XLSX, *_CODES),
)
def export_hr_list_xlsx(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Take home who comes to which department, when, and at what percentage, as a workbook.

    A trust takes its own departments' from a round of its region.
    """
    from data.exports.hr_list import hr_workbook

    content = hr_workbook(_hr_list(call, id), call.today, call.language)
    return download("hr-list.xlsx", XLSX, content)


@router.get(
    "/rounds/{id}/hr-list.csv",
    operation_id="export_hr_list_csv",
    response_class=Response,
    responses=file_answers(CSV, *_CODES),
)
def export_hr_list_csv(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Take home who comes to which department, when, and at what percentage, as CSV."""
    from data.exports.hr_list import hr_csv

    return download("hr-list.csv", CSV, hr_csv(_hr_list(call, id)))


@router.get(
    "/rounds/{id}/board-figures", operation_id="get_board_figures", responses=answers(*_CODES)
)
def get_board_figures(call: Caller, id: Handle) -> BoardFiguresAnswer:  # noqa: A002
    """Count what became of a round's candidates, and how often rules were set aside.

    No count is about a few people.
    """
    figures = _figures(call, id)
    places, units = figures.municipalities, figures.units
    return BoardFiguresAnswer(
        total=BoardCounts(**figures.total),
        municipalities=[BoardRow(id=key, **counts) for key, counts in places.alone.items()],
        other_municipalities=BoardCounts(**places.others),
        units=[BoardRow(id=key, **counts) for key, counts in units.alone.items()],
        other_units=BoardCounts(**units.others),
        overrides=[
            BoardOverride(kind=kind, text=sentence(call.language, f"overrides.{kind}"), times=times)
            for kind, times in figures.overrides.items()
        ],
    )


@router.get(
    "/rounds/{id}/board-figures.csv",
    operation_id="export_board_figures_csv",
    response_class=Response,
    responses=file_answers(CSV, *_CODES),
)
def export_board_figures_csv(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Take the same figures home as CSV; what is not told is empty."""
    from data.exports.board_figures import figures_csv

    return download("board-figures.csv", CSV, figures_csv(_figures(call, id)))


@router.get(
    "/rounds/{id}/pseudonymous",
    operation_id="get_pseudonymous_round",
    response_class=Response,
    responses=file_answers(JSON, "not-found", "round-not-locked"),
)
def get_pseudonymous_round(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Take home a locked round's document without names and under other ids and dates.

    Everything is drawn anew each time. It is not anonymous: what candidates wish, and from which
    day of the year, tells many of them apart, so give it to those alone who may have personal data.
    """
    from data.exports.pseudonymous import pseudonymous

    with call.reading() as session:
        if found(session.get(Round, id)).state not in FROZEN:
            raise Problem("round-not-locked")
        content = found(rounds.snapshot(session, id)).content
    made = pseudonymous(read_round(content.encode()), SystemRandom())
    return download("round.json", JSON, write_round(made))


def _hr_list(call: Call, id_: str) -> list[Stay]:
    """Return who comes to the units in the caller's reach."""
    with call.service.database.reading(EVERYTHING) as session:
        _, units = found(store.taken_over(session, id_, call.scope))
        document = _in_force(session, id_)
        coming: list[Placement | Seat] = [
            *store.placements(session, id_, units),
            *store.promises(session, id_, units),
        ]
    from data.exports.hr_list import Stay

    candidates, places, windows = (_by_id(document[kind]) for kind in _KINDS)
    return [
        Stay(
            unit=each.unit,
            start=each.start,
            end=each.end,
            candidate=each.candidate,
            fte_percent=_percentage(each, windows),
            name=candidates.get(each.candidate, {}).get("name"),
            unit_name=places.get(each.unit, {}).get("name"),
        )
        for each in coming
    ]


def _percentage(seat: Placement | Seat, windows: Mapping[str, Mapping[str, Any]]) -> int | None:
    if isinstance(seat, Placement):
        return seat.fte_percent
    percent: int | None = windows.get(seat.window, {}).get("fte_percent")
    return percent


def _figures(call: Call, id_: str) -> BoardFigures:
    from data.exports.board_figures import board_figures, told_overrides

    with call.reading() as session:
        found(session.get(Round, id_))
        document, seats = _in_force(session, id_), store.seats(session, id_)
        overridden = sightings.overrides(session, id_)
    people = {kind: len(ids) for kind, ids in sightings.whom(overridden).items()}
    overrides = told_overrides(sightings.counted(overridden), people)
    return replace(board_figures(list(_people(document, seats))), overrides=overrides)


def _people(
    document: Mapping[str, Any], seats: Mapping[tuple[str, str], tuple[str, bool]]
) -> Iterator[Person]:
    from data.exports.board_figures import Person

    for each in document["candidates"]:
        unit, hers = seats.get((each["municipality"], each["id"]), (None, False))
        outcome: Outcome = "unplaced" if unit is None else "placed" if hers else "waiting"
        yield Person(each["municipality"], outcome, unit)


def _in_force(session: Session, round_id: str) -> dict[str, Any]:
    """Return the document that the round's plan in force is made from."""
    content = store.document_in_force(session, round_id)
    if content is None:
        raise Problem("plan-not-published")
    document: dict[str, Any] = json.loads(content)
    return document


def _by_id(records: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {record["id"]: record for record in records}

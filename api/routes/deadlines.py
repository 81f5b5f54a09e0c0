"""Deadlines: what each party must do next, and by when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.deadlines.deadline import Deadline
from api.deadlines.found import found
from api.schemas.deadlines import DeadlineAnswer, DeadlineFilter
from api.web.admission import AdmittedRoute, Caller
from api.web.calls import Call
from api.web.downloads import ICS, download, file_answers
from api.web.paging import Page, Paged
from api.web.problems import answers

router = APIRouter(route_class=AdmittedRoute, tags=["deadlines"])


class _Shown(NamedTuple):
    """A candidate of a round, whom an answer tells of."""

    round: str
    candidate: str


Asked = Annotated[DeadlineFilter, Query()]


@router.get("/deadlines", operation_id="list_deadlines", responses=answers())
def list_deadlines(call: Caller, paging: Paged, asked: Asked) -> Page[DeadlineAnswer]:
    """List what you, or those you act for, must do next and by when; the nearest comes first."""
    page = paging.cut(_deadlines(call, asked), lambda each: _answer(call, each))
    call.note_shown(_people(page.items))
    return page


@router.get(
    "/deadlines.ics",
    operation_id="export_deadlines_ics",
    response_class=Response,
    responses=file_answers(ICS),
)
def export_deadlines_ics(call: Caller, asked: Asked) -> Response:
    """Take the same home as a calendar."""
    from api.deadlines.calendars import calendar

    deadlines = _deadlines(call, asked)
    call.note_shown(_people(deadlines))
    return download("deadlines.ics", ICS, calendar(deadlines, call.language, call.today))


def _deadlines(call: Call, asked: DeadlineFilter) -> list[Deadline]:
    with call.reading() as session:
        each = found(session, call.today)
    same = asked.model_dump(exclude_none=True, exclude={"until"})
    return [
        deadline
        for deadline in each
        if all(getattr(deadline, name) == value for name, value in same.items())
        and (asked.until is None or deadline.day <= asked.until)
    ]


def _people(shown: Iterable[Deadline | DeadlineAnswer]) -> Iterator[_Shown]:
    for each in shown:
        if each.round is not None and each.candidate is not None:
            yield _Shown(each.round, each.candidate)


def _answer(call: Call, deadline: Deadline) -> DeadlineAnswer:
    said = {
        "over": deadline.is_over(call.now, call.today),
        "sentence": deadline.text(call.language),
        "id": deadline.id,
    }
    return DeadlineAnswer.model_validate(asdict(deadline) | said)

"""Notices: what parties have been told, whether it has arrived, and once more what has not."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import col, select
from starlette.responses import Response

from api.notices.wording import title
from api.schemas.fields import Handle
from api.schemas.notices import NoticeAnswer, NoticeFilter
from api.web.admission import AdmittedRoute, Caller
from api.web.calls import found
from api.web.paging import Page, Paged
from api.web.problems import Problem, answers
from data.sentences import Language
from models.store.outbox import send_again
from models.store.sightings import subjects
from models.tables import Notice

router = APIRouter(route_class=AdmittedRoute, tags=["notices"])


@router.get("/notices", operation_id="list_notices", responses=answers())
def list_notices(
    call: Caller, paging: Paged, asked: Annotated[NoticeFilter, Query()]
) -> Page[NoticeAnswer]:
    """List what your organisation has told, or what your municipality was told."""
    rows = select(Notice)
    for name, value in asked.model_dump(exclude_none=True).items():
        rows = rows.where(col(getattr(Notice, name)) == value)
    with call.reading() as session:
        page = paging.page(session, rows, Notice.id, lambda row: _answer(row, call.language))
        call.note_shown(subjects(session, (each.subject for each in page.items)))
        return page


@router.post(
    "/notices/{id}/send",
    operation_id="send_notice_again",
    response_model=NoticeAnswer,
    responses=answers("not-found", "notice-not-failed", "conflict", "key-reused"),
)
def send_notice_again(call: Caller, id: Handle) -> Response:  # noqa: A002 - the address names it
    """Have a notice sent that was given up: a letter to the address that its party has by now."""
    with call.writing() as session:
        rows = select(Notice).where(col(Notice.id) == id)
        row = found(session.exec(rows.with_for_update()).one_or_none())
        if row.state != "failed":
            raise Problem("notice-not-failed", state=row.state)
        send_again(session, row, call.now)
        call.note(round=row.round, municipality=row.municipality)
        return call.reply(session, _answer(row, call.language))


def _answer(row: Notice, language: Language) -> NoticeAnswer:
    told = {"title": title(row, language), "subject": row.figures["subject"]}
    return NoticeAnswer.model_validate(row.model_dump() | told)

"""Notices: what parties have been told, and whether it has arrived."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import col, select

from api.notices.wording import title
from api.schemas.notices import NoticeAnswer, NoticeFilter
from api.web.admission import AdmittedRoute, Caller
from api.web.paging import Page, Paged
from api.web.problems import answers
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

    def answer(row: Notice) -> NoticeAnswer:
        told = {"title": title(row, call.language), "subject": row.figures["subject"]}
        return NoticeAnswer.model_validate(row.model_dump() | told)

    with call.reading() as session:
        return paging.page(session, rows, Notice.id, answer)

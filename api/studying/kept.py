"""What-ifs as a round keeps them: listed, and removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from starlette.responses import Response

from api.schemas.studies import StudyAnswer
from api.web.calls import Call, found
from api.web.paging import Page, Paging
from data.sentences import Language
from models.store import plans, studies
from models.store.plans import Freshness
from models.tables import Round, Study

A = TypeVar("A", bound=StudyAnswer)


def listed(
    call: Call,
    round_id: str,
    kind: str,
    paging: Paging,
    answer: Callable[[Study, Freshness, Language], A],
) -> Page[A]:
    """Return a page of a round's studies of a kind; what is told of a failure may name people."""
    with call.reading() as session:
        found(session.get(Round, round_id))
        fresh = plans.freshness(session, round_id)
        page = paging.page(
            session,
            studies.of_round(round_id, kind),
            Study.id,
            lambda row: answer(row, fresh, call.language),
        )
    if any(row.failure is not None for row in page.items):
        call.note_people()
    return page


def removed(call: Call, id_: str, kind: str) -> Response:
    """Remove a study of a kind; a worker that makes it stops."""
    with call.writing() as session:
        row = found(studies.one(session, id_, kind))
        call.note(round=row.round)
        studies.remove(session, [row])
        return call.reply(session, None, 204)

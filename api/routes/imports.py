"""Rounds that come as one document."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from api.collecting import moves
from api.collecting.arrivals import JSON, MEDIA_TYPES, arrived
from api.collecting.refusals import translated
from api.schemas.fields import OrganisationNumber
from api.schemas.rounds import ImportAnswer
from api.web.admission import AdmittedRoute, Caller
from api.web.bodies import invalid
from api.web.calls import Call, etag
from api.web.problems import FaultRecord, Problem, answers
from data.faults import fault_record
from models.store.organisations import organisation_in_reach
from models.tables import Round
from scheduler import rounds
from scheduler.errors import Fault, InvalidRound

router = APIRouter(route_class=AdmittedRoute, tags=["rounds"])

_CODES = ("exists", "refused", "too-large", "unsupported-media-type", "conflict", "key-reused")
_TRIED = "What a dry run has read, or what is wrong with it."
_FILE = {"type": "string", "format": "binary"}
_ROUND = {"description": "An object. Of anything else a dry run says that it is none."}
_BODY: dict[str, Any] = {
    "required": True,
    "description": "`rotations/round@1` as JSON, as CSV files in a zip archive, or as a workbook.",
    "content": {
        media_type: {"schema": _ROUND if media_type == JSON else _FILE}
        for media_type in MEDIA_TYPES
    },
}


async def _sent(request: Request) -> bytes:
    return await request.body()


@router.post(
    "/rounds/import",
    operation_id="import_round",
    status_code=201,
    response_model=ImportAnswer,
    responses=answers(*_CODES) | {200: {"model": ImportAnswer, "description": _TRIED}},
    openapi_extra={"requestBody": _BODY},
)
def import_round(
    call: Caller,
    content: Annotated[bytes, Depends(_sent)],
    organisation: Annotated[OrganisationNumber, Query(description="Who plans the round.")],
    dry_run: Annotated[bool, Query(description="Read it; save nothing.")] = False,
) -> Response:
    """Take in a round as one document: it is locked from the start, with its snapshot."""
    with call.reading() as session:
        if organisation_in_reach(session, organisation) is None:
            raise invalid([Fault("not-known", ("query", "organisation"), {"what": "organisation"})])
    try:
        document = arrived(content, call.request.headers.get("content-type"))
    except InvalidRound as error:
        if dry_run:
            return _answered(ImportAnswer(faults=_records(call, error)))
        raise invalid(error.faults) from None
    if dry_run:
        return _answered(_counted(document))
    with call.writing() as session, translated(call.language):
        if _is_known(session, organisation, document.id):
            raise Problem("exists")
        row, _ = moves.admit(session, organisation, document, author=call.author, now=call.now)
        answer = _counted(document).model_copy(update={"round": row.id})
        headers = {"Location": f"/v1/rounds/{row.id}", "ETag": etag(row.revision)}
        return call.reply(session, answer, 201, headers)


def _is_known(session: Session, organisation: str, label: str) -> bool:
    same = col(Round.organisation) == organisation, col(Round.label) == label
    return session.exec(select(Round.id).where(*same)).first() is not None


def _counted(document: rounds.Round) -> ImportAnswer:
    return ImportAnswer(
        label=document.id,
        hash=document.hash,
        units=len(document.units),
        windows=len(document.windows),
        municipalities=len(document.municipalities),
        candidates=len(document.candidates),
        commitments=len(document.commitments),
    )


def _records(call: Call, error: InvalidRound) -> list[FaultRecord]:
    return [FaultRecord(**fault_record(call.language, fault)) for fault in error.faults]


def _answered(answer: ImportAnswer) -> Response:
    return Response(answer.model_dump_json(), media_type="application/json")

"""Municipalities' lists: handed in whole, tried before that, and answered with a receipt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query
from sqlmodel import Session, col, select
from starlette.responses import Response

from api.collecting.list_workbooks import Workbook, told_apart
from api.collecting.lists import Examined, examined, hash_of, is_late, keep
from api.collecting.outlook import outlook, warnings
from api.rights import RIGHTS
from api.schemas.fields import Handle, MunicipalityInPath
from api.schemas.requests import (
    KeptReceiptAnswer,
    NewReceiptAnswer,
    ReceiptAnswer,
    Receipts,
    RequestList,
    RequestsForm,
    TrialAnswer,
)
from api.schemas.unchecked import unchecked
from api.web.admission import AdmittedRoute, Caller
from api.web.bodies import invalid
from api.web.calls import Call, etag, found, shown
from api.web.downloads import XLSX, download, file_answers
from api.web.problems import FaultRecord, Problem, answers
from data.faults import fault_record
from data.wording import Wording
from models.store import rounds as store
from models.store import submissions
from models.store.names import of_places
from models.tables import Round, Submission

router = APIRouter(route_class=AdmittedRoute, tags=["requests"])

MOST_RECEIPTS = 200

_WORKBOOK: dict[str, Any] = {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}
_LIST = "/rounds/{id}/municipalities/{number}/requests"
_READ = answers("not-found")
_PUT = answers(
    *("not-found", "round-not-open", "deadline-passed", "round-invalid"),
    *("stale", "precondition-required", "conflict", "key-reused"),
)


@router.get(_LIST, operation_id="get_requests", response_model=RequestList, responses=_READ)
def get_requests(
    call: Caller,
    id: Handle,  # noqa: A002 - the address names it
    number: MunicipalityInPath,
) -> Response:
    """Show the list that holds; its ETag is its number."""
    with call.reading() as session:
        row = found(submissions.newest(session, id, number))
        return Response(row.content, 200, {"ETag": etag(row.number)}, media_type="application/json")


@router.put(
    _LIST,
    operation_id="put_requests",
    response_model=NewReceiptAnswer | TrialAnswer,
    responses=_PUT | {201: {"model": NewReceiptAnswer, "description": "The first list."}},
    openapi_extra={"requestBody": _WORKBOOK},
)
def put_requests(
    call: Caller,
    id: Handle,  # noqa: A002
    number: MunicipalityInPath,
    value: Annotated[Any, unchecked(RequestsForm), Body()],
    dry_run: Annotated[bool, Query(description="Try it; save nothing.")] = False,
) -> Response:
    """Hand in a municipality's whole list, in place of the one before: values, or the workbook.

    Before the deadline the municipality's coordinator may, after it a planner of the round alone,
    with a written reason. A dry run needs no
    precondition, and says of each wish which windows it could meet today.
    """
    sent = Workbook(value) if isinstance(value, bytes) and _is_workbook(call) else value
    if dry_run:
        return _tried(call, id, number, sent)
    with call.writing() as session:
        round_ = found(store.taken(session, id, alone=False))
        if not submissions.take_turn(session, id, number):
            raise Problem("not-found")
        late = _is_late(call, session, round_, number)
        before = submissions.newest(session, id, number)
        call.expect_tag(etag(before.number) if before else None)
        list_ = examined(session, round_, number, sent, now=call.now, late=late)
        if list_.form is None or list_.round is None:
            raise invalid(list_.faults)
        wishes = outlook(Wording(list_.round, call.language, of_places(session)))
        odd = warnings(list_, wishes, before, call.language)
        row = keep(session, round_, number, list_.form, author=call.author, now=call.now)
        call.note(candidates=[candidate.id for candidate in list_.form.candidates])
        if row.late_reason is not None:
            call.note(override="late-list", reason=row.late_reason)
        answer = NewReceiptAnswer(**_receipt(row).model_dump(), warnings=odd)
        headers = {"ETag": etag(row.number)}
        return call.reply(session, answer, 200 if before else 201, headers)


@router.get(
    _LIST + "/template.xlsx",
    operation_id="export_requests_xlsx",
    response_class=Response,
    responses=file_answers(XLSX, "not-found"),
)
def export_requests_xlsx(
    call: Caller,
    id: Handle,  # noqa: A002
    number: MunicipalityInPath,
) -> Response:
    """Take home the workbook that a list can be handed in as, with the list that holds."""
    from data.sheets.list_template import write_list

    with call.reading() as session:
        round_ = found(session.get(Round, id))
        if not submissions.takes_part(session, id, number):
            raise Problem("not-found")
        row = submissions.newest(session, id, number)
        places = store.wishable(session, round_.organisation)
        names = told_apart(submissions.supervisors_in_reach(session, number))
        list_ = json.loads(row.content) if row else {"candidates": [], "orders": []}
    content = write_list(list_, call.language, places, names)
    return download(f"{number}.xlsx", XLSX, content)


@router.get(_LIST + "/receipts", operation_id="list_receipts", responses=_READ)
def list_receipts(
    call: Caller,
    id: Handle,  # noqa: A002
    number: MunicipalityInPath,
) -> Receipts:
    """List the receipts of what a municipality has handed in, the newest first."""
    with call.reading() as session:
        if not submissions.takes_part(session, id, number):
            raise Problem("not-found")
        rows = submissions.handed_in(session, id, number, MOST_RECEIPTS)
        return Receipts(items=[_receipt(row) for row in rows])


@router.get(
    _LIST + "/receipts/{receipt}",
    operation_id="get_receipt",
    response_model=KeptReceiptAnswer,
    responses=_READ,
)
def get_receipt(
    call: Caller,
    id: Handle,  # noqa: A002
    number: MunicipalityInPath,
    receipt: Annotated[int, Path(ge=1, le=10**9)],
) -> Response:
    """Show a receipt with the list that it is for."""
    with call.reading() as session:
        row = found(submissions.numbered(session, id, number, receipt))
        answer = KeptReceiptAnswer(
            **_receipt(row).model_dump(), late_reason=row.late_reason, content=row.content
        )
        return shown(answer, row.number)


def _is_workbook(call: Call) -> bool:
    media_type = call.request.headers.get("content-type", "").partition(";")[0]
    return media_type.strip().lower() == XLSX


def _tried(call: Call, id_: str, number: str, sent: object) -> Response:
    """Say what handing in a list would come to; nothing is saved.

    It tells of the list before, so it is a reading of that.
    """
    call.note_people()
    with call.reading() as session:
        round_ = found(session.get(Round, id_))
        if not submissions.takes_part(session, id_, number):
            raise Problem("not-found")
        late = _is_late(call, session, round_, number)
        list_ = examined(session, round_, number, sent, now=call.now, late=late)
        before = submissions.newest(session, id_, number)
        trial = _trial(call, list_, before, of_places(session))
        return Response(trial.model_dump_json(by_alias=True), media_type="application/json")


def _trial(
    call: Call, list_: Examined, before: Submission | None, places: Mapping[str, str]
) -> TrialAnswer:
    faults = [FaultRecord(**fault_record(call.language, fault)) for fault in list_.faults]
    if list_.round is None:
        return TrialAnswer(faults=faults, warnings=[], wishes=[], requests=None)
    wishes = outlook(Wording(list_.round, call.language, places))
    odd = warnings(list_, wishes, before, call.language)
    return TrialAnswer(faults=faults, warnings=odd, wishes=wishes, requests=list_.form)


def _is_late(call: Call, session: Session, round_: Round, number: str) -> bool:
    """Tell whether a list that the caller hands in is late; she must be who may hand it in now."""
    planned = call.principal.scope(RIGHTS["lock_round"]).owns_organisation(Round.organisation)
    is_planner = session.exec(select(Round.id).where(col(Round.id) == round_.id, planned)).first()
    return is_late(
        round_,
        call.now,
        by_planner=is_planner is not None,
        by_coordinator=number in call.scope.municipalities,
    )


def _receipt(row: Submission) -> ReceiptAnswer:
    return ReceiptAnswer(
        round=row.round,
        municipality=row.municipality,
        number=row.number,
        hash=row.hash,
        submitted_at=row.submitted_at,
        late=row.late_reason is not None,
        erased=hash_of(row.content.encode()) != row.hash,
    )

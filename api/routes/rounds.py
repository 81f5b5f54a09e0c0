"""Rounds: made and moved by planners, read by those who have a part in them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session, col, select
from starlette.responses import Response

from api.collecting import moves, preparing
from api.collecting.assembly import assembled
from api.collecting.figures import Audience, figures
from api.collecting.refusals import translated
from api.rights import PLANNER, RIGHTS
from api.schemas.fields import Handle
from api.schemas.rounds import (
    ClosingForm,
    CollectedRoundForm,
    ReopeningForm,
    RoundAnswer,
    RoundChangeForm,
    RoundFiguresAnswer,
    RoundFilter,
    RoundSummary,
    SnapshotAnswer,
    TransitionAnswer,
    Transitions,
)
from api.web.admission import AdmittedRoute, Caller
from api.web.calls import Call, etag, found, shown
from api.web.paging import Page, Paged
from api.web.problems import answers
from data.documents import write_round
from models.scope import EVERYTHING
from models.store import rounds as store
from models.store.grants import acted_for
from models.tables import Organisation, Round, Snapshot
from models.tables.rounds import FROZEN

router = APIRouter(route_class=AdmittedRoute, tags=["rounds"])

_READ = answers("not-found")
_MOVED = ("not-found", "round-imported", "stale", "precondition-required", "conflict", "key-reused")


@router.get("/rounds", operation_id="list_rounds", responses=answers())
def list_rounds(
    call: Caller, paging: Paged, asked: Annotated[RoundFilter, Query()]
) -> Page[RoundSummary]:
    """List the rounds that you have a part in."""
    rows = select(Round)
    for name, value in asked.model_dump(exclude_none=True).items():
        rows = rows.where(col(getattr(Round, name)) == value)
    with call.reading() as session:
        return paging.page(session, rows, Round.id, _summary)


@router.post(
    "/rounds",
    operation_id="create_round",
    status_code=201,
    response_model=RoundAnswer,
    responses=answers("exists", "conflict", "key-reused"),
)
def create_round(call: Caller, form: CollectedRoundForm) -> Response:
    """Prepare a round of your organisation; nobody else sees it before it is opened."""
    with call.writing() as session:
        plan = dict(form)
        preparing.check_new(session, plan)
        invited = plan.pop("participants")
        row = moves.create(session, plan, invited, author=call.author, now=call.now)
        headers = {"Location": f"/v1/rounds/{row.id}", "ETag": etag(row.revision)}
        return call.reply(session, _answer(row, sorted(invited)), 201, headers)


@router.get("/rounds/{id}", operation_id="get_round", response_model=RoundAnswer, responses=_READ)
def get_round(call: Caller, id: Handle) -> Response:  # noqa: A002 - the address names it
    """Show a round."""
    with call.reading() as session:
        row = found(session.get(Round, id))
        return shown(_answer(row, store.participants(session, id)), row.revision)


@router.patch(
    "/rounds/{id}",
    operation_id="update_round",
    response_model=RoundAnswer,
    responses=answers(*_MOVED, "round-not-open", "in-use"),
)
def update_round(call: Caller, id: Handle, form: RoundChangeForm) -> Response:  # noqa: A002
    """Change a round that is not locked; of an open one with a written reason.

    The deadline of an open round moves later only, and who has handed in a list stays in it.
    """
    with call.writing() as session:
        row = found(store.taken(session, id))
        moves.expect_state(row, "open", "draft")
        call.expect(row)
        preparing.change(session, row, form, author=call.author, now=call.now)
        call.note(reason=form.reason)
        headers = {"ETag": etag(row.revision)}
        return call.reply(session, _answer(row, store.participants(session, id)), headers=headers)


@router.post(
    "/rounds/{id}/open",
    operation_id="open_round",
    response_model=RoundAnswer,
    responses=answers(*_MOVED, "round-not-draft"),
)
def open_round(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Let the municipalities hand in their lists."""
    with call.writing() as session:
        row = found(store.taken(session, id))
        call.expect(row)
        moves.open_round(session, row, author=call.author, now=call.now)
        headers = {"ETag": etag(row.revision)}
        return call.reply(session, _answer(row, store.participants(session, id)), headers=headers)


@router.post(
    "/rounds/{id}/lock",
    operation_id="lock_round",
    response_model=SnapshotAnswer,
    responses=answers(*_MOVED, "round-not-open", "round-invalid", "refused"),
)
def lock_round(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Freeze the round's document; lists that come later are refused.

    The answer is the snapshot; its ETag is the round's.
    """
    with call.writing() as session:
        row = found(store.taken(session, id))
        call.expect(row)
        with translated(call.language):
            snapshot = moves.lock(session, row, author=call.author, now=call.now)
        headers = {"ETag": etag(row.revision)}
        return call.reply(session, _snapshot(snapshot), headers=headers)


@router.post(
    "/rounds/{id}/close",
    operation_id="close_round",
    response_model=RoundAnswer,
    responses=answers(*_MOVED, "round-not-locked", "plan-published"),
)
def close_round(call: Caller, id: Handle, form: ClosingForm) -> Response:  # noqa: A002
    """End a locked round of which no plan is going to be published, for a written reason."""
    with call.writing() as session:
        row = found(store.taken(session, id))
        call.expect(row)
        moves.close(session, row, form.reason, author=call.author, now=call.now)
        call.note(override="closed", reason=form.reason)
        headers = {"ETag": etag(row.revision)}
        return call.reply(session, _answer(row, store.participants(session, id)), headers=headers)


@router.post(
    "/rounds/{id}/reopen",
    operation_id="reopen_round",
    response_model=RoundAnswer,
    responses=answers(*_MOVED, "round-not-locked"),
)
def reopen_round(call: Caller, id: Handle, form: ReopeningForm) -> Response:  # noqa: A002
    """Open a locked or closed round again, for a written reason; its snapshots stay.

    An imported one that was closed is locked again.
    """
    with call.writing() as session:
        row = found(store.taken(session, id))
        call.expect(row)
        moves.reopen(session, row, form.reason, author=call.author, now=call.now)
        call.note(override="reopened", reason=form.reason)
        headers = {"ETag": etag(row.revision)}
        return call.reply(session, _answer(row, store.participants(session, id)), headers=headers)


@router.get("/rounds/{id}/transitions", operation_id="list_transitions", responses=_READ)
def list_transitions(call: Caller, id: Handle) -> Transitions:  # noqa: A002
    """List what has been done to a round, by whom and why."""
    with call.reading() as session:
        round_ = found(session.get(Round, id))
        rows = store.transitions(session, id)
        acted = acted_for(session, {row.moved_by for row in rows}, PLANNER)
        own = found(session.get(Organisation, round_.organisation))
    items = []
    for row in rows:
        planners = (each for each in (own.number, own.parent) if each in acted[row.moved_by])
        told = row.model_dump() | {"organisation": next(planners, None)}
        items.append(TransitionAnswer.model_validate(told))
    return Transitions(items=items)


@router.get(
    "/rounds/{id}/document",
    operation_id="get_round_document",
    response_class=Response,
    responses=answers("not-found", "round-invalid")
    | {200: {"description": "`rotations/round@1`", "content": {"application/json": {}}}},
)
def get_round_document(
    call: Caller,
    id: Handle,  # noqa: A002
    snapshot: Annotated[int | None, Query(ge=1, le=10**9)] = None,
) -> Response:
    """Show the round's document: frozen where it is locked or closed, else as it stands.

    The ETag is its hash. An earlier frozen one is asked for by its number.
    """
    with call.reading() as session:
        row = found(session.get(Round, id))
        if snapshot is not None or row.state in FROZEN:
            frozen = found(store.snapshot(session, id, snapshot))
            return _document(frozen.content.encode(), frozen.hash)
        with translated(call.language):
            document = moves.coherent(assembled(session, row))
        return _document(write_round(document), document.hash)


@router.get("/rounds/{id}/figures", operation_id="get_round_figures", responses=_READ)
def get_round_figures(call: Caller, id: Handle) -> RoundFiguresAnswer:  # noqa: A002
    """Show how far a round has come, and supply against demand."""
    with call.reading() as session:
        found(session.get(Round, id))
        audience = _audience(call, session, id)
    with call.service.database.reading(EVERYTHING) as session:
        return figures(session, found(session.get(Round, id)), audience)


def _audience(call: Call, session: Session, id_: str) -> Audience:
    """Return how much the caller may be told: staff of whoever plans the round see everybody."""
    staff = call.principal.scope(RIGHTS["get_round_document"])
    own = staff.owns_organisation(Round.organisation)
    is_staff = session.exec(select(Round.id).where(col(Round.id) == id_, own)).first()
    return Audience(None if is_staff else call.scope.municipalities)


def _document(content: bytes, hash_: str) -> Response:
    return Response(content, 200, {"ETag": etag(hash_)}, "application/json")


def _summary(row: Round) -> RoundSummary:
    return RoundSummary.model_validate(row, from_attributes=True)


def _answer(row: Round, participants: list[str]) -> RoundAnswer:
    return RoundAnswer(**_summary(row).model_dump(), participants=participants)


def _snapshot(row: Snapshot) -> SnapshotAnswer:
    return SnapshotAnswer.model_validate(row, from_attributes=True)

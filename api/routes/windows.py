"""Vacancies: units publish, change and withdraw them, everybody looks for them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Header, Query
from sqlmodel import Session, col, select
from starlette.responses import Response

from api.feeds.windows import MAX_ENTRIES, PERIOD, AtomResponse, answered, vacancies_feed
from api.rights import RIGHTS
from api.schemas.fields import SlugInPath
from api.schemas.windows import (
    OwnWindowAnswer,
    VacancyFilter,
    WindowAnswer,
    WindowFilter,
    WindowForm,
)
from api.web.admission import AdmittedRoute, Caller
from api.web.bodies import invalid
from api.web.calls import etag, found, shown
from api.web.paging import Page, Paged
from api.web.problems import Problem, answers
from models.scope import Condition, Scope
from models.store.rows import saved
from models.store.windows import changed_since, locked_rounds_with
from models.tables import Unit, Window
from scheduler.errors import Fault

router = APIRouter(route_class=AdmittedRoute, tags=["windows"])

_CHANGE = ("not-found", "stale", "precondition-required", "conflict", "key-reused")
_STATE = {
    "ETag": {"schema": {"type": "string"}, "description": "The state of the feed."},
    "Last-Modified": {"schema": {"type": "string"}, "description": "When it last changed."},
}
_FEED: dict[int | str, dict[str, Any]] = {
    200: {"headers": _STATE},
    304: {"description": "You have the feed as it is.", "headers": _STATE},
}


@router.get(
    "/windows/feed.atom",
    operation_id="get_windows_feed",
    response_class=AtomResponse,
    responses=answers() | _FEED,
)
def get_windows_feed(
    call: Caller,
    asked: Annotated[VacancyFilter, Query()],
    if_none_match: Annotated[str | None, Header(description="ETags of feeds you have.")] = None,
    if_modified_since: Annotated[str | None, Header(description="Last-Modified you have.")] = None,
) -> Response:
    """Follow what is published, changed or withdrawn, newest first, as Atom (RFC 4287).

    It goes 90 days back. Send its ETag as If-None-Match to be answered 304 while nothing is new.
    """
    with call.reading() as session:
        vacancies = changed_since(session, call.now - PERIOD, _wanted(asked), MAX_ENTRIES)
    base = (call.service.settings.base_url or str(call.request.base_url)).rstrip("/")
    filters = {name: str(value) for name, value in asked.model_dump(exclude_none=True).items()}
    body = vacancies_feed(vacancies, call.language, base, filters)
    newest = vacancies[0].window.changed_at if vacancies else None
    return answered(body, newest, call.now, if_none_match, if_modified_since)


@router.get("/windows", operation_id="list_windows", responses=answers())
def list_windows(
    call: Caller, paging: Paged, asked: Annotated[WindowFilter, Query()]
) -> Page[WindowAnswer]:
    """List the vacancies."""
    withdrawn = col(Window.withdrawn_at).is_not(None)
    state = withdrawn if asked.withdrawn else ~withdrawn
    with call.reading() as session:
        rows = select(Window).where(state, *_wanted(asked))
        return paging.page(session, rows, Window.id, _listed)


@router.post(
    "/units/{unit}/windows",
    operation_id="create_window",
    status_code=201,
    response_model=OwnWindowAnswer,
    responses=answers("not-found", "conflict", "key-reused"),
)
def create_window(call: Caller, unit: SlugInPath, form: WindowForm) -> Response:
    """Publish a vacancy of your unit."""
    with call.writing() as session:
        own = select(Unit).where(col(Unit.id) == unit, call.scope.owns_unit(Unit.id))
        found(session.exec(own).first())
        _check(form)
        new = {"id": uuid4().hex, "unit": unit, "published_at": call.now, "changed_at": call.now}
        row = saved(session, None, Window, dict(form) | new)
        headers = {"Location": f"/v1/windows/{row.id}", "ETag": etag(row.revision)}
        return call.reply(session, _of_owner(session, row), 201, headers)


@router.get(
    "/windows/{id}",
    operation_id="get_window",
    response_model=OwnWindowAnswer,
    responses=answers("not-found"),
)
def get_window(call: Caller, id: SlugInPath) -> Response:  # noqa: A002 - the address names it
    """Show a vacancy, also a withdrawn one."""
    with call.reading() as session:
        row = found(session.get(Window, id))
        changes = call.principal.scope(RIGHTS["put_window"])
        own = _find(session, changes, id) is not None
        return shown(_window(row, locked_rounds_with(session, id) if own else None), row.revision)


@router.put(
    "/windows/{id}",
    operation_id="put_window",
    response_model=OwnWindowAnswer,
    responses=answers(*_CHANGE, "window-withdrawn"),
)
def put_window(call: Caller, id: SlugInPath, form: WindowForm) -> Response:  # noqa: A002
    """Change a vacancy of your unit; rounds that are locked keep it as it was."""
    with call.writing() as session:
        row = found(_find(session, call.scope, id))
        call.expect(row)
        if row.withdrawn_at is not None:
            raise Problem("window-withdrawn")
        _check(form)
        values = dict(form)
        if values != row.model_dump(include=set(values)):
            row = saved(session, row, Window, values | {"changed_at": call.now})
        return call.reply(session, _of_owner(session, row), headers={"ETag": etag(row.revision)})


@router.post(
    "/windows/{id}/withdraw",
    operation_id="withdraw_window",
    response_model=OwnWindowAnswer,
    responses=answers(*_CHANGE),
)
def withdraw_window(call: Caller, id: SlugInPath) -> Response:  # noqa: A002
    """Withdraw a vacancy of your unit, for good; one that is withdrawn already stays as it is."""
    with call.writing() as session:
        row = found(_find(session, call.scope, id))
        if row.withdrawn_at is None:
            call.expect(row)
            times = {"withdrawn_at": call.now, "changed_at": call.now}
            row = saved(session, row, Window, times)
        return call.reply(session, _of_owner(session, row), headers={"ETag": etag(row.revision)})


def _wanted(asked: VacancyFilter) -> list[Condition]:
    """Return the conditions of a filter; an organisation stands for all its trusts."""
    equal = {Window.unit: asked.unit, Window.kind: asked.kind, Window.certainty: asked.certainty}
    wanted = [col(column) == value for column, value in equal.items() if value is not None]
    if asked.site is not None:
        at_site = select(Unit.id).where(col(Unit.site) == asked.site)
        wanted.append(col(Window.unit).in_(at_site))
    if asked.organisation is not None:
        its = Scope(organisations=frozenset({asked.organisation}))
        wanted.append(its.owns_unit(Window.unit))
    if asked.opens_before is not None:
        wanted.append(col(Window.opens) < asked.opens_before)
    if asked.closes_after is not None:
        wanted.append(col(Window.closes) > asked.closes_after)
    return wanted


def _find(session: Session, scope: Scope, id_: str) -> Window | None:
    """Return a window if it is in `scope` to change."""
    rows = select(Window).where(col(Window.id) == id_, scope.owns_unit(Window.unit))
    return session.exec(rows).first()


def _check(form: WindowForm) -> None:
    if form.opens >= form.closes:
        raise invalid([Fault("dates-reversed", ("closes",), {"after": "opens"})])


def _listed(row: Window) -> WindowAnswer:
    return WindowAnswer.model_validate(row, from_attributes=True)


def _of_owner(session: Session, row: Window) -> OwnWindowAnswer:
    return _window(row, locked_rounds_with(session, row.id))


def _window(row: Window, in_locked_rounds: int | None) -> OwnWindowAnswer:
    return OwnWindowAnswer(**row.model_dump(), in_locked_rounds=in_locked_rounds)

"""The pages together: their routes, what compresses them, and what answers where nothing is."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import cast

from fastapi import APIRouter, FastAPI
from fastapi.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.pages import files, front, mine, signing_in, vacancies
from api.pages.deciding import auditing, capacity, explaining, moving, releasing, scenarios
from api.pages.municipality import lists, record, results, supervision
from api.pages.page import Page, explained
from api.pages.planner import beginning, people, plans, rounds
from api.pages.unit import overview, placements, windows

ROUTERS: tuple[APIRouter, ...] = (
    files.router,
    beginning.router,
    rounds.router,
    plans.router,
    people.router,
    signing_in.router,
    overview.router,
    windows.router,
    placements.router,
    record.router,
    supervision.router,
    lists.router,
    results.router,
    mine.router,
    vacancies.router,
    moving.router,
    releasing.router,
    scenarios.router,
    capacity.router,
    explaining.router,
    auditing.router,
    front.router,
)
"""The router of each area."""

INTERFACE = ("/v1/", "/livez", "/readyz")
"""Where programs ask, and nobody looks."""

Refusing = Callable[[Request, Exception], Awaitable[Response]]


def add_pages(app: FastAPI) -> None:
    """Add the pages to the application, once its own handlers are registered."""
    for router in ROUTERS:
        app.include_router(router)
    refuse = cast("Refusing", app.exception_handlers[HTTPException])
    fail = cast("Refusing", app.exception_handlers[Exception])

    async def refused(request: Request, error: Exception) -> Response:
        if not _wants_page(request):
            return await refuse(request, error)
        page = Page(request)
        try:
            await run_in_threadpool(page.identify)
        except HTTPException as too_many:
            error = too_many
        return await explained(page, error)

    async def failed(request: Request, error: Exception) -> Response:
        problem = await fail(request, error)
        if not _wants_page(request):
            return problem
        try:
            return await Page(request).problem(500, json.loads(bytes(problem.body))["title"])
        except Exception:  # noqa: BLE001 - what failed may be what pages are made of
            return problem

    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(Exception, failed)


def _wants_page(request: Request) -> bool:
    """Tell whether somebody looks, and it is not a program that asks."""
    is_interface = request.url.path.startswith(INTERFACE)
    return not is_interface and "text/html" in request.headers.get("accept", "")


class Compressing:
    """Middleware: compresses what browsers fetch; the interface's answers stay as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._compressed = app, GZipMiddleware(app, minimum_size=1024)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        is_plain = scope["type"] != "http" or scope["path"].startswith(INTERFACE)
        await (self._app if is_plain else self._compressed)(scope, receive, send)

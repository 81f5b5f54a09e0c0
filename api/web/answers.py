"""From what goes wrong to an answer: every exception leaves as problem+json, and tells no value."""

from __future__ import annotations

import logging
from secrets import token_hex
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import Scope

from api.web.bodies import invalid
from api.web.calls import Replay
from api.web.languages import preferred
from api.web.problems import MEDIA_TYPE, Problem
from data.forms.refusals import faults_of

MEBIBYTE = 2**20

_COUNTING = "starlette._body_limit_responder"
"""Where a request holds what counts its body: it alone knows the limit in force."""

_log = logging.getLogger("rotations.http")

_BY_STATUS = {
    400: "not-json-body",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    415: "unsupported-media-type",
}


def register_handlers(app: FastAPI) -> None:
    """Let every exception be answered by a problem."""
    app.add_exception_handler(Replay, _replayed)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _misformed)
    app.add_exception_handler(Exception, _failed)


def answered(request: Request, problem: Problem) -> JSONResponse:
    """Return a problem in the language the caller asks for."""
    language = preferred(request.headers.get("accept-language"))
    headers = {**(problem.headers or {}), "Content-Language": language}
    return JSONResponse(problem.document(language), problem.status_code, headers, MEDIA_TYPE)


async def _replayed(_request: Request, replay: Exception) -> Response:
    assert isinstance(replay, Replay)
    return replay.response


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return answered(request, error if isinstance(error, Problem) else _named(request, error))


def too_large(scope: Scope) -> Problem:
    """Return the problem of a body beyond the limit, which some routes have of their own."""
    limit: int = scope[_COUNTING].max_body_size
    return Problem("too-large", maximum=limit // MEBIBYTE)


def _named(request: Request, error: HTTPException) -> Problem:
    """Return the problem that stands for an answer of the framework's own."""
    if error.status_code == 413:
        return too_large(request.scope)
    code = _BY_STATUS.get(error.status_code, "not-acceptable")
    allowed = {"Allow": _allowed(request)} if error.status_code == 405 else {}
    return Problem(code, headers={**(error.headers or {}), **allowed})


def _allowed(request: Request) -> str:
    """Return every method that an address knows: the framework names those of one route alone."""
    methods = {
        method.upper()
        for path, operations in request.app.openapi()["paths"].items()
        if compile_path(path)[0].match(request.url.path)
        for method in operations
    }
    return ", ".join(sorted(methods))


async def _misformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return answered(request, invalid(list(faults_of(map(_placed, error.errors())))))


def _placed(item: dict[str, Any]) -> dict[str, Any]:
    """Let a place in the body start at the body's own root."""
    where, *steps = item["loc"]
    return {**item, "loc": tuple(steps) if where == "body" else (where, *steps)}


async def _failed(request: Request, error: Exception) -> Response:
    incident = token_hex(4)
    _log.error("incident %s: %s", incident, type(error).__name__, exc_info=error)
    return answered(request, Problem("internal", incident=incident))

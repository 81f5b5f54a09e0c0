"""What anybody may ask: whether the service lives, is ready, what it offers and how it fails."""

from __future__ import annotations

import re

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import JSONResponse

from api.schemas.fields import Answer
from api.web.languages import preferred
from api.web.limits import origin
from api.web.problems import STATUS, Problem, answers
from api.web.readiness import Readiness
from api.web.service import Service
from data.forms.fields import described
from data.sentences import Language, catalogue

_FIGURE = re.compile(r"\{(\w+)[^}]*\}")


class LivezAnswer(Answer):
    """The process answers."""

    alive: bool = described("Always true.", True)


class ReadyzAnswer(Answer):
    """The service can be used."""

    ready: bool = described("Always true; else the answer is a problem.", True)
    keys: bool = described("Whether tokens of every issuer can be checked.", True)
    workers: bool = described("Whether somebody is there to make plans; else they wait.", True)


class ProblemKindAnswer(Answer):
    """A kind of problem."""

    type: str = described("Which problem this is.", "/problems/stale")
    code: str = described("Stable name of the problem.", "stale")
    status: int = described("The HTTP status.", 412)
    title: str = described(
        "What it says; names in braces stand for figures.",
        "It has changed since you read it. Read it again, then decide anew.",
    )


class ProblemKindsAnswer(Answer):
    """Every kind of problem."""

    items: list[ProblemKindAnswer] = described(
        "The kinds, by status.",
        [{"type": "/problems/stale", "code": "stale", "status": 412, "title": "It has changed."}],
    )


def _counted(request: Request) -> None:
    """Count who asks without a token, so that nobody keeps the service busy."""
    service: Service = request.app.state.service
    service.limiter.admit(origin(request.client.host if request.client else ""))


router = APIRouter(tags=["service"])
_COUNTED = [Depends(_counted)]
_PUBLIC = answers("too-many-requests", common=())


@router.get("/livez", operation_id="get_livez")
async def get_livez() -> LivezAnswer:
    """Tell that the process answers, also while every thread is at work."""
    return LivezAnswer(alive=True)


@router.get("/readyz", operation_id="get_readyz", responses=answers("unavailable", common=()))
def get_readyz(request: Request) -> ReadyzAnswer:
    """Tell whether the service can be used; what is missing stands in its log alone."""
    readiness: Readiness = request.app.state.readiness
    state = readiness.state()
    if state.missing:
        raise Problem("unavailable", headers={"Retry-After": "5"})
    return ReadyzAnswer(ready=True, keys=state.keys, workers=bool(state.workers))


@router.get("/problems", operation_id="list_problems", responses=_PUBLIC, dependencies=_COUNTED)
def list_problems(request: Request) -> ProblemKindsAnswer:
    """List every kind of problem."""
    language = _language(request)
    return ProblemKindsAnswer(items=[_kind(code, language) for code in STATUS])


@router.get(
    "/problems/{code}",
    operation_id="get_problem",
    responses=answers("not-found", "too-many-requests", common=()),
    dependencies=_COUNTED,
)
def get_problem(request: Request, code: str) -> ProblemKindAnswer:
    """Show a kind of problem, which answers name as their type."""
    if code not in STATUS:
        raise Problem("not-found")
    return _kind(code, _language(request))


@router.get(
    "/v1/openapi.json",
    operation_id="get_openapi",
    responses=_PUBLIC,
    dependencies=_COUNTED,
)
def get_openapi(request: Request) -> JSONResponse:
    """Show this description of the interface (OpenAPI 3.1)."""
    return JSONResponse(request.app.openapi())


def _language(request: Request) -> Language:
    return preferred(request.headers.get("accept-language"))


def _kind(code: str, language: Language) -> ProblemKindAnswer:
    title = _FIGURE.sub(r"{\1}", catalogue(language)[f"problems.{code}"])
    return ProblemKindAnswer(type=f"/problems/{code}", code=code, status=STATUS[code], title=title)

"""The OpenAPI document: what FastAPI finds out, with problems and headers declared as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from api.web.problems import ProblemDocument, answers
from data.sentences import LANGUAGES

_FOREIGN = ("HTTPValidationError", "ValidationError")
"""Schemas of the framework's own errors, which are never sent."""

_TEXT = {"type": "string"}


def _parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "schema": _TEXT | schema,
        "description": description,
    }


_LANGUAGE = _parameter("Accept-Language", "What to read in.", examples=list(LANGUAGES))
_CONDITIONS = (
    _parameter("If-Match", "The ETag of the state that was read; needed for a change."),
    _parameter("If-None-Match", "`*` to make something new.", pattern=r"^\*$"),
)
_KEY = _parameter(
    "Idempotency-Key",
    "The same key for the same request: it is done once, and answered each time.",
    maxLength=200,
)

_HEADERS = {
    "ETag": "The state that this is.",
    "Location": "Where the new thing is found.",
    "Retry-After": "Seconds to wait.",
    "WWW-Authenticate": "What kind of token is needed.",
}


def describe(app: FastAPI) -> None:
    """Let the application tell its document, made once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes
    )
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _FOREIGN:
        schemas.pop(name, None)
    _, definitions = models_json_schema(
        [(ProblemDocument, "serialization")], ref_template="#/components/schemas/{model}"
    )
    schemas.update(definitions["$defs"])
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    for methods in document["paths"].values():
        for method, operation in methods.items():
            _complete(method, operation)
    return document


def _complete(method: str, operation: dict[str, Any]) -> None:
    """Add what calls have in common: headers that are sent and answered, and PUT's 201."""
    responses: dict[str, Any] = operation["responses"]
    if _FOREIGN[0] in str(responses.get("422")):
        del responses["422"]  # parameters that any text fits
    conditional = "428" in responses
    if conditional and method == "put" and "200" in responses:
        responses.setdefault("201", responses["200"] | {"description": "Made."})
    if operation.get("security") and method not in {"get", "head"}:
        responses["408"] = answers("too-slow", common=())[408]
    sent = [_LANGUAGE] if operation.get("security") else []
    sent += _CONDITIONS if conditional else ()
    sent += [_KEY] if "key-reused" in responses.get("422", {}).get("description", "") else []
    if sent:
        operation["parameters"] = [*operation.get("parameters", ()), *sent]
    for status, response in responses.items():
        names = list(_answered(method, status, conditional))
        if names:
            found = {name: {"schema": _TEXT, "description": _HEADERS[name]} for name in names}
            response["headers"] = found | response.get("headers", {})


def _answered(method: str, status: str, conditional: bool) -> Iterator[str]:
    """Yield the headers that come with an answer."""
    if conditional and status in {"200", "201"}:
        yield "ETag"
    if method == "post" and status in {"201", "202"}:
        yield "Location"
    if status in {"429", "503"}:
        yield "Retry-After"
    if status == "401":
        yield "WWW-Authenticate"

"""The service's document: complete, true to the table of rights, and changed only on purpose.

``python -m tests.api.test_openapi`` writes the snapshot anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from jsonschema import Draft202012Validator

from api.app import create_app
from api.pages.page import PageRoute
from api.rights import EVERYBODY, PUBLIC, RIGHTS
from api.settings import Settings
from api.web.limits import Limiter
from api.web.problems import MEDIA_TYPE
from api.web.service import Service
from models.tables.access import ROLES

SNAPSHOT = Path(__file__).parents[2] / "docs" / "openapi.json"


@cache
def application() -> FastAPI:
    """Return the application without anything behind it: its routes and its document."""
    nothing = cast("Any", None)
    settings = Settings()
    return create_app(
        Service(
            settings=settings,
            database=nothing,
            clock=nothing,
            identifier=nothing,
            jobs=nothing,
            limiter=Limiter(1),
        )
    )


@cache
def document() -> dict[str, Any]:
    return application().openapi()


def written() -> str:
    """Return the document as it is kept; its version is the program's and no part of it."""
    content = json.loads(json.dumps(document()))
    content["info"]["version"] = ""
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def operations() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


OPERATIONS = dict(operations())


def routes() -> list[APIRoute]:
    found: list[APIRoute] = []
    pending = list(application().routes)
    while pending:
        route = pending.pop()
        pending += getattr(getattr(route, "original_router", None), "routes", [])
        if isinstance(route, APIRoute):
            found.append(route)
    return found


def test_the_document_changes_only_on_purpose() -> None:
    assert SNAPSHOT.read_text(encoding="utf-8") == written(), "python -m tests.api.test_openapi"


def test_every_operation_has_its_row_in_the_table_of_rights() -> None:
    served = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(served) == len(set(served))
    assert set(served) == RIGHTS.keys() | PUBLIC
    assert not RIGHTS.keys() & PUBLIC


def test_no_route_hides_from_the_document() -> None:
    shown = {operation["operationId"] for operation in OPERATIONS.values()}
    assert {route.operation_id for route in routes() if route.include_in_schema} == shown


def test_what_the_document_leaves_out_is_a_page() -> None:
    """What it asks of people, it asks of the interface, where rights are held against it."""
    hidden = [route for route in routes() if not route.include_in_schema]
    assert hidden
    for route in hidden:
        assert route.endpoint.__module__.startswith("api.pages.")
        assert (route.operation_id or "").startswith("page_")
        assert isinstance(route, PageRoute) or route.operation_id == "page_file"


def test_rights_name_roles_that_exist() -> None:
    assert frozenset(ROLES) == EVERYBODY
    assert all(roles and roles <= EVERYBODY for roles in RIGHTS.values())


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_says_what_it_does_and_who_may(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["description"].strip()
    assert operation["tags"]
    assert bool(operation.get("security")) == (operation["operationId"] in RIGHTS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_declares_its_problems_as_what_they_are(name: str) -> None:
    operation = OPERATIONS[name]
    refusals = {s: r for s, r in operation["responses"].items() if not s.startswith(("2", "3"))}
    for response in refusals.values():
        assert list(response["content"]) == [MEDIA_TYPE]
    if operation["operationId"] in RIGHTS:
        assert {"401", "403", "422", "429", "503"} <= refusals.keys()


@pytest.mark.parametrize("name", OPERATIONS)
def test_examples_of_what_is_sent_are_valid(name: str) -> None:
    components = {"components": document()["components"]}
    content = OPERATIONS[name].get("requestBody", {}).get("content", {})
    for schema in (part["schema"] for part in content.values() if "schema" in part):
        resolved = schema
        if "$ref" in schema:
            resolved = components["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        for value in resolved.get("properties", {}).values():
            for example in value.get("examples", []):
                Draft202012Validator(value | components).validate(example)


def test_every_field_that_is_sent_says_what_it_means() -> None:
    for name, schema in document()["components"]["schemas"].items():
        if name.startswith(("Page_", "Page[")):
            continue
        for key, value in schema.get("properties", {}).items():
            described = "description" in value or "$ref" in value or key in {"items", "next"}
            assert described, f"{name}.{key}"


def test_no_schema_of_the_framework_is_left() -> None:
    assert (
        not {"HTTPValidationError", "ValidationError"} & document()["components"]["schemas"].keys()
    )


if __name__ == "__main__":
    SNAPSHOT.write_text(written(), encoding="utf-8")

"""Every operation that the service's own document lists, and a request that each would take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.api.test_openapi import document

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation: its id, how it is called, and the names in its address."""

    id: str
    method: str
    path: str
    names: tuple[str, ...]
    takes: tuple[str, ...]
    answers: frozenset[str]

    @property
    def changes(self) -> bool:
        """Whether it may change anything."""
        return self.method != "GET"

    @property
    def conditional(self) -> bool:
        """Whether it asks for a precondition."""
        return "428" in self.answers


@cache
def operations() -> Mapping[str, Operation]:
    """Return every operation by its id."""
    return {operation.id: operation for operation in _operations()}


def _operations() -> Iterator[Operation]:
    for path, methods in document()["paths"].items():
        for method, described in methods.items():
            parameters = [resolved(each) for each in described.get("parameters", [])]
            yield Operation(
                id=described["operationId"],
                method=method.upper(),
                path=path,
                names=tuple(each["name"] for each in parameters if each["in"] == "path"),
                takes=tuple(described.get("requestBody", {}).get("content", {})),
                answers=frozenset(described["responses"]),
            )


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a reference refers to, or the thing itself."""
    found = schema
    while "$ref" in found:
        found = document()
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
    return found


def example(operation: Operation) -> dict[str, Any]:
    """Return a body made of the examples that stand in the document."""
    described = document()["paths"][operation.path][operation.method.lower()]
    schema = described["requestBody"]["content"][JSON]["schema"]
    return dict(_examples(_object(schema)))


def _object(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of an object, where null would do as well."""
    found = resolved(schema)
    for choice in found.get("anyOf", ()):
        if "properties" in resolved(choice):
            return resolved(choice)
    return found


def _examples(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, described in schema["properties"].items():
        if "examples" in described:
            yield name, described["examples"][0]
        elif name in schema.get("required", ()):
            yield name, []

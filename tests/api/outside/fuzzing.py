"""Requests made up from the service's document, sent by somebody, and what their answers break."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from tests.api.outside.expectations import EXPECTED
from tests.api.outside.operations import Operation, operations
from tests.api.outside.people import Caller
from tests.api.outside.sweeping import Sweep
from tests.api.test_openapi import document

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "allow_header_conformance",
)

REFUSED = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422", "428"]
"""How a request that breaks its schema may be answered: what is wrong first is said first."""

FIXED_AMONG_NAMED = ("import_round", "get_windows_feed")
"""Operations whose address would be another's as well, with a name that nothing has."""

PROBABLE = 0.8
"""How often a name in an address is one of the world's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is sent.

    Attributes
    ----------
    examples
        Requests of each kind to each operation, by chance.
    thorough
        Operations that also get every border case of every parameter.
    chains
        Chains of requests that feed on each other's answers.
    """

    seed: int
    examples: int
    thorough: frozenset[str] = frozenset()
    chains: int = 0


@dataclass
class Found:
    """What was sent, and what the answers break: by operation and check, one of each.

    `allowed` counts the operations that the caller's role may call.
    """

    allowed: int
    statuses: Counter[int] = field(default_factory=Counter)
    succeeded: set[str] = field(default_factory=set)
    broken: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, event: events.ScenarioFinished) -> None:
        """Count what was sent in a scenario."""
        recorder = event.recorder
        for interaction in recorder.interactions.values():
            if interaction.response is not None:
                status = interaction.response.status_code
                self.statuses[status] += 1
                if 200 <= status < 300:
                    self.succeeded.add(recorder.label)
        for case, checks in recorder.checks.items():
            for check in checks:
                if check.failure_info is not None:
                    request = recorder.interactions[case].request
                    said = " ".join(str(check.failure_info.failure).split())
                    line = f"{request.method} {request.uri} {said} {_told(recorder, case)}"
                    self.broken.setdefault((recorder.label, check.name), line[:1500])


def _told(recorder: Any, case: str) -> str:
    response = recorder.interactions[case].response
    return f"{response.status_code} {response.content[:300]!r}" if response else "no answer"


def fuzzed(sweep: Sweep, caller: Caller, effort: Effort) -> Found:
    """Send requests to every operation that somebody's role may call, and to the open ones."""
    allowed = [
        each
        for each in operations().values()
        if caller.roles & EXPECTED[each.id].roles or not EXPECTED[each.id].roles
    ]
    config = SchemathesisConfig.from_dict(_config(sweep, caller, effort, allowed))
    schema = schemathesis.openapi.from_dict(document(), config=config)
    schema.app = sweep.served.app
    found = Found(len(allowed))
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            found.add(event)
        elif isinstance(event, events.NonFatalError):
            raise event.value
        elif isinstance(event, events.FatalError):
            raise event.exception
    return found


def _config(
    sweep: Sweep, caller: Caller, effort: Effort, allowed: Iterable[Operation]
) -> dict[str, Any]:
    ids = {operation.id for operation in allowed}
    names = dict(_names(sweep))
    return {
        "seed": effort.seed,
        "continue-on-failure": True,
        "headers": dict(caller.headers()),
        "cache": {"enabled": False},
        "generation": {
            "max-examples": effort.examples,
            "deterministic": True,
            "database": "none",
            "no-shrink": True,
        },
        "phases": {
            "examples": {"enabled": False},  # they are border cases, too
            "coverage": {"enabled": bool(effort.thorough)},
            "fuzzing": {"enabled": True},
            "stateful": {
                "enabled": effort.chains > 0,
                "generation": {"max-examples": max(1, effort.chains)},
            },
        },
        "checks": {
            "enabled": False,
            **{check: {"enabled": True} for check in CHECKS},
            "negative_data_rejection": {"enabled": True, "expected-statuses": REFUSED},
        },
        "dictionaries": {name: {"values": values} for name, values in names.items()},
        "operations": [
            _operation(operation, names, operation.id in effort.thorough)
            if operation.id in ids
            else {"include-operation-id": operation.id, "enabled": False}
            for operation in operations().values()
        ],
    }


def _names(sweep: Sweep) -> Iterator[tuple[str, list[str]]]:
    """Yield the names that addresses of the world's things hold, by kind and parameter."""
    for expected in EXPECTED.values():
        for thing in sweep.world.of(expected.of or ""):
            for name in thing.at:
                things = sweep.world.of(thing.kind)
                yield f"{thing.kind}-{name}", sorted({each.at[name] for each in things})
    yield "tags", ['"1"', '"2"', "*"]


def _operation(operation: Operation, names: dict[str, list[str]], thorough: bool) -> dict[str, Any]:
    """Return how one operation is fed: mostly with names of the world."""
    kind = EXPECTED[operation.id].of
    parameters = {
        f"path.{name}": {"dictionary": f"{kind}-{name}", "probability": PROBABLE}
        for name in operation.names
    }
    if operation.conditional:
        parameters["header.If-Match"] = {"dictionary": "tags", "probability": PROBABLE}
    told = {
        "include-operation-id": operation.id,
        "parameters": parameters,
        "phases": {"coverage": {"enabled": thorough}},
    }
    if operation.id in FIXED_AMONG_NAMED:
        told["checks"] = {
            check: {"enabled": False}
            for check in ("unsupported_method", "allow_header_conformance")
        }
    return told

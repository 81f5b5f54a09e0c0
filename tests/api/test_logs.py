"""What the service says of itself holds codes, ids and places, and nobody's name.

`test_canaries` looks for names in all that a whole service says.
"""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.contextvars import bound_contextvars

from api.running.logs import FIELDS, configure, described
from api.web.access_log import AccessLog
from tests.api.served import FINNMARK, Served

CANARY = "Kanari-Fuglesang"

# -- the door ------------------------------------------------------------------------------------


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything goes out by the door, until the test ends."""
    monkeypatch.delenv("ROTATIONS_DEBUG", raising=False)
    stream = io.StringIO()
    root = logging.getLogger()
    kept = (root.handlers[:], root.level, logging.raiseExceptions)
    hooks = (sys.unraisablehook, threading.excepthook)
    configure(stream)
    yield stream
    logging.captureWarnings(False)
    root.handlers, logging.raiseExceptions = kept[0], kept[2]
    root.setLevel(kept[1])
    sys.unraisablehook, threading.excepthook = hooks


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def raised() -> Exception:
    try:
        try:
            int(CANARY)
        except ValueError as error:
            raise RuntimeError(CANARY) from error
    except RuntimeError as error:
        return error
    raise AssertionError


def test_our_own_lines_say_what_they_say(said: io.StringIO) -> None:
    with bound_contextvars(request="r1"):
        logging.getLogger("api.running.worker").info(
            "plan %s: begun", "p1", extra={"operation": "get_me"}
        )
    [line] = lines(said)
    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "plan p1: begun", "level": "info", "logger": "api.running.worker",
        "operation": "get_me", "request": "r1",
    }  # fmt: skip


def test_of_libraries_only_the_place_is_told(said: io.StringIO) -> None:
    for name in ("dbos", "sqlalchemy.pool", "uvicorn.error", "opentelemetry", "apical"):
        logging.getLogger(name).error("%s", CANARY, extra={"name_": CANARY}, stack_info=True)
        logging.getLogger(name).error(CANARY, exc_info=raised())
    assert len(lines(said)) == 10
    assert CANARY not in said.getvalue()
    assert {line["event"].split(":")[0] for line in lines(said)} == {
        "test_logs.test_of_libraries_only_the_place_is_told"
    }


def test_an_exception_is_its_types_and_places(said: io.StringIO) -> None:
    logging.getLogger("rotations").error("fault", exc_info=raised())
    [line] = lines(said)
    assert CANARY not in said.getvalue()
    assert [each["type"] for each in line["exception"]] == [
        "builtins.RuntimeError", "builtins.ValueError",
    ]  # fmt: skip
    assert all(each["places"] for each in line["exception"])


def test_a_group_is_told_with_those_in_it() -> None:
    group = ExceptionGroup(CANARY, [ValueError(CANARY), ExceptionGroup(CANARY, [OSError(CANARY)])])
    told = list(described(group))
    assert CANARY not in repr(told)
    assert [each["type"].rpartition(".")[2] for each in told] == [
        "ExceptionGroup", "ValueError", "ExceptionGroup", "OSError",
    ]  # fmt: skip


def test_an_endless_chain_is_cut() -> None:
    first, second = ValueError(), ValueError()
    first.__cause__, second.__cause__ = second, first
    assert len(list(described(first))) == 2


def test_what_is_raised_for_nobody_is_told_too(said: io.StringIO) -> None:
    def fail() -> None:
        raise ValueError(CANARY)

    class Ending:
        def __del__(self) -> None:
            raise ValueError(CANARY)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    Ending()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(CANARY, stacklevel=1)
    logging.getLogger("rotations").error("%d", CANARY)  # no such line: its arguments do not fit
    assert CANARY not in said.getvalue()
    assert [line["event"] for line in lines(said)][:2] == [
        "a thread ended with an exception", "an exception was raised for nobody",
    ]  # fmt: skip
    assert len(lines(said)) == 3


def test_only_named_fields_are_told(said: io.StringIO) -> None:
    logging.getLogger("rotations").info("x", extra={"candidate": CANARY, "status": 200})
    [line] = lines(said)
    assert line.keys() - {"event", "level", "logger", "time"} == {"status"}
    assert "candidate" not in FIELDS


def test_everything_is_told_where_somebody_debugs(
    said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROTATIONS_DEBUG", "1")
    logging.getLogger("dbos").error("told", exc_info=raised())
    [line] = lines(said)
    assert line["event"] == "told"
    assert CANARY in line["traceback"]


# -- a line for each request ---------------------------------------------------------------------


def test_a_request_is_one_line(embedded: Served, said: io.StringIO) -> None:
    path = f"/v1/units/none?who={CANARY}"
    answer = embedded.planner.get(path, headers={"User-Agent": CANARY})
    [line] = lines(said)
    assert line.pop("milliseconds") > 0
    assert len(line.pop("caller")) == 16
    assert line.pop("time")
    assert line == {
        "event": "request", "level": "info", "logger": "rotations.requests",
        "request": answer.headers["x-request-id"], "operation": "get_unit", "status": 422,
        "organisations": [FINNMARK],
    }  # fmt: skip


def test_a_refused_token_is_told_with_the_reason(embedded: Served, said: io.StringIO) -> None:
    embedded.client.get("/v1/units", headers={"Authorization": f"Bearer {CANARY}"})
    [line] = lines(said)
    assert (line["refused"], line["status"]) == ("token-malformed", 401)
    assert "caller" not in line
    assert CANARY not in said.getvalue()


def test_callers_are_told_apart_but_not_known(embedded: Served, said: io.StringIO) -> None:
    for person in (embedded.planner, embedded.planner, embedded.coordinator()):
        person.get("/v1/me")
    first, again, other = (line["caller"] for line in lines(said))
    assert first == again != other
    keyed = {AccessLog(embedded.app, key)._pseudonym("somebody") for key in (b"a", b"b", None)}
    assert len(keyed | {AccessLog(embedded.app)._pseudonym("somebody")}) == 4
    assert AccessLog(embedded.app, b"a")._pseudonym("x") == AccessLog(
        embedded.app, b"a"
    )._pseudonym("x")


def test_a_fault_is_told_under_the_incident_that_the_caller_sees(
    embedded: Served, said: io.StringIO
) -> None:
    def fail() -> None:
        raise RuntimeError(CANARY)

    embedded.app.add_api_route("/planted", fail, operation_id="planted")
    answer = embedded.client.get("/planted")
    fault, request = lines(said)
    assert answer.json()["incident"] in fault["event"]
    assert fault["request"] == request["request"] == answer.headers["x-request-id"]
    assert request["status"] == 500
    assert CANARY not in said.getvalue() + answer.text

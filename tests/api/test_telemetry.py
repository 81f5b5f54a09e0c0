"""Traces and metrics go where the operator says, say which operation, and never for whom."""

from __future__ import annotations

import socket
from time import monotonic
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.telemetry import ATTRIBUTES, CLOSING_SECONDS, OPERATION, Telemetry
from models.scope import EVERYTHING
from models.tables import Plan, Round, Snapshot
from tests.api.receiver import attributes, receiving
from tests.api.served import FINNMARK, NOW, Served

TRACE = "0af7651916cd43dd8448eb211c80319c"
CANARY = "canary-kari-eksempel"


def ask(app: FastAPI, token: str) -> None:
    """Ask for things, with a canary wherever a request can hold one."""

    def fail() -> None:
        raise RuntimeError(CANARY)

    app.add_api_route("/planted", fail, operation_id="planted")
    headers = {
        "Authorization": f"Bearer {token}",
        "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01",
        "tracestate": f"vendor={CANARY}",
        "baggage": f"name={CANARY}",
        "User-Agent": CANARY,
        "Host": f"{CANARY}.example",
    }
    with TestClient(app, raise_server_exceptions=False) as client:
        for path in (f"/v1/units/{CANARY}?who={CANARY}", f"/{CANARY}", f"/planted?{CANARY}"):
            client.get(path, headers=headers)
        client.request("CANARY", "/livez", headers=headers)
        client.put("/v1/units/x", headers=headers, json={CANARY: CANARY})


def test_a_span_says_the_operation_and_nothing_of_the_request(embedded: Served) -> None:
    with receiving() as receiver:
        telemetry = Telemetry.to(receiver.endpoint)
        ask(create_app(embedded.service, telemetry), embedded.planner.token)
        telemetry.close()
        spans = receiver.spans()
    assert len(spans) == 5
    assert CANARY.encode() not in receiver.everything
    assert embedded.planner.token.encode() not in receiver.everything
    told = [attributes(span) for span in spans]
    assert {name for each in told for name in each} == ATTRIBUTES
    assert [each.get(OPERATION) for each in told] == [
        "get_unit", None, "planted", "get_livez", "put_unit",
    ]  # fmt: skip
    assert [each["http.response.status_code"] for each in told] == [422, 404, 500, 405, 422]
    assert {span.trace_id.hex() for span in spans} == {TRACE}
    assert told[2]["error.type"] == "RuntimeError"
    assert not any(span.events or span.links or span.status.message for span in spans)


def test_requests_are_measured_by_route(embedded: Served) -> None:
    with receiving() as receiver:
        telemetry = Telemetry.to(receiver.endpoint)
        ask(create_app(embedded.service, telemetry), embedded.planner.token)
        telemetry.close()
        points = receiver.points()
    assert CANARY.encode() not in receiver.everything
    durations = points["http.server.request.duration"]
    assert sum(point.count for point in durations) == 5
    routes = {attributes(point).get("http.route") for point in durations}
    assert routes == {"/v1/units/{id}", "/planted", "/livez", None}


def plant_plans(served: Served) -> None:
    plan: dict[str, Any] = {
        "round": "r",
        "snapshot": "s",
        "requested_at": NOW,
        "requested_by": "test",
    }
    with served.database.writing(EVERYTHING) as session:
        session.add(
            Round(
                id="r", organisation=FINNMARK, label="r", decision_date=NOW.date(),
                state="locked", origin="imported", made_at=NOW, made_by="test",
            )
        )  # fmt: skip
        session.flush()
        session.add(
            Snapshot(id="s", round="r", number=1, content="", hash="", made_at=NOW, made_by="test")
        )
        session.flush()
        for number in range(3):
            session.add(Plan(id=f"q{number}", state="queued", origin="solver", **plan))
        session.add(Plan(id="w", state="running", origin="solver", lease="l", attempt=1, **plan))
        session.add(Plan(id="e", state="cancelled", origin="solver", **plan))


def test_what_waits_and_what_is_in_work_is_measured(served: Served) -> None:
    plant_plans(served)
    with receiving() as receiver:
        telemetry = Telemetry.to(receiver.endpoint)
        telemetry.watch(served.database)
        telemetry.close()
        points = receiver.points()
    assert [point.as_int for point in points["rotations.plans.queued"]] == [3]
    assert [point.as_int for point in points["rotations.plans.running"]] == [1]


def test_nothing_leaves_where_nobody_asks_for_it(
    embedded: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The framework would configure itself from the environment."""
    with receiving() as receiver:
        monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "1")
        app = create_app(embedded.service)
        ask(app, embedded.planner.token)
        assert not app._native_telemetry.enabled()
    assert receiver.bodies == []


def test_a_receiver_that_does_not_answer_holds_up_nobody(embedded: Served) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        telemetry = Telemetry.to(f"http://127.0.0.1:{deaf.getsockname()[1]}")
        ask(create_app(embedded.service, telemetry), embedded.planner.token)
        began = monotonic()
        telemetry.close()
    assert monotonic() - began < CLOSING_SECONDS + 1

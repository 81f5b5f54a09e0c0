"""Watching a plan in the making: told in order, once each, and only while one may listen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Thread
from time import monotonic
from typing import Any

import fastapi.routing
import httpx2
import pytest
from uvicorn import Config, Server

from api.running.serving import listening
from api.web.http_protocol import Protocol
from models.scope import EVERYTHING
from models.store.grants import revoke
from tests.api.routes.planned import Locked, finnmark, finnmark_plan, locked
from tests.api.routes.said import MISSING, faults, problem
from tests.api.running import awaited
from tests.api.served import Person, Served

Told = tuple[str, str, Any]
"""Id, kind and data of an event."""

SOON = 10.0
"""Seconds within which what is to happen within about two has happened, on a busy machine."""


@pytest.fixture
def round_(served: Served) -> Locked:
    return locked(served, finnmark())


def events(lines: Iterator[str]) -> Iterator[Told]:
    """Yield the events of a stream; comments are passed over."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if name:
            fields[name] = value
        elif "data" in fields:
            yield fields["id"], fields["event"], json.loads(fields["data"])
            fields = {}


def replayed(person: Person, plan: str, after: str | None = None) -> list[Told]:
    """Return what is told of a plan that has ended."""
    headers = {} if after is None else {"Last-Event-ID": after}
    answer = person.get(f"/v1/plans/{plan}/events", headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    return list(events(iter(answer.text.split("\n"))))


def test_what_was_told_is_told_again_and_then_the_end(served: Served, round_: Locked) -> None:
    plan = round_.plan(finnmark_plan())
    round_.tell(plan, "state", "progress", "incident", "state")
    told = replayed(served.planner, plan)
    assert [(number, kind) for number, kind, _ in told] == [
        ("1", "state"),
        ("2", "progress"),
        ("3", "incident"),
        ("4", "state"),
        ("4", "end"),
    ]
    assert told[1][2] == {"position": 2, "told_at": "2026-11-22T09:00:00Z"}
    assert told[-1][2] == {"state": "completed"}


def test_the_stream_goes_on_after_the_last_event(served: Served, round_: Locked) -> None:
    plan = round_.plan(state="cancelled")
    round_.tell(plan, *["progress"] * 450)
    for after in (0, 1, 200, 449, 450, 999):
        told = replayed(served.planner, plan, str(after))
        assert [number for number, kind, _ in told if kind != "end"] == [
            str(n) for n in range(after + 1, 451)
        ]
        assert told[-1][1] == "end"


def test_a_plan_by_hand_has_ended_before_it_is_watched(served: Served, round_: Locked) -> None:
    plan = round_.plan(finnmark_plan(), origin="hand")
    assert replayed(served.planner, plan) == [("0", "end", {"state": "completed"})]


def test_who_may_not_watch_is_refused_before_the_stream(served: Served, round_: Locked) -> None:
    plan = round_.plan(finnmark_plan(), published=True)
    place = f"/v1/plans/{plan}/events"
    assert problem(served.coordinator().get(place)) == (403, "forbidden")
    assert problem(served.planner.get(f"/v1/plans/{MISSING}/events")) == (404, "not-found")
    for after in ("-1", "x", "1" * 10):
        answer = served.planner.get(place, headers={"Last-Event-ID": after})
        assert faults(answer) == [("pattern", "/header/last-event-id")]


# Live, over a socket


@dataclass
class Live:
    """A server of its own for streams that do not end by themselves."""

    served: Served
    server: Server
    url: str

    @contextmanager
    def watching(self, plan: str, person: Person) -> Iterator[httpx2.Response]:
        with (
            httpx2.Client(base_url=self.url, timeout=SOON) as client,
            client.stream("GET", f"/v1/plans/{plan}/events", headers=person.headers({})) as answer,
        ):
            assert answer.status_code == 200
            yield answer


@pytest.fixture
def live(served: Served) -> Iterator[Live]:
    """Serve over a socket of the loopback."""
    with listening("127.0.0.1", 0) as listener:
        config = Config(
            served.app, http=Protocol, lifespan="off", log_config=None, timeout_graceful_shutdown=1
        )
        server = Server(config)
        thread = Thread(target=server.run, args=([listener],))
        thread.start()
        awaited(lambda: server.started)
        yield Live(served, server, f"http://127.0.0.1:{listener.getsockname()[1]}")
        served.service.stopping.set()
        server.should_exit = True
        thread.join(SOON)
        assert not thread.is_alive()


def at_work(round_: Locked) -> str:
    return round_.plan(state="running", lease="t", attempt=1)


def test_events_come_as_they_are_told(live: Live, round_: Locked) -> None:
    plan = at_work(round_)
    with live.watching(plan, live.served.planner) as answer:
        told = events(answer.iter_lines())
        round_.tell(plan, "state")
        assert next(told)[:2] == ("1", "state")
        round_.tell(plan, "progress", "progress", first=2)
        assert [next(told)[0] for _ in range(2)] == ["2", "3"]
        round_.change(plan, state="cancelled", lease=None)
        assert list(told) == [("3", "end", {"state": "cancelled"})]


def test_a_stream_is_not_stored_and_not_held_back(live: Live, round_: Locked) -> None:
    with live.watching(at_work(round_), live.served.planner) as answer:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"


def test_a_silent_stream_shows_that_it_lives(
    live: Live, round_: Locked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fastapi.routing, "_PING_INTERVAL", 0.05)
    with live.watching(at_work(round_), live.served.planner) as answer:
        lines = answer.iter_lines()
        assert [next(lines) for _ in range(4)] == [": ping", ""] * 2


def test_a_right_taken_back_ends_the_stream(live: Live, round_: Locked) -> None:
    auditor = live.served.as_("auditor")
    with live.watching(at_work(round_), auditor) as answer:
        with live.served.database.writing(EVERYTHING) as session:
            revoke(session, auditor.grant, live.served.clock())
        begun = monotonic()
        assert list(events(answer.iter_lines())) == []
        assert monotonic() - begun < SOON


def test_a_token_that_expires_ends_the_stream(live: Live, round_: Locked) -> None:
    with live.watching(at_work(round_), live.served.planner) as answer:
        live.served.clock.forward(hours=25)
        assert list(events(answer.iter_lines())) == []


def test_a_service_that_stops_ends_the_stream(live: Live, round_: Locked) -> None:
    with live.watching(at_work(round_), live.served.planner) as answer:
        live.served.service.stopping.set()
        begun = monotonic()
        assert list(events(answer.iter_lines())) == []
        assert monotonic() - begun < SOON


def test_a_server_that_is_told_nothing_else_cuts_the_stream(live: Live, round_: Locked) -> None:
    with live.watching(at_work(round_), live.served.planner) as answer:
        live.server.should_exit = True
        with pytest.raises(httpx2.TransportError):
            list(events(answer.iter_lines()))


def test_a_client_that_goes_away_leaves_nothing_behind(live: Live, round_: Locked) -> None:
    plan = at_work(round_)
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(live.watching(plan, live.served.planner))
        assert len(live.server.server_state.tasks) == 5
    awaited(lambda: not live.server.server_state.tasks, SOON)


def test_many_streams_hold_no_connection_while_they_wait(live: Live, round_: Locked) -> None:
    plan = at_work(round_)
    pool: Any = live.served.database.engine.pool
    with ExitStack() as stack:
        for _ in range(12):
            stack.enter_context(live.watching(plan, live.served.planner))
        awaited(lambda: pool.checkedout() == 0, SOON)
        assert len(live.server.server_state.tasks) == 12

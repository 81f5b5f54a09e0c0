"""Processes that work out the shares of one round: the same bytes, also where one is killed."""

from __future__ import annotations

from contextlib import closing
from multiprocessing import active_children
from threading import Event, Thread

import pytest

import api.shell.crews
import scheduler.search
from api.shell.crews import Processes
from data.documents import write_plan
from data.synthetic import generate
from scheduler.planner import plan_round
from scheduler.plans import Status
from scheduler.watch import Progress, Stop, Watch


@pytest.fixture(autouse=True)
def many_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round of a few seconds is large enough."""
    monkeypatch.setattr(scheduler.search, "SIZE", 400)
    monkeypatch.setattr(api.shell.crews, "WORTH", 2)


def test_a_killed_process_leaves_the_same_bytes() -> None:
    round_ = generate("nord", 2)
    killed = Event()

    def kill(_: Progress) -> None:
        for child in active_children():
            if not killed.is_set():
                child.kill()
                killed.set()

    with closing(Processes(round_, 2, Stop())) as crew:
        shared = plan_round(round_, None, Watch(on_progress=kill), crew)
    assert killed.is_set()
    assert not active_children()
    assert write_plan(shared) == write_plan(plan_round(round_))


def test_a_stop_reaches_the_processes() -> None:
    round_ = generate("nord", 1)
    stop, begun = Stop(), Event()
    with closing(Processes(round_, 2, stop)) as crew:
        plans = []
        watch = Watch(on_progress=lambda _: begun.set(), stop=stop)
        thread = Thread(target=lambda: plans.append(plan_round(round_, None, watch, crew)))
        thread.start()
        assert begun.wait(60)
        stop.request()
        thread.join(10)
        assert not thread.is_alive()
    assert plans[0].status is Status.FEASIBLE
    assert plans[0].placed > 0

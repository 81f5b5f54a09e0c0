"""A wish to stop: what runs is halted, and nothing waits for it meanwhile."""

from __future__ import annotations

from threading import Event, active_count

from scheduler.watch import Stop, halted


class Run:
    """Something that loses what it is asked before it has been asked thrice."""

    def __init__(self) -> None:
        self.asked, self.ended = 0, Event()

    def halt(self) -> None:
        self.asked += 1
        if self.asked == 3:
            self.ended.set()


def test_what_runs_is_asked_to_stop_until_it_has() -> None:
    stop, run = Stop(), Run()
    with stop.halting(run.halt):
        stop.request()
        assert run.ended.wait(60)
    asked = run.asked
    stop.request()
    assert run.asked == asked


def test_what_begins_after_the_wish_is_stopped_too() -> None:
    stop, run = Stop(), Run()
    stop.request()
    with stop.halting(run.halt):
        assert run.ended.wait(60)


def test_nothing_waits_for_a_wish_that_nobody_makes() -> None:
    run, threads = Run(), active_count()
    for stop in (Stop(), None):
        with halted(stop, run.halt):
            assert active_count() == threads
    assert run.asked == 0

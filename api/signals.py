"""Someone interrupts: the first signal keeps the best plan, the second one gives up."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Thread, current_thread, main_thread
from types import FrameType
from typing import TypeVar

T = TypeVar("T")

TICK_SECONDS = 0.1


def interruptible(work: Callable[[], T], stop: Callable[[], None], tick: Callable[[], None]) -> T:
    """Run `work` in a thread of its own and return what it returns, or raise what it raises.

    The solver holds back signals while it runs in the main thread, so the main thread only waits.

    Parameters
    ----------
    work
        What takes long.
    stop
        Called on the first SIGINT or SIGTERM; asks `work` to end soon with what it has.
    tick
        Called about ten times a second in the calling thread, and once at the end.

    Raises
    ------
    KeyboardInterrupt
        On the second signal; `work` is left behind.
    """
    future: Future[T] = Future()
    with _signals(stop):
        Thread(target=_fulfil, args=(future, work), daemon=True).start()
        while not future.done():
            _wait(future)
            tick()
    return future.result()


def _fulfil(future: Future[T], work: Callable[[], T]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - raised again where the work was asked for
        future.set_exception(error)


def _wait(future: Future[T]) -> None:
    """Wait for one tick; what the work raised is for the caller to see."""
    try:
        future.exception(timeout=TICK_SECONDS)
    except TimeoutError:
        return


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """Handle SIGINT and SIGTERM; a thread other than the main one cannot, and does not."""
    if current_thread() is not main_thread():
        yield
        return
    asked = False

    def handle(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        stop()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

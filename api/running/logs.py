"""One door for all that the running service says: a line of JSON each, on standard error.

Our own loggers say codes, figures and the service's own ids. What a library says may hold a value,
so of it only the place is kept; of an exception its types and the places it came through, never its
text.
``ROTATIONS_DEBUG=1`` lets everything out, and is for made-up data.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Iterator, MutableMapping
from typing import Any, TextIO

from structlog.contextvars import merge_contextvars
from structlog.processors import JSONRenderer, TimeStamper
from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_log_level, add_logger_name

from api.settings import wants_tracebacks

PACKAGES = ("api", "data", "models", "scheduler")

OWN = ("rotations", *PACKAGES)
"""Our own loggers have such a name, or begin with it and a dot."""

FIELDS = (
    "operation",
    "status",
    "milliseconds",
    "caller",
    "organisations",
    "refused",
    "trace",
)
"""What a line may hold beside its event: given as `extra`."""

_MAX_CHAIN = 8

_log = logging.getLogger("rotations.process")

Line = MutableMapping[str, Any]


def configure(stream: TextIO | None = None) -> None:
    """Let everything that is logged, warned of or raised for nobody leave by this door.

    Parameters
    ----------
    stream
        Where lines go; None = standard error.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in OWN:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # it would print the arguments of a line that fails
    sys.unraisablehook = _unraisable
    threading.excepthook = _left_behind


def _formatter() -> logging.Formatter:
    return ProcessorFormatter(
        foreign_pre_chain=[_discreet, merge_contextvars, ExtraAdder(FIELDS)],
        processors=[
            TimeStamper(fmt="iso", utc=True, key="time"),
            add_log_level,
            add_logger_name,
            _excepted,
            ProcessorFormatter.remove_processors_meta,
            JSONRenderer(),
        ],
    )


def _discreet(_logger: object, _method: str, line: Line) -> Line:
    """Keep of a library's words only where it said them."""
    record: logging.LogRecord = line["_record"]
    if record.name.partition(".")[0] not in OWN and not wants_tracebacks():
        line["event"] = f"{record.module}.{record.funcName}:{record.lineno}"
    line.pop("stack_info", None)
    return line


def _excepted(_logger: object, _method: str, line: Line) -> Line:
    """Put an exception's types and places in the place of its text."""
    information = line.pop("exc_info", None)
    error = information[1] if isinstance(information, tuple) else None
    if error is not None:
        line["exception"] = list(described(error))
        if wants_tracebacks():
            line["traceback"] = "".join(traceback.format_exception(error))
    return line


def described(error: BaseException) -> Iterator[dict[str, Any]]:
    """Yield an exception and those that led to it, each as its type and the places it came through.

    Places are those in our own packages, outermost first, and the one where it was raised.
    """
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < _MAX_CHAIN:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        kind = type(one)
        yield {"type": f"{kind.__module__}.{kind.__qualname__}", "places": _places(one)}
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
        earlier = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        if earlier is not None:
            waiting.append(earlier)


def _places(error: BaseException) -> list[str]:
    stations = [
        (frame.f_globals.get("__name__", "?"), frame.f_code.co_name, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
    ]
    return [
        f"{module}.{function}:{number}"
        for position, (module, function, number) in enumerate(stations, 1)
        if module.partition(".")[0] in PACKAGES or position == len(stations)
    ]


def _left_behind(left: threading.ExceptHookArgs) -> None:
    """Tell of an exception that ended a thread."""
    if left.exc_value is not None and not isinstance(left.exc_value, SystemExit):
        _log.error("a thread ended with an exception", exc_info=left.exc_value)


def _unraisable(unraisable: Any) -> None:
    """Tell of an exception that nobody could be told of."""
    _log.error("an exception was raised for nobody", exc_info=unraisable.exc_value)

"""What stands around a body: the address, its query and the key of a repeat, read as strictly."""

from __future__ import annotations

from collections.abc import Iterator, Set

from starlette.requests import Request

from api.web.bodies import invalid, is_national
from data.forms.refusals import printable
from scheduler.errors import Fault


def expect_head(request: Request, known: Set[str]) -> None:
    """Make sure that a request names nothing that nobody asks for, and no national number.

    A name that is mistyped would be left out of account: ``?dryrun=true`` saves.

    Parameters
    ----------
    known
        Names that a query may hold.

    Raises
    ------
    Problem
        ``invalid``, with every fault.
    """
    faults = list(_faults(request, known))
    if faults:
        raise invalid(faults)


def _faults(request: Request, known: Set[str]) -> Iterator[Fault]:
    for name, value in request.path_params.items():
        if is_national(str(value)):
            yield Fault("national-identity-number", ("path", name))
    for name in dict.fromkeys(request.query_params):
        if name not in known:
            shown = "" if is_national(name) else printable(name)
            yield Fault("unknown-key", ("query", shown))
        elif any(is_national(value) for value in request.query_params.getlist(name)):
            yield Fault("national-identity-number", ("query", name))
    if is_national(request.headers.get("idempotency-key", "")):
        yield Fault("national-identity-number", ("header", "Idempotency-Key"))

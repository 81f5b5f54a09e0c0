"""What keeps a command of the service from running, in words for who operates it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from api.failures import Misuse, Unusable
from api.identity.issuers import InvalidIssuers
from api.identity.local import UnfitKey
from api.settings import Settings
from api.shell.local_tokens import UnfitToken
from data.sentences import Verbatim
from models.archive import Damaged
from models.backup import NewerBackup, NotEmpty, NothingToKeep
from models.database import UnknownRevision, UnsafeJournal
from models.store.workers import GivenUp
from scheduler.errors import Fault

_OPTIONS = {"organisation": "org"}
"""Options whose name is not that of the field they fill."""

_SENTENCES: dict[type[Exception], str] = {
    Damaged: "backup-damaged",
    GivenUp: "worker-given-up",
    NewerBackup: "backup-newer",
    NotEmpty: "restore-not-empty",
    NothingToKeep: "backup-empty",
    UnknownRevision: "database-newer",
    UnsafeJournal: "database-journal",
}
"""What a single sentence says."""


def read_settings(data_dir: Path | None) -> Settings:
    """Return the settings of the environment, where nothing else is asked for.

    Raises
    ------
    Misuse
        Naming every variable that cannot be used, and no value.
    """
    given: dict[str, Any] = {} if data_dir is None else {"data_dir": data_dir}
    try:
        return Settings(**given)
    except ValidationError as error:
        names = [Verbatim(name) for each in error.errors() for name in _variables(each)]
        raise Misuse("settings-wrong", names=names) from None


def _variables(fault: ErrorDetails) -> list[str]:
    """Return the variables of the environment that are at fault: several, where none is alone."""
    if not fault["loc"]:
        return re.findall(r"ROTATIONS_[A-Z_]+", fault["msg"])
    field = str(fault["loc"][0])
    return [field if field.isupper() else f"ROTATIONS_{field.upper()}"]


@contextmanager
def explained() -> Iterator[None]:
    """Say what goes wrong outside the program, and nothing that an exception repeats."""
    try:
        yield
    except UnfitToken as error:
        raise Misuse("wrong-options", options=[_as_option(f) for f in error.faults]) from None
    except InvalidIssuers as error:
        raise Unusable("issuers-wrong", lines=error.faults) from None
    except UnfitKey as error:
        raise Unusable("key-unfit", lines=[str(error)]) from None
    except tuple(_SENTENCES) as error:
        raise Unusable(_SENTENCES[type(error)]) from None
    except (OperationalError, PoolExhausted):
        raise Unusable("database-unreachable") from None
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Unusable("database-unreachable") from None
        raise


def _as_option(fault: Fault) -> Fault:
    """Return a fault whose place is the option that it is about."""
    field = str(fault.place[0])
    return Fault(fault.code, (f"--{_OPTIONS.get(field, field)}",), fault.figures)

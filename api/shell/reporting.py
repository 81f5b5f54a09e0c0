"""Whatever goes wrong in a command becomes one block on standard error and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import typer

from api.failures import failure, shown
from api.shell.console import show_failure
from data.sentences import Language


@contextmanager
def reported(language: Language, about: Path | None = None) -> Iterator[None]:
    """Run a command's work; what it raises is reported.

    Parameters
    ----------
    about
        What the work is about, said before what went wrong.

    Raises
    ------
    typer.Exit
        With the exit code of `api.failures`.
    """
    try:
        yield
        sys.stdout.flush()
    except typer.Exit:
        raise
    except (Exception, KeyboardInterrupt) as error:
        raise typer.Exit(report(error, language, shown(about) if about else "")) from error


def report(error: BaseException, language: Language, about: str = "") -> int:
    """Show what went wrong and return the exit code."""
    failed = failure(error, language)
    with suppress(OSError):
        show_failure(failed, about)
    return failed.exit_code

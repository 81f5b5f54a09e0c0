"""Rounds as files: a JSON document, an Excel workbook or a folder of CSV files; plans as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from data.atomic import write_file
from data.documents import read_plan, read_round, write_round
from data.forms.json_text import Unreadable
from data.sheets.archives import MAX_MEBIBYTES
from scheduler.errors import Fault, InvalidPlan, InvalidRound
from scheduler.rounds import Round

_ZIP = b"PK\x03\x04"
_WORKBOOKS = (".xlsx", ".xlsm", ".xls")


def load_round(path: Path) -> Round:
    """Return the round in a file or folder.

    Parameters
    ----------
    path
        A JSON document, an Excel workbook or a folder of CSV files.

    Raises
    ------
    InvalidRound
        With every fault at once; also where there is no such file, or none that can be read.
    """
    try:
        return _load_folder(path) if path.is_dir() else _load_file(path)
    except FileNotFoundError:
        raise InvalidRound((Fault("file-missing"),)) from None
    except (OSError, ValueError):
        raise InvalidRound((Fault("file-unreadable"),)) from None


def _load_folder(path: Path) -> Round:
    from data.sheets.folders import read_folder

    return read_folder(path)


def _load_file(path: Path) -> Round:
    suffix = path.suffix.casefold()
    if path.exists() and not path.is_file():
        raise InvalidRound((Fault("kind-unknown"),))
    with path.open("rb") as file:
        content = file.read(MAX_MEBIBYTES * 2**20 + 1)
    if content.startswith(_ZIP) or suffix in _WORKBOOKS:
        from data.sheets.workbooks import read_workbook

        return read_workbook(content)
    if suffix == ".json" or content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return read_round(content)
    raise InvalidRound((Fault("kind-unknown"),))


def load_plan(path: Path) -> dict[str, Any]:
    """Return the plan document in a file.

    Raises
    ------
    InvalidPlan
        With every fault of form; also where there is no such file, or none that can be read.
    """
    try:
        content = document_in(path)
    except Unreadable as error:
        raise InvalidPlan((error.fault,)) from None
    return read_plan(content)


def document_in(path: Path) -> bytes:
    """Return what a file holds, cut where no document may be longer.

    Raises
    ------
    Unreadable
        There is no such file, or none that can be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(MAX_MEBIBYTES * 2**20 + 1)
    except FileNotFoundError:
        raise Unreadable(Fault("file-missing")) from None
    except OSError:
        raise Unreadable(Fault("file-unreadable")) from None


def save_round(round_: Round, path: Path) -> None:
    """Write a round, whole or not at all: ``.json``, ``.xlsx``, or a folder without a suffix.

    Raises
    ------
    InvalidRound
        For any other suffix, or where a list is longer than a cell of Excel can hold.
    OSError
        Where the place cannot be written; FileExistsError for a folder with other files in it.
    """
    suffix = path.suffix.casefold()
    if suffix == ".json":
        write_file(path, write_round(round_))
    elif suffix == ".xlsx":
        from data.sheets.workbook_sheets import write_workbook

        write_file(path, write_workbook(round_))
    elif not suffix:
        from data.sheets.folders import write_folder

        write_folder(round_, path)
    else:
        raise InvalidRound((Fault("kind-unknown"),))

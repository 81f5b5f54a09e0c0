"""Rounds that come as one document: JSON, an archive of CSV files, or a workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath

from api.schemas.rounds import MAX_LABEL
from api.web.bodies import national_numbers
from api.web.problems import Problem
from data.documents import read_round
from data.forms.json_text import Unreadable, parse
from data.sheets.archives import NotAnArchive, unpack
from data.sheets.folders import SUFFIX, read_csv
from data.sheets.workbooks import read_workbook
from scheduler.errors import Cell, Fault, InvalidRound
from scheduler.rounds import Round

MAX_MUNICIPALITIES = 10_000


def arrived(content: bytes, content_type: str | None) -> Round:
    """Return the round that a document describes.

    Parameters
    ----------
    content_type
        The header of that name; parameters such as a character set are left out of account.

    Raises
    ------
    Problem
        ``unsupported-media-type``.
    InvalidRound
        With every fault at once, each with its cell where the document has any.
    """
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type not in _READERS:
        raise Problem("unsupported-media-type")
    round_ = _READERS[media_type](content)
    if faults := tuple(_unfit(round_)):
        raise InvalidRound(faults)
    return round_


def _unfit(round_: Round) -> Iterator[Fault]:
    """What a round is looked up by is short, and its parties are not beyond counting."""
    if len(round_.id) > MAX_LABEL:
        yield Fault("too-long", ("round", "id"), {"maximum": MAX_LABEL})
    if any(len(each.id) > MAX_LABEL for each in round_.municipalities):
        yield Fault("too-long", ("municipalities",), {"maximum": MAX_LABEL})
    if len(round_.municipalities) > MAX_MUNICIPALITIES:
        yield Fault("too-many", ("municipalities",), {"maximum": MAX_MUNICIPALITIES})


def _document(content: bytes) -> Round:
    """Return the round of a JSON document, held against national numbers as it was sent."""
    try:
        found = tuple(national_numbers(parse(content).value))
        round_ = read_round(content)
    except Unreadable as error:
        raise InvalidRound((error.fault,)) from None
    except InvalidRound as error:
        raise InvalidRound((*found, *error.faults)) from None
    if found:
        raise InvalidRound(found)
    return round_


def _archive(content: bytes) -> Round:
    """Return the round of an archive of CSV files; files of other kinds are left alone."""
    try:
        members = unpack(content)
    except NotAnArchive as error:
        fault = error.fault
        code = fault.code if fault.code.endswith("too-large") else "not-zip"
        raise InvalidRound((Fault(code, figures=fault.figures),)) from None
    files = {name: data for name, data in members.items() if _is_csv(PurePosixPath(name))}
    if not files:
        raise InvalidRound((Fault("folder-empty"),))
    return _without_national_numbers(read_csv(files))


def _workbook(content: bytes) -> Round:
    return _without_national_numbers(read_workbook(content))


def _is_csv(path: PurePosixPath) -> bool:
    return path.suffix.casefold() == SUFFIX and not path.name.startswith(".")


def _without_national_numbers(round_: Round) -> Round:
    """Return a round that was read from sheets; of a fault only its sheet is still known."""
    found = [fault.place[0] for fault in national_numbers(round_.document)]
    if found:
        code = "national-identity-number"
        raise InvalidRound(tuple(Fault(code, cell=Cell(str(sheet))) for sheet in found))
    return round_


JSON = "application/json"

_READERS: Mapping[str, Callable[[bytes], Round]] = {
    JSON: _document,
    "application/zip": _archive,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _workbook,
}

MEDIA_TYPES = tuple(_READERS)
"""Forms in which a round may come."""

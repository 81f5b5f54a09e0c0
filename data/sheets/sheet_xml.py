"""What the XML of a workbook shows and its values hide: formulas, errors, merged cells, size.

Read as a stream, and never with a document type: so no entity is ever expanded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import join, normpath
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII)
_LETTERS = 26
_SHARED_TEXTS = "xl/sharedStrings.xml"

Area = tuple[int, int, int, int]
"""A rectangle of cells, 0-based: first row, first column, last row, last column."""


class NotSheetXml(Exception):
    """The XML of a workbook cannot be read, or holds what no workbook needs."""


@dataclass(slots=True)
class Survey:
    """What a sheet holds, before its values are read.

    Attributes
    ----------
    flaws
        Code by cell, as 0-based row and column.
    merged
        Merged areas.
    rows, columns
        Extent of the filled cells.
    cells
        Number of filled cells.
    letters
        Length of all shared texts that the sheet shows.
    """

    flaws: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[Area] = field(default_factory=list)
    rows: int = 0
    columns: int = 0
    cells: int = 0
    letters: int = 0


def sheet_parts(members: Mapping[str, bytes]) -> list[tuple[str, str]]:
    """Return the sheets of a workbook in order: name, and the member that holds its cells.

    Raises
    ------
    NotSheetXml
        Where the workbook does not say.
    """
    targets: dict[str, str] = {}
    names: list[tuple[str, str]] = []

    def relation(name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def sheet(name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            local = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
            names.append((local.get("name", ""), local.get("id", "")))

    _read(members, "xl/_rels/workbook.xml.rels", relation)
    _read(members, "xl/workbook.xml", sheet)
    return [(name, normpath(join("/xl", targets.get(key, "")))[1:]) for name, key in names]


def text_lengths(members: Mapping[str, bytes]) -> list[int]:
    """Return the length of every shared text, in characters."""
    lengths: list[int] = []

    def start(name: str, _: Mapping[str, str]) -> None:
        if name == "si":
            lengths.append(0)

    def text(content: str) -> None:
        if lengths:
            lengths[-1] += len(content)

    if _SHARED_TEXTS.casefold() in map(str.casefold, members):
        _read(members, _SHARED_TEXTS, start, text)
    return lengths


def survey(members: Mapping[str, bytes], part: str, lengths: Sequence[int]) -> Survey:
    """Return what the sheet in a member holds."""
    surveyor = _Surveyor(lengths)
    _read(members, part, surveyor.start, surveyor.text, surveyor.end)
    return surveyor.survey


class _Surveyor:
    """Walks through a sheet as a reader does: a cell without a reference follows the last one."""

    def __init__(self, lengths: Sequence[int]) -> None:
        self.survey = Survey()
        self.lengths = lengths
        self.row = self.column = -1
        self.type = ""
        self.index = ""
        self.is_value = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._cell(attributes)
        elif name in ("v", "is", "f"):
            self.is_value = name == "v" and self.type == "s"
            self.index = ""
            self._filled(is_formula=name == "f")
        elif name == "row":
            self.row = int(attributes.get("r", self.row + 2)) - 1
            self.column = -1
        elif name == "mergeCell":
            corners = [_position(each) for each in attributes.get("ref", "").split(":")]
            self.survey.merged.append((*corners[0], *corners[-1]))

    def text(self, content: str) -> None:
        if self.is_value:
            self.index += content

    def end(self, name: str) -> None:
        if name == "v" and self.is_value:
            self.is_value = False
            index = int(self.index)
            self.survey.letters += self.lengths[index] if 0 <= index < len(self.lengths) else 0

    def _cell(self, attributes: Mapping[str, str]) -> None:
        self.type = attributes.get("t", "")
        if "r" in attributes:
            self.row, self.column = _position(attributes["r"])
        else:
            self.column += 1

    def _filled(self, is_formula: bool) -> None:
        found, at = self.survey, (self.row, self.column)
        found.cells += 1
        found.rows = max(found.rows, self.row + 1)
        found.columns = max(found.columns, self.column + 1)
        if is_formula:
            found.flaws[at] = "cell-formula"
        elif self.type == "e":
            found.flaws.setdefault(at, "cell-error")


def _position(reference: str) -> tuple[int, int]:
    """Return the 0-based row and column of a reference such as ``B7``."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise NotSheetXml
    column = 0
    for letter in match[1]:
        column = column * _LETTERS + ord(letter) - ord("A") + 1
    return int(match[2]) - 1, column - 1


def _member(members: Mapping[str, bytes], part: str) -> bytes:
    """Return a member whatever capital letters its name has, as other readers do."""
    for name, content in members.items():
        if name.casefold() == part.casefold():
            return content
    raise NotSheetXml


def _read(
    members: Mapping[str, bytes], part: str, start: Any, text: Any = None, end: Any = None
) -> None:
    """Send the elements of a member to handlers, by their names without name spaces."""

    def refuse(*_: object) -> None:
        raise NotSheetXml

    parser = ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(" ")[2], attributes)
    parser.CharacterDataHandler = text
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(" ")[2])
    try:
        parser.Parse(_member(members, part), True)
    except (ExpatError, LookupError, ValueError):
        raise NotSheetXml from None

"""A municipality's list that comes as a workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from api.web.bodies import national_numbers
from data.forms.drafts import Draft
from data.sheets.lists import read_list
from models.tables import Supervisor
from scheduler.errors import InvalidRound


@dataclass(frozen=True, slots=True)
class Workbook:
    """A file that was sent in place of a list's values."""

    content: bytes


def drafted(sent: object, own: Mapping[str, Supervisor]) -> Draft:
    """Return what was sent as a draft: of a workbook, every value knows its cell.

    Parameters
    ----------
    sent
        Plain values, or a `Workbook`.
    own
        The municipality's supervisors by id; a workbook may name them.
    """
    if not isinstance(sent, Workbook):
        return Draft(sent)
    try:
        draft = read_list(sent.content, {name: id_ for id_, name in told_apart(own).items()})
    except InvalidRound as error:
        return Draft(None, error.faults)
    return replace(draft, faults=(*draft.faults, *national_numbers(draft.document)))


def told_apart(own: Mapping[str, Supervisor]) -> Mapping[str, str]:
    """Return the names of supervisors by id, where a name is one person's."""
    often = Counter(row.name for row in own.values())
    return {id_: row.name for id_, row in own.items() if often[row.name] == 1}

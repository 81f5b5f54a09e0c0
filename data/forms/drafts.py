"""A draft: a round document as it was given, and the one way from it to a checked round.

Whatever door it came through, every record is held against its form, the well-formed ones against
each other, and all faults are reported at once, in the order of the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from pydantic import ValidationError

from data.forms.fields import Form, inner_form
from data.forms.records import record
from data.forms.refusals import form_faults
from data.forms.rounds import RoundForm
from scheduler.crosschecks import Records, cross_check
from scheduler.errors import Cell, Fault, InvalidRound, Place
from scheduler.rounds import Round

MAX_FAULTS = 10_000
"""Faults reported of one document; a document with more gets a last one that says so."""

LISTS: Mapping[str, type[Form]] = {
    name: form
    for name, info in RoundForm.model_fields.items()
    if info.default == [] and (form := inner_form(info.annotation)) is not None
}
"""The form of the records in each list of a round, by the list's name."""


def _nowhere(_: Place) -> Cell | None:
    return None


@dataclass(frozen=True, slots=True)
class Draft:
    """A round document as it was given.

    Attributes
    ----------
    document
        The document, unchecked.
    faults
        What the door itself found wrong.
    unclear
        Places whose value the door could not tell; nothing more is said about them.
    mute
        Codes of relations that cannot be judged, because the door could not tell all records.
    locate
        Finds the cell of a place, for a document that was read from sheets.
    """

    document: object
    faults: tuple[Fault, ...] = ()
    unclear: frozenset[Place] = frozenset()
    mute: frozenset[str] = frozenset()
    locate: Callable[[Place], Cell | None] = _nowhere


def checked(draft: Draft) -> Round:
    """Return the round that a draft describes.

    Raises
    ------
    InvalidRound
        With every fault of form and of relation.
    """
    reading = _Reading(draft)
    faults = list(islice(reading.faults(), MAX_FAULTS + 1))
    if faults:
        raise InvalidRound(in_order(faults, draft.locate))
    head: RoundForm = reading.head
    lists = {name: tuple(items.values()) for name, items in reading.records.items()}
    return Round(
        id=head.round.id,
        name=head.round.name,
        decision_date=head.round.decision_date,
        policy=record(head.policy),
        **lists,
    )


class _Reading:
    """Reads a draft record by record."""

    head: RoundForm

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.records: dict[str, dict[int, Any]] = {name: {} for name in LISTS}
        self.broken: dict[str, set[str]] = {name: set() for name in (*LISTS, "sites", "trusts")}
        self.nameless: set[str] = set()
        self.doubted = {place[:2] for place in draft.unclear}

    def faults(self) -> Iterator[Fault]:
        """Read everything and yield every fault once, the form's before the relations'."""
        document = self.draft.document
        if not isinstance(document, dict):
            yield from self.draft.faults or (Fault("not-object"),)
            return
        yield from self.draft.faults
        yield from self._head(document)
        for name, form in LISTS.items():
            items = document.get(name, [])
            if not isinstance(items, list) or (name,) in self.draft.unclear:
                self.nameless.add(name)
                continue
            for position, item in enumerate(items):
                yield from self._record(name, position, form, item)
        yield from self._relations()

    def _head(self, document: dict[str, Any]) -> Iterator[Fault]:
        """Check what is no list; lists are checked record by record."""
        lists: dict[str, list[Any]] = {
            name: [] for name in LISTS if isinstance(document.get(name), list)
        }
        try:
            self.head = RoundForm.model_validate({**document, **lists})
        except ValidationError as error:
            yield from self._said(form_faults(error))

    def _record(self, name: str, position: int, form: type[Form], item: object) -> Iterator[Fault]:
        place = (name, position)
        try:
            valid = form.model_validate(item)
        except ValidationError as error:
            yield from self._said(form_faults(error, place))
            yield from self._broken(name, position, item)
        else:
            if place in self.doubted:
                yield from self._broken(name, position, item)
            else:
                self.records[name][position] = record(valid)

    def _said(self, faults: Iterable[Fault]) -> Iterator[Fault]:
        """Leave out what lies at or below a place that the door has spoken about."""
        unclear = self.draft.unclear
        for fault in faults:
            if not any(fault.place[: n + 1] in unclear for n in range(len(fault.place))):
                yield fault

    def _broken(self, name: str, position: int, item: object) -> Iterator[Fault]:
        """Remember what a broken record is called, so that references to it are no fault."""
        values = item if isinstance(item, dict) else {}
        own = values.get("municipality" if name == "priorities" else "id")
        if isinstance(own, str):
            if own in self.broken[name] and name != "priorities":
                yield Fault("id-repeated", (name, position, "id"))
            self.broken[name].add(own)
        elif name != "commitments":
            self.nameless.add(name)
        for key in ("site", "trust") if name == "units" else ():
            if isinstance(values.get(key), str):
                self.broken[key + "s"].add(values[key])
            else:
                self.nameless.add(name)

    def _relations(self) -> Iterator[Fault]:
        """Check the well-formed records, and conclude nothing from what has no readable name."""
        for fault in cross_check(Records(**self.records, broken=self.broken)):
            about = "priorities" if fault.code == "order-missing" else fault.figures.get("list")
            if about not in self.nameless and fault.code not in self.draft.mute:
                yield fault


def in_order(
    faults: Iterable[Fault],
    locate: Callable[[Place], Cell | None] = _nowhere,
    root: type[Form] = RoundForm,
) -> tuple[Fault, ...]:
    """Give faults their cells, sort them as the document stands, leave out repeats."""
    placed = [fault if fault.cell else replace(fault, cell=locate(fault.place)) for fault in faults]
    placed.sort(key=lambda fault: _position(fault, root))
    kept: dict[tuple[object, ...], Fault] = {}
    for fault in placed:
        kept.setdefault((fault.code, fault.place, fault.cell), fault)
    shown = tuple(kept.values())
    if len(shown) > MAX_FAULTS:
        return (*shown[:MAX_FAULTS], Fault("more-faults", figures={"shown": MAX_FAULTS}))
    return shown


def _position(fault: Fault, root: type[Form]) -> tuple[object, ...]:
    """Sort by cell where there is one, else as the fields of the forms stand."""
    steps = tuple(_steps(fault.place, root))
    if fault.cell is None:
        return (0, steps, fault.code)
    from data.forms.layout import sheets  # whoever reads JSON has no cells

    sheet, row, column = fault.cell.sheet, fault.cell.row or 0, fault.cell.column or ""
    columns = [each.name for each in sheets()[sheet].columns] if sheet in sheets() else []
    return (1, _index([*sheets()], sheet), row, _index(columns, column), column, steps, fault.code)


def _index(names: list[str], name: str) -> int:
    return names.index(name) if name in names else len(names)


def _steps(place: Place, root: type[Form]) -> Iterator[tuple[int, int, str]]:
    form: type[Form] | None = root
    for step in place:
        if isinstance(step, int):
            yield (0, step, "")
            continue
        known = form.model_fields if form else {}
        fields = {info.alias or name: info for name, info in known.items()}
        yield (1, _index([*fields], step), step)
        if step in fields:
            form = inner_form(fields[step].annotation)

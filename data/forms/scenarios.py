"""The forms of the document ``rotations/scenario@1``.

What a field of a record may hold is said by the forms of a round, which the changed round is held
against as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import ConfigDict

from data.forms.fields import Form, Ident, OneOf, Text, described
from scheduler.errors import Fault, Place
from scheduler.scenarios import KEYS, SINGLES, Action, Change

NAMES = tuple(dict.fromkeys(name for names in KEYS.values() for name in names))
"""Every field that can name a record."""


class ChangeForm(Form):
    """One record added, changed or removed."""

    action: Annotated[str, OneOf(get_args(Action))] = described("What is done.", "change")
    record: Annotated[str, OneOf((*KEYS, *SINGLES))] = described(
        "The list of the record; or the policy, or the round.", "windows"
    )
    id: Ident | None = described(
        "Id of the unit, window, municipality or candidate that is changed or removed.",
        "w1",
        default=None,
    )
    municipality: Ident | None = described(
        "Id of the municipality whose order is changed or removed.", "5601", default=None
    )
    unit: Ident | None = described(
        "Id of the unit that the order is for; none = the default order.", None, default=None
    )
    candidate: Ident | None = described(
        "Id of the candidate whose commitments are changed or removed.", "c9", default=None
    )
    fields: dict[str, Any] | None = described(
        "The new record, or the fields that change; each is replaced as a whole.",
        {"positions": 2},
        default=None,
    )

    def faults(self, at: Place) -> Iterator[Fault]:
        """Yield what is missing or not asked for, with its place below `at`."""
        single = self.record in SINGLES
        if single and self.action != "change":
            yield Fault("not-one-of", (*at, "action"), {"allowed": ["change"]})
        asked = () if single or self.action == "add" else KEYS[self.record]
        for name in NAMES:
            given = name in self.model_fields_set
            if given and name not in asked:
                yield Fault("not-asked", (*at, name))
            elif name in asked and name != "unit" and getattr(self, name) is None:
                yield Fault("missing", (*at, name))
        if self.action == "remove":
            if "fields" in self.model_fields_set:
                yield Fault("not-asked", (*at, "fields"))
        elif not self.fields:
            yield Fault("missing", (*at, "fields"))
        elif self.action == "change":
            yield from self._unfit((*at, "fields"))

    def _unfit(self, at: Place) -> Iterator[Fault]:
        """Yield the fields of a change that cannot change."""
        allowed = SINGLES.get(self.record)
        for name in self.fields or ():
            names_it = name in KEYS.get(self.record, ())
            if names_it or (allowed is not None and name not in allowed):
                yield Fault("not-asked", (*at, name))

    def change(self) -> Change:
        """Return the change that the form describes."""
        action: Any = self.action
        named = self.record in KEYS and self.action != "add"
        key = tuple(getattr(self, name) for name in KEYS[self.record]) if named else ()
        return Change(action=action, record=self.record, key=key, fields=self.fields or {})


class ScenarioForm(Form):
    """A scenario: what if a round were otherwise."""

    model_config = ConfigDict(title="rotations/scenario@1")

    format: Literal["rotations/scenario@1"] = described(
        "Name of the format.", "rotations/scenario@1"
    )
    name: Text = described("What people call the scenario.", "One more seat")
    changes: list[ChangeForm] = described(
        "Changes, in the order in which they are made.",
        [{"action": "change", "record": "windows", "id": "w1", "fields": {"positions": 2}}],
    )

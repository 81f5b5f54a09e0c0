"""A document that is one form: read strictly, every fault at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from pydantic import ValidationError

from data.forms.drafts import in_order
from data.forms.fields import Form
from data.forms.json_text import Unreadable, parse
from data.forms.refusals import form_faults, printable
from scheduler.errors import Fault

F = TypeVar("F", bound=Form)


def strictly(content: bytes, form: type[F]) -> tuple[F | None, list[Fault]]:
    """Return what a JSON document holds, None where it breaks its form, and every fault of form.

    Parameters
    ----------
    content
        JSON in UTF-8, with or without a byte order mark.
    """
    try:
        parsed = parse(content)
    except Unreadable as error:
        return None, [error.fault]
    faults = list(parsed.faults)
    try:
        return form.model_validate(parsed.value), faults
    except ValidationError as error:
        spoken = {fault.place for fault in faults}
        return None, faults + [f for f in form_faults(error) if f.place not in spoken]


def fit(faults: Iterable[Fault], form: type[Form]) -> tuple[Fault, ...]:
    """Return faults in the document's order, keys in their places cut and made printable."""
    return in_order(map(_fit, faults), root=form)


def _fit(fault: Fault) -> Fault:
    steps = (printable(step) if isinstance(step, str) else step for step in fault.place)
    return Fault(fault.code, tuple(steps), fault.figures)

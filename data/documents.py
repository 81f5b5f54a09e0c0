"""Round and plan documents as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from data.forms.drafts import Draft, checked, in_order
from data.forms.json_text import Parsed, Unreadable, parse
from data.forms.refusals import form_faults
from scheduler.errors import InvalidPlan, InvalidRound
from scheduler.plans import Plan
from scheduler.rounds import Round


def read_round(content: bytes) -> Round:
    """Return the round of a ``rotations/round@1`` document.

    Parameters
    ----------
    content
        JSON in UTF-8, with or without a byte order mark.

    Raises
    ------
    InvalidRound
        With every fault at once.
    """
    try:
        parsed = parse(content)
    except Unreadable as error:
        raise InvalidRound((error.fault,)) from None
    unclear = frozenset(fault.place for fault in parsed.faults)
    return checked(Draft(parsed.value, parsed.faults, unclear))


def write_round(round_: Round) -> bytes:
    """Return the document of a round: UTF-8, indented, the same bytes for the same content."""
    return write_document(round_.document)


def read_plan(content: bytes) -> dict[str, Any]:
    """Return a well-formed ``rotations/plan@1`` document; what it leaves out stays out.

    Parameters
    ----------
    content
        JSON in UTF-8, with or without a byte order mark.

    Raises
    ------
    InvalidPlan
        With every fault of form; whether the plan keeps the rules is for the verifier.
    """
    try:
        parsed = parse(content)
    except Unreadable as error:
        raise InvalidPlan((error.fault,)) from None
    return _plan(parsed)


def _plan(parsed: Parsed) -> dict[str, Any]:
    from data.forms.plans import PlanForm  # whoever makes a plan reads none

    faults = list(parsed.faults)
    try:
        plan = PlanForm.model_validate(parsed.value)
    except ValidationError as error:
        spoken = {fault.place for fault in faults}
        faults += [fault for fault in form_faults(error) if fault.place not in spoken]
    if faults:
        raise InvalidPlan(in_order(faults, root=PlanForm))
    return plan.model_dump(mode="json", by_alias=True, exclude_unset=True)


def write_plan(plan: Plan) -> bytes:
    """Return the document of a plan: UTF-8, indented, the same bytes for the same content."""
    return write_document(plan.document)


def write_document(document: Mapping[str, Any]) -> bytes:
    """Return a document as it is written: UTF-8, indented, its keys in the order given."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
    return text.encode() + b"\n"

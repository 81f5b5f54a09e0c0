"""Scenarios as JSON, and the rounds that they make."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from data.files import document_in
from data.forms.drafts import Draft, checked, in_order
from data.forms.json_text import Parsed, Unreadable, parse
from data.forms.refusals import form_faults, printable
from data.forms.scenarios import ScenarioForm
from scheduler.errors import Fault, InvalidRound, InvalidScenario
from scheduler.rounds import Round
from scheduler.scenarios import Patched, Scenario


def read_scenario(content: bytes) -> Scenario:
    """Return the scenario of a ``rotations/scenario@1`` document.

    Parameters
    ----------
    content
        JSON in UTF-8, with or without a byte order mark.

    Raises
    ------
    InvalidScenario
        With every fault of form; what the changes come to is for `changed_round`.
    """
    try:
        parsed = parse(content)
    except Unreadable as error:
        raise InvalidScenario((error.fault,)) from None
    return _scenario(parsed)


def load_scenario(path: Path) -> Scenario:
    """Return the scenario in a file.

    Raises
    ------
    InvalidScenario
        With every fault of form; also where there is no such file, or none that can be read.
    """
    try:
        content = document_in(path)
    except Unreadable as error:
        raise InvalidScenario((error.fault,)) from None
    return read_scenario(content)


def _scenario(parsed: Parsed) -> Scenario:
    faults = list(parsed.faults)
    try:
        form = ScenarioForm.model_validate(parsed.value)
    except ValidationError as error:
        spoken = {fault.place for fault in faults}
        faults += [fault for fault in form_faults(error) if fault.place not in spoken]
    else:
        for number, change in enumerate(form.changes):
            faults += change.faults(("changes", number))
    if faults:
        raise InvalidScenario(in_order(map(_fit, faults), root=ScenarioForm))
    return Scenario(form.name, tuple(change.change() for change in form.changes))


def changed_round(round_: Round, scenario: Scenario) -> Round:
    """Return a round with a scenario's changes made; the round itself stays as it is.

    Raises
    ------
    InvalidScenario
        With every fault of the changed round, each at the change that it comes from.
    """
    patched = Patched(round_.document, scenario)
    try:
        changed = checked(Draft(patched.document))
    except InvalidRound as error:
        patched.faults += map(patched.origin, error.faults)
    if patched.faults:
        raise InvalidScenario(in_order(map(_fit, patched.faults), root=ScenarioForm))
    return changed


def _fit(fault: Fault) -> Fault:
    """Return a fault whose place can be shown: keys that were given are cut and made printable."""
    steps = (printable(step) if isinstance(step, str) else step for step in fault.place)
    return Fault(fault.code, tuple(steps), fault.figures)

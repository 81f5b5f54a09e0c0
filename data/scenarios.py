"""Scenarios as JSON, and the rounds that they make."""

from __future__ import annotations

from pathlib import Path

from data.files import document_in
from data.forms.drafts import Draft, checked
from data.forms.json_text import Unreadable
from data.forms.scenarios import ScenarioForm
from data.forms.strict import fit, strictly
from scheduler.errors import InvalidRound, InvalidScenario
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
    form, faults = strictly(content, ScenarioForm)
    for number, change in enumerate(form.changes if form is not None else ()):
        faults += change.faults(("changes", number))
    if form is None or faults:
        raise InvalidScenario(fit(faults, ScenarioForm))
    return Scenario(form.name, tuple(change.change() for change in form.changes))


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
        raise InvalidScenario(fit(patched.faults, ScenarioForm))
    return changed

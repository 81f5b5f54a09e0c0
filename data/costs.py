"""What posts cost, as JSON."""

from __future__ import annotations

from pathlib import Path

from data.files import document_in
from data.forms.costs import CostsForm, cost_faults
from data.forms.json_text import Unreadable
from data.forms.strict import fit, strictly
from scheduler.errors import InvalidCosts
from scheduler.rounds import Round


def read_costs(content: bytes, round_: Round) -> dict[str, int]:
    """Return the cost of a post in every unit of a round.

    Parameters
    ----------
    content
        A document ``rotations/costs@1``: JSON in UTF-8.

    Raises
    ------
    InvalidCosts
        With every fault.
    """
    form, faults = strictly(content, CostsForm)
    if form is not None:
        faults += cost_faults(form.units, round_, ("units",))
    if form is None or faults:
        raise InvalidCosts(fit(faults, CostsForm))
    return dict.fromkeys(round_.unit, form.default) | {u.unit: u.cost for u in form.units}


def load_costs(path: Path, round_: Round) -> dict[str, int]:
    """Return the costs in a file.

    Raises
    ------
    InvalidCosts
        With every fault; also where there is no such file, or none that can be read.
    """
    try:
        content = document_in(path)
    except Unreadable as error:
        raise InvalidCosts((error.fault,)) from None
    return read_costs(content, round_)

"""From a form that has been checked to the noun of the room that it describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.forms import rounds as forms
from data.forms.fields import Form
from scheduler import domain

_NOUNS: Mapping[type[Form], type[Any]] = {
    forms.TrustLeadForm: domain.TrustLead,
    forms.LeadForm: domain.Lead,
    forms.PartsForm: domain.Parts,
    forms.PolicyForm: domain.Policy,
    forms.UnitForm: domain.Unit,
    forms.WindowForm: domain.Window,
    forms.AgreementForm: domain.Agreement,
    forms.MunicipalityForm: domain.Municipality,
    forms.PeriodForm: domain.Period,
    forms.WishForm: domain.Wish,
    forms.CandidateForm: domain.Candidate,
    forms.PriorityForm: domain.Priority,
    forms.CommitmentForm: domain.Commitment,
}
"""Form and noun have the same fields."""


def record(form: Form) -> Any:
    """Return the noun of `scheduler.domain` that a checked form describes."""
    return _NOUNS[type(form)](**{name: _value(value) for name, value in form})


def _value(value: object) -> object:
    if isinstance(value, Form):
        return record(value)
    if isinstance(value, list):
        return tuple(_value(item) for item in value)
    if isinstance(value, dict):
        return {key: _value(value[key]) for key in sorted(value)}
    return value

"""Bodies that are read before they are held against their form."""

from __future__ import annotations

from pydantic import PlainValidator

from data.forms.fields import Form


def unchecked(form: type[Form]) -> PlainValidator:
    """Return what lets any value of JSON pass, described as `form`.

    Its reader reports faults of form and of relation together, which cannot wait for each other.
    """
    return PlainValidator(_as_it_is, json_schema_input_type=form)


def _as_it_is(value: object) -> object:
    return value

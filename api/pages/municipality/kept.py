"""A list that a page carries along, from one press of a button to the next.

It comes back from a browser, so it may be anything: whether it has the form of a list is looked at
here; what it says, the interface judges.
"""

from __future__ import annotations

import json

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError
from starlette.exceptions import HTTPException

from api.pages.municipality.drafts import Document

Text = StrictStr | None
Typed = StrictInt | StrictStr
"""A number, or what was typed in place of one."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Wish(_Part):
    target: StrictStr
    earliest: Text = None
    latest: Text = None
    ideal: Text = None


class _Period(_Part):
    first: Text = Field(default=None, alias="from")
    to: Text = None


class _Candidate(_Part):
    id: StrictStr
    name: Text
    months_needed: Typed = 0
    learning_goals: list[StrictStr]
    lis1_completed_on: Text
    gp_months: Typed = 0
    supervisor: Text
    in_individual_plan: StrictBool
    min_fte_percent: Typed = 0
    available_from: Text
    unavailable: list[_Period]
    complete_by: Text
    wishes: list[_Wish]


class _Order(_Part):
    unit: StrictStr
    order: list[StrictStr]


class _List(_Part):
    candidates: list[_Candidate]
    default_order: list[StrictStr] | None
    orders: list[_Order]
    late_reason: StrictStr = ""


def kept(text: str) -> Document:
    """Return the list that a page has carried along; what has another form is refused."""
    try:
        found: Document = json.loads(text)
        _List.model_validate(found)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, ValidationError, RecursionError):
        raise HTTPException(400) from None
    return found

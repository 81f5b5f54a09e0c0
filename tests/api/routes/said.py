"""What an answer says, in short."""

from __future__ import annotations

from typing import Any

from httpx2 import Response

NOBODYS = "912000001"
"""An organisation number with the right check digit that no test registers."""

MISSING = "0" * 32
"""An id that the service never made."""


def problem(answer: Response) -> tuple[int, str]:
    """Return status and code of a problem."""
    return answer.status_code, answer.json()["code"]


def faults(answer: Response) -> list[tuple[str, str]]:
    """Return code and place of every fault, sorted by place."""
    found = answer.json().get("faults", [])
    return sorted(((fault["code"], fault["place"]) for fault in found), key=lambda f: f[::-1])


def alike(one: Response, other: Response) -> bool:
    """Tell whether two answers cannot be told apart, but for the number of their request."""
    return _whole(one) == _whole(other)


def _whole(answer: Response) -> tuple[int, bytes, dict[str, Any]]:
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, answer.content, headers

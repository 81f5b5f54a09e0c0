"""What goes wrong over HTTP, as a stable code with one status: problem+json (RFC 9457).

A problem tells what would be right; it never repeats what was sent, nor what an exception said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from data.faults import fault_record
from data.sentences import Language, sentence
from scheduler.errors import Fault

MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[str, int] = {
    "not-http": 400,
    "not-json-body": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "exists": 409,
    "in-use": 409,
    "conflict": 409,
    "round-not-open": 409,
    "round-not-draft": 409,
    "round-not-locked": 409,
    "round-imported": 409,
    "deadline-passed": 409,
    "deadline-ahead": 409,
    "plan-not-completed": 409,
    "plan-ended": 409,
    "plan-outdated": 409,
    "plan-published": 409,
    "plan-unverified": 409,
    "plan-changed": 409,
    "plan-approved": 409,
    "plan-not-approved": 409,
    "plan-not-published": 409,
    "two-people": 409,
    "accepted-not-kept": 409,
    "offer-ended": 409,
    "offer-expired": 409,
    "already-placed": 409,
    "seat-gone": 409,
    "start-passed": 409,
    "seat-taken": 409,
    "placement-begun": 409,
    "placement-started": 409,
    "placement-planned": 409,
    "placement-interrupted": 409,
    "placement-completed": 409,
    "placement-cancelled": 409,
    "placement-not-evaluated": 409,
    "part-not-over": 409,
    "plans-unfinished": 409,
    "studies-unfinished": 409,
    "study-not-completed": 409,
    "study-ended": 409,
    "scenarios-kept": 409,
    "window-withdrawn": 409,
    "notice-not-failed": 409,
    "supervisor-named": 409,
    "service-counted": 409,
    "too-slow": 408,
    "stale": 412,
    "too-large": 413,
    "unsupported-media-type": 415,
    "invalid": 422,
    "round-invalid": 422,
    "refused": 422,
    "key-reused": 422,
    "precondition-required": 428,
    "too-many-requests": 429,
    "head-too-large": 431,
    "internal": 500,
    "busy": 503,
    "outdated": 503,
    "unavailable": 503,
}
"""The status of every code; each code has a title in ``data/texts/*/problems.toml``."""

COMMON = (
    *("unauthenticated", "forbidden", "invalid", "too-many-requests"),
    *("busy", "outdated", "unavailable"),
)
"""What every operation behind a token may answer."""


class Problem(HTTPException):
    """An answer that is no success.

    Parameters
    ----------
    code
        One of `STATUS`.
    faults
        Every fault of what was sent.
    headers
        Further headers of the answer.
    figures
        What the title's sentence needs; also sent as members of the answer.
    """

    def __init__(
        self,
        code: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        **figures: object,
    ) -> None:
        super().__init__(STATUS[code], code, dict(headers or {}))
        self.code, self.faults, self.figures = code, tuple(faults), figures

    def document(self, language: Language) -> dict[str, Any]:
        """Return the members of the answer in a language."""
        faults = [fault_record(language, fault) for fault in self.faults]
        return {
            "type": f"/problems/{self.code}",
            "title": sentence(language, f"problems.{self.code}", self.figures),
            "status": self.status_code,
            "code": self.code,
            **({"faults": faults} if faults else {}),
            **self.figures,
        }


class FaultRecord(BaseModel):
    """One thing wrong with what was sent; never the value itself."""

    code: str = Field(description="Stable name of the fault.", examples=["id-unknown"])
    place: str = Field(
        description="Where the value stands: a JSON pointer (RFC 6901) into the body, or into"
        " query, path or header under these names.",
        examples=["/candidates/0/wishes/1/target"],
    )
    sheet: str | None = Field(default=None, description="Sheet, where it was read from one.")
    row: int | None = Field(default=None, description="Row as a spreadsheet shows it.")
    column: str | None = Field(default=None, description="Heading of the column.")
    figures: dict[str, Any] = Field(description="What would have been right.")
    sentence: str = Field(description="The fault in the language asked for.")


class ProblemDocument(BaseModel):
    """An answer that is no success (RFC 9457)."""

    type: str = Field(description="Which problem this is.", examples=["/problems/stale"])
    title: str = Field(description="The problem in the language asked for.")
    status: int = Field(description="The HTTP status.", examples=[412])
    code: str = Field(description="Stable name of the problem.", examples=["stale"])
    faults: list[FaultRecord] = Field(default=[], description="Every fault of what was sent.")


def answers(*codes: str, common: Sequence[str] = COMMON) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of the problems that an operation may answer with."""
    by_status: dict[int | str, list[str]] = {}
    for code in (*common, *codes):
        by_status.setdefault(STATUS[code], []).append(code)
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    return {
        status: {
            "description": "Problem: " + ", ".join(f"`{code}`" for code in sorted(set(found))),
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status, found in sorted(by_status.items())
    }

"""What has been done to a round, in words: what, by whom, why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.pages.page import Page
from api.pages.rendering import day, moment

Record = Mapping[str, Any]

FIELDS = {
    "name": "pages_planner.name",
    "deadline": "pages.deadline",
    "decision_date": "pages.decision",
    "policy": "pages_planner.policy",
    "tentative_windows": "pages_planner.tentative",
    "participants": "pages_planner.participants",
}
"""What can be changed of a round, and the text that names it."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One change of a round.

    Attributes
    ----------
    state
        The state it brought the round to; empty where it stayed as it was, and `what` tells all.
    changes
        What differs since, a line each.
    """

    at: str
    who: str
    state: str
    what: str
    changes: Sequence[str]
    reason: str | None


async def history(page: Page, moves: Sequence[Record], organisation: Record) -> list[Happening]:
    """Return what was done to a round, the first of it first.

    Parameters
    ----------
    moves
        As the interface lists them.
    organisation
        Who plans the round.
    """
    names = {organisation["number"]: organisation["name"]}
    for other in {each["organisation"] for each in moves} - {*names, None}:
        names[other] = (await page.ask.get(f"/v1/organisations/{other}")).data["name"]
    return [
        Happening(
            at=each["moved_at"],
            who=_who(page, each, names),
            state="" if each["changes"] else each["state"],
            what=_what(page, each),
            changes=list(_changes(page, each["changes"] or {})),
            reason=each["reason"],
        )
        for each in moves
    ]


def _who(page: Page, move: Record, names: Mapping[str, str]) -> str:
    """Return who did it: the reader, a planner of an organisation, or a command by its name."""
    assert page.principal is not None
    if move["moved_by"] == page.principal.subject:
        return page.text("pages_planner.you")
    if move["organisation"] is None:
        return page.text("pages_deciding.actor-command", name=move["moved_by"])
    role = page.text("role-planner")
    return page.text("acting-as", role=role, whose=names[move["organisation"]])


def _what(page: Page, move: Record) -> str:
    """Return what was done to a round that stayed in its state; empty where it did not."""
    changes = move["changes"]
    if not changes:
        return ""
    if "published" in changes:  # only who takes a publication back says why
        kind = "voided" if move["reason"] else "published"
    else:
        kind = "replanned" if "replanned" in changes else "changed"
    return page.text(f"pages_planner.history-{kind}")


def _changes(page: Page, changes: Mapping[str, Record]) -> Iterator[str]:
    """Yield each field that differs, with both values where these are read at a glance."""
    shown: Mapping[str, Callable[[str], str]] = {
        "name": str,
        "deadline": lambda said: moment(page.language, said),
        "decision_date": lambda said: day(page.language, said),
    }
    for field, ends in changes.items():
        if field not in FIELDS:
            continue
        values = [ends["from"], ends["to"]]
        said = page.text(FIELDS[field])
        if field in shown and all(values):
            said += ": " + " → ".join(shown[field](each) for each in values)
        yield said

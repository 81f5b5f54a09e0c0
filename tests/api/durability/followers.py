"""Planners, a coordinator and a unit's leader, who lead round after round past its plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from threading import Event
from typing import Any

import httpx2

from api.clock import norwegian_date, utc_now
from models.database import Database
from models.scope import EVERYTHING
from models.tables import Offer
from scheduler.dates import add_months
from tests.api.durability.sending import Sender
from tests.api.outside.world import RULES
from tests.api.served import ALTA, FINNMARK

UNIT = "hammerfest-medisin"

POLICY = {
    **RULES,
    "name": "straks",
    "version": 1,
    "lead": {**RULES["lead"], "minimum_months": 0, "target_months": 0},
    "start_days": [],
}

PLACED, HELD, ASKING = 5, 4, 6
"""How many candidates get a place, which of them held it before the round, and how many ask."""


@dataclass
class Followed:
    """What the service has said yes to: plans, offers by how they were answered, steps."""

    rounds: list[str] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    voided: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    lapsed: list[str] = field(default_factory=list)
    steps: list[tuple[str, str]] = field(default_factory=list)

    @property
    def number(self) -> int:
        """How much was said yes to."""
        parts = (self.rounds, self.published, self.voided, self.answers, self.steps)
        return sum(map(len, parts))


class Follower(Sender):
    """Leads rounds from their import to the first months of a stay, one after the other."""

    def __init__(
        self, url: str, tokens: Mapping[str, str], database: Database, stop: Event
    ) -> None:
        super().__init__(url, tokens["planner"], stop)
        self._tokens, self._database = tokens, database
        self.followed = Followed()

    @property
    def counts(self) -> tuple[int, ...]:
        """How much was acknowledged."""
        return (self.followed.number,)

    def rounds(self, name: str) -> None:
        """Lead rounds, each to its end, until told to stop; the name is part of theirs."""
        for serial in count():
            if self._stop.is_set():
                return
            self._lead(f"{name}{serial}")

    def _lead(self, label: str) -> None:
        path = f"/rounds/import?organisation={FINNMARK}"
        made = self._done("planner", path, document(label), key=label)
        round_ = made.headers["location"].removeprefix("/v1/rounds/")
        wrong, right = (self._approved(round_, label, key=f"{round_} {n}") for n in range(2))
        tag = self._published(wrong)
        self._done("planner", f"/plans/{wrong}/void", {"reason": "Feil plan"}, tag)
        self.followed.voided.append(wrong)
        self._published(right)
        self._answered(round_)
        self._begun(round_)
        self.followed.rounds.append(round_)

    def _approved(self, round_: str, label: str, key: str) -> str:
        made = self._done("planner", f"/rounds/{round_}/plans/hand", plan(label), key=key)
        plan_id: str = made.headers["location"].removeprefix("/v1/plans/")
        self._done("approver", f"/plans/{plan_id}/approve", None, '"1"')
        return plan_id

    def _published(self, plan_id: str) -> str:
        answer = self._done("planner", f"/plans/{plan_id}/publish", None, '"2"')
        self.followed.published.append(plan_id)
        return str(answer.headers["etag"])

    def _answered(self, round_: str) -> None:
        """Let two accept, one decline, and one be late."""
        first, second, third, late = self._listed(f"/offers?round={round_}&state=open")
        for offer, answer in ((first, "accept"), (second, "accept"), (third, "decline")):
            said = self._done("coordinator", f"/offers/{offer}/{answer}", None, '"1"')
            self.followed.answers[offer] = said.json()["state"]
        with self._database.writing(EVERYTHING) as session:  # nobody can wait for days
            session.get_one(Offer, late).answer_by = utc_now()
        self.followed.lapsed.append(late)

    def _begun(self, round_: str) -> None:
        """Let the stay of the first one begin, and the municipality ask how it goes."""
        first, *_ = self._listed(f"/placements?round={round_}&state=planned")
        tag, today = '"1"', {"day": str(norwegian_date(utc_now()))}
        for role, step in (("unit_leader", "start"), ("coordinator", "contact")):
            answer = self._done(role, f"/placements/{first}/{step}", today, tag)
            self.followed.steps.append((first, answer.json()["steps"][-1]["kind"]))
            tag = answer.headers["etag"]

    def _listed(self, path: str) -> list[str]:
        """Return the ids of what the coordinator finds, by candidate."""
        answer = self.sent("GET", f"/v1{path}", "", None, self._as("coordinator"))
        assert answer.is_success, answer.text
        items = sorted(answer.json()["items"], key=lambda each: str(each["candidate"]))
        return [each["id"] for each in items]

    def _done(
        self, role: str, path: str, body: Any = None, tag: str = "", *, key: str = ""
    ) -> httpx2.Response:
        """Change something that may be changed, under a key of its own."""
        headers = self._as(role) | ({"If-Match": tag} if tag else {})
        answer = self.sent("POST", f"/v1{path}", key or path, body, headers)
        assert answer.is_success, f"{path}: {answer.text}"
        return answer

    def _as(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens[role]}"}


def document(label: str) -> dict[str, Any]:
    """Return a round whose stays begin tomorrow, with windows and candidates of its own."""
    tomorrow = norwegian_date(utc_now()) + timedelta(days=1)
    day, closes = str(tomorrow), str(add_months(tomorrow, 9))
    held = {"candidate": candidates(label)[HELD], "window": label, "start": day}
    return {
        "format": "rotations/round@1",
        "round": {"id": label, "decision_date": day},
        "policy": POLICY,
        "units": [{"id": UNIT, "site": "hammerfest", "trust": "finnmark"}],
        "windows": [
            {"id": label, "unit": UNIT, "opens": day, "closes": closes, "positions": PLACED}
        ],
        "municipalities": [
            {
                "id": ALTA,
                "registered_on": "2019-03-01",
                "agreements": [{"trust": "finnmark", "signed_on": "2021-05-01"}],
            }
        ],
        "candidates": [asking(candidate, day) for candidate in candidates(label)],
        "priorities": [{"municipality": ALTA, "unit": None, "order": candidates(label)}],
        "commitments": [held | {"state": "accepted"}],
    }


def asking(candidate: str, day: str) -> dict[str, Any]:
    """Return a candidate who asks to begin on a day."""
    return {
        "id": candidate,
        "municipality": ALTA,
        "submitted_on": day,
        "has_supervisor": True,
        "in_individual_plan": True,
        "lis1_completed_on": "2024-08-31",
        "wishes": [{"target": UNIT, "earliest": day, "latest": day}],
    }


def plan(label: str) -> dict[str, Any]:
    """Return the plan of such a round, as somebody writes it by hand."""
    day = document(label)["round"]["decision_date"]
    return {
        "format": "rotations/plan@1",
        "round": label,
        "placements": [
            {"candidate": candidate, "window": label, "start": day}
            for candidate in candidates(label)[:PLACED]
        ],
    }


def candidates(label: str) -> list[str]:
    """Return who asks for a place in a round, in their municipality's order."""
    return [f"{ALTA}-{label}-{number}" for number in range(ASKING)]

"""What follows a plan, with a generated client: released, answered, planned anew, served, counted.

Days that must pass are taken out of the database's rows instead: nobody can wait for them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

from sqlmodel import Session, col, select

from api.clock import norwegian_date, utc_now
from api.schemas.fields import written_instant
from models.database import Database, embedded_url
from models.scope import EVERYTHING
from models.tables import Offer, Placement, Standing
from tests.api.outside.interface import Caller
from tests.api.outside.story import Story
from tests.api.running import Running, awaited

NEW = "*"


@dataclass
class Aftermath:
    """A round that has a plan, and everybody who has a part in it.

    `known` returns the caller of a role: for a unit, a municipality.
    """

    program: Running
    story: Story
    planner: Caller
    known: Callable[..., Caller]
    round: str

    def published(self, plan: str) -> None:
        """Two people release a plan; before that, one of them alone cannot."""
        early = self.planner("publish_plan", plan, body={}, if_match=self._tag("get_plan", plan))
        assert early.parsed.code == "plan-not-approved", early.content
        approver = self.known("approver")
        done(approver("approve_plan", plan, if_match=self._tag("get_plan", plan)))
        seen = done(self.planner("get_release", plan))
        done(self.planner("publish_plan", plan, body={}, if_match=self._tag("get_plan", plan)))
        assert seen.made + seen.kept >= len(self.offers()) >= seen.made

    def offers(self) -> list[Any]:
        """Return the open offers of the round, in a fixed order."""
        items = done(self.planner("list_offers", round_=self.round, state="open", limit=200)).items
        return sorted(items, key=lambda each: str(each.candidate))

    def answered(self) -> tuple[str, str, str]:
        """One is declined, one lapses, all others are accepted; return one candidate of each."""
        declined, lapsed, accepted, *others = self.offers()
        self._answer("decline_offer", declined)
        for offer in (accepted, *others):
            self._answer("accept_offer", offer)
        with self._rows() as session:
            session.get_one(Offer, lapsed.id).answer_by = utc_now() - timedelta(seconds=1)
        awaited(lambda: done(self.planner("get_offer", lapsed.id)).state == "expired", 30)
        return declined.candidate, lapsed.candidate, accepted.candidate

    def replanned(self, left: set[str]) -> None:
        """Seats that are free are planned anew; who has accepted keeps hers."""
        before = self._seats()
        form = {"reason": "En har takket nei, en har ikke svart"}
        again = self.planner(
            "replan_round", self.round, body=form, if_match=self._tag("get_round", self.round)
        )
        assert made(again).left == sorted(left)
        plan = made(self.planner("create_plan", self.round, body={"seconds": 60}), 202).id
        awaited(lambda: done(self.planner("get_plan", plan)).state == "completed", 60)
        self.published(plan)
        after = self._seats()
        assert {candidate: after[candidate] for candidate in before} == before

    def served(self, candidate: str) -> None:
        """A stay begins, is followed up, evaluated and completed."""
        today = norwegian_date(utc_now())
        with self._rows() as session:
            row = session.exec(select(Placement).where(col(Placement.candidate) == candidate)).one()
            row.start, row.end = today - timedelta(days=180), today + timedelta(days=1)
            placement, unit, town = row.id, row.unit, row.municipality
        leader = self.known("unit_leader", unit=unit)
        coordinator = self.known("coordinator", municipality=town)
        first, last = str(today - timedelta(days=180)), str(today)
        goals = {"ALM-055": True, "ALM-085": False}
        for caller, step, body in (
            (leader, "start_placement", {"day": first}),
            (coordinator, "note_placement_contact", {"day": last}),
            (leader, "invite_to_evaluation", {"day": last}),
            (leader, "complete_placement", {"day": last, "goals": goals}),
        ):
            tag = caller("get_placement", placement).headers["etag"]
            done(caller(step, placement, body=body, if_match=tag))
        assert done(coordinator("get_placement", placement)).state == "completed"
        months = done(coordinator("get_placement_service", placement))
        assert months.to_dict()
        needs = done(coordinator("list_needs", town, limit=200)).items
        assert candidate in {need.candidate.id for need in needs}

    def next_round(self) -> None:
        """Who got no place stands in the next round as one who has waited once more."""
        waited = self._unplaced()
        assert waited
        form = done(self.planner("get_round", self.round)).to_dict()
        wanted = {"organisation", "decision_date", "policy"}
        later = {key: value for key, value in form.items() if key in wanted}
        deadline = written_instant(utc_now() + timedelta(hours=1))
        later |= {"label": "neste", "deadline": deadline, "participants": self.story.towns}
        decided = date.fromisoformat(form["decision_date"]) + timedelta(days=90)
        later |= {"decision_date": str(decided)}
        following = made(self.planner("create_round", body=later)).id
        done(self.planner("open_round", following, if_match='"1"'))
        for town in {candidate.partition("-")[0] for candidate in waited}:
            coordinator = self.known("coordinator", municipality=town)
            list_ = self.story.list_of(town)
            made(coordinator("put_requests", following, town, body=list_, if_none_match=NEW))
        for candidate, before in waited.items():
            standing = done(self.planner("get_standing", following, candidate))
            assert standing.rounds_waited == before + 1, candidate
        self._planned_beside(following, waited)

    def _planned_beside(self, following: str, waited: dict[str, int]) -> None:
        """The next round is planned around those who have their seats already, unnamed."""
        seated = {c: w for c, w in self._seats(underway=True).items() if c not in waited}
        done(self.planner("lock_round", following, if_match=self._tag("get_round", following)))
        document = json.loads(self.planner("get_round_document", following).content)
        seats = sorted(each["window"] for each in document["commitments"])
        assert seats == sorted(seated.values())
        asked = {each["id"]: each["rounds_waited"] for each in document["candidates"]}
        assert {c: asked[c] - 1 for c in waited} == waited
        plan = made(self.planner("create_plan", following, body={"seconds": 60}), 202).id
        awaited(lambda: done(self.planner("get_plan", plan)).state == "completed", 60)

    def _unplaced(self) -> dict[str, int]:
        """Return how often those had waited who have no place, and have not declined one."""
        offered = {each.candidate for each in self._all_offers()}
        placed = self._seats().keys()
        with self._rows() as session:
            rows = session.exec(select(Standing).where(col(Standing.round) == self.round))
            return {
                row.candidate: row.rounds_waited
                for row in rows
                if row.candidate not in placed and row.candidate not in offered
            }

    def _all_offers(self) -> list[Any]:
        return list(done(self.planner("list_offers", round_=self.round, limit=200)).items)

    def _seats(self, *, underway: bool = False) -> dict[str, str]:
        """Return where everybody has a place, or only those who have not served yet."""
        past = {"cancelled", "completed"} if underway else {"cancelled"}
        with self._rows() as session:
            rows = session.exec(select(Placement).where(col(Placement.round) == self.round))
            return {row.candidate: row.window for row in rows if row.state not in past}

    def _answer(self, what: str, offer: Any) -> None:
        coordinator = self.known("coordinator", municipality=offer.municipality)
        tag = coordinator("get_offer", offer.id).headers["etag"]
        done(coordinator(what, offer.id, if_match=tag))

    def _tag(self, operation: str, id_: str) -> str:
        return str(self.planner(operation, id_).headers["etag"])

    @contextmanager
    def _rows(self) -> Iterator[Session]:
        """Open the program's database behind its back."""
        site = self.program.site
        database = Database(site.environment.get("DATABASE_URL") or embedded_url(site.data))
        with closing(database), database.writing(EVERYTHING) as session:
            yield session


def done(answer: Any) -> Any:
    """Return what was answered to something that was done."""
    assert answer.status_code == HTTPStatus.OK, answer.content
    return answer.parsed


def made(answer: Any, status: int = HTTPStatus.CREATED) -> Any:
    """Return what was made."""
    assert answer.status_code == status, answer.content
    return answer.parsed

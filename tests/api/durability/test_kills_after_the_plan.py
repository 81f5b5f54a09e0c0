"""Web and worker are killed while plans are released, answered and lived: each thing is done once.

What the clock does is done by the workers' chores: offers lapse, and notices are sent to a mail
server and a webhook of this machine.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from pathlib import Path
from threading import Event

import pytest
from pydantic import SecretStr
from sqlmodel import Session, col, select

from api.accountability.chain import verified
from api.clock import utc_now
from api.notices.hooks import new_secret
from api.notices.sending import send
from api.releasing.answering import expire
from api.running.opening import prepare
from api.settings import Settings
from models.database import Database
from models.scope import EVERYTHING
from models.tables import (
    AuditEntry,
    Municipality,
    Notice,
    Offer,
    Placement,
    PlacementStep,
    Publication,
    Webhook,
)
from tests.api.durability.followers import PLACED, UNIT, Followed, Follower
from tests.api.durability.killing import free_port, kill_about, nursery
from tests.api.notices.catchers import Hook, Mailbox, hook_receiver, mail_server
from tests.api.running import Site
from tests.api.served import ALTA, FINNMARK, NOW, plant
from tests.databases import mostly

WEB_KILLS, WORKER_KILLS = 4, 3

SENDER = "rotations@region.example"

OFFERED = PLACED - 1
"""Offers of a plan: one place was held before."""

TOLD = {
    "offer-made": 2 * OFFERED,
    "offer-voided": OFFERED,
    "offer-accepted": 2,
    "offer-declined": 1,
    "offer-expired": 1,
    "candidates-unplaced": 2,
    "plan-voided": 1,
}
"""What each round has told to the municipality by e-mail and to the webhook, its planners aside."""


@dataclass
class Storm:
    """What was acknowledged while processes were killed, and what came in elsewhere."""

    followed: Followed
    mailbox: Mailbox
    hook: Hook


@pytest.fixture
def storm(database: Database, tmp_path: Path) -> Iterator[Storm]:
    """Everybody leads rounds while web and worker are killed; then the clock's work is ended."""
    prepare(database)
    plant(database)
    with mail_server() as mailbox, hook_receiver() as hook:
        reachable(database, hook.url)
        environment = {
            "DATABASE_URL": database.url,
            "ROTATIONS_REQUESTS_PER_MINUTE": "1000000",
            "ROTATIONS_SMTP_URL": mailbox.url,
            "ROTATIONS_MAIL_FROM": SENDER,
            "ROTATIONS_LOOPBACK_WEBHOOKS": "true",
        }
        followed = led(Site(tmp_path, environment), database)
        url = SecretStr(mailbox.url)
        settings = Settings(smtp_url=url, mail_from=SENDER, loopback_webhooks=True)
        expire(database, settings, utc_now())
        send(database, settings, utc_now() + timedelta(hours=1))  # what was cut off waits till then
        yield Storm(followed, mailbox, hook)


def led(site: Site, database: Database) -> Followed:
    """Lead rounds while processes are killed, and return what was acknowledged."""
    tokens = {
        "planner": site.token("planner"),
        "approver": site.token("approver"),
        "coordinator": site.token("coordinator", municipality=ALTA),
        "unit_leader": site.token("unit_leader", unit=UNIT),
    }
    stop = Event()
    with nursery(site) as made:
        port = free_port()
        web = f"web {port}"
        made.begin(web)
        made.begin("worker")
        follower = Follower(f"http://127.0.0.1:{port}", tokens, database, stop)
        threads = [follower.start("rounds", name) for name in "ab"]
        try:
            kill_about(made, [web] * WEB_KILLS + ["worker"] * WORKER_KILLS, follower)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert follower.faults == []
    return follower.followed


def reachable(database: Database, hook: str) -> None:
    """Give the municipality an address, and the organisation a webhook."""
    with database.writing(EVERYTHING) as session:
        session.get_one(Municipality, ALTA).contact = "alis@alta.example"
        session.add(
            Webhook(
                id="1" * 32,
                organisation=FINNMARK,
                url=hook,
                secret=new_secret(),
                made_at=NOW,
                made_by="test",
            )
        )


@pytest.mark.parametrize("databases", mostly("postgresql"), indirect=True)
def test_what_follows_a_plan_is_done_once_whoever_dies(storm: Storm, database: Database) -> None:
    rounds = len(storm.followed.rounds)
    print(
        f"{rounds} rounds, {len(storm.mailbox.letters)} letters, {len(storm.hook.requests)} calls"
    )
    assert rounds >= 2
    with database.reading(EVERYTHING) as session:
        check_publications(session, storm)
        check_offers(session, storm)
        check_placements(session, storm)
        check_notices(session, storm)
    assert verified(database).number > 0


def check_publications(session: Session, storm: Storm) -> None:
    """A publication is there with all that it brings about, and its entry; no other one is."""
    rows = session.exec(select(Publication)).all()
    assert Counter(row.plan for row in rows) == Counter(storm.followed.published)
    voided = {row.plan for row in rows if row.ending == "voided"}
    assert voided == set(storm.followed.voided)
    assert all(row.ended_at is None for row in rows if row.plan not in voided)
    offers = Counter(session.exec(select(Offer.publication)).all())
    assert offers == {row.id: OFFERED for row in rows}
    held = select(Placement.publication).where(col(Placement.offer).is_(None))
    assert Counter(session.exec(held).all()) == {row.id: 1 for row in rows}
    assert entered(session, "publish_plan", "plan") == Counter(storm.followed.published)
    assert entered(session, "void_plan", "plan") == Counter(storm.followed.voided)


def check_offers(session: Session, storm: Storm) -> None:
    """Every answer stands, and every acceptance has one placement."""
    answers = storm.followed.answers
    expected = answers | dict.fromkeys(storm.followed.lapsed, "expired")
    rows = session.exec(select(Offer).where(col(Offer.state) != "voided"))
    assert {row.id: row.state for row in rows} == expected
    accepted = [id_ for id_, state in answers.items() if state == "accepted"]
    taken = select(Placement.offer).where(col(Placement.offer).is_not(None))
    assert Counter(session.exec(taken).all()) == Counter(accepted)
    for operation, state in (("accept_offer", "accepted"), ("decline_offer", "declined")):
        ids = [id_ for id_, answer in answers.items() if answer == state]
        assert entered(session, operation, "offers") == Counter(ids)
    assert entered(session, "expire_offer", "offers") == Counter(storm.followed.lapsed)


def check_placements(session: Session, storm: Storm) -> None:
    """Every step stands, none twice."""
    steps: dict[str, list[str]] = {}
    for step in session.exec(select(PlacementStep).order_by(col(PlacementStep.number))):
        steps.setdefault(step.placement, []).append(step.kind)
        assert step.number == len(steps[step.placement])
    expected = {
        row.id: ["planned", "cancelled"] if row.state == "cancelled" else ["planned"]
        for row in session.exec(select(Placement))
    }
    for placement, kind in storm.followed.steps:
        expected[placement].append(kind)
    assert steps == expected
    kinds = Counter(chain.from_iterable(steps.values()))
    assert kinds["cancelled"] == len(storm.followed.voided)


def check_notices(session: Session, storm: Storm) -> None:
    """What happened was told to everybody, once: twice only where the sender was killed."""
    rows = session.exec(select(Notice)).all()
    assert Counter(row.kind for row in rows if row.kind in TOLD) == {
        kind: 2 * number * len(storm.followed.rounds) for kind, number in TOLD.items()
    }
    assert {row.state for row in rows} == {"sent"}
    letters = Counter(id_.strip("<>").partition("@")[0] for id_ in storm.mailbox.ids)
    calls = Counter(headers["webhook-id"] for headers, _ in storm.hook.requests)
    assert letters.keys() == {row.id for row in rows if row.channel == "email"}
    assert calls.keys() == {row.id for row in rows if row.channel == "webhook"}
    again = (letters + calls).total() - len(rows)
    print(f"{again} told again")
    assert again <= WORKER_KILLS + 1, "more than were cut off, with the kill in the end"


def entered(session: Session, operation: str, named: str) -> Counter[str]:
    """Return what the audit says was changed by an operation, and how often."""
    asked = select(AuditEntry.content).where(
        col(AuditEntry.operation) == operation, col(AuditEntry.action) == "change"
    )
    said = map(json.loads, session.exec(asked))
    return Counter(each.get(named) or each["named"][named] for each in said)

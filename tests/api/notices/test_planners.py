"""What planners are told, in which language, and what they can have sent again."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

from sqlmodel import select

from api.notices.wording import link
from api.running.restoring import restore
from models.backup import back_up
from models.database import Database
from models.scope import EVERYTHING
from models.store.notices import Telling
from models.tables import Municipality, Notice, Organisation, RestoredNotice, Unit
from tests.api.notices.catchers import Hook, Mailbox
from tests.api.notices.outboxes import AT_ALTA, AT_UNIT, FIGURES, UNIT, Outbox, offered
from tests.api.routes.said import alike, problem
from tests.api.served import ALTA, BERGEN, FINNMARK, VADSO, Served
from tests.databases import Files

OFFICE = "alis@finnmark.example"


def reach_planners(outbox: Outbox, language: str = "nb") -> None:
    with outbox.database.writing(EVERYTHING) as session:
        office = session.get_one(Organisation, FINNMARK)
        office.contact, office.language = OFFICE, language


def test_planners_are_told_of_what_asks_something_of_them(either: Outbox) -> None:
    reach_planners(either)
    in_all = Telling("round-unplaced", "publication", FINNMARK, figures=FIGURES | {"unplaced": 3})
    person = Telling("round-needs-a-person", "round", FINNMARK, figures=FIGURES)
    kinds = ("offer-declined", "offer-expired", "offer-accepted", "offer-made")
    assert either.tell(*(offered("offer-1", kind=kind) for kind in kinds), in_all, person) == 4
    assert {each.recipient for each in either.notices} == {OFFICE}
    assert sorted(each.kind for each in either.notices) == [
        "offer-declined",
        "offer-expired",
        "round-needs-a-person",
        "round-unplaced",
    ]
    assert {(each.municipality, each.unit) for each in either.notices} == {(None, None)}


def test_the_same_about_two_municipalities_is_not_the_same(outbox: Outbox) -> None:
    """Also where they share an address, and for a webhook of the organisation."""
    outbox.contacts(unit=None)
    outbox.webhook("https://hf.example/")
    with outbox.database.writing(EVERYTHING) as session:
        session.get_one(Municipality, VADSO).contact = AT_ALTA
    unplaced = {"kind": "candidates-unplaced", "figures": FIGURES | {"unplaced": 1}, "unit": None}
    assert outbox.tell(*(offered("p", municipality=m, **unplaced) for m in (ALTA, VADSO))) == 4


def test_each_party_is_written_to_in_its_language(outbox: Outbox, mailbox: Mailbox) -> None:
    outbox.contacts()
    reach_planners(outbox, "en")
    with outbox.database.writing(EVERYTHING) as session:
        session.get_one(Unit, UNIT).language = "en"
    outbox.settings = mailbox.settings
    outbox.tell(offered("offer-1", kind="offer-declined"))
    outbox.send()
    subjects = {to: str(letter["Subject"]) for to, letter in mailbox.letters}
    assert subjects == {
        AT_ALTA: f"Plass ved {UNIT} er avslått",
        AT_UNIT: f"Place at {UNIT} declined",
        OFFICE: f"Place at {UNIT} declined",
    }


def test_what_does_not_arrive_is_told_once_a_day_and_without_end(
    outbox: Outbox, hook: Hook, mailbox: Mailbox
) -> None:
    reach_planners(outbox)
    outbox.webhook(hook.url)
    outbox.settings = {"loopback_webhooks": True}
    hook.statuses = [410] * 3
    for day, subject in ((0, "offer-1"), (0, "offer-2"), (1, "offer-3")):
        outbox.tell(offered(subject))
        outbox.send(days=day)
    told = [each for each in outbox.notices if each.kind == "notices-undelivered"]
    assert [(each.recipient, each.channel) for each in told] == [(OFFICE, "email")] * 2
    assert {link(each) for each in told} == {"/v1/notices?state=failed"}
    outbox.settings |= mailbox.settings
    mailbox.recipient_answers = ["550 unknown"] * 2
    outbox.send()
    assert [state for state, *_ in outbox.states] == ["failed"] * 5


def test_what_waited_in_a_backup_goes_out_when_a_planner_says_so(
    outbox: Outbox, mailbox: Mailbox, sqlite_databases: Files
) -> None:
    """It may have been sent between the backup and the restore."""
    outbox.contacts(unit=None)
    outbox.tell(offered("offer-1"))
    file = BytesIO()
    kept = back_up(outbox.database, file, outbox.now)
    other = Database(sqlite_databases.empty())
    restore(other, file)
    assert back_up(other, BytesIO(), outbox.now).fingerprint == kept.fingerprint
    restored = Outbox(other, outbox.now, mailbox.settings)
    restored.tell(offered("offer-2"))
    restored.send()
    restored.send(hours=30)
    assert sorted(restored.states) == [("failed", "restored", 0), ("sent", None, 1)]
    with other.reading(EVERYTHING) as session:
        assert session.exec(select(RestoredNotice)).all() == []
    other.close()


def test_a_planner_has_sent_again_what_was_given_up(served: Served, mailbox: Mailbox) -> None:
    outbox = Outbox(served.database, served.clock(), mailbox.settings)
    outbox.contacts(unit=None)
    outbox.tell(offered("offer-1"), offered("offer-2"))
    with served.database.writing(EVERYTHING) as session:
        for notice, state in zip(session.exec(select(Notice)), ("failed", "waiting"), strict=True):
            notice.state, notice.failure, notice.attempts = state, "recipient-refused", 15
            notice.due_at += timedelta(days=1)
        session.get_one(Municipality, ALTA).contact = "ny@alta.example"
    items = served.planner.get("/v1/notices").json()["items"]
    failed, waiting = (f"/v1/notices/{each['id']}/send" for each in sorted(items, key=_state))
    missing = served.planner.post(f"/v1/notices/{'0' * 32}/send")
    assert problem(missing) == (404, "not-found")
    assert alike(served.as_("planner", BERGEN).post(failed), missing)
    assert problem(served.coordinator().post(failed)) == (403, "forbidden")
    assert problem(served.planner.post(waiting)) == (409, "notice-not-failed")
    done = served.planner.post(failed)
    again = {"state": "waiting", "attempts": 0, "failure": None, "recipient": "ny@alta.example"}
    assert (done.status_code, again.items() <= done.json().items()) == (200, True)
    assert problem(served.planner.post(failed)) == (409, "notice-not-failed")
    outbox.send()
    assert [to for to, _ in mailbox.letters] == ["ny@alta.example"]


def _state(item: dict[str, str]) -> str:
    return item["state"]

"""E-mail by a real mail server: taken once, tried again, given up."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from asyncio import sleep
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlmodel import col, update

from api.notices import mail
from api.notices.hooks import TOTAL_SECONDS
from api.notices.undelivered import Undelivered
from api.settings import Settings
from models.scope import EVERYTHING
from models.store.outbox import ATTEMPTS, SENDING, pause_after, take_due
from models.tables import Notice
from tests.api.notices.catchers import Mailbox
from tests.api.notices.outboxes import AT_ALTA, AT_UNIT, UNIT, Outbox, offered
from tests.api.served import NOW


@pytest.fixture
def posted(outbox: Outbox, mailbox: Mailbox) -> Outbox:
    """An outbox of a municipality and a unit with addresses, and its mail server."""
    outbox.contacts()
    outbox.settings = mailbox.settings | {"base_url": "https://rotations.example"}
    return outbox


def test_both_parties_get_their_letter_once(posted: Outbox, mailbox: Mailbox) -> None:
    assert posted.tell(offered("offer-1")) == 2
    posted.send()
    posted.send(hours=1)
    assert {to for to, _ in mailbox.letters} == {AT_ALTA, AT_UNIT}
    assert len(set(mailbox.ids)) == len(mailbox.letters) == 2
    assert posted.states == [("sent", None, 1)] * 2
    assert all(NOW <= each.sent_at < NOW + timedelta(minutes=1) for each in posted.notices)  # type: ignore[operator]


def test_a_letter_says_what_when_and_where_but_not_whom(posted: Outbox, mailbox: Mailbox) -> None:
    posted.contacts(unit=None)
    posted.tell(offered("offer-1"))
    posted.send()
    ((_, letter),) = mailbox.letters
    assert letter["From"] == "rotations@hf.example"
    assert letter["Subject"] == "Tilbud om plass ved hammerfest-medisin"
    assert letter["Message-ID"] == f"<{posted.notices[0].id}@hf.example>"
    assert letter["Date"].datetime == NOW
    body = letter.get_content()
    assert "fra 1. aug. 2027 til 31. jan. 2028" in body
    assert "Svar senest 25. nov. 2026." in body
    assert "https://rotations.example/v1/offers/offer-1" in body
    assert "somebody" not in letter.as_string()


def test_what_the_server_took_without_saying_so_comes_again_under_the_same_id(
    posted: Outbox, mailbox: Mailbox
) -> None:
    posted.contacts(unit=None)
    posted.tell(offered("offer-1"))
    mailbox.answers = ["hang-up"]
    posted.send()
    assert posted.states == [("waiting", "unreachable", 1)]
    posted.send(seconds=59)
    assert len(mailbox.letters) == 1, "the pause is not over"
    posted.send(seconds=2)
    assert posted.states == [("sent", None, 2)]
    assert len(mailbox.ids) == 2
    assert len(set(mailbox.ids)) == 1


@pytest.mark.parametrize(
    ("recipient", "letter", "state"),
    [
        (["550 no such user"], [], ("failed", "recipient-refused", 1)),
        (["450 come back"], [], ("waiting", "recipient-refused", 1)),
        ([], ["554 no thanks"], ("failed", "letter-refused", 1)),
        ([], ["451 come back"], ("waiting", "letter-refused", 1)),
    ],
)
def test_one_refused_letter_does_not_hold_up_the_other(
    posted: Outbox,
    mailbox: Mailbox,
    recipient: list[str],
    letter: list[str],
    state: tuple[str, str, int],
) -> None:
    posted.tell(offered("offer-1"))
    mailbox.recipient_answers, mailbox.answers = recipient, letter
    posted.send()
    assert sorted(posted.states, key=str) == sorted([state, ("sent", None, 1)], key=str)
    assert len(mailbox.letters) == 1


def test_a_server_that_is_away_is_asked_once_a_turn_and_given_up_after_a_day(
    posted: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    posted.settings["smtp_url"] = SecretStr("smtp://127.0.0.1:9")
    posted.tell(offered("offer-1"))
    with caplog.at_level(logging.INFO):
        posted.send()
    assert sorted(posted.states, key=str) == [("waiting", "unreachable", 1), ("waiting", None, 0)]
    assert "alta" not in caplog.text
    posted.contacts(unit=None)
    until = NOW + timedelta(hours=30)
    while posted.now < until:
        posted.send(minutes=20)
    assert posted.states == [("failed", "unreachable", ATTEMPTS)] * 2


def test_pauses_grow_from_a_minute_to_hours_and_end_within_about_a_day() -> None:
    pauses = [pause_after(attempt) for attempt in range(1, ATTEMPTS)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(minutes=1)
    assert pauses[-1] == timedelta(hours=4)
    assert timedelta(hours=23) < sum(pauses, timedelta()) < timedelta(hours=25)


def test_a_notice_that_cannot_be_worded_holds_up_no_other(
    posted: Outbox, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    posted.tell(offered("offer-1"))
    with posted.database.writing(EVERYTHING) as session:
        session.exec(update(Notice).where(col(Notice.unit) == UNIT).values(figures={}))
    posted.send()
    assert sorted(posted.states, key=str) == [("sent", None, 1), ("waiting", "fault", 1)]
    assert [to for to, _ in mailbox.letters] == [AT_ALTA]
    assert any(message.endswith(": KeyError") for message in caplog.messages)


def test_a_clock_that_was_set_back_holds_up_no_new_letter(posted: Outbox, mailbox: Mailbox) -> None:
    posted.tell(offered("offer-1"))
    posted.send(hours=-2)
    assert posted.states == [("sent", None, 1)] * 2


def test_without_a_mail_server_letters_wait(outbox: Outbox) -> None:
    outbox.contacts()
    outbox.tell(offered("offer-1"))
    outbox.send()
    assert outbox.states == [("waiting", None, 0)] * 2


def test_nothing_is_said_to_a_distant_server_without_tls(
    posted: Outbox, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This server is on this machine, and knows no STARTTLS: it is made to look distant."""
    monkeypatch.setattr(mail, "is_loopback", lambda url: False)
    posted.tell(offered("offer-1"))
    posted.send()
    assert mailbox.letters == []
    assert sorted(posted.states, key=str) == [("waiting", "no-tls", 1), ("waiting", None, 0)]


@pytest.mark.parametrize("address", ["a,b@alta.example", "<alis@alta.example", "ø@alta.example"])
def test_what_is_no_address_for_mail_is_given_up_and_the_others_go(
    posted: Outbox, mailbox: Mailbox, address: str
) -> None:
    posted.contacts(municipality=address)
    posted.tell(offered("offer-1"))
    posted.send()
    assert [to for to, _ in mailbox.letters if to != address] == [AT_UNIT]
    assert all(state in ("sent", "failed") for state, _, _ in posted.states)


def test_a_server_that_is_slow_at_everything_is_broken_off_before_another_sender_begins(
    posted: Outbox, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its answers comes in time, and all together do not; the letter goes once."""
    posted.contacts(unit=None)
    posted.tell(offered("offer-1"))
    take = mailbox.handle_RCPT

    async def slowly(*args: Any) -> str:
        await sleep(0.6)
        return await take(*args)

    monkeypatch.setattr(mailbox, "handle_RCPT", slowly)
    (letter,) = posted.notices
    post = mail.Post(Settings(**posted.settings), sending=timedelta(seconds=0.3))
    with closing(post), pytest.raises(Undelivered, match="unreachable"):
        post.send(letter)
    assert mailbox.letters == []
    with closing(mail.Post(Settings(**posted.settings))) as patient:
        patient.send(letter)
    assert len(mailbox.letters) == 1


def test_no_other_sender_takes_a_letter_while_one_may_still_be_handing_it_over(
    outbox: Outbox,
) -> None:
    outbox.contacts(unit=None)
    outbox.tell(offered("offer-1"))
    longest = max(SENDING.total_seconds(), TOTAL_SECONDS)
    for seconds, taken in ((0, True), (longest + 10, False), (longest + 20, True)):
        with outbox.database.writing(EVERYTHING) as session:
            found = take_due(session, outbox.now + timedelta(seconds=seconds), ())
        assert (found is not None) == taken, seconds


_SENDER = """
import sys
from datetime import datetime
from pydantic import SecretStr
from api.notices.sending import send
from api.settings import Settings
from models.database import Database
database, smtp, now = sys.argv[1:]
settings = Settings(smtp_url=SecretStr(smtp), mail_from="rotations@hf.example")
send(Database(database), settings, datetime.fromisoformat(now))
"""


def test_a_sender_killed_before_it_could_mark_is_followed_by_another(
    posted: Outbox, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted.contacts(unit=None)
    posted.tell(offered("offer-1"))
    take = mailbox.handle_DATA

    async def kill(*args: object) -> str:
        answer = await take(*args)  # type: ignore[arg-type]
        os.kill(sender.pid, signal.SIGKILL)
        sender.wait()
        return answer

    monkeypatch.setattr(mailbox, "handle_DATA", kill)
    given = (posted.database.url, mailbox.url, posted.now.isoformat())
    sender = subprocess.Popen([sys.executable, "-c", _SENDER, *given])
    assert sender.wait(30) == -signal.SIGKILL
    assert posted.states == [("waiting", None, 1)]
    monkeypatch.undo()
    posted.send(seconds=61)
    assert posted.states == [("sent", None, 2)]
    assert len(mailbox.ids) == 2
    assert len(set(mailbox.ids)) == 1

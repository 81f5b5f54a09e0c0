"""The outbox: what is told once is written down once, and taken by one sender."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest

from api.notices.wording import text, title
from api.telemetry import Telemetry
from data.sentences import LANGUAGES, Language, review_notice, sentence
from models.database import Database
from models.scope import EVERYTHING, Scope
from models.store.notices import KINDS, recipients, tell
from models.store.outbox import counts, mark_failed, mark_sent, take_due
from models.tables import Notice
from tests.api.notices.outboxes import AT_ALTA, AT_UNIT, UNIT, Outbox, offered
from tests.api.receiver import receiving
from tests.api.served import ALTA, VADSO


def test_everybody_concerned_is_told_once(either: Outbox) -> None:
    either.contacts()
    either.webhook("https://hf.example/", "a" * 32)
    either.webhook("https://alta.example/", "b" * 32, municipality=ALTA)
    either.webhook("https://vadso.example/", "c" * 32, municipality=VADSO)
    told = [offered("offer-1"), offered("offer-2", unit=None)]
    # Whoever tells sees nothing of those who are told.
    scope = Scope(municipalities=frozenset({VADSO}))
    with either.database.writing(scope) as session:
        expected = recipients(session, told)
        assert tell(session, told, either.now) == len(expected) == 7
    with either.database.writing(scope) as session:
        assert tell(session, told, either.now) == 0
        assert tell(session, [offered("offer-1", serial=2)], either.now) == 4
    found = Counter((each.channel, each.recipient) for each in either.notices)
    assert found == {
        ("email", AT_ALTA): 3,
        ("email", AT_UNIT): 2,
        ("webhook", "a" * 32): 3,
        ("webhook", "b" * 32): 3,
    }
    assert {(each.recipient, each.municipality, each.unit) for each in expected} == {
        (AT_ALTA, ALTA, None),
        (AT_UNIT, None, UNIT),
        ("a" * 32, None, None),
        ("b" * 32, ALTA, None),
    }


def test_what_is_rolled_back_is_told_to_nobody(either: Outbox) -> None:
    either.contacts()
    with suppress(ZeroDivisionError), either.database.writing(EVERYTHING) as session:
        assert tell(session, [offered("offer-1")], either.now) == 2
        raise ZeroDivisionError
    assert either.notices == []


def test_two_who_tell_the_same_at_once_do_not_stop_each_other(either: Outbox) -> None:
    either.contacts()
    begin = Barrier(2)
    told: list[int] = []

    def telling() -> None:
        begin.wait()
        with either.database.writing(EVERYTHING) as session:
            told.append(tell(session, [offered("offer-1"), offered("offer-2")], either.now))

    threads = [Thread(target=telling) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [0, 4]


def test_many_are_told_at_once(outbox: Outbox) -> None:
    outbox.contacts()
    assert outbox.tell(*(offered(f"offer-{n}") for n in range(600))) == 1_200


def test_a_notice_is_taken_by_one_sender_and_again_after_a_while(either: Outbox) -> None:
    either.contacts()
    either.tell(*(offered(f"offer-{n}") for n in range(10)))
    begin = Barrier(4)
    taken: list[str] = []

    def taking() -> None:
        begin.wait()
        while True:
            with either.database.writing(EVERYTHING) as session:
                notice = take_due(session, either.now, ())
            if notice is None:
                return
            taken.append(notice.id)

    threads = [Thread(target=taking) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 20
    assert take(either.database, either.now + timedelta(seconds=61)).attempts == 2


def test_what_has_been_sent_stays_sent_whatever_a_second_sender_says(either: Outbox) -> None:
    """The first one was slow, and its lease was over before it was done."""
    either.contacts(unit=None)
    either.tell(offered("offer-1"))
    first = take(either.database, either.now)
    second = take(either.database, either.now + timedelta(seconds=61))
    with either.database.writing(EVERYTHING) as session:
        mark_sent(session, first, either.now)
    with either.database.writing(EVERYTHING) as session:
        mark_failed(session, second, "status", final=True)
    (notice,) = either.notices
    assert (notice.state, notice.sent_at, notice.failure) == ("sent", either.now, None)


def test_what_waits_and_what_was_given_up_is_counted(either: Outbox) -> None:
    either.contacts()
    either.tell(offered("offer-1"), offered("offer-2"))
    notice = take(either.database, either.now)
    with either.database.writing(EVERYTHING) as session:
        mark_failed(session, notice, "gone", final=True)
    with either.database.reading(EVERYTHING) as session:
        assert counts(session) == {"waiting": 3, "failed": 1}


def test_what_waits_and_what_was_given_up_is_measured(outbox: Outbox) -> None:
    outbox.contacts()
    outbox.tell(offered("offer-1"))
    with receiving() as receiver:
        telemetry = Telemetry.to(receiver.endpoint)
        telemetry.watch(outbox.database)
        telemetry.close()
        points = receiver.points()
    assert [point.as_int for point in points["rotations.notices.waiting"]] == [2]
    assert [point.as_int for point in points["rotations.notices.failed"]] == [0]


def test_a_figure_that_a_text_needs_is_missed_when_it_is_told(outbox: Outbox) -> None:
    outbox.contacts()
    with pytest.raises(KeyError):
        outbox.tell(offered("offer-1", figures={}))
    with pytest.raises(KeyError):
        outbox.tell(offered("offer-1", kind="offer-forgotten"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_a_title_and_a_text(language: Language, kind: str) -> None:
    figures = {
        "start": "2028-02-29",
        "end": "2028-08-31",
        "answer_by": "2026-11-25",
        "day": "2028-08-20",
    }
    figures |= {
        "last": "2028-08-30",
        "round": "2027-1",
        "subject": "it",
        "unit": UNIT,
        "municipality": ALTA,
    }
    notice = Notice.model_construct(
        kind=kind, language=language, round="r", figures=figures | {"unplaced": 2}
    )
    assert "{" not in title(notice, language)
    told = text(notice, "https://rotations.example/")
    assert "{" not in told
    assert (sentence("nb", "report.machine-made") in told) == bool(review_notice(language))


def take(database: Database, now: datetime) -> Notice:
    with database.writing(EVERYTHING) as session:
        notice = take_due(session, now, ())
    assert notice is not None
    return notice

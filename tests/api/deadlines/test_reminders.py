"""Reminders: in time, once, and of nothing that is done or past."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlmodel import col, select

from api.calendar import end_of_day
from api.deadlines.reminders import remind
from models.scope import EVERYTHING
from models.tables import Agreement, Municipality, Notice, Offer, Organisation, Placement, Unit
from tests.api.deadlines.test_deadlines import plant_offer
from tests.api.routes.collected import at as clock
from tests.api.routes.collected import candidate, list_of, opened, plant_supervisor
from tests.api.routes.placed import UNIT, placed
from tests.api.served import ALTA, FINNMARK, VADSO, Served

AT_ALTA, AT_VADSO, AT_UNIT = "alis@alta.example", "alis@vadso.example", "leder@hammerfest.example"
AT_TRUST = "alis@finnmark.example"


@pytest.fixture(autouse=True)
def addresses(request: pytest.FixtureRequest) -> None:
    """Let everybody be reached."""
    name = "served" if "served" in request.fixturenames else "embedded"
    served: Served = request.getfixturevalue(name)
    with served.database.writing(EVERYTHING) as session:
        session.get_one(Municipality, ALTA).contact = AT_ALTA
        session.get_one(Municipality, VADSO).contact = AT_VADSO
        session.get_one(Unit, UNIT).contact = AT_UNIT
        session.get_one(Organisation, FINNMARK).contact = AT_TRUST
        for agreement in session.exec(select(Agreement)):
            agreement.ends_on = None


def at(served: Served, moment: str) -> list[tuple[str, str]]:
    """Do the chore at a moment (UTC); return every reminder there is: what, and to whom."""
    remind(served.database, served.service.settings, datetime.fromisoformat(moment + "+00:00"))
    return [(each.kind, each.recipient) for each in told(served)]


def told(served: Served) -> list[Notice]:
    with served.database.reading(EVERYTHING) as session:
        order = select(Notice).order_by(col(Notice.made_at), Notice.kind, Notice.recipient)
        return list(session.exec(order))


def sent(served: Served) -> None:
    """Let what waits be sent."""
    with served.database.writing(EVERYTHING) as session:
        for notice in session.exec(select(Notice)):
            notice.state, notice.sent_at = "sent", notice.made_at


def change(served: Served, table: type[Any], id_: str, **values: Any) -> None:
    with served.database.writing(EVERYTHING) as session:
        row = session.get_one(table, id_)
        for name, value in values.items():
            setattr(row, name, value)


def test_a_list_is_asked_for_a_week_and_a_day_before(served: Served) -> None:
    """By whoever has not handed it in; two workers, or a clock set back, repeat nothing."""
    round_ = opened(served)  # until 15 December at noon
    assert at(served, "2026-12-07T22:59") == []
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(lambda _: at(served, "2026-12-07T23:00"), range(4)))
    week = [("list-due", AT_ALTA), ("list-due", AT_VADSO)]
    assert at(served, "2026-12-13T22:00") == week
    sent(served)
    assert at(served, "2026-12-07T21:00") == week
    assert round_.hand_in(list_of(candidate())).is_success
    assert at(served, "2026-12-13T23:00") == [*week, ("list-due", AT_VADSO)]
    sent(served)
    for moment in ("2026-12-13T21:30", "2026-12-15T10:59", "2026-12-15T11:00"):
        assert len(at(served, moment)) == 3
    (last,) = (each for each in told(served) if each.made_at.day == 13)
    assert last.figures["day"] == "2026-12-15"
    assert (last.organisation, last.round, last.municipality) == (FINNMARK, round_.id, VADSO)


def test_after_an_outage_only_the_last_reminder_is_told_and_none_of_the_past(
    embedded: Served,
) -> None:
    opened(embedded)
    assert len(at(embedded, "2026-12-15T08:00")) == 2
    sent(embedded)
    assert len(at(embedded, "2026-12-15T09:00")) == 2
    with embedded.database.writing(EVERYTHING) as session:
        for notice in session.exec(select(Notice)):
            session.delete(notice)
    assert at(embedded, "2026-12-15T11:00") == []


def test_what_waits_and_is_done_meanwhile_is_not_sent(embedded: Served) -> None:
    """Where the mail server was away for a day."""
    round_ = opened(embedded)
    assert len(at(embedded, "2026-12-14T09:00")) == 2
    assert round_.hand_in(list_of(candidate())).is_success
    assert at(embedded, "2026-12-14T09:01") == [("list-due", AT_VADSO)]
    assert at(embedded, "2026-12-15T11:00") == []


@pytest.mark.parametrize(
    ("last", "before", "then"),
    [
        ("2027-03-30", "2027-03-23T22:59", "2027-03-23T23:00"),  # over Easter, from Wednesday
        ("2027-11-01", "2027-10-28T21:59", "2027-10-28T22:00"),  # a Monday after summer time
    ],
)
def test_an_offer_is_recalled_one_working_day_before_its_last(
    embedded: Served, last: str, before: str, then: str
) -> None:
    ends = end_of_day(date.fromisoformat(last))
    plant_offer(placed(embedded, state="cancelled"), ends)
    assert at(embedded, before) == []
    assert at(embedded, then) == [("offer-unanswered", AT_ALTA)]
    (notice,) = told(embedded)
    assert (notice.figures["unit"], notice.figures["day"]) == (UNIT, last)
    with embedded.database.writing(EVERYTHING) as session:
        offer = session.exec(select(Offer)).one()
        offer.state, offer.ended_at = "declined", ends
    assert at(embedded, then) == []


def test_an_evaluation_is_recalled_and_once_more_when_it_is_overdue(embedded: Served) -> None:
    stay = placed(embedded)  # to the end of January 2028
    assert at(embedded, "2028-01-15T12:00") == []
    change(embedded, Placement, stay.id, state="started")
    assert at(embedded, "2027-12-31T22:59") == []
    assert at(embedded, "2027-12-31T23:00") == [("evaluation-awaited", AT_UNIT)]
    sent(embedded)
    late = [("evaluation-awaited", AT_UNIT), ("evaluation-overdue", AT_UNIT)]
    assert at(embedded, "2028-02-29T12:00") == late
    assert at(embedded, "2028-03-01T22:59") == late
    assert at(embedded, "2028-03-01T23:00") == [*late, ("placement-overdue", AT_TRUST)]
    assert len(at(embedded, "2028-06-01T12:00")) == 3


def test_a_stay_that_is_evaluated_and_not_completed_is_not_forgotten(embedded: Served) -> None:
    stay = placed(embedded)  # to the end of January 2028
    change(embedded, Placement, stay.id, state="started")
    clock(embedded, datetime(2028, 2, 20, 12, tzinfo=UTC))
    stay.done("evaluation", stay.leader, day="2028-02-10")
    sent(embedded)
    invited = at(embedded, "2028-02-10T22:59")
    assert {kind for kind, _ in invited} == {"evaluation-due"}
    overdue = ("completion-overdue", AT_UNIT)
    assert set(at(embedded, "2028-02-10T23:00")) - set(invited) == {overdue}
    sent(embedded)
    later = [overdue, ("placement-overdue", AT_TRUST)]
    assert set(at(embedded, "2028-09-01T12:00")) - set(invited) == set(later)
    change(embedded, Placement, stay.id, state="interrupted", remaining_months=0)
    assert set(at(embedded, "2028-09-01T13:00")) - set(invited) == {overdue}


def test_exemptions_and_agreements_are_recalled_three_months_before(embedded: Served) -> None:
    exempt: dict[str, Any] = {"specialist": False, "exempt_from": date(2024, 3, 1)}
    plant_supervisor(embedded, exempt_until=date(2028, 3, 1), **exempt)
    with embedded.database.writing(EVERYTHING) as session:
        of_alta = select(Agreement).where(
            Agreement.municipality == ALTA, Agreement.organisation == FINNMARK
        )
        session.exec(of_alta).one().ends_on = date(2028, 3, 31)
    assert at(embedded, "2027-11-30T22:59") == []
    assert at(embedded, "2027-11-30T23:00") == [("exemption-ends", AT_ALTA)]
    sent(embedded)
    both = [("exemption-ends", AT_ALTA), ("agreement-ends", AT_ALTA)]
    assert at(embedded, "2028-01-15T12:00") == both
    assert told(embedded)[-1].made_at == datetime(2028, 1, 15, 12, tzinfo=UTC)
    assert at(embedded, "2028-03-30T22:00") == both[:1]

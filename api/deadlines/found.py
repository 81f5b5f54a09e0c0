"""Every deadline that a session may see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sqlmodel import Session

from api.calendar import last_date
from api.deadlines.deadline import Deadline, in_order
from api.deadlines.marks import latest_before, marks
from data.sentences import Verbatim
from data.wording import last_day
from models.store import deadlines
from models.store.offers import seats_seen
from models.tables import Placement
from scheduler.dates import add_months

EVALUATION = timedelta(weeks=6)
"""How long before the end of a placement its evaluation is asked for."""

FORGOTTEN_MONTHS = 1
"""How long after its end a placement that nobody has ended becomes a matter of its planners too."""


def found(session: Session, today: date) -> list[Deadline]:
    """Return every deadline of the parties that the session acts for, the nearest first.

    What lies behind is told as long as it can still be done.
    """
    return sorted((*tasks(session, today), *_marks(session, today)), key=in_order)


def tasks(session: Session, today: date) -> Iterator[Deadline]:
    """Yield what is to be done, without the marks of wishes: those are for orientation."""
    yield from _lists(session)
    yield from _offers(session)
    yield from _placements(session, today)
    yield from _register(session, today)


def _lists(session: Session) -> Iterator[Deadline]:
    for round_, municipality in deadlines.missing_lists(session):
        assert round_.deadline is not None, "rounds that are collected have one"
        yield Deadline(
            kind="list-due",
            party="municipality",
            subject=round_.id,
            day=last_date(round_.deadline),
            at=round_.deadline,
            municipality=municipality,
            round=round_.id,
            figures={"label": Verbatim(round_.label)},
        )


def _marks(session: Session, today: date) -> Iterator[Deadline]:
    trusts = deadlines.trusts(session)
    for round_, policy, list_ in deadlines.lists_to_plan(session):
        yield from (mark for mark in marks(round_, policy, list_, trusts) if mark.day >= today)


def _offers(session: Session) -> Iterator[Deadline]:
    for offer in deadlines.open_offers(session):
        first, *then = seats_seen(session, offer)
        second = {
            name: value
            for seat in then
            for name, value in (
                ("then_unit", Verbatim(seat.unit)),
                ("then_start", seat.start),
                ("then_last", last_day(seat.end)),
            )
        }
        yield Deadline(
            kind="offer-answer",
            party="candidate",
            subject=offer.id,
            day=last_date(offer.answer_by),
            at=offer.answer_by,
            municipality=offer.municipality,
            unit=first.unit,
            candidate=offer.candidate,
            round=offer.round,
            figures={"start": first.start, "last": last_day(first.end)} | second,
        )


def _placements(session: Session, today: date) -> Iterator[Deadline]:
    for placement in deadlines.unstarted(session, today):
        yield _placed("start-due", placement, placement.start)
    for placement, evaluated_on in deadlines.unended(session, today + EVALUATION):
        last = last_day(placement.end)
        if evaluated_on is None:
            yield _placed("evaluation-due", placement, last)
        else:
            yield _placed("completion-due", placement, max(last, evaluated_on))
    for placement in deadlines.forgotten(session, latest_before(today, FORGOTTEN_MONTHS)):
        day = add_months(placement.end, FORGOTTEN_MONTHS) or placement.end
        yield _placed("placement-overdue", placement, day, party="organisation")


def _placed(kind: str, placement: Placement, day: date, party: str = "unit") -> Deadline:
    return Deadline(
        kind=kind,
        party=party,
        subject=placement.id,
        day=day,
        municipality=placement.municipality,
        unit=placement.unit,
        candidate=placement.candidate,
        round=placement.round,
        figures={"start": placement.start, "last": last_day(placement.end)},
    )


def _register(session: Session, today: date) -> Iterator[Deadline]:
    """Yield what the register knows: releases, exemptions and agreements."""
    for window in deadlines.releases(session, today):
        assert window.release_on is not None, "asked for"
        yield Deadline(
            kind="window-release",
            party="unit",
            subject=window.id,
            day=window.release_on,
            unit=window.unit,
            figures={"opens": window.opens, "last": last_day(window.closes)},
        )
    for supervisor in deadlines.exemptions(session, today):
        assert supervisor.exempt_until is not None, "asked for"
        yield Deadline(
            kind="exemption-ends",
            party="municipality",
            subject=supervisor.id,
            day=last_day(supervisor.exempt_until),
            municipality=supervisor.municipality,
        )
    for agreement in deadlines.ending_agreements(session, today):
        assert agreement.ends_on is not None, "asked for"
        yield Deadline(
            kind="agreement-ends",
            party="municipality",
            subject=agreement.organisation,
            day=last_day(agreement.ends_on),
            organisation=agreement.organisation,
            municipality=agreement.municipality,
        )

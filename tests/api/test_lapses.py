"""What has happened to a plan since it was made, and to its seats since it was published."""

from __future__ import annotations

from datetime import date
from typing import Any

from api.batch.findings import findings
from models.scope import EVERYTHING
from models.tables import Offer, Placement, Window
from tests.api.routes.collected import candidate, list_of, opened, plant_supervisor, plant_window
from tests.api.routes.test_meanwhile import begun, planned
from tests.api.routes.test_offers import answer, offers
from tests.api.routes.test_release import act, rows
from tests.api.served import ALTA, Served

FIRST, SECOND = f"{ALTA}-1", f"{ALTA}-2"


def needs(served: Served, today: date = date(2026, 11, 23)) -> tuple[str, ...]:
    (found,) = findings(served.database, EVERYTHING, today)
    return found.line.needs


def change(served: Served, window: str, **values: Any) -> None:
    with served.database.writing(EVERYTHING) as session:
        row = session.get_one(Window, window)
        for name, value in values.items():
            setattr(row, name, value)


def test_a_plan_that_can_be_published_no_more_needs_a_person(embedded: Served) -> None:
    supervisor, window = plant_supervisor(embedded), plant_window(embedded)
    collecting = opened(embedded)
    collecting.hand_in(list_of(candidate(supervisor=supervisor)))
    _, plan = planned(embedded, collecting)
    assert needs(embedded) == ()
    change(embedded, window, positions=2)
    assert needs(embedded) == ("changed",)
    change(embedded, window, positions=1)
    assert act(embedded.planner, plan, "publish").is_success
    change(embedded, window, positions=2)
    assert needs(embedded) == ()


def test_a_seat_whose_vacancy_is_withdrawn_or_shrinks_needs_a_person(embedded: Served) -> None:
    """Until the stay has begun; from then on the post is filled."""
    window, *_ = begun(embedded, FIRST)
    assert needs(embedded) == ()
    (offer,) = rows(embedded, Offer)
    gone: list[dict[str, Any]] = [
        {"withdrawn_at": offer.offered_at},
        {"closes": date(2027, 10, 1)},
        {"opens": date(2028, 7, 1)},
    ]
    before = {"withdrawn_at": None, "closes": date(2028, 8, 1), "opens": date(2027, 8, 1)}
    for values in gone:
        change(embedded, window, **values)
        assert needs(embedded) == ("seat-gone",), values
        change(embedded, window, **before)
    assert answer(embedded.coordinator(), FIRST, "accept").is_success
    change(embedded, window, **gone[0])
    assert needs(embedded) == ("seat-gone",)
    with embedded.database.writing(EVERYTHING) as session:
        (placement,) = rows(embedded, Placement)
        session.get_one(Placement, placement.id).state = "started"
    assert needs(embedded) == ()


def test_a_seat_with_too_few_positions_left_needs_a_person(embedded: Served) -> None:
    narrow = {"positions": 2, "closes": date(2028, 2, 1)}
    window, *_ = begun(embedded, FIRST, SECOND, **narrow)
    assert len(rows(embedded, Offer)) == 2
    assert needs(embedded) == ()
    change(embedded, window, positions=1)
    assert needs(embedded) == ("seat-gone",)


def test_a_seat_that_came_free_and_that_somebody_waits_for_needs_a_person(
    embedded: Served,
) -> None:
    window, *_ = begun(embedded, FIRST, SECOND, closes=date(2028, 2, 1))
    assert needs(embedded) == ()
    (offered,) = offers(embedded.coordinator())
    assert answer(embedded.coordinator(), offered, "decline").is_success
    assert needs(embedded) == ("seat-free",)
    assert needs(embedded, date(2027, 8, 1)) == (), "its day to begin has come"
    change(embedded, window, withdrawn_at=rows(embedded, Offer)[0].offered_at)
    assert needs(embedded) == ()


def test_a_seat_that_came_free_and_that_nobody_waits_for_needs_nobody(embedded: Served) -> None:
    begun(embedded, FIRST, closes=date(2028, 2, 1))
    assert answer(embedded.coordinator(), FIRST, "decline").is_success
    assert needs(embedded) == ()

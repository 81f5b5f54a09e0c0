"""What pages show of a divided stay: to herself both parts, to each unit its own."""

from __future__ import annotations

import pytest

from models.tables import Offer, Placement
from tests.api.routes.planned import Locked, locked
from tests.api.routes.test_offers_divided import BOTH, FIRST, HER, SECOND, accepted
from tests.api.routes.test_plans_divided import divided
from tests.api.routes.test_release import act, rows
from tests.api.served import ALTA, Served
from tests.pages.reading import Reader, signed_in

LATER = "2027-08"


@pytest.fixture
def round_(embedded: Served) -> Locked:
    made = locked(embedded, divided()[0])
    assert act(embedded.planner, made.plan(divided()[1]), "publish").status_code == 200
    return made


def herself(served: Served) -> Reader:
    return signed_in(served, "candidate", municipality=ALTA, candidate=HER)


def test_she_is_asked_once_and_shown_both_parts(embedded: Served, round_: Locked) -> None:
    reader = herself(embedded)
    offer = next(each for each in rows(embedded, Offer) if each.candidate == HER)
    shown = reader.get("/my").text
    assert shown.count(f"/my/offers/{offer.id}/accept") == 1
    asked = reader.get(f"/my/offers/{offer.id}/accept").text
    for page in (shown, asked):
        assert "Hammerfest medisin" in page
        assert SECOND.unit in page
        assert "Deretter ved" in page
    answered = reader.post(f"/my/offers/{offer.id}/accept", data={"tag": '"1"'})
    assert answered.headers["location"] == "/my?done=offer-accepted"
    assert len([each for each in rows(embedded, Placement) if each.candidate == HER]) == 2
    assert reader.get("/my").text.count('class="placement"') == 2


def test_a_unit_is_shown_its_own_part(embedded: Served, round_: Locked) -> None:
    for part in (FIRST, SECOND):
        page = signed_in(embedded, "unit_leader", unit=part.unit).get(
            f"/units/{part.unit}", params={"from": LATER}
        )
        assert page.text.count(f"{HER} er tilbudt plass") == 1, part.unit
        planner = signed_in(embedded, "planner").get(f"/units/{part.unit}", params={"from": LATER})
        assert planner.text.count(f"{HER} er tilbudt plass") == 1, part.unit
    first, second = accepted(embedded)
    other = signed_in(embedded, "unit_leader", unit=second.unit)
    assert other.get(f"/units/{first.unit}/placements/{first.id}").status_code == 404
    assert other.get(f"/units/{second.unit}/placements/{second.id}").status_code == 200


def test_the_planner_sees_whom_publishing_tells(embedded: Served) -> None:
    made = locked(embedded, divided()[0])
    plan = made.plan(divided()[1])
    page = signed_in(embedded, "planner").get(f"/plans/{plan}/release")
    assert page.status_code == 200
    assert "ds-alert" not in page.text
    assert f"<dd>{len(BOTH)}</dd>" in page.text

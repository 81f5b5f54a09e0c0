"""What pages show of a divided stay: to herself both parts, to each unit its own."""

from __future__ import annotations

import pytest

from models.scope import EVERYTHING
from models.tables import Offer, Placement
from tests.api.routes.planned import Locked, locked
from tests.api.routes.test_offers_divided import BOTH, FIRST, HER, SECOND, accepted
from tests.api.routes.test_plans_divided import divided
from tests.api.routes.test_release import act, rows
from tests.api.served import ALTA, Served
from tests.pages.reading import Reader, signed_in

LATER = "2027-08"

PARTS = {
    "nb": ("Del 1 av 2.", "Del 2 av 2."),
    "nn": ("Del 1 av 2.", "Del 2 av 2."),
    "se": ("Oassi 1 / 2.", "Oassi 2 / 2."),
    "en": ("Part 1 of 2.", "Part 2 of 2."),
}
"""What a page says of the first and of the second part."""


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


@pytest.mark.parametrize(("language", "said"), PARTS.items())
def test_who_sees_both_parts_is_told_which_one_it_is_and_led_to_the_other(
    embedded: Served, round_: Locked, language: str, said: tuple[str, str]
) -> None:
    both = accepted(embedded)
    for part, other, here, there in zip(both, both[::-1], said, said[::-1], strict=True):
        page = f"/units/{part.unit}/placements/{part.id}?language={language}"
        seen = [signed_in(embedded, "planner").get(page).text]
        seen += [signed_in(embedded, "coordinator", municipality=ALTA).get(page).text]
        for shown in seen:
            assert here in shown
            assert there not in shown
            assert f'href="/units/{other.unit}/placements/{other.id}"' in shown
        unit = signed_in(embedded, "unit_leader", unit=part.unit).get(page).text
        assert HER in unit
        for told in (here, there, other.id, other.unit):
            assert told not in unit


def test_a_part_in_a_unit_without_a_page_is_told_of_and_not_led_to(
    embedded: Served, round_: Locked
) -> None:
    """An imported round may have units that are not registered."""
    first, second = accepted(embedded)
    with embedded.database.writing(EVERYTHING) as session:
        session.get_one(Placement, second.id).unit = "elsewhere"
    page = f"/units/{first.unit}/placements/{first.id}"
    shown = signed_in(embedded, "planner").get(page).text
    assert "Del 2: elsewhere, " in shown
    assert f"/placements/{second.id}" not in shown


def test_her_own_page_says_of_each_place_which_part_it_is(embedded: Served, round_: Locked) -> None:
    accepted(embedded)
    shown = herself(embedded).get("/my").text
    assert [shown.count(f"Del {number} av 2.") for number in (1, 2, 3)] == [1, 1, 0]


def test_the_planner_sees_whom_publishing_tells(embedded: Served) -> None:
    made = locked(embedded, divided()[0])
    plan = made.plan(divided()[1])
    page = signed_in(embedded, "planner").get(f"/plans/{plan}/release")
    assert page.status_code == 200
    assert "ds-alert" not in page.text
    assert f"<dd>{len(BOTH)}</dd>" in page.text

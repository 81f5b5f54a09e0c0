"""What the planner's pages do and refuse, without a browser; how a timeline is laid out."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from html import unescape
from itertools import pairwise
from typing import Any

import pytest

from api.pages.figures import Series, stacked
from api.pages.planner.grid import MOST_COLUMNS, ZOOMS, grid
from api.pages.planner.outcome import tier_row
from api.pages.planner.people import kind_of
from api.pages.planner.seats import Since, lanes
from api.pages.planner.timeline import Chosen, Timeline, timeline
from data.documents import write_plan, write_round
from data.sentences import LANGUAGES, Language
from data.synthetic import generate
from data.wording import tier_name
from models.scope import EVERYTHING
from models.tables import PlanEvent
from scheduler.options import options_of
from scheduler.plans import Placement, Plan
from scheduler.rounds import Round
from tests.api.routes.collected import candidate, drafted, list_of, opened, plant_window
from tests.api.routes.planned import Locked, bare, finnmark, finnmark_plan, locked
from tests.api.served import ALTA, NOW, TROMS, VADSO, Served
from tests.pages.reading import Reader, signed_in

MOST_BYTES = 300_000
"""Most that a page may send, compressed."""


def documents() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the sample's round and its plan."""
    return json.loads(write_round(finnmark())), json.loads(write_plan(finnmark_plan()))


def drawn(**asked: str) -> Timeline:
    return timeline("nb", *documents(), Chosen.of(asked), {})


def shown(over: Timeline, unit: str) -> list[list[tuple[int, str, str, bool]]]:
    """Return the cells of a unit's seats: span, kind, whose, and whether it is muted."""
    found = {u.name: u for site in over.sites for u in site.units}
    rows = found[unit].rows
    return [[(c.span, c.kind, c.candidate, c.muted) for c in row.cells] for row in rows]


def test_every_placement_is_on_the_timeline_once_and_columns_add_up() -> None:
    round_, plan = documents()
    for zoom in ZOOMS:
        over = drawn(zoom=zoom, **{"from": "2027-03-01"})
        rows = [row for site in over.sites for unit in site.units for row in unit.rows]
        assert {sum(cell.span for cell in row.cells) for row in rows} == {len(over.grid.columns)}
        whose = [cell.candidate for row in rows for cell in row.cells if cell.candidate]
        placed = [
            each["candidate"]
            for each in plan["placements"]
            if each["start"] < str(over.grid.columns[-1].until)
        ]
        assert sorted(whose) == sorted(placed)
    assert {each["id"] for each in round_["candidates"]} > set(whose)


def test_a_stay_and_what_stands_free_take_their_months() -> None:
    over = drawn()
    assert [column.name for column in over.grid.columns[:4]] == ["mar", "apr", "mai", "jun"]
    assert shown(over, "SÁNAG/SANKS") == [
        [
            (3, "", "", False),  # from the middle of June: drawn from its nearer edge
            (6, "offered", "5610-c1", False),
            (2, "free", "", False),
            (8, "", "", False),
        ]
    ]
    cells = [c for s in over.sites for u in s.units for row in u.rows for c in row.cells]
    assert {cell.kind for cell in cells} == {"", "accepted", "offered", "new", "free"}
    (told,) = (cell.told for cell in cells if cell.candidate == "5616-c1")
    assert told == "5616-c1, Hasvik, Ny i planen, 2. ønske, 1. sep. 2027–31. aug. 2028"


def test_more_who_wish_than_seats_are_seen() -> None:
    (unit,) = [
        unit
        for site in drawn(site="alta").sites
        for unit in site.units
        if unit.name == "Avdeling for psykisk helsevern"
    ]
    assert [(c.kind, c.name) for c in unit.demand if c.kind] == [("over", "2/1")]
    assert unit.demand[1].told == "Førsteønsker: 2, plasser: 1"


def test_what_is_not_asked_for_is_left_out_or_muted() -> None:
    free = drawn(status="free")
    cells = [c for s in free.sites for u in s.units for r in u.rows for c in r.cells if c.kind]
    assert {(c.kind == "free", c.muted) for c in cells} == {(True, False), (False, True)}
    own = drawn(municipality=ALTA)
    rows = [r for s in own.sites for u in s.units for r in u.rows]
    assert all(any(c.candidate.startswith(ALTA) for c in row.cells) for row in rows)
    assert drawn(site="nowhere").sites == []
    assert Chosen.of({"zoom": "day", "status": "?", "from": "x"}) == Chosen()


def test_answers_to_offers_show_on_the_seats() -> None:
    round_, plan = documents()
    first, second = (p for p in plan["placements"] if p["candidate"] in ("5601-c1", "5601-c2"))
    offers = [
        {**first, "id": "1", "state": "accepted", "then": None},
        {**second, "id": "2", "state": "declined", "then": None},
        {**second, "id": "3", "start": "2020-01-01", "state": "accepted", "then": None},
    ]
    kinds = {
        stretch.candidate: stretch.kind
        for own in lanes(round_, plan, Since(offers)).values()
        for lane in own
        for stretch in lane.stretches
    }
    assert (kinds["5601-c1"], kinds["5601-c2"], kinds["5610-c1"]) == ("accepted", "lost", "offered")


def test_of_a_divided_stay_one_part_may_be_lost() -> None:
    round_, plan = documents()
    first, second = (p for p in plan["placements"] if p["candidate"] in ("5601-c1", "5601-c2"))
    then = {**second, "candidate": first["candidate"]}
    plan = {**plan, "placements": [first, then]}
    offer = {**first, "id": "an offer", "state": "accepted", "then": second}

    def kinds(*cancelled: Mapping[str, Any]) -> list[str]:
        return [
            stretch.kind
            for own in lanes(round_, plan, Since([offer], cancelled)).values()
            for lane in own
            for stretch in lane.stretches
            if stretch.candidate
        ]

    assert kinds() == ["accepted"] * 2
    assert kinds({**then, "offer": "another"}) == ["accepted"] * 2
    assert sorted(kinds({**then, "offer": "an offer"})) == ["accepted", "lost"]


@pytest.mark.parametrize("zoom", ZOOMS)
def test_columns_leave_no_day_out(zoom: str) -> None:
    first, until = date(2027, 3, 17), date(2030, 1, 2)
    over = grid("nb", zoom, first, until, None)
    assert over.columns[0].first <= first < over.columns[0].until
    assert all(a.until == b.first for a, b in pairwise(over.columns))
    assert sum(span for _, span in over.groups) == len(over.columns) <= MOST_COLUMNS
    days = [first]
    while over.after:
        days.append(over.after)
        over = grid("nb", zoom, first, until, over.after)
    assert over.columns[-1].first < until <= over.columns[-1].until
    assert (len(days) > 1) == (zoom == "week")
    assert over.before is None or over.before <= over.columns[0].first


def test_a_short_stay_takes_a_column_and_touching_ones_share_none() -> None:
    over = grid("nb", "month", date(2027, 1, 1), date(2028, 1, 1), None)
    assert over.span(date(2027, 1, 1), date(2027, 7, 1)) == (0, 6)
    middle = date(2027, 6, 16)
    assert over.span(date(2027, 2, 1), middle)[1] == over.span(middle, date(2027, 9, 1))[0]
    assert over.span(date(2027, 3, 20), date(2027, 4, 2)) == (3, 3), "free days may come to none"


@pytest.mark.parametrize(
    ("value", "bound", "share"),
    [(9, 9, 100), (0, 0, 100), (3, 12, 25), (12, 3, 25), (999, 1000, 99)],
)
def test_a_share_is_whole_only_where_the_bound_is_met(value: int, bound: int, share: int) -> None:
    tier = {"tier": "placed", "level": None, "value": value, "bound": bound, "proven": False}
    assert tier_row("nb", tier).share == share


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [(None, 1, "placed"), (1, None, "lost"), (2, 1, "better"), (1, 2, "worse"), (1, 1, "moved")],
)
def test_a_change_is_named_from_the_candidates_side(
    before: int | None, after: int | None, kind: str
) -> None:
    places = [None if wish is None else {"class": wish} for wish in (before, after)]
    assert kind_of({"before": places[0], "after": places[1]}) == kind


def tag(page: str) -> str:
    return unescape(str(re.findall(r'name="tag" value="([^"]+)"', page)[0]))


def test_a_round_is_moved_by_forms(embedded: Served) -> None:
    round_ = drafted(embedded)
    planner = signed_in(embedded, "planner")
    page = f"/rounds/{round_.id}"
    shown = planner.get(page).text
    assert "Åpne for lister" in shown
    opened_ = planner.post(f"{page}/open", data={"tag": tag(shown)})
    assert (opened_.status_code, opened_.headers["location"]) == (303, f"{page}?done=round-open")
    again = planner.post(f"{page}/open", data={"tag": tag(shown)})
    assert again.status_code == 412, "somebody else was faster"
    shown = planner.get(page).text
    locked_ = planner.post(f"{page}/lock", data={"tag": tag(shown)})
    assert locked_.headers["location"].endswith("done=round-lock")
    shown = planner.get(page).text
    empty = planner.post(f"{page}/reopen", data={"tag": tag(shown), "/reopen/reason": " "})
    assert empty.status_code == 422
    assert 'href="#field-reopen-reason"' in empty.text, "the fault leads to its field"
    reason = {"tag": tag(shown), "/reopen/reason": "To vinduer er trukket <b>"}
    assert planner.post(f"{page}/reopen", data=reason).status_code == 303
    assert "To vinduer er trukket &lt;b&gt;" in planner.get(page).text


def test_the_history_says_who_in_words(embedded: Served) -> None:
    """A planner reads what she did herself; others that a planner did it, and of which trust."""
    round_, planner = drafted(embedded), signed_in(embedded, "planner")
    page = f"/rounds/{round_.id}"
    planner.post(f"{page}/open", data={"tag": tag(planner.get(page).text)})
    authors = {
        each["moved_by"] for each in embedded.planner.get(f"/v1{page}/transitions").json()["items"]
    }
    readers = {"Du": planner, "Planlegger, Finnmarkssykehuset HF": signed_in(embedded, "approver")}
    for words, who in readers.items():
        _, _, history = who.get(page).text.partition('class="history"')
        said = re.findall(r'<span class="aside">([^<]+)</span>', history.partition("</ol>")[0])
        assert said == [words, words]
        assert not any(author.partition("|")[2] in history for author in authors)


def test_readiness_is_on_the_page_of_who_plans_and_of_nobody_else(embedded: Served) -> None:
    round_ = opened(embedded)
    plant_window(embedded)
    round_.hand_in(list_of(candidate()))
    page = f"/rounds/{round_.id}"
    planner = signed_in(embedded, "planner").get(page).text
    assert "Ingen vinduer i runden kan ta imot 5601-1." in planner
    assert "Mangler" in planner
    assert f"/rounds/{round_.id}/lists/{VADSO}" in planner
    own = signed_in(embedded, "coordinator", municipality=ALTA).get(page).text
    assert f"/rounds/{round_.id}/lists/{ALTA}" in own
    assert VADSO not in own
    assert "5601-1." not in own
    approver = signed_in(embedded, "approver").get(page).text
    assert "Ingen vinduer i runden" in approver
    assert "Lås runden" not in approver
    stranger = signed_in(embedded, "planner", TROMS)
    assert stranger.get(page).status_code == 404


def test_seats_that_contradict_each_other_are_told(embedded: Served) -> None:
    round_ = opened(embedded)
    window = plant_window(embedded)
    round_.hand_in(list_of(candidate(), candidate(f"{ALTA}-2")))
    seat = {"window": window, "start": "2027-08-01", "state": "accepted"}
    held = round_.hold([seat | {"candidate": f"{ALTA}-{n}"} for n in (1, 2)])
    assert held.status_code == 200
    planner = signed_in(embedded, "planner")
    page = f"/rounds/{round_.id}"
    before = planner.get(page).text
    assert 'class="bad"' in before
    refused = planner.post(f"{page}/lock", data={"tag": tag(before)})
    assert refused.status_code == 422
    assert "ds-error-summary" in refused.text
    assert refused.text.count(window) >= 2


@cache
def crowded() -> Plan:
    """Return a plan of a large round in which windows are as full as they can be.

    Whether anybody may be there together is not asked: it is looked at, not kept.
    """
    round_ = large()
    free = {window.id: window.positions for window in round_.windows}
    placements = []
    for person in round_.candidates:
        option = next((o for o in options_of(round_, person) if free[o.parts[0].window]), None)
        if option is not None:
            part = option.parts[0]
            free[part.window] -= 1
            placements.append(Placement(person.id, part.window, part.unit, part.start, part.end, 1))
    base = finnmark_plan()
    return Plan(
        round_id=round_.id,
        round_hash=round_.hash,
        status=base.status,
        placements=tuple(placements),
        unplaced=(),
        passed_over=(),
        tiers=base.tiers,
        engine=base.engine,
        lottery_counter=0,
        verified=True,
    )


@cache
def large() -> Round:
    return generate("nord", 1)


def test_no_page_of_a_large_round_is_heavy(embedded: Served) -> None:
    large_ = locked(embedded, large())
    plan = large_.plan(crowded())
    assert len(crowded().placements) > 40
    planner = signed_in(embedded, "planner")
    for path in ("", "?zoom=week", "/proof", "/people?placed=all"):
        answer = planner.get(f"/plans/{plan}{path}")
        assert answer.status_code == 200
        assert 2_000 < len(gzip.compress(answer.content)) < MOST_BYTES
    assert planner.get(f"/rounds/{large_.id}").status_code == 200


@pytest.fixture
def round_(embedded: Served) -> Locked:
    return locked(embedded, finnmark())


def test_a_plan_is_asked_for_watched_and_stopped(round_: Locked) -> None:
    planner = signed_in(round_.served, "planner")
    listed = f"/rounds/{round_.id}/plans"
    asked = planner.post(listed, data={"/seconds": "60"})
    assert asked.status_code == 303
    page = asked.headers["location"]
    assert "Planen står i kø" in planner.get(page).text
    plan = page.rpartition("/")[2]
    progress = {
        "tier": "placed", "level": None, "value": 7, "bound": 9, "seconds": 2.5,
        "position": 3, "of": 16,
    }  # fmt: skip
    before = progress | {"tier": "kept", "value": 1, "bound": 1, "position": 1}
    with round_.served.database.writing(EVERYTHING) as session:
        for number, data in enumerate((before, progress | {"value": 5}, progress), 90):
            session.add(
                PlanEvent(plan=plan, number=number, kind="progress", data=data, told_at=NOW)
            )
    work = {"state": "running", "lease": "t", "attempt": 1}
    round_.change(plan, started_at=NOW, progress=progress, **work)
    levels = round_.served.planner.get(f"/v1/plans/{plan}/progress").json()["levels"]
    assert [(x["tier"], x["value"], x["proven"]) for x in levels] == [
        ("kept", 1, True),
        ("placed", 7, False),
    ]
    part = planner.get(f"{page}/progress?seen=1", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert 'hx-trigger="every 1s"' in part
    assert "Steg 3 av 16: Flest mulig får plass" in part
    assert "9 kandidater" in part
    again = planner.get(f"{page}/progress?seen=3", headers={"HX-Request": "true"}).text
    assert "Steg 3 av 16" not in again, "what has been said is not said again each second"
    began = planner.get(f"{page}/progress?state=queued", headers={"HX-Request": "true"})
    assert began.headers["hx-redirect"] == page, "the page around it speaks of a queue"
    assert planner.get(f"{page}/progress").status_code == 303, "alone it is no page"
    assert "Stopp, og behold den beste" in planner.get(page).text
    stopped = planner.post(f"{page}/stop")
    assert stopped.headers["location"] == f"{page}?done=plan-stopped"
    assert "Søket stoppes" in planner.get(page).text
    round_.change(plan, state="cancelled", lease=None, ended_at=NOW)
    over = planner.get(f"{page}/progress", headers={"HX-Request": "true"})
    assert (over.status_code, over.headers["hx-redirect"]) == (204, page)
    assert "avbrutt" in planner.get(page).text


def test_of_a_search_in_parts_each_level_is_told_once(round_: Locked) -> None:
    """The newest of it, in the round's order, though the first part begins in the middle."""
    plan = round_.plan(state="running", lease="t", attempt=1, started_at=NOW)
    told = [
        *(("placed", 3), ("rank", 1), ("lottery", 7), ("uniqueness", 1)),
        *(("kept", 1), ("placed", 5)),
    ]
    steps = [
        {
            "tier": tier, "level": 1 if tier == "rank" else None, "value": value, "bound": 9,
            "seconds": 1.0, "position": position, "of": 10,
        }
        for position, (tier, value) in enumerate(told, 1)
    ]  # fmt: skip
    with round_.served.database.writing(EVERYTHING) as session:
        for number, data in enumerate(steps, 90):
            session.add(
                PlanEvent(plan=plan, number=number, kind="progress", data=data, told_at=NOW)
            )
    round_.change(plan, progress=steps[-1])
    levels = round_.served.planner.get(f"/v1/plans/{plan}/progress").json()["levels"]
    assert [(each["tier"], each["value"]) for each in levels] == [
        ("kept", 1), ("placed", 5), ("rank", 1), ("lottery", 7), ("uniqueness", 1),
    ]  # fmt: skip
    page = signed_in(round_.served, "planner").get(f"/plans/{plan}").text
    at_work = page.partition("arbeides med")[0].rpartition('<th scope="row">')[2]
    assert at_work.startswith("Flest mulig får plass")
    assert page.count("arbeides med") == 1


def test_what_was_asked_for_too_often_is_refused_on_the_page(round_: Locked) -> None:
    planner = signed_in(round_.served, "planner")
    for _ in range(3):
        round_.plan()
    refused = planner.post(f"/rounds/{round_.id}/plans", data={"/seconds": ""})
    assert refused.status_code == 409
    assert "ds-error-summary" in refused.text


def test_a_failed_plan_says_why(round_: Locked) -> None:
    plan = round_.plan(state="failed", failure="out-of-memory", ended_at=NOW)
    page = signed_in(round_.served, "planner").get(f"/plans/{plan}").text
    assert "Søket trengte mer minne enn det kan få." in page
    assert "hx-trigger" not in page


def test_a_plan_is_taken_home(round_: Locked) -> None:
    plan = round_.plan(finnmark_plan())
    planner = signed_in(round_.served, "planner")
    begins = {"xlsx": b"PK", "csv": b"\xef\xbb\xbf", "ics": b"BEGIN:VCALENDAR"}
    for kind, beginning in begins.items():
        file = planner.get(f"/plans/{plan}/export.{kind}")
        assert file.content.startswith(beginning)
        assert file.content == round_.served.planner.get(f"/v1/plans/{plan}/export.{kind}").content
        assert f'filename="plan.{kind}"' in file.headers["content-disposition"]
    assert planner.get(f"/plans/{plan}/export.pdf").status_code == 404


def test_reasons_stand_by_the_wish_and_explanations_can_be_asked_for(round_: Locked) -> None:
    plan = round_.plan(finnmark_plan())
    planner = signed_in(round_.served, "planner")
    page = planner.get(f"/plans/{plan}/people").text
    unplaced = [account.candidate for account in finnmark_plan().unplaced]
    assert re.findall(r'data-size="2xs">(\d{4}-c\d)<', page) == unplaced
    assert "1. ønske" in page
    placed = planner.get(f"/plans/{plan}/people?placed=yes").text
    assert not any(f">{each}<" in placed for each in unplaced)
    asked_for = {"municipality": ALTA, "placed": "true"}
    told = round_.served.planner.get(f"/v1/plans/{plan}/outcomes", params=asked_for).json()
    assert [each["candidate"] for each in told["items"]] == ["5601-c1", "5601-c2"]
    asked = planner.post(f"/plans/{plan}/explain")
    assert asked.headers["location"] == f"/plans/{plan}/people?done=explanations-asked"
    page = planner.get(f"/plans/{plan}/people").text
    assert f"/plans/{plan}/explanations/{unplaced[0]}" in page
    assert "Forklar for alle" not in page


def test_plans_stand_beside_each_other(round_: Locked) -> None:
    plan, own = finnmark_plan(), round_.plan(finnmark_plan())
    planner = signed_in(round_.served, "planner")
    nothing = planner.get(f"/plans/{own}/compare")
    assert "ingen annen plan" in nothing.text
    same = round_.plan(plan)
    assert "alle har det samme" in planner.get(f"/plans/{own}/compare?against={same}").text
    lost = plan.placements[0].candidate
    made = round_.served.planner.post(f"{round_.address}/hand", json=bare(plan, lost))
    page = planner.get(f"/plans/{made.json()['id']}/compare?against={own}").text
    assert re.findall(r'<th scope="row">(\d{4}-c\d)</th>', page) == [lost]
    assert "mister plassen" in page
    assert "9 kandidater" in page
    assert "8 kandidater" in page


def test_each_party_sees_its_part_of_a_published_plan(round_: Locked) -> None:
    hidden = round_.plan(finnmark_plan())
    coordinator = signed_in(round_.served, "coordinator", municipality=ALTA)
    assert coordinator.get(f"/plans/{hidden}").status_code == 404
    plan = round_.plan(finnmark_plan(), published=True)
    page = coordinator.get(f"/plans/{plan}")
    assert page.status_code == 200
    assert 'class="timeline' not in page.text
    people = coordinator.get(f"/plans/{plan}/people?placed=all").text
    assert set(re.findall(r'data-size="2xs">(?:<a[^>]*>)?(\d{4}-c\d)<', people)) == {
        "5601-c1",
        "5601-c2",
        "5601-c3",
    }
    assert coordinator.get(f"/plans/{plan}/proof").status_code == 404
    leader: Reader = signed_in(round_.served, "unit_leader", unit="hammerfest-medisin")
    assert leader.get(f"/plans/{plan}").status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_aims_are_told_apart_beside_their_bars(language: Language) -> None:
    """Levels of an aim differ at the end of a name that is too long for its place."""
    levels = [("rank", level) for level in range(1, 6)] + [("wish", level) for level in (2, 3)]
    names = [f"{at}. {tier_name(language, *each)}" for at, each in enumerate(levels, 9)]
    drawn = stacked("aims", "", "", "", names, [Series("", [1] * len(names))]).svg
    said = re.findall(r'<text class="label"[^>]*>([^<]+)</text>', drawn)
    ends = {each.partition("…")[2] or each for each in said}
    assert len(ends) == len(names)

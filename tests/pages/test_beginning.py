"""How a round begins and ends on the pages: prepared, changed, imported, closed, planned anew."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape
from typing import Any

import pytest

from data.documents import write_round
from tests.api.routes.collected import SAMPLE, opened
from tests.api.routes.planned import finnmark, finnmark_plan, locked
from tests.api.served import ALTA, FINNMARK, VADSO, Served
from tests.pages.reading import Reader, signed_in


def tag(page: str) -> str:
    return unescape(str(re.findall(r'name="tag" value="([^"]+)"', page)[0]))


def typed(page: str) -> dict[str, Any]:
    """Return what a browser would send of a round's form as it stands."""
    boxes = r'name="/participants" value="(\d+)" checked'
    fields = r'<input class="ds-input" type="[a-z-]+" value="([^"]*)" autocomplete="off" [^>]*>'
    found = {
        str(re.findall(r'name="([^"]+)"', field[0])[0]): unescape(field[1])
        for field in re.findall(f"({fields})", page)
    }
    policy = re.findall(r'<option value="([0-9a-f]{32})"', page)[0]
    return found | {"/policy": policy, "/participants": re.findall(boxes, page)}


@pytest.fixture
def planner(embedded: Served) -> Reader:
    return signed_in(embedded, "planner")


def test_a_round_is_prepared_changed_and_opened(embedded: Served, planner: Reader) -> None:
    opened(embedded)  # a policy is there
    assert 'href="/rounds/new"' in planner.get("/rounds").text
    form = typed(planner.get("/rounds/new").text)
    assert set(form["/participants"]) >= {ALTA, VADSO}, "everybody is invited"
    wrong = planner.post("/rounds/new", data={"/organisation": FINNMARK, **form})
    assert wrong.status_code == 422
    for field in ("label", "decision_date", "deadline"):
        assert f'href="#field-{field}"' in wrong.text
    asked = {
        **form,
        "/organisation": FINNMARK,
        "/label": "2027-Q3",
        "/name": "Høsten <2027>",
        "/decision_date": "2027-07-15",
        "/deadline": "2027-06-30T12:30",
        "/participants": [ALTA],
    }
    made = planner.post("/rounds/new", data=asked)
    assert made.status_code == 303, made.text
    page = made.headers["location"].partition("?")[0]
    shown = planner.get(page).text
    assert "Høsten &lt;2027&gt;" in shown
    assert "30. juni 2027 12:30" in shown, "as it was typed, in Norway"
    assert planner.post("/rounds/new", data=asked).status_code == 409

    before = planner.get(f"{page}/change").text
    form = typed(before)
    assert (form["/deadline"], form["/participants"]) == ("2027-06-30T12:30", [ALTA])
    later = {**form, "tag": tag(before), "/deadline": "2027-07-01T08:00", "/name": ""}
    assert planner.post(f"{page}/change", data=later).status_code == 303
    stale = planner.post(f"{page}/change", data={**later, "/name": "Sommeren"})
    assert stale.status_code == 412
    assert 'value="Sommeren"' in stale.text
    shown = planner.get(page).text
    assert "1. juli 2027 08:00" in shown
    assert planner.post(f"{page}/open", data={"tag": tag(shown)}).status_code == 303
    before = planner.get(f"{page}/change").text
    sooner = {**typed(before), "tag": tag(before), "/deadline": "2027-06-01T08:00", "/reason": "x"}
    refused = planner.post(f"{page}/change", data=sooner)
    assert refused.status_code == 422
    assert 'href="#field-deadline"' in refused.text
    coordinator = signed_in(embedded, "coordinator", municipality=ALTA)
    for path in ("/rounds/new", "/rounds/import", f"{page}/change"):
        assert coordinator.get(path).status_code == 404, path
        assert coordinator.post(path, data=later).status_code == 404, path
    assert 'href="/rounds/new"' not in coordinator.get("/rounds").text


def test_a_round_is_imported_or_told_where_it_is_wrong(planner: Reader) -> None:
    round_ = finnmark()
    document = json.loads(write_round(round_))
    assert planner.get("/rounds/import").status_code == 200

    def sent(content: bytes, name: str = "round.json") -> Any:
        form = {"organisation": FINNMARK}
        return planner.post("/rounds/import", data=form, files={"file": (name, content)})

    document["candidates"][2]["months_needed"] = "seks"
    document["units"][0]["wrong"] = 1
    wrong = sent(json.dumps(document).encode())
    assert wrong.status_code == 422
    for place in ("/candidates/2/months_needed", "/units/0/wrong"):
        assert f"<code>{place}</code>" in wrong.text
    for content, name, status in (
        (b"{", "x.json", 422),
        (b"PK", "x.xlsx", 422),
        (b"", "x.pdf", 415),
    ):
        assert sent(content, name).status_code == status, name
    assert planner.post("/rounds/import", data={"file": "no file"}).status_code == 400
    taken = sent((SAMPLE / "round.xlsx").read_bytes(), "runde.XLSX")
    assert taken.status_code == 303, taken.text
    page = planner.get(taken.headers["location"]).text
    assert "Runden er hentet inn og låst." in page
    assert sent(write_round(round_)).status_code == 409, "its label is taken"


def test_a_round_is_closed_with_a_reason(embedded: Served, planner: Reader) -> None:
    round_ = locked(embedded, finnmark())
    page = f"/rounds/{round_.id}"
    form = {"tag": tag(planner.get(page).text), "/close/reason": ""}
    empty = planner.post(f"{page}/close", data=form)
    assert empty.status_code == 422
    assert 'href="#field-close-reason"' in empty.text
    form["/close/reason"] = "Alle vinduer er trukket."
    assert planner.post(f"{page}/close", data=form).headers["location"].endswith("done=round-close")
    shown = planner.get(page).text
    assert "Avsluttet uten plan" in shown
    assert "Alle vinduer er trukket." in shown


def test_a_published_round_is_planned_anew(embedded: Served, planner: Reader) -> None:
    round_ = locked(embedded, finnmark())
    plan = round_.plan(finnmark_plan(), published=True)
    page = f"/rounds/{round_.id}"
    shown = planner.get(page).text
    assert f'action="{page}/close"' not in shown, "offers are out"
    form = {"tag": tag(shown), "/replan/decision_date": "2027-02-30", "/replan/reason": "Trukket"}
    wrong = planner.post(f"{page}/replan", data=form)
    assert wrong.status_code == 422
    assert 'href="#field-replan-decision_date"' in wrong.text
    form["/replan/decision_date"] = str(date(2027, 2, 15))
    done = planner.post(f"{page}/replan", data=form)
    assert done.headers["location"].endswith("done=round-replan")
    shown = planner.get(page).text
    assert "15. feb. 2027" in shown
    assert "Trukket" in shown
    assert "Utdatert" in planner.get(f"{page}/plans").text
    assert planner.get(f"/plans/{plan}").status_code == 200

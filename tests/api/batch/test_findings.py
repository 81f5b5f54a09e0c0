"""What a batch finds of each round, and what it writes down for people."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, select

from api.batch.asking import Asking
from api.batch.findings import Finding, findings
from api.batch.reports import write_reports
from api.clock import utc_now
from data.documents import write_plan
from data.exports.region import NEEDS, RoundLine, State, region_files
from data.sentences import LANGUAGES, Language
from models.database import Database
from models.scope import EVERYTHING
from models.store.audit import About, Told, append
from models.tables import AuditEntry, Plan
from tests.api.batch.locked import LONG_AGO, end_plans, lock, plans_of, sample_plan
from tests.asked import NOW

TODAY = date(2027, 1, 15)


def found(database: Database, today: date = TODAY) -> Finding:
    [finding] = findings(database, EVERYTHING, today)
    return finding


def planned(database: Database, state: str = "completed", **values: object) -> RoundLine:
    """Lock a round, let its plan end, and return what is found."""
    lock(database)
    Asking(database, EVERYTHING, utc_now).is_waiting()
    end_plans(database, state, **values)
    return found(database).line


def test_a_proven_plan_needs_nobody(embedded: Database) -> None:
    line = planned(embedded, incidents=2)
    made = sample_plan()
    assert (line.state, line.needs, line.proven, line.gap) == ("planned", (), True, None)
    assert (line.placed, line.unplaced) == (len(made.placements), len(made.unplaced))
    assert line.incidents == 2
    assert found(embedded).planned is not None


@pytest.mark.parametrize(
    ("state", "values", "needs"),
    [
        ("failed", {}, ("failed",)),
        ("failed", {"failure": "refused"}, ("refused",)),
        ("cancelled", {}, ("unplanned",)),
        ("completed", {"status": "feasible"}, ("unproven",)),
        ("completed", {"hash": "sha256:0"}, ("unverified",)),
        ("completed", {"content": "{}"}, ("unverified",)),
    ],
)
def test_what_needs_a_person_is_said(
    embedded: Database, state: str, values: dict[str, str], needs: tuple[str, ...]
) -> None:
    line = planned(embedded, state, **values)
    assert line.needs == needs
    assert line.failure == {"failed": "out-of-memory", "refused": "refused"}.get(needs[0])


def test_a_plan_that_breaks_a_rule_is_not_confirmed(embedded: Database) -> None:
    document = json.loads(write_plan(sample_plan()))
    document["placements"][0]["start"] = "2027-08-02"
    line = planned(embedded, content=json.dumps(document))
    assert line.needs == ("unverified",)
    assert (line.placed, found(embedded).planned) == (None, None)


def test_a_decision_that_has_passed_without_a_publication_is_overdue(embedded: Database) -> None:
    lock(embedded, decision_date=LONG_AGO)
    assert found(embedded, LONG_AGO).line.needs == ("unplanned",)
    assert found(embedded).line.needs == ("unplanned", "overdue")
    Asking(embedded, EVERYTHING, utc_now).is_waiting()
    assert found(embedded).line.needs == ("unfinished", "overdue")
    end_plans(embedded, published_at=NOW, published_by="test")
    assert found(embedded).line.needs == ()


def test_the_plan_that_is_proven_counts_whatever_came_later(embedded: Database) -> None:
    planned(embedded)
    [first] = plans_of(embedded, found(embedded).line.round)
    with embedded.writing(EVERYTHING) as session:
        for n, state in enumerate(("completed", "queued")):
            content = {"content": first.content, "status": "feasible", "hash": first.hash}
            row = first.model_dump() | {"id": f"later{n}", "requested_at": utc_now()}
            blank = dict.fromkeys(content)
            more = content if state == "completed" else blank
            session.add(Plan(**row | {"state": state} | more))
    assert found(embedded).line.plan == first.id


def test_the_reports_are_for_their_owner_alone_and_their_taking_is_entered(
    embedded: Database, tmp_path: Path
) -> None:
    round_ = planned(embedded).round
    with embedded.writing(EVERYTHING) as session:
        about = About(round=round_, override="reopened", reason="Kari ble syk", candidates=["kari"])
        append(session, [Told.change("x|planner", "reopen_round", NOW, **about)] * 2)
    lock(embedded, name="<b>Runde</b>")
    out = tmp_path / "deep" / "out"
    lines = write_reports(embedded, findings(embedded, EVERYTHING, TODAY), out, NOW, "nb")
    files = [path for path in out.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    folder = out / str(next(line.report for line in lines if line.report)).partition("/")[0]
    assert {path.name for path in folder.iterdir()} >= {"report.html", "plan.xlsx"}
    page = (out / "region.html").read_text(encoding="utf-8")
    assert "<b>Runde" not in page
    assert "<p>Runden åpnet igjen etter at den var låst: 2</p>" in page
    told = (folder / "report.html").read_text(encoding="utf-8")
    assert 'Runden åpnet igjen etter at den var låst</th><td class="number">2</td>' in told
    assert "ari ble syk" not in page + told
    assert re.findall(r'href="([^"]+)"', page) == [f"{folder.name}/report.html"]
    document = json.loads((out / "region.json").read_bytes())
    assert (document["format"], document["needs_a_person"]) == ("rotations/region@1", 1)
    assert [line.document() for line in lines] == document["rounds"]
    assert sorted(line["overrides"].get("reopened", 0) for line in document["rounds"]) == [0, 2]
    with embedded.reading(EVERYTHING) as session:
        read = session.exec(select(AuditEntry).where(col(AuditEntry.action) == "read")).all()
    assert [entry.round for entry in read] == [line.round for line in lines if line.report]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_need_and_state_has_its_words(language: Language) -> None:
    states: tuple[State, ...] = ("planned", "unfinished", "failed", "unplanned")
    lines = [
        RoundLine(
            round=str(n),
            organisation="1",
            label="r",
            name=None,
            decision_date=TODAY,
            state=states[n % 4],
            needs=(need,),
            placed=n,
        )
        for n, need in enumerate(NEEDS)
    ]
    page = region_files(lines, NOW, TODAY, language)["region.html"].decode()
    assert page.count("<tr>") == len(NEEDS) + 1
    assert page.count("<td><p>") == len(NEEDS)

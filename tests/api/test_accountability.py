"""Who saw and changed what about a candidate, what was set aside, and what is forgotten of her."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel, select
from typer.testing import CliRunner, Result

import api.running.logs
from api.accountability.chain import verified
from api.accountability.erasure import PlacementUnderway, Whose, erase
from api.accountability.mentions import Name
from api.accountability.retention import Policy, UnfitPolicy, retain
from api.cli import app
from api.collecting.lists import hash_of
from api.web import entries
from data.documents import read_plan, read_round
from models.scope import EVERYTHING
from models.store import plan_events
from models.store.audit import Told, append, head
from models.store.sightings import said
from models.store.solves import begin, tell
from models.store.workers import enter
from models.tables import (
    AuditEntry,
    AuditReason,
    Explained,
    Grant,
    IdempotencyKey,
    Notice,
    Placement,
    Plan,
    Publication,
    Snapshot,
    Standing,
    Study,
    Submission,
    Supervisor,
    Transition,
    Webhook,
    Worker,
)
from scheduler.verify import verify_document
from tests.api.routes.collected import (
    Collecting,
    candidate,
    list_of,
    opened,
    plant_supervisor,
    plant_window,
)
from tests.api.routes.test_policies import FORM as POLICY
from tests.api.served import ALTA, BERGEN, FINNMARK, NORTH, NOW, VADSO, Served

KARI, LISE, NINA = f"{ALTA}-kari", f"{ALTA}-lise", f"{VADSO}-nina"
NAME, WAIVER = "Kari Kanarifugl", "Avtalt med Kanarifugl"

Command = Callable[..., Result]


@pytest.fixture
def round_(embedded: Served) -> Collecting:
    """A round with three candidates in two lists, a waiver, a snapshot and a plan by hand."""
    plant_window(embedded)
    made = opened(embedded)
    hers = candidate(KARI, name=NAME, unavailable=[{"from": "2027-02-01", "to": "2027-03-01"}])
    assert made.hand_in(list_of(hers, candidate(LISE, name="Lise Lerke"))).is_success
    others = list_of(candidate(NINA, name="Nina Nattergal"))
    assert made.hand_in(others, VADSO).is_success
    address = f"{made.path}/candidates/{KARI}/standing"
    planner = embedded.planner
    tag = planner.get(address).headers["etag"]
    form = {"rounds_waited": 0, "lead_waiver": WAIVER}
    assert planner.put(address, json=form, tag=tag).is_success
    assert made.move("lock").is_success
    plan = {"format": "rotations/plan@1", "round": "2027-Q1", "placements": []}
    assert planner.post(f"{made.path}/plans/hand", json=plan).status_code == 201
    return made


@pytest.fixture
def command(embedded: Served, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command on the served database, in English."""
    monkeypatch.setattr(api.running.logs, "configure", lambda: None)
    monkeypatch.setenv("DATABASE_URL", embedded.database.url)
    return lambda *words: CliRunner().invoke(app, [*words, "--language", "en"])


def rows(served: Served, table: type[SQLModel]) -> list[Any]:
    with served.database.reading(EVERYTHING) as session:
        return list(session.exec(select(table)))


def entered(served: Served, after: int = 0) -> list[dict[str, Any]]:
    return [said(row) for row in rows(served, AuditEntry) if row.number > after]


def last(served: Served) -> int:
    with served.database.reading(EVERYTHING) as session:
        return head(session).number


# -- entries --------------------------------------------------------------------------------------


def test_an_entry_says_who_did_what_and_of_whom(embedded: Served, round_: Collecting) -> None:
    changes = [each for each in entered(embedded) if each["action"] == "change"]
    by = {each["operation"]: each for each in changes}
    assert list(by) == [
        *("create_round", "open_round", "put_requests", "put_standing", "lock_round"),
        "submit_plan",
    ]
    assert {each["round"] for each in changes} == {round_.id}
    assert {each["organisation"] for each in changes} == {FINNMARK}
    lists = [each for each in changes if each["operation"] == "put_requests"]
    assert [(e["municipality"], e["candidates"]) for e in lists] == [
        (ALTA, [KARI, LISE]),
        (VADSO, [NINA]),
    ]
    assert by["submit_plan"]["plan"] == rows(embedded, Plan)[0].id
    known = "".join(row.content for row in rows(embedded, AuditEntry))
    assert NAME not in known
    assert WAIVER not in known
    assert "Nattergal" not in known


def test_what_comes_to_nothing_is_no_change(embedded: Served, round_: Collecting) -> None:
    planner, before = embedded.planner, last(embedded)
    assert round_.move("open").status_code == 409
    assert planner.post(f"{round_.path}/reopen", json={"reason": "x"}, tag='"1"').is_client_error
    assert planner.get(f"{round_.path}/document", params={"snapshot": 9}).status_code == 404
    assert entered(embedded, before) == []
    form = {"reason": "Et vindu falt bort"}
    sent: dict[str, Any] = {"json": form, "tag": round_.tag, "key": "k"}
    assert planner.post(f"{round_.path}/reopen", **sent).is_success
    again = planner.post(f"{round_.path}/reopen", **sent)
    assert again.headers["idempotency-replayed"] == "true"
    made = [(each["action"], each["operation"]) for each in entered(embedded, before)]
    assert made == [("change", "reopen_round"), ("read", "reopen_round")]  # shown twice
    before = last(embedded)
    assert round_.dry_run(list_of(candidate(KARI))).is_success
    assert [(e["action"], e["municipality"]) for e in entered(embedded, before)] == [("read", ALTA)]


def test_nothing_is_shown_that_could_not_be_entered(
    embedded: Served, round_: Collecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_session: Session, _told: list[Told]) -> None:
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(entries, "append", fail)
    answer = embedded.planner.get(f"{round_.path}/document")
    assert answer.status_code == 503
    assert KARI not in answer.text
    assert embedded.planner.get(round_.path).is_success  # says nothing of anybody


def test_readings_that_come_together_are_entered_together(
    embedded: Served, round_: Collecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go, writes = Event(), Event(), []

    def slowly(session: Session, told: list[Told]) -> None:
        writes.append(len(told))
        begun.set()
        go.wait(10)
        append(session, told)

    monkeypatch.setattr(entries, "append", slowly)
    before, address = last(embedded), f"{round_.path}/document"
    with ThreadPoolExecutor(9) as threads:
        answers = [threads.submit(embedded.planner.get, address) for _ in range(9)]
        assert begun.wait(10)
        while len(embedded.service.readings._waiting) < 8:
            pass
        assert not any(answer.done() for answer in answers)
        go.set()
        assert {answer.result().status_code for answer in answers} == {200}
    assert writes == [1, 8]
    assert len(entered(embedded, before)) == 9


# -- who saw her ----------------------------------------------------------------------------------


def test_who_saw_a_candidate(embedded: Served, round_: Collecting, command: Command) -> None:
    before = last(embedded)
    vadso, auditor = embedded.coordinator(VADSO), embedded.as_("auditor")
    assert vadso.get(round_.requests(VADSO)).is_success
    assert embedded.coordinator().get(round_.requests()).is_success
    assert embedded.planner.get(f"{round_.path}/document").is_success
    assert embedded.planner.get(f"{round_.path}/candidates/{KARI}/standing").is_success
    *told, asking = command("audit", "saw", KARI).stdout.splitlines()
    assert asking.endswith("rotations audit saw read audit saw")
    lines = [line.split() for line in told]
    after = [tuple(words[3:5]) for words in lines if int(words[0]) > before]
    seen = [("read", "get_requests"), ("read", "get_round_document"), ("read", "get_standing")]
    assert after == seen
    asked = {"candidate": KARI, "round": round_.id, "after": before}
    answer = auditor.get("/v1/audit", params=asked).json()
    assert [(each["action"], each["operation"]) for each in answer["items"]] == seen
    of_lise = auditor.get("/v1/audit", params=asked | {"candidate": LISE}).json()["items"]
    assert [each["operation"] for each in of_lise] == ["get_requests", "get_round_document"]
    reading = entered(embedded)[-1]
    assert (reading["operation"], reading["round"]) == ("list_audit", round_.id)


def test_an_auditor_sees_the_entries_of_their_own_rounds(
    embedded: Served, round_: Collecting
) -> None:
    own, other = embedded.as_("auditor"), embedded.as_("auditor", BERGEN)
    assert other.get("/v1/audit").json() == {"items": [], "next": None}
    assert other.get("/v1/audit", params={"candidate": KARI}).json()["items"] == []
    pages: list[int] = []
    for _ in range(3):
        asked = {"after": max(pages, default=0), "limit": 3, "round": round_.id}
        page = own.get("/v1/audit", params=asked).json()
        pages += [each["number"] for each in page["items"]]
        assert page["next"] == pages[-1]
    assert (pages, len(pages)) == (sorted({*pages}), 9)
    actor = own.get("/v1/audit", params={"limit": 1}).json()["items"][0]["actor"]
    mine = own.get("/v1/audit", params={"actor": actor, "limit": 200}).json()["items"]
    assert {each["actor"] for each in mine} == {actor}


def test_what_belongs_to_no_round_is_for_whose_it_is(embedded: Served) -> None:
    """Units, policies, webhooks and rights, also those taken away, and who asks for nobody."""
    planner, administrator = embedded.planner, embedded.as_("administrator")
    unit = planner.get("/v1/units/hammerfest-medisin")
    form = {name: value for name, value in unit.json().items() if name != "id"}
    before = last(embedded)
    changed = form | {"supervised_places": 7}
    assert planner.put(
        "/v1/units/hammerfest-medisin", json=changed, tag=unit.headers["etag"]
    ).is_success
    policy = planner.post("/v1/policies", json=POLICY)
    assert planner.delete(policy.headers["location"]).is_success
    hook = {"organisation": FINNMARK, "url": "https://hook.example"}
    assert planner.post("/v1/webhooks", json=hook).is_success
    right: dict[str, Any] = {"issuer": "https://id.example", "subject": "s", "role": "coordinator"}
    right |= {"organisation": FINNMARK, "municipality": ALTA}
    assert administrator.post("/v1/grants", json=right).is_success
    assert planner.get("/v1/offers").is_success
    made = ["put_unit", "create_policy", "delete_policy", "create_webhook", "create_grant"]
    asked = {"after": before, "limit": 200}

    def seen(who: Any) -> list[str]:
        return [each["operation"] for each in who.get("/v1/audit", params=asked).json()["items"]]

    assert seen(embedded.as_("auditor")) == [*made, "list_offers"]
    assert [operation for operation in seen(administrator) if operation in made] == made
    assert not {"list_offers", "list_audit"} & set(seen(administrator))
    for role in ("auditor", "administrator"):
        assert seen(embedded.as_(role, BERGEN)) == []
        assert set(seen(embedded.as_(role, NORTH))) >= set(made)
    assert None not in {row.organisation for row in rows(embedded, AuditEntry)}


def test_an_administrator_sees_nothing_of_rounds(embedded: Served, round_: Collecting) -> None:
    answer = embedded.as_("administrator").get("/v1/audit", params={"limit": 200})
    assert {each["round"] for each in answer.json()["items"]} <= {None}
    assert KARI not in answer.text
    assert (
        NINA not in embedded.as_("administrator").get("/v1/audit", params={"candidate": NINA}).text
    )


def test_a_rule_that_is_set_aside_is_counted(embedded: Served, round_: Collecting) -> None:
    planner = embedded.planner
    reopening = {"reason": "Et vindu falt bort"}
    assert planner.post(f"{round_.path}/reopen", json=reopening, tag=round_.tag).is_success
    embedded.clock.now = NOW + timedelta(days=40)
    embedded.people.clear()
    late = list_of(candidate(NINA)) | {"late_reason": "Koordinatoren var syk"}
    assert round_.hand_in(late, VADSO, embedded.planner).is_success
    answer = embedded.as_("approver").get(f"{round_.path}/overrides").json()
    kinds = ["lead-waiver", "plan-by-hand", "reopened", "late-list"]
    assert answer["counts"] == dict.fromkeys(sorted(kinds), 1)
    assert [(each["override"], each["reason"]) for each in answer["items"]] == [
        ("lead-waiver", WAIVER),
        ("plan-by-hand", None),
        ("reopened", "Et vindu falt bort"),
        ("late-list", "Koordinatoren var syk"),
    ]
    assert embedded.as_("auditor", BERGEN).get(f"{round_.path}/overrides").status_code == 404


def test_the_chain_is_verified_by_a_command(
    embedded: Served, round_: Collecting, command: Command
) -> None:
    number, hash_ = command("audit", "head").stdout.split()
    noted = ["--number", number, "--head", hash_]
    assert (command("audit", "verify").exit_code, int(number)) == (0, last(embedded))
    embedded.planner.get(f"{round_.path}/document")
    assert command("audit", "verify", *noted).exit_code == 0
    assert command("audit", "verify", "--number", number).exit_code == 2
    with embedded.database.writer.begin() as connection:
        triggers = text("SELECT name, sql FROM sqlite_master WHERE name LIKE 'audit_stands_%'")
        guards = {str(name): str(made) for name, made in connection.execute(triggers)}
        for name in guards:
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("DELETE FROM audit WHERE number >= :n"), {"n": number})
    unguarded = command("audit", "verify")
    assert (unguarded.exit_code, "triggers" in unguarded.stdout) == (1, True)
    with embedded.database.writer.begin() as connection:
        for made in guards.values():
            connection.execute(text(made))
    assert command("audit", "verify").exit_code == 0
    cut = command("audit", "verify", *noted)
    assert (cut.exit_code, f"no entry {number}" in cut.stdout) == (1, True)
    with embedded.database.writer.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_stands_update"))
        connection.execute(text("UPDATE audit SET actor = 'x' WHERE number = 3"))
    broken = command("audit", "verify")
    assert (broken.exit_code, "from entry 3 on" in broken.stdout) == (1, True)


# -- one candidate --------------------------------------------------------------------------------


def test_everything_about_her_is_handed_out(
    embedded: Served, round_: Collecting, command: Command, tmp_path: Path
) -> None:
    out = tmp_path / "kari.json"
    words = ["candidate", "export", KARI, "--municipality", ALTA, "--out", str(out)]
    assert command(*words).exit_code == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    document = json.loads(out.read_text(encoding="utf-8"))
    assert [each["reason"] for each in document["audit"] if each.get("override")] == [WAIVER]
    assert document["lists"][0]["entry"]["name"] == NAME
    assert document["documents"][0]["record"]["lead_waiver"] == WAIVER
    assert [each["candidate"] for each in document["plans"][0]["unplaced"]] == [KARI]
    assert document["standings"][0]["lead_waiver"] == WAIVER
    assert document["audit"][-1]["operation"] == "candidate export"
    assert "Lerke" not in out.read_text(encoding="utf-8")
    assert NINA not in out.read_text(encoding="utf-8")
    assert command(*words).exit_code == 2  # nothing is written over
    words[2] = f"{ALTA}-ingen"
    words[-1] = str(tmp_path / "ingen.json")
    assert command(*words).exit_code == 2


def everything(served: Served) -> str:
    """Return all that is kept, but the audit."""
    with served.database.engine.connect() as connection:
        names = [name for name in SQLModel.metadata.tables if name != "audit"]
        found = (connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in names)
        return "".join(repr(tuple(row)) for each in found for row in each)


def test_she_is_erased(embedded: Served, round_: Collecting, command: Command) -> None:
    herself = embedded.as_("candidate", municipality=ALTA, candidate=KARI)
    assert herself.get("/v1/me").is_success
    with embedded.database.writing(EVERYTHING) as session:
        for row in session.exec(select(Submission).where(Submission.municipality == ALTA)):
            row.late_reason = "Kanarifugl var syk"
    words = ["candidate", "erase", KARI, "--municipality", ALTA, "--reason", "Krav etter art. 17"]
    before, kept = everything(embedded), last(embedded)
    hashes = [row.hash for table in (Snapshot, Plan) for row in rows(embedded, table)]
    assert command(*words).exit_code == 0
    assert (everything(embedded), last(embedded)) == (before, kept + 1)
    assert [each["action"] for each in entered(embedded, kept)] == ["read"]
    kept += 1
    assert NAME in before
    assert command(*words, "--really").exit_code == 0
    after = everything(embedded)
    assert "Kanarifugl" not in after
    assert "Lise Lerke" in after
    lists = "".join(row.content for row in rows(embedded, Submission))
    assert "2027-03-01" not in lists  # of what a plan was made from, all but name and texts stays
    assert [row.candidate for row in rows(embedded, Grant) if row.role == "candidate"] == []
    (entry,) = entered(embedded, kept)
    assert (entry["operation"], entry["candidates"]) == ("candidate erase", [KARI])
    assert _reasons(embedded) == {entry["number"]: "Krav etter art. 17"}
    assert [
        said(row)["override"]
        for row in rows(embedded, AuditEntry)
        if row.number in entry["forgotten"]
    ] == ["lead-waiver"]
    new = [row.hash for table in (Snapshot, Plan) for row in rows(embedded, table)]
    assert entry["hashes"] == dict(zip(hashes, new, strict=True))
    assert not set(hashes) & set(new)
    _still_right(embedded)
    receipts = embedded.coordinator().get(f"{round_.requests()}/receipts")
    assert [each["erased"] for each in receipts.json()["items"]] == [True]
    untouched = embedded.coordinator(VADSO).get(f"{round_.requests(VADSO)}/receipts/1").json()
    assert not untouched["erased"]
    plan = rows(embedded, Plan)[0].id
    verdict = embedded.planner.get(f"/v1/plans/{plan}/verification").json()
    assert (verdict["verified"], verdict["as_stored"]) == (True, True)
    assert command("audit", "verify").exit_code == 0
    with embedded.database.writer.begin() as connection:  # without anybody saying so
        connection.execute(text("DELETE FROM audit_reasons"))
    broken = command("audit", "verify")
    assert (broken.exit_code, f"from entry {entry['number']} on" in broken.stdout) == (1, True)


def test_texts_that_name_her_go_with_her(
    embedded: Served, round_: Collecting, command: Command
) -> None:
    reasons = ("KANARIFUGLS liste manglet", "Hun fra Alta ringte", "Et vindu falt bort")
    for why in reasons:
        answer = embedded.planner.post(
            f"{round_.path}/reopen", json={"reason": why}, tag=round_.tag, key=why[:5]
        )
        assert answer.is_success
        assert round_.move("lock").is_success
    with embedded.database.writing(EVERYTHING) as session:
        session.get_one(Standing, (round_.id, LISE)).lead_waiver = f"Byttet med {KARI}"
    words = ["candidate", "erase", KARI, "--municipality", ALTA, "--reason"]
    for named in ("Krav fra Kari", f"Krav fra {KARI}"):
        refused = command(*words, named, "--really")
        assert (refused.exit_code, "names her" in refused.stderr) == (2, True)
        assert named not in refused.output
    go, _, stay = command(*words, "Krav").stdout.partition("These stand with her")
    transitions = {
        row.reason: f"transitions:{round_.id}/{row.number}" for row in rows(embedded, Transition)
    }
    assert transitions[reasons[0]] in go
    (waived,) = (n for n, why in _reasons(embedded).items() if why == WAIVER)
    assert f"audit_reasons:{waived}\n" in go  # of an entry that names her by id
    assert f"standings:{round_.id}/{LISE}" in go
    assert transitions[reasons[1]] in stay
    assert transitions[reasons[2]] in stay
    also = [transitions[reasons[1]]]
    also += [f"audit_reasons:{n}" for n, why in _reasons(embedded).items() if why == reasons[1]]
    besides = [word for place in also for word in ("--also", place)]
    assert command(*words, "Krav", "--also", "transitions:x/1").exit_code == 2
    assert command(*words, "Krav", *besides, "--really").exit_code == 0
    after = everything(embedded)
    assert not any(text in after for text in ("KANARIFUGLS", "Hun fra Alta", "Byttet med"))
    assert after.count(reasons[2]) == 2  # the transition and its entry's reason
    assert verified(embedded.database).number == last(embedded)
    _still_right(embedded)


def _studied(served: Served) -> None:
    """Explain the plan, and ask what if Kari stayed at home."""
    plan = rows(served, Plan)[0]
    change = {"action": "change", "record": "candidates", "id": KARI, "fields": {"name": NAME}}
    scenario = {"format": "rotations/scenario@1", "name": "Uten Kari", "changes": [change]}
    kinds: dict[str, dict[str, Any]] = {
        "explanations": {"plan": plan.id, "state": "completed", "asked": "{}"},
        "scenario": {"name": "Uten Kari", "state": "queued", "asked": json.dumps(scenario)},
    }
    of: dict[str, Any] = {"round": plan.round, "snapshot": plan.snapshot}
    with served.database.writing(EVERYTHING) as session:
        for kind, values in kinds.items():
            made = of | values | {"requested_at": NOW, "requested_by": "test"}
            session.add(Study(id=kind, kind=kind, **made))
        session.flush()
        for candidate_ in (KARI, LISE):
            why = json.dumps({"candidate": candidate_, "wishes": []})
            session.add(
                Explained(
                    study="explanations", candidate=candidate_, municipality=ALTA, content=why
                )
            )


def test_studies_are_handed_out_and_go(
    embedded: Served, round_: Collecting, command: Command, tmp_path: Path
) -> None:
    _studied(embedded)
    file = tmp_path / "kari.json"
    words = ("candidate", "export", KARI, "--municipality", ALTA, "--out", str(file))
    assert command(*words).exit_code == 0
    said_of = json.loads(file.read_text(encoding="utf-8"))
    assert [each["explanation"]["candidate"] for each in said_of["explanations"]] == [KARI]
    assert [each["about"][0]["fields"]["name"] for each in said_of["studies"]] == [NAME]
    assert (
        erase(embedded.database, Whose(ALTA, KARI), "Krav", NOW, really=False).rows.items()
        >= {
            "studies": 1,
            "explanations": 1,
        }.items()
    )
    assert len(rows(embedded, Study)) == 2
    erase(embedded.database, Whose(ALTA, KARI), "Krav", NOW, really=True)
    assert [row.id for row in rows(embedded, Study)] == ["explanations"]
    assert [row.candidate for row in rows(embedded, Explained)] == [LISE]
    assert "Uten Kari" not in everything(embedded)


def test_an_explanation_that_comes_after_the_erasure_is_not_kept(
    embedded: Served, round_: Collecting
) -> None:
    _studied(embedded)
    with embedded.database.writing(EVERYTHING) as session:
        session.get_one(Study, "explanations").state = "queued"
        enter(session, "w", NOW)
        lease = begin(session, "explanations", "w", attempts=3, now=NOW)
    assert lease is not None
    erase(embedded.database, Whose(ALTA, KARI), "Krav", NOW, really=True)
    told = [
        plan_events.Told("explained", {"candidate": each, "municipality": ALTA, "content": "{}"})
        for each in (KARI, LISE)
    ]
    with embedded.database.writing(EVERYTHING) as session:
        tell(session, lease, told, NOW)
    assert [row.candidate for row in rows(embedded, Explained)] == [LISE]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Kari var syk", True),
        ("KARIS lege", True),
        ("kanarifugl’s plass", True),
        ("karikert", False),
        ("Bo og Liv", False),
        (f"Se {KARI}.", True),
        (f"Se {KARI}-2", True),  # a word of hers stands there
        (f"Se {ALTA}-8-2", False),
        (f"Se {ALTA}-8", True),
        ("Åse", False),
    ],
)
def test_what_names_her(text: str, named: bool) -> None:
    by_id = Name(f"{ALTA}-8", [])
    assert (Name(KARI, [NAME, "Bo"]).is_in(text) or by_id.is_in(text)) is named


def test_what_commands_show_is_entered(
    embedded: Served, round_: Collecting, command: Command, tmp_path: Path
) -> None:
    kept, file = last(embedded), str(tmp_path / "kept.zip")
    assert command("backup", file).exit_code == 0
    made = entered(embedded, kept)
    assert {each["operation"] for each in made} == {"backup"}
    assert FINNMARK in {each["organisation"] for each in made}
    seen = command("audit", "saw", NINA).stdout
    assert "rotations backup read backup" in seen
    last_entry = entered(embedded)[-1]
    assert (last_entry["operation"], last_entry["candidates"]) == ("audit saw", [NINA])
    audited = embedded.as_("auditor").get("/v1/audit", params={"after": kept, "limit": 200}).json()
    assert "backup" in {each["operation"] for each in audited["items"]}


def test_reasons_that_are_shown_are_entered(embedded: Served, round_: Collecting) -> None:
    planner, kept = embedded.planner, last(embedded)
    assert planner.get(f"{round_.path}/publications").is_success
    assert planner.get("/v1/me").is_success
    assert entered(embedded, kept) == []
    _placement(embedded, round_.id)
    with embedded.database.writing(EVERYTHING) as session:
        row = session.exec(select(Publication)).one()
        row.ended_at, row.ended_by, row.ending, row.reason = NOW, "x", "voided", "Kari ringte"
    herself = embedded.as_("candidate", municipality=ALTA, candidate=KARI)
    assert "Kari ringte" in planner.get(f"{round_.path}/publications").text
    assert planner.get(f"{round_.path}/transitions").is_success
    assert KARI in herself.get("/v1/me").text
    made = [(each["operation"], each.get("candidates")) for each in entered(embedded, kept)]
    shown = ["list_publications", "list_transitions"]
    assert made == [*((name, None) for name in shown), ("get_me", [KARI])]


def _reasons(served: Served) -> dict[int, str]:
    return {row.number: row.text for row in rows(served, AuditReason)}


def _still_right(served: Served) -> None:
    """What was rewritten still holds together: hashes, and plans beside their rounds."""
    snapshots = {row.id: row for row in rows(served, Snapshot)}
    for snapshot in snapshots.values():
        assert read_round(snapshot.content.encode()).hash == snapshot.hash
    for plan in rows(served, Plan):
        round_ = read_round(snapshots[plan.snapshot].content.encode())
        assert verify_document(round_, read_plan(plan.content.encode())).kept


def _placement(served: Served, round_id: str, state: str = "planned", **stay: date) -> None:
    with served.database.writing(EVERYTHING) as session:
        plan = session.exec(select(Plan)).one()
        values: dict[str, Any] = {"published_at": NOW, "published_by": "test"}
        session.add(Publication(id="p", round=round_id, number=1, plan=plan.id, **values))
        session.flush()
        session.add(
            Placement(
                id="placement",
                publication="p",
                round=round_id,
                municipality=ALTA,
                candidate=KARI,
                unit="hammerfest-medisin",
                window="w",
                fte_percent=100,
                months_needed=6,
                supervisor="s",
                state=state,
                start=stay.get("start", date(2027, 8, 1)),
                end=stay.get("end", date(2028, 2, 1)),
            )
        )


def test_who_has_a_place_is_not_erased(
    embedded: Served, round_: Collecting, command: Command
) -> None:
    _placement(embedded, round_.id)
    words = ["candidate", "erase", KARI, "--municipality", ALTA, "--reason", "x", "--really"]
    assert command(*words).exit_code == 2
    with pytest.raises(PlacementUnderway):
        erase(embedded.database, Whose(ALTA, KARI), "x", NOW, really=True)
    assert NAME in everything(embedded)


# -- keeping --------------------------------------------------------------------------------------


def _served_its_time(served: Served) -> None:
    old = NOW - timedelta(days=3000)
    with served.database.writing(EVERYTHING) as session:
        session.add(Worker(id="old", started_at=old, seen_at=old))
        session.add(Worker(id="new", started_at=NOW, seen_at=NOW))
        for name, at in (("old", old), ("new", NOW)):
            answer = {"subject": name, "key": "k", "request_hash": "", "status": 200, "body": ""}
            made = answer | {"headers": {}, "answered_at": at}
            session.add(IdempotencyKey.model_validate(made))
            session.add(
                Webhook(
                    id=name,
                    organisation=FINNMARK,
                    url="https://x.example",
                    secret="s",
                    made_at=at,
                    made_by="test",
                    removed_at=at,
                )
            )
            for state in ("sent", "waiting"):
                session.add(
                    Notice(
                        id=f"{name}-{state}",
                        key=f"{name}-{state}",
                        kind="offer-made",
                        organisation=FINNMARK,
                        channel="email",
                        recipient="r@x.example",
                        language="nb",
                        figures={},
                        state=state,
                        made_at=at,
                        due_at=at,
                        sent_at=at if state == "sent" else None,
                    )
                )
        right = session.exec(select(Grant).limit(1)).one().model_dump()
        session.add(Grant(**right | {"id": "old", "revoked_at": old}))
        session.add(Grant(**right | {"id": "new", "revoked_at": NOW}))


def test_what_a_policy_keeps_no_longer_is_forgotten(
    embedded: Served, round_: Collecting, command: Command
) -> None:
    _served_its_time(embedded)
    later = NOW + timedelta(days=3)
    soon, before = Policy(names_months=24), everything(embedded)
    wanted = {"audit_reasons": 0, "idempotency_keys": 2, "workers": 1}
    wanted |= {"notices": 1, "webhooks": 1, "grants": 1}
    assert retain(embedded.database, soon, later, really=False) == wanted
    assert everything(embedded) == before
    kept = last(embedded)
    assert retain(embedded.database, soon, later, really=True) == wanted
    assert {row.id for row in rows(embedded, Notice)} == {"old-waiting", "new-waiting", "new-sent"}
    assert {row.id for row in rows(embedded, Worker)} == {"new"}
    assert [each["named"]["grants"] for each in entered(embedded, kept)] == ["1"]
    assert sum(retain(embedded.database, soon, later, really=True).values()) == 0
    assert last(embedded) == kept + 1


def test_supervisors_whom_nothing_needs_are_forgotten(embedded: Served, round_: Collecting) -> None:
    idle, busy = (plant_supervisor(embedded) for _ in range(2))
    training: dict[str, Any] = {
        "specialist": False,
        "exempt_from": NOW.date(),
        "exempt_until": date(2040, 1, 1),
    }
    exempt = plant_supervisor(embedded, **training)
    later = NOW + timedelta(days=800)
    _placement(embedded, round_.id, "started")
    with embedded.database.writing(EVERYTHING) as session:
        session.exec(select(Placement)).one().supervisor = busy
    soon = retain(embedded.database, Policy(), NOW + timedelta(days=500), really=True)
    assert "supervisors" not in soon
    counts = retain(embedded.database, Policy(), later, really=True)
    names = {row.id: row.name for row in rows(embedded, Supervisor)}
    assert names[idle] == "slettet"
    assert "slettet" not in {names[exempt], names[busy]}
    assert counts["supervisors"] == list(names.values()).count("slettet")
    assert "supervisors" not in retain(embedded.database, Policy(), later, really=True)


@pytest.mark.parametrize("placed", [False, True])
def test_names_go_when_the_round_is_long_over(
    embedded: Served, round_: Collecting, placed: bool
) -> None:
    if placed:
        _placement(embedded, round_.id, "cancelled")
    _studied(embedded)
    with embedded.database.writing(EVERYTHING) as session:
        why = "Fordi Kari var syk"
        session.exec(select(Transition).limit(1)).one().reason = why
        for row in session.exec(select(Submission).where(Submission.municipality == VADSO)):
            row.late_reason = why
    over = date(2028, 2, 1) if placed else date(2027, 1, 15)
    day = NOW.replace(year=over.year + 1, month=over.month, day=over.day)
    policy = Policy(names_months=12, rights_months=1200)
    early = retain(embedded.database, policy, day, really=True)
    assert (early["submissions"], early["snapshots"]) == (0, 0)
    hashes = {row.id: row.hash for row in rows(embedded, Snapshot)}
    assert set(_reasons(embedded).values()) == {WAIVER}
    kept = last(embedded)
    counts = retain(embedded.database, policy, day + timedelta(days=1), really=True)
    tables = ("submissions", "snapshots", "transitions", "audit_reasons", "studies")
    assert [counts[table] for table in tables] == [2, 1, 1, 1, 1]
    after = everything(embedded)
    assert why not in after
    assert not any(name in after for name in (NAME, "Lise Lerke", "Nina Nattergal"))
    assert {row.id: row.hash for row in rows(embedded, Snapshot)} == hashes
    _still_right(embedded)
    for row in rows(embedded, Submission):
        assert hash_of(row.content.encode()) != row.hash
        assert "2027-08-01" in row.content  # nothing but names goes
    of_round, of_all = entered(embedded, kept)
    assert (of_round["round"], of_round["candidates"]) == (round_.id, [KARI, LISE, NINA])
    assert (of_all.get("round"), of_all["named"]["snapshots"]) == (None, "1")
    assert (_reasons(embedded), len(of_round["forgotten"])) == ({}, 1)
    assert verified(embedded.database).number == of_all["number"]


def test_a_round_whose_stay_goes_on_is_not_over(embedded: Served, round_: Collecting) -> None:
    _placement(embedded, round_.id, "started", end=date(2027, 1, 16))
    late = NOW + timedelta(days=4000)
    counts = retain(embedded.database, Policy(), late, really=True)
    assert (counts["submissions"], counts["snapshots"]) == (0, 0)


def test_a_policy_names_what_is_wrong_and_no_value(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("names_months = 36\n")
    assert Policy.read(str(file)) == Policy(names_months=36)
    assert Policy.read("defaults") == Policy()
    for content, wrong in (
        ('names_months = "hemmelig"', ("names_months",)),
        ("hemmelig = 1", ("?",)),
        ("hemmelig", ("TOML",)),
        ("answers_hours = 1", ("answers_hours",)),
    ):
        file.write_text(content)
        with pytest.raises(UnfitPolicy) as unfit:
            Policy.read(str(file))
        assert unfit.value.fields == wrong
        told = command("retain", "--policy", str(file))
        assert told.exit_code == 2
        assert "hemmelig" not in told.output
    assert command("retain", "--policy", "defaults").exit_code == 0

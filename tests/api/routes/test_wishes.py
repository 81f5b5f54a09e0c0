"""What was asked for a candidate: she reads her own part of the list, and nobody else's."""

from __future__ import annotations

from sqlmodel import select

from models.scope import EVERYTHING
from models.tables import AuditEntry
from tests.api.routes.collected import candidate, drafted, list_of, opened, plant_supervisor, wish
from tests.api.routes.planned import finnmark, locked
from tests.api.routes.said import problem
from tests.api.served import ALTA, TROMS, TROMSO, Person, Served

HER, COLLEAGUE = f"{ALTA}-1", f"{ALTA}-2"


def herself(served: Served, id_: str = HER) -> Person:
    return served.as_("candidate", municipality=ALTA, candidate=id_)


def test_a_candidate_reads_what_was_asked_for_her(embedded: Served) -> None:
    round_ = opened(embedded)
    supervisor = plant_supervisor(embedded)
    asked = candidate(
        HER, name="Kari Eksempel", supervisor=supervisor, months_needed=4, wishes=[wish()]
    )
    list_ = list_of(candidate(COLLEAGUE, name="Ola Eksempel"), asked)
    assert round_.hand_in(list_).status_code == 201
    address = f"{round_.path}/candidates/{HER}/wishes"
    said = herself(embedded).get(address)
    assert said.status_code == 200
    assert said.json() == {
        "round": round_.id,
        "municipality": ALTA,
        "candidate": HER,
        "submitted_at": "2026-11-22T09:00:00Z",
        "name": "Kari Eksempel",
        "months_needed": 4,
        "learning_goals": [],
        "min_fte_percent": 50,
        "lis1_completed_on": "2024-08-31",
        "gp_months": 0,
        "in_individual_plan": True,
        "available_from": None,
        "unavailable": [],
        "complete_by": None,
        "wishes": [{**wish(), "ideal": None}],
    }
    assert supervisor not in said.text
    newer = asked | {
        "months_needed": 6,
        "unavailable": [{"from": "2027-12-01", "to": "2028-01-01"}],
    }
    assert round_.hand_in(list_of(newer)).status_code == 200
    now = herself(embedded).get(address).json()
    assert now["months_needed"] == 6
    assert now["unavailable"] == newer["unavailable"]
    with embedded.database.reading(EVERYTHING) as session:
        read = select(AuditEntry).where(AuditEntry.operation == "get_wishes")
        entries = session.exec(read).all()
    assert len(entries) == 2


def test_nobody_else_reads_it(embedded: Served) -> None:
    round_ = opened(embedded)
    policy = embedded.planner.get(round_.path).json()["policy"]
    draft = drafted(embedded, label="2027-Q2", policy=policy)
    assert round_.hand_in(list_of(candidate(HER), candidate(COLLEAGUE))).status_code == 201
    hers = f"{round_.path}/candidates/{HER}/wishes"
    for person in (
        herself(embedded, COLLEAGUE),
        herself(embedded, f"{ALTA}-3"),
        embedded.as_("candidate", TROMS, municipality=TROMSO, candidate=HER),
    ):
        assert problem(person.get(hers)) == (404, "not-found")
    for missing in (
        f"{round_.path}/candidates/{ALTA}-3/wishes",
        f"{draft.path}/candidates/{HER}/wishes",
    ):
        assert problem(herself(embedded).get(missing)) == (404, "not-found")
    for person in (embedded.planner, embedded.coordinator()):
        assert problem(person.get(hers)) == (403, "forbidden")


def test_an_imported_round_says_it_as_well(embedded: Served) -> None:
    round_ = locked(embedded, finnmark())
    her = embedded.as_("candidate", municipality=ALTA, candidate="5601-c1")
    said = her.get(f"/v1/rounds/{round_.id}/candidates/5601-c1/wishes").json()
    assert said["submitted_at"] is None
    assert [each["target"] for each in said["wishes"]] == ["hammerfest-medisin", "hammerfest"]
    assert said["gp_months"] == 24

"""A page asks the interface as who is signed in, and gets what that person would."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from sqlmodel import col, select

from api.identity.claims import Identity
from api.identity.issuers import LOCAL
from api.pages.asking import Asking, Refused
from data.sentences import Language
from models.scope import EVERYTHING
from models.tables import AuditEntry
from tests.api.served import ALTA, FINNMARK, Person, Served
from tests.pages.reading import subject_of

T = TypeVar("T")

UNIT = "/v1/units/hammerfest-medisin"


def asking(served: Served, person: Person, language: Language = "nb") -> Asking:
    identity = Identity(LOCAL, subject_of(served, person))
    return Asking(served.app, identity, language, "203.0.113.7")


def got(question: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(question)


def test_the_answer_is_that_of_the_interface(embedded: Served) -> None:
    for person in (embedded.planner, embedded.coordinator(), embedded.as_("auditor")):
        ask = asking(embedded, person)
        for path in ("/v1/organisations", "/v1/rounds", UNIT, "/v1/me"):
            own, answer = person.get(path), got(ask.get(path))
            assert answer.data == own.json()
            assert answer.tag == own.headers.get("etag")
    assert len(got(asking(embedded, embedded.planner).all("/v1/units"))) == 5


def test_every_part_of_a_list_is_asked_for(
    embedded: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.pages.asking.MAX_ITEMS", 2)
    ids = [each["id"] for each in got(asking(embedded, embedded.planner).all("/v1/units"))]
    assert len(ids) == len(set(ids)) == 5


def test_rights_and_conditions_hold(embedded: Served) -> None:
    ask = asking(embedded, embedded.planner)
    unit = got(ask.get(UNIT))
    form = {name: value for name, value in unit.data.items() if name != "id"}
    changed = form | {"supervised_places": 3}
    with pytest.raises(Refused) as refused:
        got(ask.put(UNIT, changed))
    assert (refused.value.status, refused.value.code) == (428, "precondition-required")
    with pytest.raises(Refused, match="stale"):
        got(ask.put(UNIT, changed, tag='"99"'))
    assert got(ask.put(UNIT, changed, tag=unit.tag)).data["supervised_places"] == 3
    with pytest.raises(Refused, match="forbidden"):
        got(asking(embedded, embedded.coordinator()).put(UNIT, changed, tag=unit.tag))
    with pytest.raises(Refused, match="not-found"):
        got(ask.get("/v1/units/none"))


def test_faults_come_in_the_readers_language(embedded: Served) -> None:
    said = {}
    languages: tuple[Language, ...] = ("nb", "en")
    for language in languages:
        ask = asking(embedded, embedded.planner, language)
        with pytest.raises(Refused) as refused:
            got(ask.put("/v1/units/new", {"name": ""}, new=True))
        assert {fault["place"] for fault in refused.value.faults} >= {"/site"}
        said[language] = refused.value.title, refused.value.faults[0]["sentence"]
    assert not {*said["nb"]} & {*said["en"]}


def test_what_is_asked_is_entered_for_who_asks(embedded: Served) -> None:
    person = embedded.as_("candidate", FINNMARK, municipality=ALTA, candidate="5601-c1")
    got(asking(embedded, person).get("/v1/offers"))
    with embedded.database.reading(EVERYTHING) as session:
        newest = select(AuditEntry).order_by(col(AuditEntry.number).desc()).limit(1)
        entry = session.exec(newest).one()
    assert (entry.operation, entry.action) == ("list_offers", "read")
    assert entry.actor == f"{LOCAL}|{subject_of(embedded, person)}"

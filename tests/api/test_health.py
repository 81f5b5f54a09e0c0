"""What anybody may ask, and how little it tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from threading import Event, Thread
from typing import Any

import pytest
from joserfc.jwk import Key
from sqlalchemy import text

import api.web.readiness
from api.identity.issuers import Issuer
from api.identity.keys import KEPT_SECONDS, PublishedKeys
from api.identity.publications import Unpublished
from api.identity.tokens import Identifier, Trusted
from api.rights import PUBLIC, RIGHTS
from api.web.problems import STATUS
from data.sentences import LANGUAGES
from models.migrate import downgrade
from models.scope import EVERYTHING
from models.store.workers import enter, leave, show
from tests.api.served import Served


@pytest.fixture(autouse=True)
def _nothing_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.web.readiness, "HELD_SECONDS", -1.0)


def unready(served: Served, caplog: pytest.LogCaptureFixture) -> str:
    """Return what is missing, which only the log says."""
    caplog.clear()
    answer = served.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json().keys() == {"type", "title", "status", "code"}
    assert answer.json()["code"] == "unavailable"
    assert answer.headers["retry-after"] == "5"
    [record] = [r for r in caplog.records if r.name == "rotations.readiness"]
    return record.getMessage()


def test_it_is_ready_with_and_without_workers(served: Served) -> None:
    database, clock = served.database, served.clock
    assert served.client.get("/readyz").json() == {"ready": True, "keys": True, "workers": False}
    with database.writing(EVERYTHING) as session:
        enter(session, "w1", clock())
    assert served.client.get("/readyz").json() == {"ready": True, "keys": True, "workers": True}
    clock.forward(seconds=served.service.settings.lease_seconds + 1)
    assert served.client.get("/readyz").json() == {"ready": True, "keys": True, "workers": False}
    with database.writing(EVERYTHING) as session:
        show(session, "w1", clock())
    assert served.client.get("/readyz").json() == {"ready": True, "keys": True, "workers": True}
    with database.writing(EVERYTHING) as session:
        leave(session, "w1")
    assert served.client.get("/readyz").json() == {"ready": True, "keys": True, "workers": False}


def test_it_is_not_ready_before_its_database_is(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    downgrade(served.database, "base")
    assert unready(served, caplog) == "not ready: migrations"
    assert served.client.get("/livez").json() == {"alive": True}


def test_it_is_not_ready_while_its_database_does_not_answer(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    with served.database.writer.begin() as connection:
        connection.execute(text("ALTER TABLE workers RENAME TO elsewhere"))
    assert unready(served, caplog) == "not ready: database"


def with_keys(served: Served, keys: PublishedKeys) -> None:
    issuer = Issuer(issuer="https://issuer.example/", subject="sub", audience="rotations")
    identifier = Identifier([Trusted(issuer, keys)])
    object.__setattr__(served.service, "identifier", identifier)


def test_an_issuer_that_is_away_is_told_of_and_keeps_nobody_else_out(embedded: Served) -> None:
    now, reached = [0.0], [False]

    def fetch() -> Mapping[str, Key]:
        if not reached[0]:
            raise Unpublished("unreachable")
        return {}

    def told() -> bool:
        answer = embedded.client.get("/readyz")
        assert (answer.status_code, answer.json()["ready"]) == (200, True)
        return bool(answer.json()["keys"])

    with_keys(embedded, PublishedKeys(fetch, clock=lambda: now[0]))
    assert not told()
    reached[0] = True
    now[0] += 60
    assert told()
    reached[0] = False
    now[0] += KEPT_SECONDS - 1
    assert told()  # the last keys still serve
    now[0] += 2
    assert not told()


def test_it_lives_while_every_thread_waits(embedded: Served) -> None:
    let_go = Event()

    def wait() -> None:
        let_go.wait(20)

    embedded.app.add_api_route("/waiting", wait)
    waiting = [Thread(target=embedded.client.get, args=("/waiting",)) for _ in range(50)]
    for thread in waiting:
        thread.start()
    try:
        assert embedded.client.get("/livez").json() == {"alive": True}
    finally:
        let_go.set()
        for thread in waiting:
            thread.join()


def test_whoever_asks_often_is_told_the_same(
    embedded: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.web.readiness, "HELD_SECONDS", 60.0)
    looked = []
    look = api.web.readiness.Readiness._look

    def counting(self: api.web.readiness.Readiness) -> api.web.readiness.State:
        looked.append(1)
        return look(self)

    monkeypatch.setattr(api.web.readiness.Readiness, "_look", counting)
    assert {embedded.client.get("/readyz").status_code for _ in range(20)} == {200}
    assert len(looked) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_is_listed_and_found_where_its_type_says(
    embedded: Served, language: str
) -> None:
    headers = {"Accept-Language": language}
    items = embedded.client.get("/problems", headers=headers).json()["items"]
    assert [item["code"] for item in items] == list(STATUS)
    for item in items:
        assert embedded.client.get(item["type"], headers=headers).json() == item
        assert item["title"]
        assert not re.search(r"\||\{\w*:", item["title"])


@pytest.mark.parametrize("code", ["none", "x" * 41, "UPPER"])
def test_no_other_problem_is_found(embedded: Served, code: str) -> None:
    assert embedded.client.get(f"/problems/{code}").status_code == 404


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in document["paths"].values():
        for operation in path.values():
            yield operation["operationId"], operation


def test_only_public_operations_answer_without_a_token(embedded: Served) -> None:
    document = embedded.client.get("/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    found = dict(operations(document))
    assert found.keys() >= PUBLIC
    for name, operation in found.items():
        assert (name in PUBLIC) == ("security" not in operation), name
        assert name in PUBLIC | RIGHTS.keys()


def test_the_answers_that_a_token_is_not_asked_for_hold_no_rows(served: Served) -> None:
    """Names of the register are not secret, but nobody's business without a token either."""
    for path in ("/livez", "/readyz", "/problems", "/problems/stale"):
        answer = served.client.get(path).text
        for told in ("Finnmark", "983974880", "sqlite", "postgres", "hammerfest"):
            assert told not in answer


def test_whoever_was_left_behind_by_an_upgrade_changes_nothing(served: Served) -> None:
    """Nor shows anybody: that would have to be entered."""
    planner = served.planner
    unit = planner.get("/v1/units/hammerfest-medisin")
    form = {name: value for name, value in unit.json().items() if name != "id"}
    form |= {"supervised_places": 7}
    with served.database.writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    address, tag = "/v1/units/hammerfest-medisin", unit.headers["etag"]
    for answer in (planner.put(address, json=form, tag=tag), planner.get("/v1/offers")):
        assert (answer.status_code, answer.json()["code"]) == (503, "outdated")
        assert answer.headers["retry-after"] == "30"
    assert planner.get(address).json() == unit.json()

"""Calls: preconditions, answers that are repeated, bodies that are read strictly."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from string import Formatter
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from starlette.requests import Request

from api.web.bodies import arrived, national_numbers
from api.web.languages import preferred
from api.web.problems import STATUS, Problem
from data.sentences import LANGUAGES, Language, catalogue
from models.scope import EVERYTHING
from models.tables import IdempotencyKey, Unit
from tests.api.served import ALTA, FINNMARK, Person, Served

UNIT = {"name": "Avdeling for prøver", "site": "hammerfest"}
ADDRESS = "/v1/units/ny-avdeling"


def codes(answer: Response) -> list[tuple[str, str]]:
    return [(fault["code"], fault["place"]) for fault in answer.json()["faults"]]


def test_a_change_needs_a_precondition(served: Served) -> None:
    answer = served.planner.put(ADDRESS, json=UNIT)
    assert (answer.status_code, answer.json()["code"]) == (428, "precondition-required")
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_is_there_already_is_not_made_again(served: Served) -> None:
    planner = served.planner
    made = planner.put(ADDRESS, json=UNIT, new=True)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    again = planner.put(ADDRESS, json=UNIT, new=True)
    assert (again.status_code, again.json()["code"]) == (412, "stale")


@pytest.mark.parametrize("tag", ['"2"', '"0"', "1", "*", 'W/"1"', ""])
def test_a_change_names_the_state_it_was_decided_on(served: Served, tag: str) -> None:
    planner = served.planner
    planner.put(ADDRESS, json=UNIT, new=True)
    assert planner.put(ADDRESS, json=UNIT, tag=tag).status_code == 412
    assert planner.put(ADDRESS, json=UNIT | {"name": "Endret"}, tag='"1"').headers["etag"] == '"2"'


def test_nothing_there_is_no_state_to_have_read(served: Served) -> None:
    assert served.planner.put(ADDRESS, json=UNIT, tag='"1"').status_code == 412


def test_of_many_who_read_the_same_state_one_changes_it(served: Served) -> None:
    planner = served.planner
    planner.put(ADDRESS, json=UNIT, new=True)

    def change(number: int) -> int:
        form = UNIT | {"name": f"Avdeling {number}"}
        return planner.put(ADDRESS, json=form, tag='"1"').status_code

    with ThreadPoolExecutor(8) as threads:
        answers = sorted(threads.map(change, range(16)))
    assert answers == [200] + [412] * 15
    assert planner.get(ADDRESS).headers["etag"] == '"2"'


def test_a_repeated_request_is_answered_again_and_not_done_again(served: Served) -> None:
    planner = served.planner
    first = planner.put(ADDRESS, json=UNIT, new=True, key="k-1")
    again = planner.put(ADDRESS, json=UNIT, new=True, key="k-1")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["idempotency-replayed"] == "true"
    assert planner.get(ADDRESS).headers["etag"] == '"1"'


@pytest.mark.parametrize(
    "other", [{"json": UNIT | {"name": "Annen"}}, {"json": UNIT | {"supervised_places": 3}}]
)
def test_a_key_stands_for_one_request(served: Served, other: dict[str, Any]) -> None:
    planner = served.planner
    planner.put(ADDRESS, json=UNIT, new=True, key="k-1")
    reused = planner.put(ADDRESS, new=True, key="k-1", **other)
    assert (reused.status_code, reused.json()["code"]) == (422, "key-reused")


def test_a_key_that_is_too_long_is_refused(served: Served) -> None:
    answer = served.planner.put(ADDRESS, json=UNIT, new=True, key="k" * 201)
    assert codes(answer) == [("too-long", "/header/Idempotency-Key")]
    assert served.planner.put(ADDRESS, json=UNIT, new=True, key="k" * 200).status_code == 201


def test_a_key_is_ones_own(served: Served) -> None:
    served.planner.put(ADDRESS, json=UNIT, new=True, key="k-1")
    other = served.as_("administrator").put(ADDRESS, json=UNIT, new=True, key="k-1")
    assert (other.status_code, other.json()["code"]) == (412, "stale")


def test_a_refusal_is_not_kept(served: Served) -> None:
    planner = served.planner
    assert planner.put(ADDRESS, json={}, new=True, key="k-1").status_code == 422
    assert planner.put(ADDRESS, json=UNIT, new=True, key="k-1").status_code == 201


def test_an_answer_is_kept_for_a_day(served: Served) -> None:
    planner = served.planner
    planner.put(ADDRESS, json=UNIT, new=True, key="k-1")
    served.clock.forward(hours=23)
    assert planner.put(ADDRESS, json=UNIT, new=True, key="k-1").status_code == 201
    with served.database.writing(EVERYTHING) as session:
        kept = session.get_one(IdempotencyKey, (_author(session), "k-1"))
        kept.answered_at -= timedelta(hours=2)
    assert planner.put(ADDRESS, json=UNIT, new=True, key="k-1").status_code == 412


def _author(session: Any) -> str:
    return str(session.exec(text("SELECT subject FROM idempotency_keys")).scalar_one())


def test_the_same_request_sent_at_once_is_done_once(served: Served) -> None:
    planner = served.planner

    def send(_: int) -> Response:
        return planner.put(ADDRESS, json=UNIT, new=True, key="k-1")

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(send, range(16)))
    assert {answer.status_code for answer in answers} <= {201, 409, 412}
    assert sum("idempotency-replayed" not in a.headers for a in answers if a.is_success) == 1
    assert planner.get(ADDRESS).headers["etag"] == '"1"'


BROKEN_TEXTS = {
    b'{"name": "A", "name": "B", "site": "hammerfest"}': [("key-repeated", "/name")],
    b'{"name": NaN, "site": 1e400}': [("not-text", "/name"), ("not-text", "/site")],
    b'{"name": "\\ud800", "site": "hammerfest"}': [("lone-surrogate", "/name")],
    b'{"name": "a\\u0000b", "site": "hammerfest"}': [("control-character", "/name")],
    b'{"name": "A", "site": "hammerfest", "supervised_places": true}': [
        ("not-whole-number", "/supervised_places")
    ],
    b'{"name": "A", "site": "hammerfest", "supervised_places": "2"}': [
        ("not-whole-number", "/supervised_places")
    ],
    b'{"name": "A", "site": "hammerfest", "supervised_places": 9223372036854775808}': [
        ("out-of-range", "/supervised_places")
    ],
    b'{"name": "A", "site": "hammerfest", "id": "x", "organisation": "y"}': [
        ("unknown-key", "/id"),
        ("unknown-key", "/organisation"),
    ],
    b"[" * 100_000: [("too-deep", "")],
    b'{"name": ': [("not-json", "")],
    b"\xff\xfe": [("not-utf-8", "")],
    b"[]": [("not-object", "")],
    b"": [("missing", "")],
}


@pytest.mark.parametrize("body", BROKEN_TEXTS, ids=range(len(BROKEN_TEXTS)))
def test_a_body_is_read_as_strictly_as_a_document(served: Served, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = served.planner.put(ADDRESS, content=body, headers=headers, new=True)
    assert (answer.status_code, codes(answer)) == (422, BROKEN_TEXTS[body])
    with served.database.reading(EVERYTHING) as session:
        assert session.get(Unit, "ny-avdeling") is None


def test_a_body_of_another_kind_is_not_guessed_at(served: Served) -> None:
    answer = served.planner.put(ADDRESS, content=b'{"name": "A"}', new=True)
    assert answer.status_code == 422
    assert served.planner.put(ADDRESS, data={"name": "A"}, new=True).status_code == 422


NATIONAL = [
    *("01017012345", "x 010170 12345", "(010170-12345)", "41017012345.", "010170.12345"),
    *("fnr01017012345", "010170 - 12345", "01.01.70 12345", "010170–12345", "０１０１７０12345"),
    *("010170\u00a012345", "01 01 70 12345", "01/01/70 12345", "01417012345", "01817012345"),
    *("01017012345 99887766", "01017012345 - 3 barn", "0101701234 5 6 uker", "010170_12345"),
    *("010170*12345", "010170, 12345", "0101\u200b7012345", "٠١٠١٧٠١٢٣٤٥"),
    "01017012345-02017012345-03017012345",
]
HARMLESS = [
    *("0101701234", "010170123456", "sha256:" + "01017012345a" * 5 + "0101", "+47 78 42 10 00"),
    *("983 974 880", "2026-12-01 12:30", "2027-08-01/2028-02-01", "99999999999", "5601-c1"),
    *("01017012-3451-4222-8333-444455556666", "2026-11-22T09:00:00Z"),
    *("0047 78 42 10 00", "01017012345" * 3),
    *(f"/rounds/{'01017012345a' * 2}01017012!", f"plan:01017012-3451-4222-8333-{'4' * 11}a"),
]


@pytest.mark.parametrize("said", NATIONAL)
def test_a_national_identity_number_is_refused_and_not_repeated(said: str) -> None:
    found = list(national_numbers({"a": [{"name": said}, said], said: 1}))
    assert {f.code for f in found} == {"national-identity-number"}
    assert {f.place for f in found} == {("a", 0, "name"), ("a", 1), ()}
    assert said not in repr(found)


@pytest.mark.parametrize(
    "sent",
    [
        {"path": "/v1/sites/01017012345"},
        {"path": "/v1/sites/ny-01017012345"},
        {"path": "/v1/sites/ny", "key": "01017012345"},
        {"path": "/v1/sites/ny", "params": {"x": "01017012345"}},
    ],
)
def test_no_address_and_no_header_holds_a_national_identity_number(
    served: Served, sent: dict[str, Any]
) -> None:
    form = {"name": "Ny", "organisation": FINNMARK}
    asked = {name: value for name, value in sent.items() if name != "path"}
    answer = served.planner.put(sent["path"], json=form, new=True, **asked)
    assert answer.status_code == 422
    assert "01017012345" not in answer.text
    assert served.planner.get("/v1/sites/ny").status_code == 404


def test_what_nobody_asks_for_is_no_part_of_a_query(served: Served) -> None:
    """A name that is mistyped would be left out of account, and the list saved."""
    path = f"/v1/rounds/{'0' * 32}/municipalities/5601/requests"
    answer = served.coordinator().put(path, json={}, new=True, params={"dryrun": "true"})
    assert (answer.status_code, codes(answer)) == (422, [("unknown-key", "/query/dryrun")])


@pytest.mark.parametrize("said", HARMLESS)
def test_other_figures_are_no_national_identity_number(said: str) -> None:
    assert list(national_numbers([said])) == []


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "nb"), ("", "nb"), ("en", "en"), ("EN-gb", "en"), ("nn-NO, en;q=0.9", "nn"),
        ("no", "nb"), ("de, en;q=0.5", "en"), ("en;q=0.2, nb;q=0.7", "nb"), ("en;q=0, de", "nb"),
        ("en;q=nonsense", "nb"), ("se, nb", "se"), ("sme-NO;q=0.9, nb;q=0.8", "se"),
        ("fkv", "nb"), ("," * 9999, "nb"), ("*", "nb"),
    ],
)  # fmt: skip
def test_the_language_asked_for(header: str | None, language: str) -> None:
    assert preferred(header) == language


def test_a_problem_is_told_in_the_language_asked_for(served: Served) -> None:
    english = served.planner.get("/v1/units/none", headers={"Accept-Language": "en"})
    norwegian = served.planner.get("/v1/units/none")
    assert english.json()["title"] != norwegian.json()["title"]
    assert (english.headers["content-language"], norwegian.headers["content-language"]) == (
        "en",
        "nb",
    )


def named(language: Language, code: str) -> dict[str, int | str]:
    """Return a figure for each that the title of a problem names: a count where it has a noun."""
    parts = Formatter().parse(catalogue(language)[f"problems.{code}"])
    return {name: 2 if nouns else "x" for _, name, nouns, _ in parts if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_has_a_title(language: Language) -> None:
    titles = {k.partition(".")[2] for k in catalogue(language) if k.startswith("problems.")}
    assert titles == set(STATUS)
    for code in STATUS:
        filling: dict[str, Any] = named(language, code)
        problem = Problem(code, **filling)
        assert problem.document(language)["title"]


def test_a_fault_of_the_service_tells_nothing(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("Kari Kanarifugl 5601-c1")

    monkeypatch.setattr("api.routes.register._unit", fail)
    answer = served.planner.get("/v1/units/hammerfest-medisin")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "Kanarifugl" not in answer.text
    assert len(answer.json()["incident"]) == 8


def test_a_busy_database_asks_for_patience(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("locked"))

    monkeypatch.setattr("api.routes.register._unit", busy)
    answer = served.planner.get("/v1/units/hammerfest-medisin")
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer.headers["retry-after"] == "1"


def test_a_change_that_fails_half_way_leaves_nothing(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("api.routes.register._unit", fail)
    assert served.planner.put(ADDRESS, json=UNIT, new=True, key="k").status_code == 500
    monkeypatch.undo()
    assert served.planner.get(ADDRESS).status_code == 404
    assert served.planner.put(ADDRESS, json=UNIT, new=True, key="k").status_code == 201


def test_a_right_taken_back_acts_while_its_token_lives(served: Served) -> None:
    planner = served.planner
    assert planner.get("/v1/units").status_code == 200
    _revoke(served, planner)
    assert planner.get("/v1/units").status_code == 403


def _revoke(served: Served, person: Person) -> None:
    from models.tables import Grant

    with served.database.writing(EVERYTHING) as session:
        session.get_one(Grant, person.grant).revoked_at = served.clock().astimezone(UTC)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x.y.z", "Basic YTpi", "bearer  "])
def test_without_a_token_that_is_believed_nothing_is_told(served: Served, header: str) -> None:
    answer = served.client.get("/v1/units", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer x.y.z"}])
def test_who_calls_is_settled_before_a_body_is_read(served: Served, header: dict[str, str]) -> None:
    headers = {"content-type": "application/json", "idempotency-key": "k", **header}
    answer = served.client.put(ADDRESS, content=b"{", headers=headers)
    assert answer.status_code == 401
    del headers["idempotency-key"]
    headers.pop("Authorization", None)
    assert served.coordinator().put(ADDRESS, content=b"{", headers=headers).status_code == 403


def test_pages_follow_one_another(served: Served) -> None:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = served.coordinator(ALTA).get("/v1/units", params={"limit": "2", **cursor}).json()
        seen += [unit["id"] for unit in answer["items"]]
        if answer["next"] is None:
            break
        cursor = {"cursor": answer["next"]}
    assert seen == sorted(seen)
    assert len(seen) == 5


@pytest.mark.parametrize("cursor", ["%", "====", "AA", "é", "x" * 500])
def test_a_cursor_is_one_that_was_given(served: Served, cursor: str) -> None:
    answer = served.as_("auditor", FINNMARK).get("/v1/units", params={"cursor": cursor})
    assert answer.status_code == 422
    assert cursor[:20] not in answer.text or len(cursor) == 1


def test_a_body_does_not_take_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silence() -> dict[str, object]:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    monkeypatch.setattr("api.web.bodies.BODY_SECONDS", 0.01)
    request = Request({"type": "http", "method": "PUT", "headers": []}, silence)
    with pytest.raises(Problem) as refused:
        asyncio.run(arrived(request))
    assert (refused.value.code, refused.value.status_code) == ("too-slow", 408)


def test_rights_are_those_of_the_end_of_a_request(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    planner, wait = served.planner, arrived

    async def slowly(request: Request) -> bytes:
        _revoke(served, planner)
        return await wait(request)

    monkeypatch.setattr("api.web.admission.arrived", slowly)
    assert planner.put(ADDRESS, json=UNIT, new=True).status_code == 403


def test_an_address_says_every_method_it_knows(served: Served) -> None:
    answer = served.planner.delete("/v1/units/hammerfest-medisin")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, PUT")

"""How pages answer: to each role, in each language, and when something goes wrong."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from sqlmodel import select

from api.accountability.erasure import Whose, erase
from api.failures import Misuse
from api.pages.page import PageRoute, Visitor
from api.rights import EVERYBODY
from api.shell.local_tokens import make_link, standing_link
from api.shell.troubles import read_settings
from data.sentences import LANGUAGES
from models.scope import EVERYTHING
from models.store.grants import NARROWER
from models.tables import Grant, SignedIn, SignInLink
from tests.api.served import ALTA, FINNMARK, Served
from tests.pages.reading import link_for, reader, signed_in

NAMED = {"unit": "hammerfest-medisin", "municipality": ALTA, "candidate": "5601-c1"}


def test_each_role_is_told_what_it_can_do(embedded: Served) -> None:
    for role in sorted(EVERYBODY):
        named = {name: NAMED[name] for name in NARROWER.get(role, frozenset())}
        page = signed_in(embedded, role, FINNMARK, **named).get("/")
        assert page.status_code == 200, role
        assert page.text.count('class="ds-card"') == 1
        leads_to_rounds = 'href="/rounds"' in page.text
        assert leads_to_rounds == (role != "administrator")


def test_what_is_not_there_and_what_is_not_yours_look_alike(embedded: Served) -> None:
    """An administrator lists no rounds; nobody has the other address."""
    found = signed_in(embedded, "administrator")
    one, other = found.get("/rounds"), found.get("/nothing")
    assert (one.status_code, other.status_code) == (404, 404)
    here = re.compile(r'href="/(rounds|nothing)\?')
    assert here.sub("", one.text) == here.sub("", other.text)
    for path in ("/rounds", "/"):
        assert reader(embedded).get(path).headers["location"] == "/sign-in"
    assert found.post("/rounds").status_code == 404


def test_programs_are_answered_as_before(embedded: Served) -> None:
    for path, accept in (("/nowhere", "*/*"), ("/v1/nowhere", "text/html"), ("/livez/x", "a/b")):
        answer = embedded.client.get(path, headers={"Accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (
            404,
            "application/problem+json",
        )
    whole = embedded.client.get("/v1/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in whole.headers


def test_a_choice_is_kept_and_nonsense_is_none(embedded: Served) -> None:
    found = reader(embedded, **{"Accept-Language": "en"})
    assert 'lang="en"' in found.get("/sign-in").text
    for language in LANGUAGES:
        page = found.get(f"/sign-in?language={language}")
        assert page.headers["content-language"] == language
        assert f'<html lang="{language}"' in found.get("/accessibility").text
    assert 'data-color-scheme="auto"' in found.get("/sign-in?appearance=dusk").text
    assert 'data-color-scheme="dark"' in found.get("/sign-in?appearance=dark").text
    again = found.get("/sign-in?language=xx&appearance=dusk&done=nothing")
    assert '<html lang="en"' in again.text
    assert 'data-color-scheme="dark"' in again.text
    assert "set-cookie" not in again.headers


def test_files_are_kept_for_ever_under_the_address_of_their_content(embedded: Served) -> None:
    page = embedded.client.get("/sign-in", headers={"Accept": "text/html"}).text
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(set(addresses)) == 5
    for address in addresses:
        with embedded.client.stream("GET", address) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        if len(raw) > 1024:
            assert len(raw) < len(gzip.decompress(raw)) / 2
        _, _, digest, name = address.split("/", 3)
        for other in (f"/static/{'0' * 16}/{name}", f"/static/{digest}/../page.py"):
            assert embedded.client.get(other).status_code == 404
    # Names that lead out of the folder lead nowhere, however they are written.
    for name in ("../page.py", "..%2fpage.py", "%2e%2e/page.py", "vendor", "nothing.css", "/etc"):
        assert embedded.client.get(f"/static/{'0' * 16}/{name}").status_code == 404


def test_a_fault_of_ours_is_a_page_with_a_number(embedded: Served) -> None:
    async def failing(page: Visitor) -> None:
        raise RuntimeError(page.path)

    embedded.app.router.routes.insert(0, PageRoute("/planted", failing, methods=["GET"]))
    answer = signed_in(embedded, "planner").get("/planted")
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/html")
    assert re.search(r"[0-9a-f]{8}", answer.text)
    assert "RuntimeError" not in answer.text
    assert "/planted" not in re.sub(r'href="[^"]*"', "", answer.text)


def test_a_link_of_the_command_gives_the_right_it_names(embedded: Served) -> None:
    asked = {"role": "coordinator", "organisation": FINNMARK, "municipality": ALTA}
    path = make_link(embedded.database, asked, embedded.clock())
    found = reader(embedded)
    assert found.post(path).status_code == 303
    assert "Koordinator" in found.get("/").text


def test_who_starts_the_service_is_the_same_person_each_time(embedded: Served) -> None:
    at = embedded.clock()
    paths = [standing_link(embedded.database, "planner", FINNMARK, at) for _ in range(2)]
    with embedded.database.reading(EVERYTHING) as session:
        [right] = session.exec(select(Grant)).all()
    assert (right.role, right.granted_by) == ("planner", "rotations serve")
    assert all(reader(embedded).post(path).status_code == 303 for path in paths)


def test_erasing_a_candidate_signs_her_out(embedded: Served) -> None:
    found = signed_in(embedded, "candidate", municipality=ALTA, candidate="5601-c1")
    other = signed_in(embedded, "planner")
    link = link_for(embedded, embedded.as_("candidate", municipality=ALTA, candidate="5601-c1"))
    done = erase(embedded.database, Whose(ALTA, "5601-c1"), "x", embedded.clock(), really=True)
    assert {"sessions": 1, "sign_in_links": 1, "grants": 1}.items() <= done.rows.items()
    assert found.get("/").headers["location"] == "/sign-in"
    assert other.get("/").status_code == 200
    assert reader(embedded).post(link).status_code == 404
    with embedded.database.reading(EVERYTHING) as session:
        assert len(session.exec(select(SignedIn)).all()) == 1
        assert session.exec(select(SignInLink)).all() == []


ISSUER, CLIENT, BASE = (
    f"ROTATIONS_{name}" for name in ("SIGN_IN_ISSUER", "SIGN_IN_CLIENT", "BASE_URL")
)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((ISSUER, BASE), {ISSUER, CLIENT}),
        ((CLIENT, BASE), {ISSUER, CLIENT}),
        ((ISSUER, CLIENT), {ISSUER, BASE}),
    ],
)
def test_half_a_way_to_sign_in_is_none(
    given: tuple[str, ...], told: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in given:
        monkeypatch.setenv(name, "https://somewhere.example")
    with pytest.raises(Misuse) as misuse:
        read_settings(tmp_path)
    names = misuse.value.figures["names"]
    assert isinstance(names, list)
    assert set(names) == told

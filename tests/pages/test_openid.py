"""Signing in with an issuer that somebody else has written and certified: code with PKCE."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Client
from sqlmodel import select

from api.identity.claims import Identity
from api.pages.openid import Attempt
from models.database import Database
from models.scope import EVERYTHING
from models.tables import SignedIn
from tests.api.served import Served, serving
from tests.databases import Files
from tests.pages.reading import Reader, reader

SITE = "http://127.0.0.1:8000"
ATTEMPT = "rotations-sign-in"


@pytest.fixture
def remote(issuer: str, sqlite_databases: Files, tmp_path: Path) -> Iterator[Served]:
    """Serve with people of the issuer, and no local ones."""
    trusted = tmp_path / "issuers.toml"
    trusted.write_text(
        f"""
        [[issuers]]
        issuer = "{issuer}"
        jwks = "{issuer}/jwks"
        audience = "rotations"
        subject = "sub"
        """,
        encoding="utf-8",
    )
    database = Database(sqlite_databases.migrated())
    with serving(
        database,
        tmp_path,
        issuers=trusted,
        local_tokens=False,
        base_url=SITE,
        sign_in_issuer=issuer,
        sign_in_client="pages",
        sign_in_secret="made-up-for-the-pages",
    ) as served:
        served.clock.now = datetime.now(UTC)  # as the issuer has it
        yield served
    database.close()


def begun(found: Reader) -> str:
    """Go to sign in, and return where that leads."""
    assert "/sign-in/openid" in found.get("/sign-in").text
    answer = found.get("/sign-in/openid")
    assert answer.status_code == 303
    return str(answer.headers["location"])


def agreed(address: str, name: str = "ada") -> str:
    """Sign in there, and return where the issuer sends the browser back to."""
    with Client(trust_env=False, follow_redirects=True) as browser:
        page = browser.get(address)
        for form in ({"login": name, "password": "x"}, {}):
            action = re.search(r'action="([^"]+)"', page.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', page.text)
            assert action is not None, page.text
            assert prompt is not None
            page = browser.post(
                action[1], data={"prompt": prompt[1], **form}, follow_redirects=False
            )
            while (to := page.headers.get("location", "")) and not to.startswith(SITE):
                page = browser.get(page.url.join(to), follow_redirects=False)
            if to:
                return to.removeprefix(SITE)
    raise AssertionError("the issuer did not send anybody back")


def who(served: Served) -> list[Identity]:
    with served.database.reading(EVERYTHING) as session:
        return [Identity(row.issuer, row.subject) for row in session.exec(select(SignedIn))]


def test_people_sign_in_as_the_interface_knows_them(remote: Served, issuer: str) -> None:
    found = reader(remote)
    asked = parse_qs(urlsplit(begun(found)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    back = agreed(begun(found))
    answer = found.get(back, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert ATTEMPT not in found.client.cookies
    assert who(remote) == [Identity(issuer, "ada")]
    assert f"{issuer}|ada" in found.get("/").text  # who has no right yet is told her name
    again = found.get(back)
    assert again.status_code == 400, "no code is good twice, and no attempt"


@pytest.mark.parametrize("part", ["state", "nonce", "verifier"])
def test_what_another_browser_began_signs_nobody_in(remote: Served, part: str) -> None:
    """A code that was caught, or handed to somebody, needs the browser that asked for it."""
    found = reader(remote)
    back = agreed(begun(found))
    attempt = Attempt.read(found.client.cookies[ATTEMPT])
    other = {"state": attempt.state, "nonce": attempt.nonce, "verifier": attempt.verifier}
    other[part] = getattr(Attempt.new(), part)
    found.client.cookies.clear()
    found.client.cookies.set(ATTEMPT, Attempt(**other).written())
    answer = found.get(back)
    assert answer.status_code == 400
    assert "ble ikke fullført" in answer.text
    assert who(remote) == []


@pytest.mark.parametrize("change", ["iss", "code", "error", "cookie"])
def test_an_answer_that_is_not_whole_signs_nobody_in(remote: Served, change: str) -> None:
    found = reader(remote)
    path, _, query = agreed(begun(found)).partition("?")
    said = {name: values[0] for name, values in parse_qs(query).items()}
    if change == "iss":
        said["iss"] = "https://other.example"
    elif change == "code":
        del said["code"]
    elif change == "error":
        said["error"] = "access_denied"
    else:
        found.client.cookies.clear()
    assert found.get(path, params=said).status_code == 400
    assert who(remote) == []


def test_an_issuer_that_is_away_is_said_to_be(embedded: Served) -> None:
    """Nothing listens there; and where nobody signs in by an issuer there is no such way."""
    assert reader(embedded).get("/sign-in/openid").status_code == 404
    assert reader(embedded).get("/sign-in/openid/callback").status_code == 404
    away = {"sign_in_issuer": "http://127.0.0.1:9", "sign_in_client": "x", "base_url": SITE}
    settings = embedded.service.settings.model_copy(update=away)
    embedded.app.state.service = replace(embedded.service, settings=settings)
    answer = reader(embedded).get("/sign-in/openid")
    assert answer.status_code == 503
    assert "svarer ikke" in answer.text

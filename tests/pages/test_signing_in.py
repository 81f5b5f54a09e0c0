"""Who is signed in, how that begins and ends, and what nobody gets by a trick."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from sqlmodel import select

from api.pages import sessions
from api.pages.page import CONTENT_SECURITY_POLICY
from api.settings import Settings
from api.web.admission import KNOWN
from api.web.limits import Limiter
from models.database import Database
from models.scope import EVERYTHING
from models.tables import Grant, SignedIn, SignInLink
from tests.api.routes.collected import opened
from tests.api.served import ALTA, Served, serving
from tests.databases import Files
from tests.pages.reading import Reader, link_for, reader, signed_in

SESSION = "rotations-session"


def kept(served: Served) -> tuple[list[SignedIn], list[SignInLink]]:
    with served.database.reading(EVERYTHING) as session:
        return list(session.exec(select(SignedIn))), list(session.exec(select(SignInLink)))


def counts(served: Served) -> tuple[int, int]:
    rows, links = kept(served)
    return len(rows), len(links)


def is_in(found: Reader) -> bool:
    answer = found.get("/")
    assert answer.status_code in (200, 303)
    return answer.status_code == 200


def test_a_link_signs_in_once(embedded: Served) -> None:
    path = link_for(embedded, embedded.planner)
    first, second = reader(embedded), reader(embedded)
    for _ in range(2):  # looking, as programs do that follow links, uses nothing up
        assert first.get(path).status_code == 200
    assert not is_in(first)
    answer = first.post(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert is_in(first)
    assert second.post(path).status_code == 404
    assert second.get(path).status_code == 404
    assert not is_in(second)
    rows, links = kept(embedded)
    assert (len(rows), links) == (1, [])


def test_of_many_who_use_a_link_at_once_one_gets_in(served: Served) -> None:
    path = link_for(served, served.planner)
    readers = [reader(served) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        codes = [each.status_code for each in threads.map(lambda r: r.post(path), readers)]
    assert sorted(codes) == [303, 404, 404, 404]
    assert sum(map(is_in, readers)) == 1


def test_an_old_link_is_worth_nothing(embedded: Served) -> None:
    path = link_for(embedded, embedded.planner)
    embedded.clock.forward(minutes=10)
    found = reader(embedded)
    assert found.get(path).status_code == 404
    assert found.post(path).status_code == 404
    assert not is_in(found)


def test_neither_table_holds_what_signs_in(embedded: Served) -> None:
    path = link_for(embedded, embedded.planner)
    _, [link] = kept(embedded)
    assert link.id == sessions.hashed(path.rpartition("/")[2])
    found = signed_in(embedded, "planner")
    secret = found.client.cookies[SESSION]
    [row], _ = kept(embedded)
    assert row.id == sessions.hashed(secret)
    for stolen in (row.id, link.id):
        thief = reader(embedded)
        thief.client.cookies.set(SESSION, stolen)
        assert not is_in(thief)
        assert thief.post(f"/sign-in/{stolen}").status_code == 404


def test_a_session_ends_by_itself(embedded: Served) -> None:
    found = signed_in(embedded, "planner")
    for _ in range(19):  # somebody who comes back every half hour
        embedded.clock.forward(minutes=30)
        assert is_in(found)
    embedded.clock.forward(minutes=30)  # ten hours
    assert not is_in(found)
    found = signed_in(embedded, "planner")
    embedded.clock.forward(minutes=60)
    assert not is_in(found)


def test_signing_out_ends_the_session_wherever_its_secret_lies(embedded: Served) -> None:
    found = signed_in(embedded, "planner")
    copied = reader(embedded)
    copied.client.cookies.set(SESSION, found.client.cookies[SESSION])
    assert is_in(copied)
    answer = found.post("/sign-out")
    assert answer.headers["location"] == "/sign-in?done=signed-out"
    assert SESSION not in found.client.cookies
    assert "Du er logget ut." in found.get(answer.headers["location"]).text
    assert not is_in(copied)
    assert kept(embedded) == ([], [])


def test_a_session_that_somebody_has_planted_is_not_taken_over(embedded: Served) -> None:
    """Whoever signs in gets a new secret, and the old one dies (session fixation)."""
    other = signed_in(embedded, "auditor")
    planted = other.client.cookies[SESSION]
    victim = reader(embedded)
    victim.client.cookies.set(SESSION, planted)
    assert victim.post(link_for(embedded, embedded.planner)).status_code == 303
    assert not is_in(other)
    assert is_in(victim)
    chosen = reader(embedded)
    chosen.client.cookies.set(SESSION, "chosen-by-somebody")
    assert chosen.post(link_for(embedded, embedded.planner)).status_code == 303
    bad = {sessions.hashed(planted), sessions.hashed("chosen-by-somebody")}
    assert bad.isdisjoint(row.id for row in kept(embedded)[0])


def test_rights_are_asked_for_each_time(embedded: Served) -> None:
    found = signed_in(embedded, "planner")
    assert found.get("/rounds").status_code == 200
    with embedded.database.writing(EVERYTHING) as session:
        grant = session.get(Grant, embedded.planner.grant)
        assert grant is not None
        grant.revoked_at = embedded.clock()
    assert found.get("/rounds").status_code == 404
    page = found.get("/").text
    assert f"rotations-local|{grant.subject}" in page
    assert "Runder" not in page


def test_an_issuer_that_is_trusted_no_more_takes_its_people_along(embedded: Served) -> None:
    found = signed_in(embedded, "planner")
    path = link_for(embedded, embedded.planner)
    assert is_in(found)
    trusted = embedded.service.identifier._trusted
    trusted.pop("rotations-local")
    assert not is_in(found)
    assert found.get(path).status_code == 404
    assert found.post(path).status_code == 404


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://testserver:81"},
    {"Origin": "https://testserver"},
    {"Referer": "http://testserver/"},
    {},
]


def test_what_another_site_sends_is_refused(embedded: Served) -> None:
    found = signed_in(embedded, "planner")
    path = link_for(embedded, embedded.planner)
    for said in FOREIGN:
        found.headers = {"Accept": "text/html", **said}
        for address in ("/sign-out", path):
            answer = found.post(address)
            assert answer.status_code == 403, said
            assert "ingenting er gjort" in answer.text
    assert is_in(found)
    assert len(kept(embedded)[1]) == 1


def test_what_our_pages_send_is_done(embedded: Served) -> None:
    site = "Sec-Fetch-Site"
    for said in ({site: "same-origin"}, {site: "none"}, {"Origin": "http://testserver"}):
        found = signed_in(embedded, "planner")
        found.headers = {"Accept": "text/html", **said}
        assert found.post("/sign-out").status_code == 303, said
        assert not is_in(found)


def test_the_cookie_is_for_this_host_alone(sqlite_databases: Files, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"https": True, "base_url": "https://rotations.example"}
    database = Database(sqlite_databases.migrated())
    with serving(database, tmp_path, **settings) as served:
        found = reader(served)
        path = link_for(served, served.planner)
        behind_a_proxy = {"Sec-Fetch-Site": "same-origin"}
        answer = found.post(path, headers=behind_a_proxy)
        cookies = answer.headers.get_list("set-cookie")
        [set_] = [each for each in cookies if "Max-Age=36000" in each]
        name, _, rest = set_.partition("=")
        assert name == "__Host-rotations-session"
        assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(rest.split("; "))
        assert "Domain" not in rest
        assert len(rest.partition(";")[0]) >= 43  # 256 bits
        origin = {"Accept": "text/html", "Origin": "https://rotations.example"}
        found.headers = origin
        assert found.post("/sign-out").status_code == 303
        found.headers = origin | {"Origin": "http://testserver"}
        assert found.post("/sign-out").status_code == 403
    database.close()


def test_no_request_can_say_who_is_signed_in(embedded: Served) -> None:
    """What the pages hand to the interface stands in the scope, where no header gets."""
    answer = embedded.client.get(
        "/v1/me", headers={KNOWN: "x", "rotations-identity": "x", "Cookie": f"{SESSION}=x"}
    )
    assert answer.status_code == 401
    found = signed_in(embedded, "planner")
    assert found.client.get("/v1/me").status_code == 401, "a session is for pages alone"


def test_pages_say_what_a_browser_may_do(embedded: Served) -> None:
    found = signed_in(embedded, "planner")
    for path in ("/", "/rounds", "/sign-in", "/accessibility", "/nowhere"):
        headers = found.get(path).headers
        assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["content-type"] == "text/html; charset=utf-8"
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(
        CONTENT_SECURITY_POLICY.split("; ")
    )


def test_a_reader_is_limited_like_any_caller(embedded: Served) -> None:
    """A page counts once, however much it asks; who is not signed in counts by address."""
    found, stranger = signed_in(embedded, "planner"), reader(embedded)
    limited = replace(embedded.service, limiter=Limiter(3))
    embedded.app.state.service = limited
    assert [found.get("/").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert [stranger.get("/sign-in").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_sessions_that_are_over_are_removed(embedded: Served) -> None:
    signed_in(embedded, "planner")
    link_for(embedded, embedded.planner)
    settings: Settings = embedded.service.settings
    sessions.tidy(embedded.database, settings, embedded.clock())
    assert counts(embedded) == (1, 1)
    sessions.tidy(embedded.database, settings, embedded.clock() + timedelta(minutes=10))
    assert counts(embedded) == (1, 0)
    sessions.tidy(embedded.database, settings, embedded.clock() + timedelta(hours=1))
    assert counts(embedded) == (0, 0)


def test_signing_in_leads_to_the_page_that_was_asked_for(embedded: Served) -> None:
    round_ = opened(embedded)
    wanted = f"/rounds/{round_.id}/lists/{ALTA}?language=en"
    found = reader(embedded)
    assert found.get(wanted).headers["location"] == "/sign-in"
    link = link_for(embedded, embedded.as_("coordinator", municipality=ALTA))
    assert found.get(link).status_code == 200
    answer = found.post(link)
    assert answer.headers["location"] == wanted
    assert found.get(wanted).status_code == 200
    assert found.post("/sign-out").status_code == 303
    again = link_for(embedded, embedded.planner)
    assert found.post(again).headers["location"] == "/", "only once"
    part = {"HX-Request": "true", "HX-Current-URL": "http://testserver/plans/x?zoom=week"}
    other = reader(embedded)
    assert other.get("/plans/x/progress", headers=part).headers["hx-redirect"] == "/sign-in"
    link = link_for(embedded, embedded.planner)
    assert other.post(link).headers["location"] == "/plans/x?zoom=week"


def test_no_cookie_leads_to_another_site(embedded: Served) -> None:
    for planted in (
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/rounds//evil.example/\n",
        "/%0d%0aSet-Cookie:x",
        "javascript:alert(1)",
        "/sign-out",
        "/x" * 5000,
    ):
        found = reader(embedded)
        found.client.cookies.set("rotations-wanted", quote(planted, safe=""))
        answer = found.post(link_for(embedded, embedded.planner))
        assert answer.headers["location"] == "/", planted
        parts = {"HX-Request": "true", "HX-Current-URL": planted}
        stranger = reader(embedded)
        stranger.get("/plans/x/progress", headers=parts if planted.isprintable() else {})
        place = stranger.post(link_for(embedded, embedded.planner)).headers["location"]
        assert (urlsplit(place).netloc, place[0]) == ("", "/"), planted


def test_what_was_typed_outlives_the_session(embedded: Served) -> None:
    """It stands in the page that says so, and nowhere else, until somebody sends it again."""
    round_ = opened(embedded)
    list_ = f"/rounds/{round_.id}/lists/{ALTA}"
    found = signed_in(embedded, "coordinator", municipality=ALTA)
    typed = {
        "/candidates": ["1", "0"],
        "/candidates/0/id": f"{ALTA}-c1",
        "/candidates/0/name": 'Ánne "A" <Prøve>',
        "/candidates/1/id": f"{ALTA}-c2",
        "do": "add:/candidates",
    }
    embedded.clock.forward(minutes=60)
    page = found.post(list_, data=typed)
    assert page.status_code == 403
    assert "Du ble logget ut" in page.text
    shown = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
    kept_: dict[str, list[str]] = {}
    for name, value in shown:
        kept_.setdefault(unescape(name), []).append(unescape(value))
    assert kept_ == {n: v if isinstance(v, list) else [v] for n, v in typed.items()}
    assert f'action="{list_}"' in page.text
    again = link_for(embedded, embedded.as_("coordinator", municipality=ALTA))
    assert found.post(again).status_code == 303
    page = found.post(list_, data=kept_)
    assert page.status_code == 200
    assert 'value="Ánne &#34;A&#34; &lt;Prøve&gt;"' in page.text
    stranger = reader(embedded)
    sent = stranger.post(list_, files={"file": ("list.xlsx", b"PK")}, data={"do": "upload"})
    assert sent.status_code == 403
    assert "velg filen en gang til" in sent.text
    assert 'type="hidden"' not in sent.text

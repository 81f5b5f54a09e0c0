"""The whole story with a generated client, against the program as it is run, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from api.clock import utc_now
from api.schemas.fields import written_instant
from tests.api.outside.aftermath import Aftermath
from tests.api.outside.interface import Caller, Interface, complaints, generated, imported
from tests.api.outside.operations import operations
from tests.api.outside.story import Story, told
from tests.api.running import Running, Site, awaited, running
from tests.api.served import FINNMARK, NORTH, TROMS
from tests.api.test_openapi import document
from tests.databases import Databases, mostly

NEW = "*"


@pytest.fixture(scope="module")
def interface(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interface]:
    package, said = generated(document(), tmp_path_factory.mktemp("client"))
    assert not complaints(said), said
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(package.parent)
        yield imported(package)


def test_every_operation_can_be_called(interface: Interface) -> None:
    """A function for each, that takes what the operation takes."""
    assert interface.modules.keys() == operations().keys()
    for operation in operations().values():
        wanted = {*operation.names}
        if operation.takes:
            wanted.add("body")
        if operation.conditional:
            wanted |= {"if_match", "if_none_match"}
        if operation.changes:
            wanted.add("idempotency_key")
        taken = interface.signature(operation.id).parameters
        assert wanted <= taken.keys(), operation.id


@pytest.fixture
def calling(interface: Interface) -> Iterator[Interface]:
    yield interface
    interface.hang_up()


@pytest.fixture(params=mostly("postgresql"))
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    if request.param == "sqlite":
        with running(Site(tmp_path)) as service:
            yield service
        return
    source: Databases = request.getfixturevalue("postgresql_databases")
    url = source.empty()
    with running(Site(tmp_path, {"DATABASE_URL": url})) as service:
        yield service
    source.drop(url)


def test_the_story_of_a_round(calling: Interface, program: Running) -> None:
    story = Story(told(utc_now()))

    def called(role: str, organisation: str = FINNMARK, **named: str) -> Caller:
        words = [word for name, value in named.items() for word in (f"--{name}", value)]
        made = program.site.run("token", "--role", role, "--org", organisation, *words)
        assert made.returncode == 0, made.stderr
        return calling.caller(program.url, made.stdout.strip())

    def known(role: str, **named: str) -> Caller:
        return calling.caller(program.url, program.site.token(role, FINNMARK, **named))

    register(called("administrator", NORTH), story)
    planner = called("planner")
    publish(known, story)
    round_ = collect(planner, known, story)
    refuse_what_is_late(planner, known, story, round_)
    document_ = lock(planner, round_, story)
    plan = solve(planner, program, round_)
    after = Aftermath(program, story, planner, known, round_)
    after.published(plan)
    check(planner, known, story, plan)
    declined, lapsed, accepted = after.answered()
    after.replanned({declined, lapsed})
    after.served(accepted)
    after.next_round()
    stored = planner("get_plan_document", plan)
    assert stored.content == solved_by_the_program(program.site, document_)


def register(administrator: Caller, story: Story) -> None:
    """A region, its trusts, their sites and units, municipalities and their agreements."""
    for number, form in (
        (NORTH, {"name": "Helse Nord RHF", "kind": "RHF"}),
        (FINNMARK, {"name": "Finnmarkssykehuset HF", "kind": "HF", "trust": "finnmark"}),
        (TROMS, {"name": "UNN HF", "kind": "HF", "trust": "unn"}),
    ):
        parent = {"parent": NORTH} if form["kind"] == "HF" else {}
        made(administrator("put_organisation", number, body=form | parent, if_none_match=NEW))
    for site in story.sites():
        form = {"name": site.capitalize(), "organisation": FINNMARK}
        made(administrator("put_site", site, body=form, if_none_match=NEW))
    for unit in story.sample["units"]:
        form = {key: value for key, value in unit.items() if key not in {"id", "trust"}}
        made(administrator("put_unit", unit["id"], body=form, if_none_match=NEW))
    for town in story.sample["municipalities"]:
        form = {key: value for key, value in town.items() if key not in {"id", "agreements"}}
        form |= {"organisation": FINNMARK}
        made(administrator("put_municipality", town["id"], body=form, if_none_match=NEW))
        for signed in town["agreements"]:
            at = (town["id"], FINNMARK, signed["signed_on"])
            ends = {"ends_on": signed.get("ends_on")}
            made(administrator("put_agreement", *at, body=ends, if_none_match=NEW))


def publish(known: Any, story: Story) -> None:
    """Units publish their vacancies; everybody can follow them."""
    leaders: dict[str, Caller] = {}
    for window in story.sample["windows"]:
        unit = window["unit"]
        leader = leaders.setdefault(unit, known("unit_leader", unit=unit))
        answer = made(leader("create_window", unit, body=story.window(window)))
        story.windows[window["id"]] = answer.id
    listed = leader("list_windows").parsed
    assert len(listed.items) == len(story.windows)


def collect(planner: Caller, known: Any, story: Story) -> str:
    """The planner opens a round, and every municipality hands in its list."""
    policy = story.sample["policy"] | {"organisation": FINNMARK, "valid_from": "2026-01-01"}
    deadline = written_instant(utc_now() + timedelta(hours=1))
    form = {
        "organisation": FINNMARK,
        "label": story.sample["round"]["id"],
        "name": story.sample["round"]["name"],
        "decision_date": story.sample["round"]["decision_date"],
        "deadline": deadline,
        "policy": made(planner("create_policy", body=policy)).id,
        "participants": story.towns,
    }
    round_ = made(planner("create_round", body=form)).id
    opened = planner("open_round", round_, if_match='"1"')
    assert opened.status_code == HTTPStatus.OK, opened.content
    for town in story.towns:
        coordinator = known("coordinator", municipality=town)
        person = {
            "name": "Vigdis Veileder",
            "specialist": True,
            "capacity": 5,
            "hours_per_month": 4,
        }
        story.supervisors[town] = made(coordinator("create_supervisor", town, body=person)).id
        sent = {"body": story.list_of(town), "if_none_match": NEW, "idempotency_key": town}
        receipt = coordinator("put_requests", round_, town, **sent)
        assert made(receipt).number == 1
        again = coordinator("put_requests", round_, town, **sent)
        assert again.content == receipt.content
    return str(round_)


def refuse_what_is_late(planner: Caller, known: Any, story: Story, round_: str) -> None:
    """In another round, whose deadline has passed, only the planner may, and says why."""
    town = story.towns[0]
    form = planner("get_round", round_).parsed.to_dict()
    wanted = {"organisation", "decision_date", "policy"}
    late = {key: value for key, value in form.items() if key in wanted}
    late |= {"label": "late", "deadline": written_instant(utc_now() - timedelta(minutes=1))}
    other = made(planner("create_round", body=late | {"participants": [town]})).id
    assert planner("open_round", other, if_match='"1"').status_code == HTTPStatus.OK
    list_, coordinator = story.list_of(town), known("coordinator", municipality=town)
    refused = coordinator("put_requests", other, town, body=list_, if_none_match=NEW)
    assert refused.status_code == HTTPStatus.CONFLICT
    assert refused.parsed.code == "deadline-passed"
    taken = list_ | {"late_reason": "Snøstorm"}
    assert made(planner("put_requests", other, town, body=taken, if_none_match=NEW)).late


def lock(planner: Caller, round_: str, story: Story) -> bytes:
    """The planner adds what she knows, and freezes the round."""
    for each in story.sample["candidates"]:
        judged = {key: each[key] for key in ("rounds_waited", "lead_waiver") if key in each}
        if judged:
            at = (round_, each["id"])
            tag = planner("get_standing", *at).headers["etag"]
            form = {"rounds_waited": 0} | judged
            answer = planner("put_standing", *at, body=form, if_match=tag)
            assert answer.status_code == HTTPStatus.OK, answer.content
    tag = planner("get_commitments", round_).headers["etag"]
    held = planner("put_commitments", round_, body=story.commitments(), if_match=tag)
    assert held.status_code == HTTPStatus.OK, held.content
    tag = planner("get_round", round_).headers["etag"]
    locked = planner("lock_round", round_, if_match=tag)
    assert locked.status_code == HTTPStatus.OK, locked.content
    frozen = planner("get_round_document", round_)
    assert frozen.headers["etag"] == f'"{locked.parsed.hash_}"'
    return bytes(frozen.content)


def solve(planner: Caller, program: Running, round_: str) -> str:
    """A worker makes the plan; whoever watches is told until the end."""
    asked = planner("create_plan", round_, body={"seconds": 60})
    assert asked.status_code == HTTPStatus.ACCEPTED, asked.content
    plan = str(asked.parsed.id)
    told_ = planner("get_plan_events", plan).content.decode()
    events = [line.partition(": ")[2] for line in told_.splitlines() if line.startswith("event")]
    assert events[0] == "state"
    assert events[-1] == "end"
    assert awaited(lambda: planner("get_plan", plan).parsed.state == "completed")
    return plan


def check(planner: Caller, known: Any, story: Story, plan: str) -> None:
    """The plan is verified, and each municipality sees what becomes of its own."""
    verdict = planner("get_plan_verification", plan).parsed
    assert verdict.verified
    assert verdict.as_stored
    everybody = {each["id"] for each in story.sample["candidates"]}
    assert outcomes(planner, plan).keys() == everybody
    for town in story.towns:
        own = outcomes(known("coordinator", municipality=town), plan)
        assert own.keys() == {each["id"] for each in story.people(town)}
    assert sum(outcome is not None for outcome in outcomes(planner, plan).values()) > 5


def outcomes(caller: Caller, plan: str) -> dict[str, Any]:
    """Return the places of everybody whom somebody sees, by candidate."""
    answer = caller("list_outcomes", plan, limit=200)
    assert answer.status_code == HTTPStatus.OK, answer.content
    return {each.candidate: each.placement for each in answer.parsed.items}


def made(answer: Any) -> Any:
    """Return what was made."""
    assert answer.status_code == HTTPStatus.CREATED, answer.content
    return answer.parsed


def solved_by_the_program(site: Site, document_: bytes) -> bytes:
    """Return the plan of a round document by `rotations solve`."""
    (site.folder / "round.json").write_bytes(document_)
    solved = site.run("solve", "round.json", "--out", "out")
    assert solved.returncode == 0, solved.stderr
    return (site.folder / "out" / "plan.json").read_bytes()

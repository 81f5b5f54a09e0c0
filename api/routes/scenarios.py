"""Scenarios: what a frozen round would come to if it were otherwise."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.responses import Response

from api.collecting.refusals import translated
from api.schemas.fields import Handle
from api.schemas.studies import ScenarioAnswer, WholeScenarioAnswer
from api.studying.answers import scenario_answer
from api.studying.asking import ask, headers, read, retry, unchanged
from api.studying.kept import listed, removed
from api.studying.scenarios import expect_plannable
from api.web.admission import AdmittedRoute, Caller
from api.web.calls import Call, found
from api.web.downloads import JSON, XLSX, download, file_answers
from api.web.paging import Page, Paged
from api.web.problems import Problem, answers
from data.documents import write_document
from data.forms.scenarios import ScenarioForm
from models.store import plans, rounds, studies
from models.store.studies import MOST_SCENARIOS, Question
from models.tables import Round, Snapshot
from scheduler.canonical import encode

if TYPE_CHECKING:
    from data.exports.comparisons import Compared

router = APIRouter(route_class=AdmittedRoute, tags=["studies"])

_ASKED = answers(
    *("not-found", "round-not-locked", "studies-unfinished", "scenarios-kept", "refused"),
    *("conflict", "key-reused"),
)
_READ = answers("not-found")
_COMPARED = ("not-found", "plan-not-completed")


@router.post(
    "/rounds/{id}/scenarios",
    operation_id="create_scenario",
    status_code=202,
    response_model=ScenarioAnswer,
    responses=_ASKED,
)
def create_scenario(call: Caller, id: Handle, form: ScenarioForm) -> Response:  # noqa: A002
    """Ask what a frozen round would come to with some changes; a worker plans it.

    The round itself stays as it is.
    """
    asked = encode(form.model_dump(mode="json", exclude_unset=True))
    document, content = read(call, id)
    with translated(call.language):
        expect_plannable(content, asked)
    with call.writing() as session:
        snapshot = unchanged(session, id, document)
        if studies.kept(session, id, "scenario") >= MOST_SCENARIOS:
            raise Problem("scenarios-kept", kept=MOST_SCENARIOS)
        row = ask(call, session, snapshot, Question("scenario", asked.decode(), form.name))
        answer = scenario_answer(row, plans.freshness(session, id), call.language)
        return call.reply(session, answer, 202, headers(row, f"/v1/scenarios/{row.id}"))


@router.get("/rounds/{id}/scenarios", operation_id="list_scenarios", responses=_READ)
def list_scenarios(call: Caller, id: Handle, paging: Paged) -> Page[ScenarioAnswer]:  # noqa: A002
    """List the scenarios of a round, with what their plans come to."""
    return listed(call, id, "scenario", paging, scenario_answer)


@router.get(
    "/rounds/{id}/scenarios/comparison",
    operation_id="compare_scenarios",
    response_class=Response,
    responses=file_answers(JSON, *_COMPARED),
)
def compare_scenarios(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Show the round's newest document as it is and under every completed scenario, pair by pair.

    It is `rotations/comparison@1`, in the order in which the scenarios were asked for.
    """
    return Response(write_document(_compared(call, id).document), media_type=JSON)


@router.get(
    "/rounds/{id}/scenarios/comparison.xlsx",
    operation_id="export_scenarios_xlsx",
    response_class=Response,
    responses=file_answers(XLSX, *_COMPARED),
)
def export_scenarios_xlsx(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Take the comparison home as an Excel workbook."""
    return download("scenarios.xlsx", XLSX, _compared(call, id).workbook(call.language))


@router.get(
    "/scenarios/{id}",
    operation_id="get_scenario",
    response_model=WholeScenarioAnswer,
    responses=_READ,
)
def get_scenario(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Show a scenario: what it changes, its plan, and the comparison with the round as it is."""
    from api.studying.comparing import beside

    with call.reading() as session:
        row = found(studies.one(session, id, "scenario"))
        call.note(round=row.round)
        shown = scenario_answer(row, plans.freshness(session, row.round), call.language)
        both = beside(session, session.get_one(Snapshot, row.snapshot), [row])
    made = row.content is not None
    answer = WholeScenarioAnswer(
        **shown.model_dump(),
        scenario=json.loads(row.asked),
        comparison=both.compared().document if made and both is not None else None,
        plan=json.loads(row.content) if row.content is not None else None,
    )
    return Response(answer.model_dump_json(), 200, retry(row), JSON)


@router.delete(
    "/scenarios/{id}",
    operation_id="delete_scenario",
    status_code=204,
    response_class=Response,
    responses=answers("not-found", "conflict", "key-reused"),
)
def delete_scenario(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Remove a scenario; a worker that plans it stops."""
    return removed(call, id, "scenario")


def _compared(call: Call, round_id: str) -> Compared:
    """Return every completed scenario of a round's newest document beside the round as it is."""
    from api.studying.comparing import beside

    with call.reading() as session:
        found(session.get(Round, round_id))
        snapshot = rounds.snapshot(session, round_id)
        if snapshot is None:
            raise Problem("plan-not-completed")
        all_of_them = beside(session, snapshot, studies.scenarios(session, snapshot.id))
    if all_of_them is None:
        raise Problem("plan-not-completed")
    return all_of_them.compared()

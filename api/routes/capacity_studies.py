"""Studies of capacity: how many posts a frozen round lacks, and where, and the years after it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.schemas.fields import Handle
from api.schemas.studies import CapacityAnswer, CapacityForm, WholeCapacityAnswer
from api.studying.answers import capacity_answer
from api.studying.asking import ask, headers, read, retry, unchanged
from api.studying.kept import listed, removed
from api.web.admission import AdmittedRoute, Caller
from api.web.bodies import invalid
from api.web.calls import Call, found
from api.web.downloads import HTML, JSON, XLSX, download, file_answers
from api.web.paging import Page, Paged
from api.web.problems import Problem, answers
from data.documents import read_round
from data.forecasts import assumptions
from data.forms.forecasts import ForecastForm
from data.sentences import Language
from models.store import plans, studies
from models.store.studies import Question
from models.tables import Snapshot
from scheduler.canonical import encode
from scheduler.rounds import Round

router = APIRouter(route_class=AdmittedRoute, tags=["studies"])

_ASKED = answers("not-found", "round-not-locked", "studies-unfinished", "conflict", "key-reused")
_READ = answers("not-found")
_FILE = ("not-found", "study-not-completed")
_ENDINGS = {XLSX: ".xlsx", HTML: ".html"}


@router.post(
    "/rounds/{id}/capacity-studies",
    operation_id="create_capacity_study",
    status_code=202,
    response_model=CapacityAnswer,
    responses=_ASKED,
)
def create_capacity_study(
    call: Caller,
    id: Handle,  # noqa: A002 - the address names it
    form: CapacityForm | None = None,
) -> Response:
    """Ask what one more post is worth, and for the cheapest ones that reach a target.

    Or, with `forecast`, how many earmarked posts the years ahead take, and how long people wait.
    """
    form = form or CapacityForm()
    document, content = read(call, id)
    if faults := list(form.faults(read_round(content.encode()))):
        raise invalid(faults)
    with call.writing() as session:
        snapshot = unchanged(session, id, document)
        asked = encode(form.model_dump(mode="json")).decode()
        row = ask(call, session, snapshot, Question("capacity", asked))
        answer = capacity_answer(row, plans.freshness(session, id), call.language)
        return call.reply(session, answer, 202, headers(row, f"/v1/capacity-studies/{row.id}"))


@router.get("/rounds/{id}/capacity-studies", operation_id="list_capacity_studies", responses=_READ)
def list_capacity_studies(
    call: Caller,
    id: Handle,  # noqa: A002
    paging: Paged,
) -> Page[CapacityAnswer]:
    """List the studies of a round's capacity, with what they found."""
    return listed(call, id, "capacity", paging, capacity_answer)


@router.get(
    "/capacity-studies/{id}",
    operation_id="get_capacity_study",
    response_model=WholeCapacityAnswer,
    responses=_READ,
)
def get_capacity_study(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Show a study of capacity: what posts are worth and the cheapest set, or the years ahead."""
    with call.reading() as session:
        row = found(studies.one(session, id, "capacity"))
        call.note(round=row.round)
        shown = capacity_answer(row, plans.freshness(session, row.round), call.language)
    study = None if row.content is None else json.loads(row.content)["study"]
    answer = WholeCapacityAnswer(**shown.model_dump(), study=study)
    return Response(answer.model_dump_json(), 200, retry(row), JSON)


@router.get(
    "/capacity-studies/{id}/export.xlsx",
    operation_id="export_capacity_xlsx",
    response_class=Response,
    responses=file_answers(XLSX, *_FILE),
)
def export_capacity_xlsx(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Take a study of capacity home as an Excel workbook."""
    return _file(call, id, XLSX)


@router.get(
    "/capacity-studies/{id}/export.html",
    operation_id="export_capacity_html",
    response_class=Response,
    responses=file_answers(HTML, *_FILE),
)
def export_capacity_html(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Take a study of capacity home as a page with its figures."""
    return _file(call, id, HTML)


@router.delete(
    "/capacity-studies/{id}",
    operation_id="delete_capacity_study",
    status_code=204,
    response_class=Response,
    responses=answers("not-found", "conflict", "key-reused"),
)
def delete_capacity_study(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Remove a study of capacity; a worker that makes it stops."""
    return removed(call, id, "capacity")


def _file(call: Call, id_: str, kind: str) -> Response:
    """Return the file of a kind that a completed study has."""
    with call.reading() as session:
        row = found(studies.one(session, id_, "capacity"))
        call.note(round=row.round)
        if row.content is None:
            raise Problem("study-not-completed")
        round_ = session.get_one(Snapshot, row.snapshot).content
        asked, said = json.loads(row.asked), json.loads(row.content)
    files = _files(read_round(round_.encode()), asked, said, call.language)
    (name,) = (each for each in files if each.endswith(_ENDINGS[kind]))
    return download(name, kind, files[name])


def _files(
    round_: Round, asked: Mapping[str, Any], said: Mapping[str, Any], language: Language
) -> Mapping[str, bytes]:
    """Return the files of a study as the command writes them."""
    from data.exports.capacity import study_files
    from data.exports.forecast import forecast_files
    from data.forms.capacity_records import study_of
    from data.forms.forecast_records import forecast_of
    from data.forms.plan_records import plan_record

    if asked.get("forecast") is not None:
        assumed = assumptions(ForecastForm.model_validate(asked["forecast"]), round_)
        return forecast_files(forecast_of(said["study"], said["waits"], round_, assumed), language)
    bought = None if said["bought"] is None else plan_record(said["bought"])
    return study_files(study_of(said["study"], round_, plan_record(said["plan"]), bought), language)

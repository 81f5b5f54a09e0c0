"""What a plan says: its document, the verdict on it, outcomes, counts, differences, files.

Whoever is not of the round's staff gets what is made from an excerpt, which holds nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.outcomes.answers import (
    broken_answer,
    figures_answer,
    outcome_answers,
    placement_answer,
)
from api.outcomes.counts import counts
from api.outcomes.views import View, stored, viewed
from api.schemas.fields import HANDLE_PATTERN, Handle
from api.schemas.plans import (
    ChangeAnswer,
    DiffAnswer,
    OutcomeAnswer,
    OutcomeFilter,
    PlacementAnswer,
    PlanFiguresAnswer,
    TierChangeAnswer,
    TierValueAnswer,
    VerificationAnswer,
)
from api.web.admission import AdmittedRoute, Caller
from api.web.bodies import invalid
from api.web.calls import etag
from api.web.downloads import CSV, ICS, JSON, XLSX, download, file_answers
from api.web.paging import Page, Paged
from api.web.problems import Problem, answers
from data.documents import read_plan, read_round
from data.sentences import Language
from data.wording import Wording
from models.store.audit import About
from scheduler.canonical import digest
from scheduler.errors import Fault
from scheduler.plans import Plan, by_candidate
from scheduler.rules import RULES
from scheduler.verify import verify_document

router = APIRouter(route_class=AdmittedRoute, tags=["plans"])

_READ = answers("not-found", "plan-not-completed")

PlanInQuery = Annotated[
    str, Query(pattern=HANDLE_PATTERN, description="Id of the plan to compare with.")
]


def _files(media_type: str) -> dict[int | str, dict[str, Any]]:
    return file_answers(media_type, "not-found", "plan-not-completed")


@router.get(
    "/plans/{id}/document",
    operation_id="get_plan_document",
    response_class=Response,
    responses=_files(JSON),
)
def get_plan_document(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Show a plan as `rotations/plan@1`, byte for byte as it was stored."""
    kept = stored(call, id)
    return Response(kept.plan, headers={"ETag": etag(kept.plan_hash)}, media_type=JSON)


@router.get("/plans/{id}/verification", operation_id="get_plan_verification", responses=_READ)
def get_plan_verification(call: Caller, id: Handle) -> VerificationAnswer:  # noqa: A002
    """Hold a stored plan against its round, now, by a program that shares nothing with the solver.

    Whether a better plan exists is not tried.
    """
    kept = stored(call, id)
    round_, document = read_round(kept.round), read_plan(kept.plan)
    verdict = verify_document(round_, document)
    plan_hash = digest({k: v for k, v in document.items() if k not in ("engine", "plan_hash")})
    return VerificationAnswer(
        verified=verdict.kept,
        rules=[rule.name for rule in RULES],
        broken=[broken_answer(broken, call.language) for broken in verdict.broken],
        tiers=[
            TierValueAnswer(tier=tier, level=level, value=value)
            for tier, level, value in verdict.tiers
        ],
        round_hash=round_.hash,
        plan_hash=plan_hash,
        as_stored=(round_.hash, plan_hash) == (kept.round_hash, kept.plan_hash),
    )


@router.get("/plans/{id}/outcomes", operation_id="list_outcomes", responses=_READ)
def list_outcomes(
    call: Caller,
    id: Handle,  # noqa: A002
    paging: Paged,
    asked: Annotated[OutcomeFilter, Query()],
) -> Page[OutcomeAnswer]:
    """List what becomes of the candidates in your reach: a place, or why not.

    A municipality sees its own candidates, a unit those who come, a candidate herself.
    """
    view = viewed(call, id)
    round_, plan = view.part(call.language, named=True)
    words = Wording(round_, call.language, view.places)
    placed = {placement.candidate for placement in plan.placements}
    wanted = [
        each
        for each in round_.candidates
        if asked.placed in (None, each.id in placed)
        and asked.municipality in (None, each.municipality)
    ]
    return paging.cut(wanted, outcome_answers(words, plan))


@router.get("/plans/{id}/figures", operation_id="get_plan_figures", responses=_READ)
def get_plan_figures(call: Caller, id: Handle) -> PlanFiguresAnswer:  # noqa: A002
    """Count how a plan came out; none that is about a few people whom you cannot see."""
    view = viewed(call, id)
    known = None if view.shown is None else view.shown.keys()
    return figures_answer(counts(view.round, view.plan, known))


@router.get(
    "/plans/{id}/diff",
    operation_id="get_plan_diff",
    responses=_READ,
)
def get_plan_diff(
    call: Caller,
    id: Handle,  # noqa: A002
    against: PlanInQuery,
) -> DiffAnswer:
    """Show whose placement differs from another plan, and what the tiers come to in both.

    The other plan may be one of another round. A municipality sees its own candidates.
    """
    after, before = viewed(call, id), _compared(call, against)
    whole = after.shown is None and before.shown is None
    own = None if whole else call.scope.municipalities
    changes = list(_changes(before, after, own, call.language))
    call.note_parts(*_parts({id: after, against: before}, changes))
    return DiffAnswer(
        before=against,
        after=id,
        changes=changes,
        tiers=list(_tiers(before.plan, after.plan)) if whole else None,
    )


def _parts(views: Mapping[str, View], changes: Sequence[ChangeAnswer]) -> list[About]:
    """Return who is shown of which plan's round, by the plans' ids."""
    return [
        About(
            round=view.kept_as,
            plan=plan,
            candidates=[c.candidate for c in changes if c.candidate in view.round.candidate],
        )
        for plan, view in views.items()
    ]


def _compared(call: Caller, id_: str) -> View:
    try:
        return viewed(call, id_)
    except Problem as problem:
        if problem.code != "not-found":
            raise
        raise invalid([Fault("not-known", ("query", "against"), {"what": "plan"})]) from None


def _changes(
    before: View, after: View, own: frozenset[str] | None, language: Language
) -> Iterator[ChangeAnswer]:
    """Yield the differences, of the municipalities in `own` alone where it is given."""
    old, new = _places(before, language), _places(after, language)
    for municipality, candidate in sorted(old.keys() | new.keys()):
        places = [places.get((municipality, candidate)) for places in (old, new)]
        stays = [place and (place.window, place.start, place.end, place.then) for place in places]
        if stays[0] != stays[1] and (own is None or municipality in own):
            yield ChangeAnswer(
                candidate=candidate, municipality=municipality, before=places[0], after=places[1]
            )


def _places(view: View, language: Language) -> dict[tuple[str, str], PlacementAnswer]:
    """Return the placements that the reader may see, by municipality and candidate."""
    round_, plan = view.part(language)
    return {
        (round_.candidate[candidate].municipality, candidate): placement_answer(round_, own)
        for candidate, own in by_candidate(plan.placements).items()
    }


def _tiers(before: Plan, after: Plan) -> Iterator[TierChangeAnswer]:
    old, new = ({(t.tier, t.level): t.value for t in plan.tiers} for plan in (before, after))
    for tier, level in (*new, *(key for key in old if key not in new)):
        at = (tier, level)
        yield TierChangeAnswer(tier=tier, level=level, before=old.get(at), after=new.get(at))


@router.get(
    "/plans/{id}/export.xlsx",
    operation_id="export_plan_xlsx",
    response_class=Response,
    responses=_files(XLSX),
)
def export_plan_xlsx(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Take a plan home as an Excel workbook; a municipality, its own part."""
    from data.exports.plan_workbook import workbook

    round_, plan = viewed(call, id).part(call.language)
    return download("plan.xlsx", XLSX, workbook(round_, plan, call.language))


@router.get(
    "/plans/{id}/export.csv",
    operation_id="export_plan_csv",
    response_class=Response,
    responses=_files(CSV),
)
def export_plan_csv(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Take a plan's placements home as CSV; a municipality, its own."""
    from data.exports.plan_csv import csv

    return download("plan.csv", CSV, csv(*viewed(call, id).part(call.language)))


@router.get(
    "/plans/{id}/export.ics",
    operation_id="export_plan_ics",
    response_class=Response,
    responses=_files(ICS),
)
def export_plan_ics(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Take a plan home as a calendar; who is no staff, their own part of it."""
    from data.exports.calendars import calendar

    round_, plan = viewed(call, id).part(call.language)
    return download("plan.ics", ICS, calendar(round_, plan, call.language))

"""Plans of a round: asked for, watched while they are made, looked at, taken home."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from api.pages.asking import Refused
from api.pages.page import Page, PageRoute, Visitor
from api.pages.planner import outcome
from api.pages.planner.seats import Since
from api.pages.planner.timeline import Chosen, timeline
from api.pages.typed import given, whole
from data.wording import tier_name

router = APIRouter(route_class=PageRoute, include_in_schema=False)

SECONDS = (15, 60, 300, 1800, 7200)
"""How long a search may take, for a choice."""

UNFINISHED = ("queued", "running")


@router.get("/rounds/{id}/plans", operation_id="page_plans")
async def plans(page: Visitor, id: str) -> Response:  # noqa: A002 - the address names it
    """Show the plans of a round, and a form to ask for another."""
    return await _listed(page, id)


@router.post("/rounds/{id}/plans", operation_id="page_ask_plan")
async def ask(page: Visitor, id: str) -> Response:  # noqa: A002
    """Ask for a plan, and lead to where it can be watched."""
    form = await page.form()
    seconds = given(str(form.get("/seconds", "")))
    body = {"seconds": whole(seconds)} if seconds else {}
    try:
        made = await page.ask.post(f"/v1/rounds/{id}/plans", body)
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        return await _listed(page, id, refused)
    return page.see(f"/plans/{made.data['id']}")


async def _listed(page: Page, id_: str, refused: Refused | None = None) -> Response:
    found, items = await gather(
        page.ask.get(f"/v1/rounds/{id_}"), page.ask.all(f"/v1/rounds/{id_}/plans")
    )
    longest = page.service.settings.solve_seconds
    return await page.render(
        "planner/plans.html",
        status=refused.status if refused else 200,
        round=found.data,
        plans=sorted(items, key=lambda each: str(each["requested_at"]), reverse=True),
        seconds=[each for each in SECONDS if each < longest],
        refused=refused,
        faults=refused.faults if refused else (),
    )


@router.get("/plans/{id}", operation_id="page_plan")
async def plan(page: Visitor, id: str) -> Response:  # noqa: A002
    """Show a plan: on its way, as a timeline, or the reader's own part of it."""
    found = await page.ask.get(f"/v1/plans/{id}")
    if found.data["state"] != "completed":
        return await _on_its_way(page, found.data)
    whole = await documents(page, found.data)
    if whole is None:
        return await _part(page, found.data)
    chosen = Chosen.of(page.request.query_params)
    round_, document = whole
    sites, since = await gather(page.ask.all("/v1/sites"), _since(page, found.data))
    names = {each["id"]: each["name"] for each in sites}
    drawn = await run_in_threadpool(timeline, page.language, round_, document, chosen, names, since)
    return await page.render(
        "planner/plan.html",
        plan=found.data,
        round=round_,
        document=document,
        key=outcome.key_figures(round_, document),
        timeline=drawn,
        sites=_sites(round_, names),
        kept=_kept(chosen),
    )


@router.get("/plans/{id}/proof", operation_id="page_plan_proof")
async def proof(page: Visitor, id: str) -> Response:  # noqa: A002
    """Show how good a plan is: tier by tier, with its proof, and what that means to people."""
    found = await page.ask.get(f"/v1/plans/{id}")
    round_, document = await _staff(page, found.data)
    rows = outcome.tiers(page.language, document)
    return await page.render(
        "planner/proof.html",
        plan=found.data,
        round=round_,
        document=document,
        key=outcome.key_figures(round_, document),
        tiers=rows,
        drawings=[
            outcome.proof(page.language, rows) if rows else None,
            outcome.wishes(page.language, round_, document),
            outcome.waiting(page.language, round_, document),
        ],
    )


@router.get("/plans/{id}/progress", operation_id="page_plan_progress")
async def progress(page: Visitor, id: str) -> Response:  # noqa: A002
    """Show how far the search is, as the part of a page that asks for itself again."""
    asked = page.request.query_params
    found = await page.ask.get(f"/v1/plans/{id}")
    state = found.data["state"]
    # What stands around this part is of another state then: the whole page is shown anew.
    is_anew = state not in UNFINISHED or state != asked.get("state", state)
    if not page.is_fragment or is_anew:
        return page.see(f"/plans/{id}")
    levels = await _levels(page, found.data)
    return await page.render(
        "planner/progress.html",
        plan=found.data,
        levels=levels,
        at_work=_at_work(page, found.data),
        seen=asked.get("seen", ""),
    )


@router.post("/plans/{id}/stop", operation_id="page_stop_plan")
async def stop(page: Visitor, id: str) -> Response:  # noqa: A002
    """Stop a search: of one in work the best is kept."""
    try:
        answer = await page.ask.post(f"/v1/plans/{id}/cancel")
    except Refused as refused:
        if refused.code != "plan-ended":
            raise
        return page.see(f"/plans/{id}")
    return page.see(f"/plans/{id}", done="plan-stopped" if answer.status == 202 else None)


@router.post("/plans/{id}/explain", operation_id="page_explain_plan")
async def explain(page: Visitor, id: str) -> Response:  # noqa: A002
    """Ask why everybody has what they have."""
    await page.ask.post(f"/v1/plans/{id}/explanations")
    return page.see(f"/plans/{id}/people", done="explanations-asked")


@router.get("/plans/{id}/export.{kind}", operation_id="page_export_plan")
async def export(page: Visitor, id: str, kind: str) -> Response:  # noqa: A002
    """Hand on a plan as a file."""
    if kind not in ("xlsx", "csv", "ics"):
        return await page.problem(404, page.text("not-found"))
    answer = await page.ask.get(f"/v1/plans/{id}/export.{kind}")
    return Response(
        answer.content,
        headers={"Content-Disposition": f'attachment; filename="plan.{kind}"'},
        media_type=answer.media_type,
    )


async def documents(
    page: Page, plan: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """Return the round's document and the plan's; None where the reader sees a part alone."""
    if not page.may("get_plan_document"):
        return None
    try:
        round_, document = await gather(
            page.ask.get(f"/v1/rounds/{plan['round']}/document", snapshot=plan["snapshot"]),
            page.ask.get(f"/v1/plans/{plan['id']}/document"),
        )
    except Refused as refused:
        if refused.status in (403, 404):
            return None
        raise
    return round_.data, document.data


async def _staff(
    page: Page, plan: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return both documents.

    Raises
    ------
    Refused
        Where the reader sees a part alone, or there is none yet.
    """
    found = await documents(page, plan)
    if found is None:
        await page.ask.get(f"/v1/plans/{plan['id']}/document")  # refused, as it has just been
        raise AssertionError("what was refused is not there a moment later")
    return found


async def _on_its_way(page: Page, plan: Mapping[str, Any]) -> Response:
    round_ = await page.ask.get(f"/v1/rounds/{plan['round']}")
    return await page.render(
        "planner/making.html",
        plan=plan,
        round=round_.data,
        levels=await _levels(page, plan),
        at_work=_at_work(page, plan),
        seen="",
    )


def _at_work(page: Page, plan: Mapping[str, Any]) -> str:
    """Return the name of the level that a search is in, empty before it is in any."""
    told = plan["progress"]
    return tier_name(page.language, told["tier"], told["level"]) if told else ""


async def _levels(page: Page, plan: Mapping[str, Any]) -> list[outcome.TierRow]:
    """Return where the search stands, level by level."""
    if not page.may("get_plan_progress"):
        return []
    told = await page.ask.get(f"/v1/plans/{plan['id']}/progress")
    return [outcome.tier_row(page.language, each) for each in told.data["levels"]]


async def _part(page: Page, plan: Mapping[str, Any]) -> Response:
    """Show the reader's own part of a published plan."""
    figures, outcomes, round_ = await gather(
        page.ask.get(f"/v1/plans/{plan['id']}/figures"),
        page.ask.all(f"/v1/plans/{plan['id']}/outcomes"),
        page.ask.get(f"/v1/rounds/{plan['round']}"),
    )
    return await page.render(
        "planner/part.html",
        plan=plan,
        round=round_.data,
        figures=figures.data,
        outcomes=outcomes,
    )


async def _since(page: Page, plan_: Mapping[str, Any]) -> Since:
    """Return what became of a plan, if it is published."""
    if not plan_["published_at"]:
        return Since()
    offers, cancelled = await gather(
        page.ask.all("/v1/offers", round=plan_["round"]),
        page.ask.all("/v1/placements", round=plan_["round"], state="cancelled"),
    )
    return Since(offers, cancelled)


def _sites(round_: Mapping[str, Any], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the round's sites with their names, for a choice."""
    found = {unit["site"] for unit in round_["units"]}
    return sorted(((site, names.get(site, site)) for site in found), key=lambda each: each[1])


def _kept(chosen: Chosen) -> dict[str, str]:
    """Return what is chosen, as it stands in the address."""
    start = chosen.start.isoformat() if chosen.start else ""
    return {
        "zoom": chosen.zoom,
        "site": chosen.site,
        "municipality": chosen.municipality,
        "status": chosen.status,
        "from": start,
    }

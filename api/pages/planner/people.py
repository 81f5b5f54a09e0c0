"""The people of a plan: who goes where and why not, and who moves beside another plan."""

from __future__ import annotations

from asyncio import gather
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.pages import figures
from api.pages.asking import Refused
from api.pages.figures import Drawing, Series
from api.pages.page import Page, PageRoute, Visitor
from api.pages.rendering import text
from api.pages.typed import last_day
from data.sentences import Language
from data.wording import tier_name, tier_value

router = APIRouter(route_class=PageRoute, include_in_schema=False)

AT_ONCE = 50
"""People on a page."""

BESIDE = 4
"""Earlier rounds whose plan can be looked at beside this one."""

DIFFERENCES = ("placed", "lost", "better", "worse", "moved")


@router.get("/plans/{id}/people", operation_id="page_plan_people")
async def people(page: Visitor, id: str) -> Response:  # noqa: A002 - the address names it
    """Show what becomes of each candidate in the reader's reach, and why."""
    asked = page.request.query_params
    wanted = {"yes": True, "no": False}.get(asked.get("placed", "no"))
    plan, told = await gather(
        page.ask.get(f"/v1/plans/{id}"),
        page.ask.get(
            f"/v1/plans/{id}/outcomes",
            limit=AT_ONCE,
            cursor=asked.get("cursor"),
            placed=None if wanted is None else str(wanted).lower(),
        ),
    )
    # After the outcomes, not beside them: both begin with reading the same two documents.
    explained = await _explained(page, id)
    names, round_ = await gather(
        places(page, plan.data), page.ask.get(f"/v1/rounds/{plan.data['round']}")
    )
    return await page.render(
        "planner/people.html",
        plan=plan.data,
        round=round_.data,
        outcomes=[{**each, "wishes": _by_wish(each["reasons"])} for each in told.data["items"]],
        next=told.data["next"],
        placed=asked.get("placed", "no"),
        explained=explained,
        names=names,
        last_day=last_day,
    )


@router.get("/plans/{id}/compare", operation_id="page_compare_plans")
async def compare(page: Visitor, id: str) -> Response:  # noqa: A002
    """Show a plan beside another: who moves, and what each tier comes to in both."""
    plan = (await page.ask.get(f"/v1/plans/{id}")).data
    round_ = (await page.ask.get(f"/v1/rounds/{plan['round']}")).data
    others = await _others(page, plan, round_)
    against = page.request.query_params.get("against") or next((o["id"] for o in others), None)
    diff = None
    names: dict[str, str] = {}
    if against:
        found, names = await gather(
            page.ask.get(f"/v1/plans/{id}/diff", against=against), places(page, plan)
        )
        diff = found.data
    changes = [(kind_of(change), change) for change in diff["changes"]] if diff else []
    return await page.render(
        "planner/compare.html",
        plan=plan,
        round=round_,
        others=others,
        against=against,
        changes=changes,
        tiers=_tiers(page.language, diff["tiers"] or ()) if diff else [],
        drawing=_drawing(page.language, changes) if changes else None,
        names=names,
        last_day=last_day,
    )


def _by_wish(reasons: Sequence[Mapping[str, Any]]) -> list[tuple[int, list[Mapping[str, Any]]]]:
    """Return reasons by the wish that each is about; 0 = every one."""
    found: dict[int, list[Mapping[str, Any]]] = {}
    for reason in reasons:
        found.setdefault(reason["wish"] or 0, []).append(reason)
    return sorted(found.items())


def kind_of(change: Mapping[str, Any]) -> str:
    """Return what a change is to the candidate."""
    before, after = change["before"], change["after"]
    if before is None or after is None:
        return "lost" if after is None else "placed"
    old, new = before["class"] or 0, after["class"] or 0
    if not old or not new or old == new:
        return "moved"
    return "better" if new < old else "worse"


async def places(page: Page, plan: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of units and municipalities, as the plan's round has them."""
    if page.may("get_round_document"):
        try:
            found = await page.ask.get(
                f"/v1/rounds/{plan['round']}/document", snapshot=plan["snapshot"]
            )
        except Refused as refused:
            if refused.status not in (403, 404):
                raise
        else:
            records = (*found.data["units"], *found.data["municipalities"])
            return {each["id"]: each["name"] or each["id"] for each in records}
    units, towns = await gather(page.ask.all("/v1/units"), page.ask.all("/v1/municipalities"))
    return {e["id"]: e["name"] for e in units} | {e["number"]: e["name"] for e in towns}


async def _explained(page: Page, id_: str) -> Mapping[str, Any] | None:
    """Return how far the explanations are; None where the reader has no part in them."""
    if not page.may("list_explanations"):
        return None
    found: Mapping[str, Any] = (await page.ask.get(f"/v1/plans/{id_}/explanations", limit=1)).data
    return found


async def _others(
    page: Page, plan: Mapping[str, Any], own: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """Return the plans to compare with: the round's own, and those in force before it."""
    rounds = await page.ask.all("/v1/rounds", organisation=own["organisation"])
    before = [each for each in rounds if each["decision_date"] < own["decision_date"]]
    newest = sorted(before, key=lambda each: str(each["decision_date"]), reverse=True)[:BESIDE]
    found: list[Mapping[str, Any]] = []
    for round_ in (own, *newest):
        items = await page.ask.all(f"/v1/rounds/{round_['id']}/plans")
        found += [
            {**each, "label": round_["name"] or round_["label"]}
            for each in sorted(items, key=lambda item: str(item["requested_at"]), reverse=True)
            if each["state"] == "completed" and each["id"] != plan["id"]
            if round_ is own or each["published_at"]
        ]
    return found


def _tiers(language: Language, tiers: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [
        {
            "name": tier_name(language, each["tier"], each["level"]),
            "before": _value(language, each["tier"], each["before"]),
            "after": _value(language, each["tier"], each["after"]),
            "same": each["before"] == each["after"],
        }
        for each in tiers
    ]


def _value(language: Language, tier: str, value: int | None) -> str:
    return "–" if value is None else tier_value(language, tier, value)


def _drawing(language: Language, changes: Sequence[tuple[str, Any]]) -> Drawing:
    counts = Counter(kind for kind, _ in changes)
    return figures.bars(
        "changes",
        text(language, "pages_planner.changes-figure"),
        text(language, "pages_planner.changes-about", people=len(changes)),
        text(language, "pages_planner.difference"),
        [text(language, f"report.difference-{kind}") for kind in DIFFERENCES],
        [Series(text(language, "report.classes-count"), [counts[kind] for kind in DIFFERENCES])],
    )

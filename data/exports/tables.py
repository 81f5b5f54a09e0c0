"""A plan as tables: the workbook's sheets, the CSV file, the terminal's tables.

Every frame has one row per record, in a stable order, and columns keyed by the words of the model;
`headings` names them in the reader's language. Names of candidates stand here for the planner:
whoever shows a frame to others drops the column ``name``. `last_day` is the day before a period's
end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from data.exports.frames import Frame, framed
from data.exports.keyfigures import decided_placements, key_figures, standing
from data.sentences import Language, review_notice, sentence
from data.wording import Wording, last_day
from scheduler.plans import Account, Plan, Reason, by_candidate
from scheduler.rounds import Round

Table = Callable[[Round, Plan, Language], Frame]

PERSON_COLUMNS = ("candidate", "name", "municipality", "municipality_name")
REASON_COLUMNS = ("wish", "target", "unit", "unit_name", "window", "code", "reason")


def placements(round_: Round, plan: Plan, language: Language) -> Frame:
    """Return a row per placement, accepted commitments too, by candidate; one for each part.

    Columns: candidate, name, municipality, municipality_name, unit, unit_name, site, trust, window,
    start, last_day (dates), class (1 = first wish, missing where no wish covers it), standing
    (worded: accepted before, offer kept, new).
    """
    rows = []
    for placement in plan.placements:
        unit = round_.unit[placement.unit]
        rows.append(
            _person(round_, placement.candidate)
            | {
                "unit": unit.id,
                "unit_name": unit.name,
                "site": unit.site,
                "trust": unit.trust,
                "window": placement.window,
                "start": placement.start,
                "last_day": last_day(placement.end),
                "class": placement.wish_class,
                "standing": _report(language, f"standing-{standing(round_, placement)}"),
            }
        )
    columns = ("unit", "unit_name", "site", "trust", "window", "start", "last_day", "class")
    return framed(rows, (*PERSON_COLUMNS, *columns, "standing"))


def unplaced(round_: Round, plan: Plan, language: Language) -> Frame:
    """Return a row per reason of each unplaced candidate; one row even where none is known."""
    rows = _accounts(round_, plan.unplaced, language)
    return framed(rows, (*PERSON_COLUMNS, *REASON_COLUMNS))


def passed_over(round_: Round, plan: Plan, language: Language) -> Frame:
    """Return a row per reason why a placed candidate's better wish did not come true.

    `got` is the class of the wish that the candidate did get.
    """
    got = {p.candidate: p.wish_class for p in plan.placements}
    rows = _accounts(round_, plan.passed_over, language)
    told = (row | {"got": got.get(row["candidate"])} for row in rows)
    return framed(told, (*PERSON_COLUMNS, "got", *REASON_COLUMNS))


def tiers(round_: Round, plan: Plan, language: Language) -> Frame:
    """Return a row per tier level, in the order in which they were decided.

    Columns: tier, level (missing without levels), tier_name, value, bound (whole numbers in the
    tier's own unit), proven (true or false), proof and meaning (sentences).
    """
    words = Wording(round_, language)
    rows = [
        {
            "tier": t.tier,
            "level": t.level,
            "tier_name": words.tier(t.tier, t.level),
            "value": t.value,
            "bound": t.bound,
            "proven": t.proven,
            "proof": words.proof(t),
            "meaning": words.tier_meaning(t.tier),
        }
        for t in plan.tiers
    ]
    columns = ("tier", "level", "tier_name", "value", "bound", "proven", "proof", "meaning")
    return framed(rows, columns)


def municipalities(round_: Round, plan: Plan) -> Frame:
    """Return a row per municipality with candidates, by id; all but the names are persons.

    `candidates` = `accepted` (had a place before the round) + `placed` + `unplaced`; `first_wishes`
    of those placed have their first wish.
    """
    placed: Counter[str] = Counter()
    first: Counter[str] = Counter()
    for candidate, own in by_candidate(decided_placements(round_, plan)).items():
        municipality = round_.candidate[candidate].municipality
        placed[municipality] += 1
        first[municipality] += own[0].wish_class == 1
    accepted = Counter(round_.candidate[c].municipality for c in round_.accepted)
    out = Counter(round_.candidate[a.candidate].municipality for a in plan.unplaced)
    rows = [
        {
            "municipality": m.id,
            "municipality_name": m.name,
            "candidates": len(round_.colleagues[m.id]),
            "accepted": accepted[m.id],
            "placed": placed[m.id],
            "first_wishes": first[m.id],
            "unplaced": out[m.id],
        }
        for m in round_.municipalities
        if round_.colleagues[m.id]
    ]
    columns = ("municipality", "municipality_name", "candidates", "accepted", "placed")
    return framed(rows, (*columns, "first_wishes", "unplaced"))


def units(round_: Round, plan: Plan) -> Frame:
    """Return a row per unit, by site and id.

    `supervised_places` (missing = no limit), `windows`, `positions` (sum over windows),
    `placements`, and `first_start`, the first day of the earliest placement (missing without one).
    """
    starts: dict[str, list[date]] = {}
    for placement in plan.placements:
        starts.setdefault(placement.unit, []).append(placement.start)
    rows = []
    for unit in sorted(round_.units, key=lambda u: (u.site, u.id)):
        offered = [w for w in round_.windows if w.unit == unit.id]
        own = starts.get(unit.id, [])
        rows.append(
            {
                "unit": unit.id,
                "unit_name": unit.name,
                "site": unit.site,
                "trust": unit.trust,
                "supervised_places": unit.supervised_places,
                "windows": len(offered),
                "positions": sum(w.positions for w in offered),
                "placements": len(own),
                "first_start": min(own, default=None),
            }
        )
    columns = ("unit", "unit_name", "site", "trust", "supervised_places", "windows")
    return framed(rows, (*columns, "positions", "placements", "first_start"))


def about(round_: Round, plan: Plan, language: Language) -> Frame:
    """Return what the plan is: a row per fact, columns fact and value, both worded."""
    figures = key_figures(round_, plan)
    facts: dict[str, object] = {
        "about-round": round_.name or round_.id,
        "about-round-id": round_.id,
        "about-decision": round_.decision_date,
        "about-policy": f"{round_.policy.name} {round_.policy.version}",
        "about-status": _report(language, f"status-{plan.status}"),
        "about-verified": _report(language, "yes" if plan.verified else "no"),
        "column-placed": figures.placed,
        "column-unplaced": figures.unplaced,
        "column-accepted": figures.accepted,
        "about-plan-hash": plan.hash,
        "about-round-hash": plan.round_hash,
        "about-engine": f"rotations {plan.engine.version}, OR-Tools {plan.engine.ortools}",
        "about-proposal": _report(language, "proposal"),
    }
    rows = [{"fact": _report(language, key), "value": value} for key, value in facts.items()]
    rows += [
        {"fact": _report(spoken, "about-proposal"), "value": said}
        for spoken, said in review_notice(language)
    ]
    return framed(rows, ("fact", "value"))


TABLES: Mapping[str, Table] = {
    "placements": placements,
    "unplaced": unplaced,
    "passed_over": passed_over,
    "tiers": tiers,
    "municipalities": lambda round_, plan, _: municipalities(round_, plan),
    "units": lambda round_, plan, _: units(round_, plan),
    "about": about,
}
"""Every table of a plan by name, in the order of the workbook's sheets."""


def title(name: str, language: Language) -> str:
    """Return a table's name in the reader's language, at most 31 letters (a sheet's limit)."""
    return _report(language, f"table-{name}")


def headings(frame: Frame, language: Language) -> list[str]:
    """Return a frame's column headings in the reader's language."""
    return [_report(language, f"column-{column}") for column in frame.columns]


def _accounts(
    round_: Round, accounts: Iterable[Account], language: Language
) -> Iterator[dict[str, Any]]:
    words = Wording(round_, language)
    for account in accounts:
        person = _person(round_, account.candidate)
        for reason in account.reasons or (None,):
            yield person | _reason(words, account, reason)


def _reason(words: Wording, account: Account, reason: Reason | None) -> dict[str, Any]:
    if reason is None:
        return {}
    wishes = words.round.candidate[account.candidate].wishes
    unit = reason.figures.get("unit")
    return {
        "wish": reason.wish,
        "target": None if reason.wish is None else words.target(wishes[reason.wish - 1].target),
        "unit": unit,
        "unit_name": None if unit is None else words.round.unit[unit].name,
        "window": reason.figures.get("window"),
        "code": reason.code,
        "reason": words.reason(reason),
    }


def _person(round_: Round, candidate: str) -> dict[str, Any]:
    record = round_.candidate[candidate]
    municipality = round_.municipality[record.municipality]
    return {
        "candidate": record.id,
        "name": record.name,
        "municipality": municipality.id,
        "municipality_name": municipality.name,
    }


def _report(language: Language, key: str) -> str:
    return sentence(language, f"report.{key}")

"""A capacity study as a document, as tables and as a page with a figure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import partial
from math import ceil
from typing import Any

from data.exports.figures import Tick, month_axis
from data.exports.frames import Frame, framed
from data.exports.months import Months
from data.exports.plan_workbook import written_workbook
from data.exports.report import environment
from data.sentences import Language, Verbatim, catalogue, sentence, written_decimal
from data.wording import Wording, last_day
from scheduler.capacity import Found, Study
from scheduler.posts import Post, Unplaceable, post_window
from scheduler.worth import Worth

FORMAT = "rotations/capacity@1"

MONTH, ROW, NAMES = 40, 30, 240
"""Pixels of a month, of a unit's row, and of the units' names beside it."""


def study_document(study: Study) -> dict[str, Any]:
    """Return a study for machines: whole numbers, ISO dates and ids, no names of people."""
    bought = study.purchase
    return {
        "format": FORMAT,
        "round": study.round.id,
        "round_hash": study.round.hash,
        "plan_hash": study.plan.hash,
        "target": {
            "kind": study.target.kind,
            "share": str(study.target.share),
            "within": study.target.within,
        },
        "worth": [_worth(worth) for worth in study.worths],
        "purchase": {
            "found": str(bought.found),
            "posts": [
                {"unit": post.unit, "start": str(post.start), "count": count}
                for post, count in bought.posts
            ],
            "cost": bought.cost,
            "bound": bought.bound,
            "counted": bought.counted,
            "needed": bought.needed,
            "reachable": bought.reachable,
            "left_out": [
                {"candidate": each.candidate, "rules": list(each.rules)} for each in bought.left_out
            ],
            "round_hash": bought.plan.round_hash if bought.plan else None,
            "plan_hash": bought.plan.hash if bought.plan else None,
        },
    }


def _worth(worth: Worth) -> dict[str, Any]:
    return {
        "unit": worth.post.unit,
        "start": str(worth.post.start),
        "candidates": list(worth.candidates),
        "exact": worth.exact,
        "deadline": worth.deadline,
        "placed": worth.placed,
        "classes": list(worth.classes),
        "tiers": [
            {"tier": tier, "level": level, "gain": gain} for tier, level, gain in worth.tiers
        ],
    }


def study_tables(study: Study) -> dict[str, Frame]:
    """Return the study's tables: what posts are worth, the set, and who does not count.

    ``worth`` has a row per post that somebody could use, ``posts`` one per unit and start of the
    set, ``left_out`` one per candidate. `deadline`, `placed` and `first_wishes` are persons; where
    `exact` is false, the most that can be gained.
    """
    worth = [
        _post(study, each.post)
        | {
            "exact": each.exact,
            "deadline": each.deadline,
            "placed": each.placed,
            "first_wishes": each.classes[0] if each.classes else 0,
            "candidates": len(each.candidates),
        }
        for each in study.worths
    ]
    posts = [_post(study, post) | {"positions": count} for post, count in study.purchase.posts]
    left_out = [
        {"candidate": each.candidate, "code": ", ".join(each.rules)}
        for each in study.purchase.left_out
    ]
    where = ("unit", "unit_name", "site", "start", "last_day")
    gains = ("exact", "deadline", "placed", "first_wishes", "candidates")
    return {
        "worth": framed(worth, (*where, *gains)),
        "posts": framed(posts, (*where, "positions")),
        "left_out": framed(left_out, ("candidate", "code")),
    }


def _post(study: Study, post: Post) -> dict[str, Any]:
    unit = study.round.unit[post.unit]
    return {
        "unit": unit.id,
        "unit_name": unit.name,
        "site": unit.site,
        "start": post.start,
        "last_day": last_day(post_window(study.round, post, 1).closes),
    }


def failed(language: Language, left_out: Unplaceable) -> list[str]:
    """Return what does not hold for somebody whom no post can help, a sentence a rule."""
    own = (f"capacity.rule-{rule}" for rule in left_out.rules)
    keys = zip(own, (f"rules.{rule}" for rule in left_out.rules), strict=True)
    return [sentence(language, key if key in catalogue(language) else rule) for key, rule in keys]


def gain(language: Language, worth: Worth, count: int) -> str:
    """Return a gain as people read it: ``+1``, ``0``, or at most so many for a bound."""
    signed = f"{count:+d}" if count else "0"
    if worth.exact or count <= 0:
        return signed
    return sentence(language, "capacity.at-most", {"gain": signed})


def told(study: Study, language: Language) -> tuple[str, str]:
    """Return the target in words, and what became of the search for a set."""
    bought, share = study.purchase, study.target.share * 100
    percent = written_decimal(language, float(share), 3)
    wished = {"percent": percent, "months": study.target.within}
    within = "-within" if study.target.within is not None else ""
    target = sentence(language, f"capacity.target-{study.target.kind}{within}", wished)
    figures = {
        "count": sum(count for _, count in bought.posts),
        "cost": bought.cost,
        "bound": bought.bound,
        "needed": bought.needed,
        "counted": bought.counted,
        "reachable": bought.reachable,
    }
    outcome = str(bought.found)
    if bought.found is Found.CHEAPEST and not bought.posts:
        outcome = "nothing"
    if bought.found is Found.IMPOSSIBLE and bought.reachable >= bought.needed:
        outcome = "outdone"
    if bought.found is Found.FEASIBLE and bought.cost == bought.bound:
        outcome = "least"
    return target, sentence(language, f"capacity.found-{outcome}", figures)


@dataclass(frozen=True, slots=True)
class Cell:
    """A post in the figure; `kind` names its style."""

    kind: str
    x: float
    label: str
    told: str


@dataclass(frozen=True, slots=True)
class Row:
    """A unit's posts, a cell a month."""

    name: str
    y: float
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class WorthFigure:
    """What posts are worth, by unit and month: sizes in pixels."""

    width: float
    height: float
    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]


def worth_figure(study: Study, language: Language) -> WorthFigure:
    """Lay out how many more each post places: units downwards, months to the right."""
    words = Wording(study.round, language)
    starts = [worth.post.start for worth in study.worths]
    first = min(starts).replace(day=1)
    last = max(starts)
    months = Months(first, (last.year - first.year) * 12 + last.month - first.month + 1)
    units = sorted({worth.post.unit for worth in study.worths})
    rows = []
    for number, unit in enumerate(units):
        own = sorted((w for w in study.worths if w.post.unit == unit), key=lambda w: w.post)
        cells = tuple(_cell(words, worth, months) for worth in own)
        rows.append(Row(words.unit(unit), float(number * ROW), cells))
    ticks = month_axis(language, months, MONTH)
    return WorthFigure(MONTH * months.count, float(ROW * len(units)), ticks, tuple(rows))


def _cell(words: Wording, worth: Worth, months: Months) -> Cell:
    start: date = worth.post.start.replace(day=1)
    said = gain(words.language, worth, worth.placed)
    figures = {
        "unit": Verbatim(words.unit(worth.post.unit)),
        "day": worth.post.start,
        "gain": Verbatim(said),
    }
    kind = "none" if worth.placed == 0 else "exact" if worth.exact else "bound"
    label = f"{worth.placed:+d}" if worth.exact and worth.placed else f"{worth.placed}"
    mark = "≤" if kind == "bound" else ""
    told_ = sentence(words.language, "capacity.figure-told", figures)
    return Cell(kind, ceil(months.position(start)) * MONTH, mark + label, told_)


def study_page(study: Study, language: Language) -> str:
    """Return the study as one HTML document with its figure, without names of candidates."""
    words = Wording(study.round, language)
    target, outcome = told(study, language)
    return (
        environment()
        .get_template("capacity.html")
        .render(
            language=language,
            study=study,
            words=words,
            target=target,
            outcome=outcome,
            figure=worth_figure(study, language) if study.worths else None,
            names=NAMES,
            month=MONTH,
            row=ROW,
            gain=partial(gain, language),
            failed=partial(failed, language),
            period=lambda post: words.stretch(post.start, post_window(study.round, post, 1).closes),
            t=lambda key, **figures: sentence(language, f"capacity.{key}", figures),
        )
    )


def study_files(study: Study, language: Language) -> dict[str, bytes]:
    """Return the study's files by name: the document, the workbook and the page."""
    document = json.dumps(study_document(study), ensure_ascii=False, indent=2)
    called = f"{study.round.id} {study.plan.hash}"
    tables = study_tables(study)
    return {
        "capacity.json": f"{document}\n".encode(),
        "capacity.xlsx": written_workbook(tables, called, study.round.decision_date, language),
        "capacity.html": study_page(study, language).encode(),
    }

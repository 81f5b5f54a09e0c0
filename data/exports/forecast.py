"""The years ahead as a document, as tables and as a page with figures: nobody goes by id."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from data.exports.frames import Frame, framed
from data.exports.plan_workbook import written_workbook
from data.exports.report import environment
from data.exports.year_figures import (
    BAR,
    GROUP,
    Spread,
    in_year,
    posts_figure,
    supply_figure,
    wait_figure,
    waited,
    waits_of,
)
from data.sentences import Language, Verbatim, sentence, written_count
from data.wording import Wording
from scheduler.forecast import Ahead, Forecast
from scheduler.provision import Posts, Provided
from scheduler.rolling import Wait

FORMAT = "rotations/years-ahead@1"

LEGENDS = {"posts": ("posts",), "supply": ("people", "vacancies"), "wait": ("wait",)}
"""What the bars of each figure are called."""


def forecast_document(found: Forecast) -> dict[str, Any]:
    """Return the years ahead for machines: whole numbers, ids of units, counts of people."""
    assumed = found.assumed
    return {
        "format": FORMAT,
        "round": found.round.id,
        "round_hash": found.round.hash,
        "years": assumed.years,
        "wait_months": assumed.wait_months,
        "seed": assumed.seed,
        "enough_percent": assumed.enough_percent,
        "complete": found.complete,
        "scenarios": [_scenario(found, ahead) for ahead in found.scenarios],
    }


def _scenario(found: Forecast, ahead: Ahead) -> dict[str, Any]:
    return {
        "name": ahead.intake,
        "enough_in": ahead.enough_in,
        "posts": None if ahead.provided is None else _provided(ahead.provided),
        "units": list(unit_years(ahead)),
        "waits": list(wait_years(found, ahead)),
        "rolled": [
            {"draw": each.draw, "rounds": each.rounds, "proven": each.proven}
            for each in ahead.rolled
        ],
        "draws": [
            {
                "draw": draw.number,
                "people": list(draw.people),
                "vacancies": list(draw.vacancies),
                "able": draw.able,
                **_provided(draw.provided),
            }
            for draw in ahead.draws
        ],
    }


def _provided(provided: Provided) -> dict[str, Any]:
    return {
        "cost": provided.cost,
        "bound": provided.bound,
        "proven": provided.proven,
        "places": [
            {"unit": unit, "year": year + 1, "count": count}
            for (unit, year), count in sorted(provided.posts.items())
        ],
    }


def unit_years(ahead: Ahead) -> Iterator[dict[str, Any]]:
    """Yield a row for each unit and year in which some draw, or all together, need a post.

    `posts` are those that are enough, None where they are not known; `least`, `median` and `most`
    what single draws need.
    """
    alone = [draw.provided.posts for draw in ahead.draws]
    common: Posts | None = None if ahead.provided is None else ahead.provided.posts
    for place in sorted({place for posts in (*alone, common or {}) for place in posts}):
        spread = Spread.of(posts.get(place, 0) for posts in alone)
        yield {
            "unit": place[0],
            "year": place[1] + 1,
            "posts": None if common is None else common.get(place, 0),
            "least": spread.least,
            "median": spread.median,
            "most": spread.most,
        }


def wait_years(found: Forecast, ahead: Ahead) -> Iterator[dict[str, Any]]:
    """Yield a row for each year of arrival: months waited in the draws planned round by round."""
    for year in range(found.assumed.years if ahead.rolled else 0):
        yield {"year": year + 1} | _waiting(waits_of(ahead, year))


def _waiting(waits: list[Wait]) -> dict[str, Any]:
    """Return figures of waits; months are None where nobody of them got a place."""
    months = waited(waits)
    last = len(months) - 1
    return {
        "people": len(waits),
        "median": months[last // 2] if months else None,
        "nine_in_ten": months[-(-9 * len(months) // 10) - 1] if months else None,
        "longest": months[last] if months else None,
        "late": sum(w.months is not None and not w.in_time for w in waits),
        "without": sum(w.months is None for w in waits),
    }


def forecast_tables(found: Forecast) -> dict[str, Frame]:
    """Return the tables: posts by unit and year, draws by year, waits by year of arrival."""
    scenarios = found.scenarios
    return {
        "ahead_posts": framed(
            ({"scenario": ahead.intake} | row for ahead in scenarios for row in unit_years(ahead)),
            ("scenario", "unit", "year", "posts", "least", "median", "most"),
        ),
        "ahead_draws": framed(
            (row for ahead in scenarios for row in _draw_years(found, ahead)),
            ("scenario", "draw", "year", "people", "vacancies", "posts", "proven"),
        ),
        "ahead_waits": framed(
            (
                {"scenario": ahead.intake} | row
                for ahead in scenarios
                for row in wait_years(found, ahead)
            ),
            ("scenario", "year", "people", "median", "nine_in_ten", "longest", "late", "without"),
        ),
    }


def _draw_years(found: Forecast, ahead: Ahead) -> Iterator[dict[str, Any]]:
    for draw in ahead.draws:
        for year in range(found.assumed.years):
            yield {
                "scenario": ahead.intake,
                "draw": draw.number + 1,
                "year": year + 1,
                "people": draw.people[year],
                "vacancies": draw.vacancies[year],
                "posts": in_year(draw.provided.posts, year),
                "proven": draw.provided.proven,
            }


def told(found: Forecast, ahead: Ahead, language: Language) -> list[str]:
    """Return what a scenario comes to, a sentence each."""
    lines = []
    if ahead.draws:
        people = Spread.of(sum(draw.people) for draw in ahead.draws)
        able = Spread.of(draw.able for draw in ahead.draws)
        figures = {"least": able.least, "most": able.most, "people": people.most}
        lines.append(_sentence(language, "able", **figures, months=found.assumed.wait_months))
    if ahead.provided is None:
        return [*lines, _sentence(language, "stopped-short", draws=len(ahead.draws))]
    posts = ahead.provided
    figures = {
        "count": sum(posts.posts.values()),
        "cost": posts.cost,
        "bound": posts.bound,
        "many": ahead.enough_in,
        "draws": found.assumed.draws,
    }
    lines.append(_sentence(language, "enough-proven" if posts.proven else "enough-open", **figures))
    rows = _waiting([w for rolled in ahead.rolled for w in rolled.waits])
    if rows["median"] is not None:
        lines.append(_sentence(language, "rolled", draws=len(ahead.rolled), **rows))
    rounds = sum(rolled.rounds for rolled in ahead.rolled)
    proven = sum(rolled.proven for rolled in ahead.rolled)
    if proven < rounds:
        lines.append(_sentence(language, "rolled-open", proven=proven, rounds=rounds))
    return lines


def ranged(language: Language, row: dict[str, Any]) -> str:
    """Return posts with the range over the draws, as people read them: ``2 (1–3)``."""
    count = "–" if row["posts"] is None else written_count(language, row["posts"])
    return f"{count} ({row['least']}–{row['most']})"


def forecast_page(found: Forecast, language: Language) -> str:
    """Return the years ahead as one HTML document with figures and the tables behind them."""
    years = found.assumed.years
    drawn = [ahead for ahead in found.scenarios if ahead.draws]
    return (
        environment()
        .get_template("forecast.html")
        .render(
            language=language,
            found=found,
            words=Wording(found.round, language),
            scenarios=[
                {
                    "name": ahead.intake,
                    "told": told(found, ahead, language),
                    "figures": [
                        posts_figure(ahead, years),
                        supply_figure(ahead, years),
                        *([wait_figure(ahead, years)] if ahead.rolled else []),
                    ],
                    "units": list(unit_years(ahead)),
                    "waits": list(wait_years(found, ahead)),
                    "draws": ahead.draws,
                }
                for ahead in drawn
            ],
            legends=LEGENDS,
            group=GROUP,
            bar=BAR,
            years=range(1, years + 1),
            in_year=in_year,
            ranged=lambda row: ranged(language, row),
            t=lambda key, **figures: _sentence(language, key, **figures),
        )
    )


def forecast_files(found: Forecast, language: Language) -> dict[str, bytes]:
    """Return the files by name: the document, the workbook and the page."""
    document = json.dumps(forecast_document(found), ensure_ascii=False, indent=2)
    day = found.round.decision_date
    tables = forecast_tables(found)
    return {
        "forecast.json": f"{document}\n".encode(),
        "forecast.xlsx": written_workbook(tables, found.round.id, day, language),
        "forecast.html": forecast_page(found, language).encode(),
    }


def _sentence(language: Language, key: str, **figures: object) -> str:
    worded = {k: Verbatim(v) if isinstance(v, str) else v for k, v in figures.items()}
    return sentence(language, f"forecast.{key}", worded)

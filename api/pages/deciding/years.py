"""The years ahead: what is asked with a form, and what a study of them found, as figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from api.pages.deciding.naming import Names, Record
from api.pages.figures import Drawing, Series, bars
from api.pages.typed import whole
from data.sentences import Language, written_count

ROOM = 3
"""Scenarios that the form has room for."""

NUMBERS = ("years", "wait_months", "draws", "enough_percent")

Said = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A scenario as it is shown.

    Attributes
    ----------
    told
        What it comes to, a sentence each.
    units
        For each unit its name, and for each year the posts with the range over the draws.
    waits
        A row for each year of arrival.
    """

    name: str
    told: Sequence[str]
    figures: Sequence[Drawing]
    units: Sequence[tuple[str, Sequence[str]]]
    waits: Sequence[Record]


def places() -> Iterator[str]:
    """Yield the fields of the form."""
    yield from (f"/forecast/{name}" for name in (*NUMBERS, "seed"))
    for number in range(ROOM):
        yield from (f"/forecast/scenarios/{number}/{name}" for name in ("name", "a_year"))


def assumed_in(form: FormData) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what is assumed, and the form as it is shown again: empty rows come last."""
    sent = {place: str(form.get(place, "")).strip() for place in places()}
    at = "/forecast/scenarios/{}/{}".format
    rows = [(sent[at(n, "name")], sent[at(n, "a_year")]) for n in range(ROOM)]
    rows = [row for row in rows if any(row)]
    for number in range(ROOM):
        sent[at(number, "name")], sent[at(number, "a_year")] = dict(enumerate(rows)).get(
            number, ("", "")
        )
    scenarios = [
        {"name": name, "a_year": [whole(each) for each in re.split(r"[\s,;]+", a_year) if each]}
        for name, a_year in rows
    ]
    body: dict[str, Any] = {name: whole(sent[f"/forecast/{name}"]) for name in NUMBERS}
    body |= {"format": "rotations/forecast@1", "seed": sent["/forecast/seed"]}
    return body | {"scenarios": scenarios}, sent


def field_of(place: str) -> str:
    """Return the field at which a fault is told: numbers of a row are typed in one."""
    if place == "/forecast/scenarios":
        return f"{place}/0/a_year"
    return re.sub(r"(/a_year)/\d+$", r"\1", place)


def scenarios_of(study: Record, names: Names, text: Said) -> list[Shown]:
    """Lay out what a study says of each scenario."""
    years = range(1, study["years"] + 1)
    return [
        Shown(
            name=each["name"],
            told=list(_told(study, each, text)),
            figures=list(_figures(number, each, years, text)) if each["draws"] else (),
            units=_units(each, names, years),
            waits=each["waits"],
        )
        for number, each in enumerate(study["scenarios"])
    ]


def _told(study: Record, scenario: Record, text: Said) -> Iterator[str]:
    """Yield what a scenario comes to."""
    draws = scenario["draws"]
    able = [draw["able"] for draw in draws]
    if draws:
        people = max(sum(draw["people"]) for draw in draws)
        figures = {"least": min(able), "most": max(able), "people": people}
        yield text("forecast.able", **figures, months=study["wait_months"])
    posts = scenario["posts"]
    if posts is None:
        yield text("forecast.stopped-short", draws=len(draws))
        return
    figures = {name: posts[name] for name in ("cost", "bound")}
    figures["count"] = sum(each["count"] for each in posts["places"])
    key = "enough-proven" if posts["proven"] else "enough-open"
    yield text(f"forecast.{key}", **figures, many=scenario["enough_in"], draws=len(draws))


def _units(scenario: Record, names: Names, years: range) -> list[tuple[str, list[str]]]:
    units = sorted({each["unit"] for each in scenario["units"]}, key=names.unit)
    rows = {(each["unit"], each["year"]): each for each in scenario["units"]}
    said = {at: _ranged(names.language, row) for at, row in rows.items()}
    return [(names.unit(unit), [said.get((unit, year), "") for year in years]) for unit in units]


def _ranged(language: Language, row: Record) -> str:
    """Return posts with the range over the draws: ``2 (1–3)``."""
    count = "–" if row["posts"] is None else written_count(language, row["posts"])
    return f"{count} ({row['least']}–{row['most']})"


def _figures(number: int, scenario: Record, years: range, text: Said) -> Iterator[Drawing]:
    """Yield the figures of a scenario: posts, who comes and what is vacant, and the waits."""
    labels = [text("forecast.year", number=year) for year in years]

    def drawn(kind: str, series: Mapping[str, Sequence[int | None]]) -> Drawing:
        return bars(
            f"ahead-{kind}-{number}",
            text(f"forecast.figure-{kind}"),
            text(f"pages_deciding.ahead-{kind}-about"),
            text("forecast.column-year"),
            labels,
            [Series(text(key), values) for key, values in series.items()],
        )

    alone = [_by_year(draw["places"], years) for draw in scenario["draws"]]
    posts = scenario["posts"]
    enough = {} if posts is None else {"forecast.legend-posts": _by_year(posts["places"], years)}
    spread = {
        "pages_deciding.ahead-least": [min(counts) for counts in zip(*alone, strict=True)],
        "pages_deciding.ahead-most": [max(counts) for counts in zip(*alone, strict=True)],
    }
    yield drawn("posts", {**enough, **spread})
    middle = {
        f"forecast.legend-{kind}": [
            _median([draw[kind][year - 1] for draw in scenario["draws"]]) for year in years
        ]
        for kind in ("people", "vacancies")
    }
    yield drawn("supply", middle)
    if scenario["waits"]:
        waits = scenario["waits"]
        waited = {
            f"forecast.column-{name.replace('_', '-')}": [row[name] for row in waits]
            for name in ("median", "nine_in_ten", "longest")
        }
        yield drawn("wait", waited)


def _by_year(posts: Sequence[Record], years: range) -> list[int]:
    return [sum(each["count"] for each in posts if each["year"] == year) for year in years]


def _median(values: Sequence[int]) -> int:
    """Return the lower of the two in the middle, as the study does."""
    return sorted(values)[(len(values) - 1) // 2]

"""A plan as one web page that a hospital board can read: no script, no network, nothing beside it.

Candidates go by id: a board decides without names, and a page is passed on more easily than a
register. Templates and style sheet lie in ``data/exports/templates``; they draw what is computed
here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from babel.dates import format_skeleton
from babel.numbers import format_percent
from jinja2 import Environment

from data.exports.figures import supply, timeline
from data.exports.keyfigures import key_figures
from data.exports.months import Months, month_counts, shown_months
from data.exports.tables import municipalities
from data.exports.timeline import Site, sites
from data.sentences import Language, family, review_notice, sentence, written_count
from data.templates import templates
from data.wording import Wording, last_day
from scheduler.plans import Account, Plan, Reason
from scheduler.rounds import Round


@dataclass(frozen=True, slots=True)
class PlaceAccount:
    """What was said about one window or several; `place` is empty for what concerns none."""

    place: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WishAccount:
    """What kept one wish from coming true; `wish` is empty for what concerns every wish."""

    number: int | None
    wish: str
    places: tuple[PlaceAccount, ...]


@dataclass(frozen=True, slots=True)
class CandidateAccount:
    """What one candidate is told; `got` is empty for who is unplaced."""

    candidate: str
    municipality: str
    got: str
    wishes: tuple[WishAccount, ...]


def report(
    round_: Round,
    plan: Plan,
    language: Language = "nb",
    overrides: Mapping[str, int] | None = None,
) -> str:
    """Return the plan's report as one HTML document, without names of candidates.

    Parameters
    ----------
    overrides
        How often rules of the round were set aside, by kind; None = nobody knows, so that nothing
        is said of it.
    """
    words = Wording(round_, language)
    months = shown_months(round_, plan)
    counts = month_counts(round_, plan, months)
    found = sites(round_, plan)
    return (
        environment()
        .get_template("report.html")
        .render(
            language=language,
            t=_texts(language),
            count=lambda number: written_count(language, number),
            share=lambda part, whole: _share(language, part, whole),
            month=lambda day: format_skeleton("yMMM", day, locale=language),
            last_day=last_day,
            words=words,
            round=round_,
            plan=plan,
            figures=key_figures(round_, plan),
            timeline=timeline(words, found, months),
            sites=found,
            clipped=_clipped(found, months),
            months=months,
            supply=supply(language, counts, months),
            counts=counts,
            municipalities=municipalities(round_, plan).records,
            unplaced=accounts(words, plan.unplaced, {}),
            passed_over=accounts(words, plan.passed_over, _got(words, plan)),
            rules=rules(language),
            overrides=overrides,
            override=lambda kind: sentence(language, f"overrides.{kind}"),
        )
    )


def accounts(
    words: Wording, given: Iterable[Account], got: Mapping[str, str]
) -> list[CandidateAccount]:
    """Word what each candidate is told, wish by wish and window by window."""
    return [
        CandidateAccount(
            candidate=account.candidate,
            municipality=words.municipality(words.round.candidate[account.candidate].municipality),
            got=got.get(account.candidate, ""),
            wishes=tuple(_wishes(words, account)),
        )
        for account in given
    ]


def rules(language: Language) -> list[str]:
    """Return a sentence for each rule that a plan keeps, in the order of the catalogue."""
    return [sentence(language, f"rules.{rule}") for rule in family(language, "rules")]


def _wishes(words: Wording, account: Account) -> Iterable[WishAccount]:
    wishes = words.round.candidate[account.candidate].wishes
    ordered = sorted(account.reasons, key=lambda reason: reason.wish or 0)
    for number, reasons in groupby(ordered, key=lambda reason: reason.wish):
        line = "" if number is None else words.wish(wishes[number - 1])
        yield WishAccount(number, line, tuple(_places(words, reasons)))


def _places(words: Wording, reasons: Iterable[Reason]) -> Iterable[PlaceAccount]:
    """Put together what concerns one window, each sentence once, and windows told the same."""
    said: dict[str, dict[str, None]] = {}
    for reason in reasons:
        said.setdefault(words.reason_place(reason), {})[words.reason(reason)] = None
    alike: dict[tuple[str, ...], list[str]] = {}
    for place, sentences in said.items():
        alike.setdefault(tuple(sentences), []).append(place)
    for same, places in alike.items():
        yield PlaceAccount("; ".join(place for place in places if place), same)


def _got(words: Wording, plan: Plan) -> dict[str, str]:
    return {p.candidate: words.wish_class(p) for p in plan.placements}


def _clipped(found: Iterable[Site], months: Months) -> bool:
    """Tell whether some lane reaches beyond the months shown."""
    shown = months.days()
    stretches = (
        s for site in found for u in site.units for lane in u.lanes for s in lane.stretches
    )
    first, last = shown[0], shown[-1]
    return any(
        s.start < first or (last_day(s.end).year, last_day(s.end).month) > (last.year, last.month)
        for s in stretches
    )


def _texts(language: Language) -> Callable[..., str]:
    def text(key: str, **figures: Any) -> str:
        return sentence(language, f"report.{key}", figures)

    return text


def _share(language: Language, part: int, whole: int) -> str:
    """Return a share in whole per cent, a half rounded up; empty where there is no whole."""
    if not whole:
        return ""
    return str(format_percent((200 * part + whole) // (2 * whole) / 100, locale=language))


@cache
def environment() -> Environment:
    """Return what fills the templates of pages."""
    made = templates("data.exports", "templates")
    made.globals["review_notice"] = review_notice
    return made

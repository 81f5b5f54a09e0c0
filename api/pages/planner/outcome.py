"""How good a plan is, in figures: key figures, tiers with their proof, wishes, who waits longer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.pages import figures
from api.pages.figures import Drawing, Series
from api.pages.planner.seats import Record
from api.pages.rendering import text
from data.sentences import Language
from data.wording import tier_name, tier_value

MOST_TOWNS = 20
"""Municipalities in a figure, those with most who wait; the table of people has them all."""

LONGEST_WAIT = 3
"""Rounds from which on those who wait are counted together."""


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """What a plan comes to; those who had accepted a seat before are not to be placed."""

    to_place: int
    placed: int
    accepted: int
    unplaced: int
    first: int


@dataclass(frozen=True, slots=True)
class TierRow:
    """A tier, or a level of it, in words; `share` = how far the value has come, in percent."""

    name: str
    about: str
    value: str
    bound: str
    proven: bool
    share: int


def key_figures(round_: Record, plan: Record) -> KeyFigures:
    """Return the key figures of a plan."""
    settled = _settled(round_)
    classes = _classes(round_, plan)
    return KeyFigures(
        to_place=len(round_["candidates"]) - len(settled),
        placed=len(classes),
        accepted=len(settled),
        unplaced=len(plan["unplaced"]),
        first=sum(number == 1 for number in classes.values()),
    )


def tiers(language: Language, plan: Record) -> list[TierRow]:
    """Return a plan's tiers in order."""
    return [tier_row(language, each) for each in plan["tiers"]]


def tier_row(language: Language, tier: Record) -> TierRow:
    """Return a tier, or where the search for it stands, in words."""
    name, value, bound = tier["tier"], tier["value"], tier["bound"]
    if name == "uniqueness":  # the proof that no other plan is as good has a value, and no noun
        said, limit, about = str(value), str(bound), text(language, "pages_planner.uniqueness")
    else:
        said, limit = (tier_value(language, name, each) for each in (value, bound))
        about = text(language, f"tiers.about-{name}")
    return TierRow(
        name=tier_name(language, name, tier["level"]),
        about=about,
        value=said,
        bound=limit,
        proven=tier["proven"],
        share=_share(value, bound),
    )


def proof(language: Language, rows: Sequence[TierRow]) -> Drawing:
    """Draw how much of each tier is reached, and how much is still open."""
    proven = sum(row.proven for row in rows)
    return figures.stacked(
        "proof",
        text(language, "pages_planner.proof-title"),
        text(language, "pages_planner.proof-about", proven=proven, of=len(rows)),
        text(language, "pages_planner.tier"),
        [f"{number}. {row.name}" for number, row in enumerate(rows, 1)],
        [
            Series(text(language, "pages_planner.proof-reached"), [row.share for row in rows]),
            Series(text(language, "pages_planner.proof-open"), [100 - row.share for row in rows]),
        ],
    )


def wishes(language: Language, round_: Record, plan: Record) -> Drawing:
    """Draw which wish came true for how many of those who were to be placed."""
    classes = Counter(_classes(round_, plan).values())
    numbers = range(1, max((number for number in classes if number), default=1) + 1)
    labels = [text(language, "report.class", number=number) for number in numbers]
    counts = [classes[number] for number in numbers]
    title = text(language, "report.section-classes")
    unplaced = len(plan["unplaced"])
    return figures.bars(
        "wishes",
        title,
        text(language, "pages_planner.wishes-about", first=counts[0], unplaced=unplaced),
        text(language, "report.classes-result"),
        [*labels, text(language, "report.classes-unplaced")],
        [Series(text(language, "report.classes-count"), [*counts, unplaced])],
    )


def waiting(language: Language, round_: Record, plan: Record) -> Drawing | None:
    """Draw who goes on waiting by municipality, and for the how manieth round; None = nobody."""
    person = {each["id"]: each for each in round_["candidates"]}
    name = {each["id"]: each["name"] or each["id"] for each in round_["municipalities"]}
    waits: dict[str, Counter[int]] = {}
    for account in plan["unplaced"]:
        who = person[account["candidate"]]
        rounds = min(LONGEST_WAIT, who["rounds_waited"] + 1)
        waits.setdefault(who["municipality"], Counter())[rounds] += 1
    if not waits:
        return None
    shown = sorted(waits, key=lambda town: (-_weight(waits[town]), name[town]))[:MOST_TOWNS]
    last = text(language, "pages_planner.waits-last", rounds=LONGEST_WAIT)
    said = [text(language, "pages_planner.waits", rounds=n) for n in range(1, LONGEST_WAIT)]
    people = len(plan["unplaced"])
    about = text(language, "pages_planner.waiting-about", people=people, towns=len(waits))
    title = text(language, "pages_planner.waiting-title")
    if len(shown) < len(waits):
        title += f". {text(language, 'pages_planner.waiting-most', shown=len(shown))}"
    return figures.stacked(
        "waiting",
        title,
        about,
        text(language, "pages_planner.municipality"),
        [name[town] for town in shown],
        [
            Series(label, [waits[town][rounds] for town in shown])
            for rounds, label in enumerate([*said, last], 1)
        ],
    )


def supply(language: Language, months: Sequence[Record], named: Mapping[str, str]) -> Drawing:
    """Draw positions against candidates month by month.

    Parameters
    ----------
    named
        The months, as they are written.
    """
    positions = [each["positions"] for each in months]
    candidates = [each["candidates"] for each in months]
    short = sum((c or 0) > p for p, c in zip(positions, candidates, strict=True))
    return figures.bars(
        "supply",
        text(language, "pages_planner.supply-title"),
        text(language, "pages_planner.supply-about", months=len(months), short=short),
        text(language, "report.supply-month"),
        [named[each["month"]] for each in months],
        [
            Series(text(language, "pages_planner.positions"), positions),
            Series(text(language, "pages_planner.candidates"), candidates),
        ],
    )


def _settled(round_: Record) -> set[str]:
    return {each["candidate"] for each in round_["commitments"] if each["state"] == "accepted"}


def _classes(round_: Record, plan: Record) -> dict[str, int | None]:
    """Return the wish that came true, by candidate who was to be placed and is."""
    settled = _settled(round_)
    return {p["candidate"]: p["class"] for p in plan["placements"] if p["candidate"] not in settled}


def _weight(waits: Counter[int]) -> int:
    return sum(rounds * people for rounds, people in waits.items())


def _share(value: int, bound: int) -> int:
    """Return how much of the way to its bound a value has come, 0 to 99; 100 = it is there."""
    if value == bound:
        return 100
    least, most = sorted((abs(value), abs(bound)))
    return min(99, 100 * least // most) if most else 0

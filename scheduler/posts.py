"""Extra posts: six months in a unit that has none today, and who could use them.

A post is a unit and a first day. A set of posts makes a *widened* round: the same round with one
more window for each post, of as many positions as the set counts (docs/capacity.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scheduler.admission import refusals, stay, stay_months
from scheduler.dates import add_months
from scheduler.domain import Candidate, Window
from scheduler.options import Option, divisions, options_of
from scheduler.rounds import Round

POST_MONTHS = 6
"""Months that a post lasts."""


@dataclass(frozen=True, slots=True, order=True)
class Post:
    """A full-time post for six months from `start` in `unit`."""

    unit: str
    start: date


@dataclass(frozen=True, slots=True)
class Unplaceable:
    """A candidate whom neither the round nor any post has an option for, and the rules that fail.

    `rules` are names of rules, as they fail at the post where the fewest do; or one of ``NO_WISH``,
    ``FIT`` (the stay is longer than a post) and ``NO_START_DAY`` (no post begins when she wishes).
    """

    candidate: str
    rules: tuple[str, ...]


def post_window(round_: Round, post: Post, positions: int) -> Window:
    """Return the window that a post is in the widened round."""
    closes = add_months(post.start, POST_MONTHS)
    assert closes is not None, "posts that would never end are not on the grid"
    return Window(
        id=window_id(round_, post),
        unit=post.unit,
        opens=post.start,
        closes=closes,
        positions=positions,
        kind="earmarked",
    )


def window_id(round_: Round, post: Post) -> str:
    """Return ``post/unit/start``, with a stroke for each window of the round called so already."""
    name = f"post/{post.unit}/{post.start}"
    while name in round_.window:
        name += "'"
    return name


def widened(round_: Round, posts: Mapping[Post, int]) -> Round:
    """Return the round with these posts added; a count of 0 adds nothing."""
    added = (post_window(round_, post, count) for post, count in posts.items() if count)
    return round_.replace(windows=(*round_.windows, *added))


def grid(round_: Round) -> tuple[Post, ...]:
    """Return the posts that some candidate wishes, one a unit and month, by unit and start.

    A post begins on the first day of the month that the policy names, or on the 1st where it names
    none, and not before the decision. Someone without an accepted seat wishes to start that day.
    """
    day = min(round_.policy.start_days, default=1)
    found: set[Post] = set()
    for candidate in round_.candidates:
        if candidate.id not in round_.accepted:
            found.update(_wished(round_, candidate, day))
    return tuple(sorted(found))


def _wished(round_: Round, candidate: Candidate, day: int) -> Iterator[Post]:
    for wish in candidate.wishes:
        units = [u.id for u in round_.units if wish.target in (u.id, u.site, u.trust)]
        for start in _monthly(max(wish.earliest, round_.decision_date), wish.latest, day):
            yield from (Post(unit, start) for unit in units)


def _monthly(first: date, last: date, day: int) -> Iterator[date]:
    """Yield that day of each month in ``[first, last]`` from which six months can be counted."""
    month: date | None = first.replace(day=1)
    while month is not None and month <= last and add_months(month, POST_MONTHS + 1):
        next_month = add_months(month, 1)
        assert next_month is not None
        if day <= (next_month - month).days and first <= (start := month.replace(day=day)) <= last:
            yield start
        month = next_month


def users(round_: Round, posts: Sequence[Post]) -> dict[Post, tuple[Option, ...]]:
    """Return the options that have a part in each post; who has an accepted seat has none.

    Posts that nobody could use are absent.
    """
    everything = widened(round_, dict.fromkeys(posts, 1))
    by_window = {window_id(round_, post): post for post in posts}
    found: dict[Post, list[Option]] = {}
    for candidate in everything.candidates:
        if candidate.id not in round_.accepted:
            for option in options_of(everything, candidate):
                for window in {part.window for part in option.parts} & by_window.keys():
                    found.setdefault(by_window[window], []).append(option)
    return {post: tuple(sorted(found[post])) for post in sorted(found)}


def sold(round_: Round, posts: Sequence[Post]) -> Mapping[Post, int]:
    """Return the posts that a plan could use, and how many positions of each at most.

    A stay in two parts may want two posts: where one cannot be used, neither can the other.
    """
    while True:
        wanted = users(round_, posts)
        most = {post: _most(round_, post, options) for post, options in wanted.items()}
        wanting = {post: count for post, count in most.items() if count}
        if round_.policy.parts is None or len(wanting) == len(posts):
            return wanting
        posts = tuple(wanting)


def _most(round_: Round, post: Post, options: Sequence[Option]) -> int:
    """Return from how many positions on another one changes no plan."""
    people = len({option.candidate for option in options})
    places = round_.unit[post.unit].supervised_places
    return people if places is None else min(people, places)


def unplaceable(round_: Round, posts: Sequence[Post]) -> tuple[Unplaceable, ...]:
    """Return the candidates without an option in the round and in every post, with their rules."""
    served = {option.candidate for options in users(round_, posts).values() for option in options}
    found = []
    for candidate in round_.candidates:
        if candidate.id in round_.accepted or candidate.id in served:
            continue
        if next(options_of(round_, candidate), None) is None:
            found.append(Unplaceable(candidate.id, _failing(round_, candidate, posts)))
    return tuple(found)


def _failing(round_: Round, candidate: Candidate, posts: Sequence[Post]) -> tuple[str, ...]:
    """Return the rules that keep a candidate from the first of the posts that come nearest."""
    if not candidate.wishes:
        return ("NO_WISH",)
    failing = []
    for post in posts:
        window = post_window(round_, post, 1)
        shortest = min(months for division in divisions(round_, candidate) for months in division)
        wished = stay(round_, candidate, window, post.start, shortest)
        if wished is not None and wished.wish_class:
            rules = tuple(refusal.rule for refusal in refusals(wished))
            long = stay_months(shortest, window) > POST_MONTHS
            failing.append((*rules, "FIT") if long else rules)
    return min(failing, key=len, default=("NO_START_DAY",))

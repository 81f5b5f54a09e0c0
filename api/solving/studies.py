"""Studies of a frozen round: what each kind is given, what it tells meanwhile and in the end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from threading import Timer
from typing import Any

from api.solving.desk import Desk
from data.costs import read_costs
from data.documents import read_plan, read_round, write_document, write_plan
from data.exports.explanations import explanation_record
from data.forecasts import assumptions
from data.forms.forecast_records import waits_record
from data.forms.forecasts import ForecastForm
from data.forms.plan_records import plan_record
from data.scenarios import changed_round, read_scenario
from scheduler.asking import Asking
from scheduler.canonical import encode
from scheduler.capacity import Target, capacity_study
from scheduler.comparison import Side
from scheduler.exact import exact
from scheduler.explain import Explainer
from scheduler.forecast import Ahead, forecast
from scheduler.planner import plan_round
from scheduler.price import MODES, price, under_modes
from scheduler.replanning import releasing
from scheduler.rounds import Round
from scheduler.watch import Limits, Watch

WORK = 10.0
"""Most solver work for one question of the years ahead, in CP-SAT's deterministic seconds."""

Told = Callable[[str, int, int], None]
Ended = tuple[str, dict[str, Any]]
"""``result`` or ``failure``, and what it says."""


@dataclass(frozen=True, slots=True)
class Given:
    """What work is given: the round's document, a plan's, and what was asked, as it takes them."""

    round: str
    plan: str | None
    asked: str | None


Study = Callable[[Given, float, Watch, Desk], Ended]
"""Answers a question in so many seconds, telling how far it is."""


def _explained(given: Given, _seconds: float, watch: Watch, desk: Desk) -> Ended:
    """Explain everybody, each told when found; what the time is too short for is not told."""
    assert given.plan is not None, "explanations are of a plan"
    assert given.asked is not None, "explanations say what is found already"
    round_ = read_round(given.round.encode())
    explainer = Explainer(round_, plan_record(read_plan(given.plan.encode())))
    asked = json.loads(given.asked)
    of, done = len(round_.candidates), len(asked["found"])
    for candidate in _in_turn(round_, asked, desk):
        each = explainer.explanation(candidate, Watch(stop=watch.stop))
        if desk.stop.requested:  # what it lacks would pass for an answer
            break
        done += 1
        explained = {
            "candidate": candidate,
            "municipality": round_.candidate[candidate].municipality,
            "content": encode(explanation_record(each)).decode(),
        }
        desk.tell("explained", explained)
        desk.tell("progress", {"done": done, "of": of})
    return "result", {"figures": {"explained": done}}


def _in_turn(round_: Round, asked: Mapping[str, Any], desk: Desk) -> Iterator[str]:
    """Yield whoever is not explained yet: those whom somebody asks for, then by the round."""
    found, first = set(asked["found"]), asked["first"]
    left = dict.fromkeys(each.id for each in round_.candidates if each.id not in found)
    while left:
        for said in desk.meanwhile():
            first = said["first"]
        candidate = next((each for each in first if each in left), next(iter(left)))
        del left[candidate]
        yield candidate


def _scenario(given: Given, seconds: float, watch: Watch, _desk: Desk) -> Ended:
    """Plan the round that a scenario makes."""
    assert given.asked is not None, "a scenario says what changes"
    round_ = read_round(given.round.encode())
    changed = changed_round(round_, read_scenario(given.asked.encode()))
    plan = plan_round(changed, Limits(seconds=seconds), watch)
    figures = {
        "status": str(plan.status),
        "placed": plan.placed,
        "unplaced": len(plan.unplaced),
    }
    return "result", {"content": write_plan(plan).decode(), "figures": figures}


def _capacity(given: Given, seconds: float, watch: Watch, desk: Desk) -> Ended:
    """Study the posts that a round lacks, or the years after it."""
    assert given.asked is not None, "a study has a target"
    asked = json.loads(given.asked)
    round_ = read_round(given.round.encode())

    def told(work: str, done: int, of: int) -> None:
        desk.tell("progress", {"work": work, "done": done, "of": of})

    if asked.get("forecast") is not None:
        return _years(round_, asked["forecast"], seconds, watch, told)
    return _posts(round_, asked, seconds, watch, told)


def _posts(
    round_: Round, asked: Mapping[str, Any], seconds: float, watch: Watch, told: Told
) -> Ended:
    """Study what posts are worth, and which ones are the cheapest that are enough."""
    from data.exports.capacity import study_document

    share = Fraction(asked["percent"] or 100, 100)
    target = Target(kind=asked["target"], share=share, within=asked["within"])
    costs = {} if asked["costs"] is None else read_costs(encode(asked["costs"]), round_)
    with _timed(watch, seconds):
        study = capacity_study(
            round_,
            target,
            costs,
            exact=asked["exact"],
            seconds=seconds / 2,
            watch=Watch(clock=watch.clock, stop=watch.stop),
            told=told,
        )
    bought = study.purchase
    content = {
        "study": study_document(study),
        "plan": study.plan.document,
        "bought": bought.plan.document if bought.plan else None,
    }
    figures = {
        "found": str(bought.found),
        "posts": sum(count for _, count in bought.posts),
        "cost": bought.cost,
    }
    return "result", {"content": encode(content).decode(), "figures": figures}


def _years(
    round_: Round, asked: Mapping[str, Any], seconds: float, watch: Watch, told: Told
) -> Ended:
    """Look at the years ahead, and say what is decided when the time is up."""
    from data.exports.forecast import forecast_document

    assumed = assumptions(ForecastForm.model_validate(asked), round_)
    quiet = Watch(stop=watch.stop)
    asking = Asking(new_solver=exact, watch=quiet, told=told, work=WORK)
    with _timed(watch, seconds):
        found = forecast(round_, assumed, asking)
    content = {"study": forecast_document(found), "waits": waits_record(found)}
    figures = {"ahead": [_posts_ahead(ahead) for ahead in found.scenarios]}
    return "result", {"content": encode(content).decode(), "figures": figures}


def _posts_ahead(ahead: Ahead) -> dict[str, Any]:
    posts = ahead.provided
    if posts is None:
        return {"name": ahead.intake, "posts": None, "cost": None, "proven": None}
    count = sum(posts.posts.values())
    return {"name": ahead.intake, "posts": count, "cost": posts.cost, "proven": posts.proven}


def _price(given: Given, seconds: float, watch: Watch, desk: Desk) -> Ended:
    """Plan the round under each mode of priority, and look for the lists that cost placements."""
    from data.exports.comparisons import price_document

    round_ = read_round(given.round.encode())
    quiet = Watch(stop=watch.stop)
    plans = {}
    with _timed(watch, seconds):
        for done, (mode, changed) in enumerate(under_modes(round_).items()):
            desk.tell("progress", {"done": done, "of": len(MODES)})
            plans[mode] = plan_round(changed, Limits(), quiet)
        found = price(under_modes(round_), plans, Asking(new_solver=exact, watch=quiet))
    content = write_document(price_document(round_, found)).decode()
    lists = None if found.lists is None else list(found.lists)
    return "result", {"content": content, "figures": {"lost": found.lost, "lists": lists}}


def _keeping(given: Given, seconds: float, watch: Watch, desk: Desk) -> Ended:
    """Plan the round with its offers, and as if there were none: keeping costs the difference."""
    from data.exports.replans import keeping_document

    round_ = read_round(given.round.encode())
    quiet, sides = Watch(stop=watch.stop), []
    with _timed(watch, seconds):
        for done, each in enumerate((round_, releasing(round_))):
            desk.tell("progress", {"done": done, "of": 2})
            sides.append(Side(each, plan_round(each, Limits(), quiet)))
    kept, released = sides
    content = write_document(keeping_document(kept, released)).decode()
    return "result", {"content": content, "figures": {}}


@contextmanager
def _timed(watch: Watch, seconds: float) -> Iterator[None]:
    """Have work stop when its time is up: what is not proven by then is said to be open."""
    assert watch.stop is not None, "a process can be told to stop"
    timer = Timer(seconds, watch.stop.request)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


STUDIES: Mapping[str, Study] = {
    "explanations": _explained,
    "scenario": _scenario,
    "capacity": _capacity,
    "price": _price,
    "keeping": _keeping,
}
"""How each kind of study is made."""

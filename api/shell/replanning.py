"""A round planned again after a change, and what a terminal shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from api.shell.comparing import people_lines, refuse, show_sides
from api.shell.console import say, show_lines
from api.shell.planning import planned
from api.signals import interruptible
from data.documents import write_document, write_plan, write_round
from data.exports.replans import SIDES, replan_document, replan_workbook
from data.replanning import Replanning
from data.scenarios import changed_round, load_scenario
from data.sentences import Language
from data.wording import Wording
from scheduler.comparison import Side
from scheduler.plans import Plan
from scheduler.replanning import Replanned, keeping, offering, releasing, replanned
from scheduler.rounds import Round
from scheduler.watch import Stop, Watch


def planned_again(round_: Round, plan: Plan, scenario: Path, jobs: int | None) -> Replanned:
    """Return a round planned again under a scenario; an interruption leaves reasons open.

    Parameters
    ----------
    plan
        The round's plan.
    jobs
        How many plans are made at once; None = as many as there are cores.

    Raises
    ------
    InvalidScenario
        With every fault.
    RefusedRound
        Where the changed round contradicts itself.
    """
    changed = changed_round(offering(round_, plan), load_scenario(scenario))
    refuse(changed)
    rounds = [keeping(changed), releasing(changed)]
    after, free = map(Side, rounds, planned(rounds, jobs))
    stop = Stop()
    work = partial(replanned, Side(round_, plan), after, free, Watch(stop=stop))
    return interruptible(work, stop.request, lambda: None)


def replan_files(found: Replanned, language: Language) -> Mapping[str, bytes]:
    """Return the files: what happened, and the changed round with its new plan."""
    return {
        "replan.json": write_document(replan_document(found)),
        "replan.xlsx": replan_workbook(found, language),
        "round.json": write_round(found.after.round),
        "plan.json": write_plan(found.after.plan),
    }


def show_replan(found: Replanned, language: Language) -> None:
    """Show the three plans side by side, who moves and why, and what keeping costs."""
    names = [say(language, f"replan-{name}") for name in SIDES]
    sides = [getattr(found, name) for name in SIDES]
    show_sides(say(language, "replan-title"), names, sides, language)
    words = Replanning(Wording(found.before.round, language), Wording(found.after.round, language))
    show_lines(["", say(language, "replan-moved", count=len(found.moved))])
    for moved in found.moved:
        first, *reasons = words.lines(moved)
        show_lines([f"  {first}", *(f"    {reason}" for reason in reasons)])
    show_lines(["", say(language, "replan-cost")])
    show_lines([f"  {line}" for line in people_lines(found.cost, language)])

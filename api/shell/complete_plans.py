"""A plan beside its round, as the planner wrote it: what explains or certifies it starts here."""

from __future__ import annotations

from pathlib import Path

from api.failures import ExitCode, Misuse
from api.shell.checks import broken_lines
from data.files import load_plan
from data.forms.plan_records import plan_record
from data.sentences import Language
from scheduler.plans import Plan, Status
from scheduler.rounds import Round


class UnfitPlan(Misuse):
    """The plan is none of the round, or not as far as it must be."""

    exit_code = ExitCode.REFUSED
    status = "refused"


def complete_plan(round_: Round, path: Path, language: Language) -> Plan:
    """Return the plan in a file, with every claim, held against every rule of its round.

    Raises
    ------
    InvalidPlan
        With every fault of the plan's form.
    UnfitPlan
        For a plan of another round, one that leaves claims out, or one that does not hold.
    """
    document = load_plan(path)
    if document.get("round_hash", round_.hash) != round_.hash:
        raise UnfitPlan("plan-of-another-round")
    try:
        plan = plan_record(document)
    except KeyError:
        raise UnfitPlan("plan-incomplete") from None
    if broken := broken_lines(round_, document, language):
        raise UnfitPlan("plan-broken", lines=broken)
    return plan


def proven_plan(round_: Round, path: Path, language: Language) -> Plan:
    """Return a complete plan that is proven best; UnfitPlan also for one that is not."""
    plan = complete_plan(round_, path, language)
    if plan.status is not Status.OPTIMAL:
        raise UnfitPlan("plan-unproven")
    return plan

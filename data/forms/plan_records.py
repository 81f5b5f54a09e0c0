"""From a complete plan document back to the plan that it was written from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from scheduler.plans import Account, Engine, Placement, Plan, Reason, Status, TierResult


def plan_record(document: Mapping[str, Any]) -> Plan:
    """Return the plan of a well-formed ``rotations/plan@1`` document that leaves nothing out.

    Written again it is the same document, byte for byte.
    """
    engine = document["engine"]
    return Plan(
        round_id=document["round"],
        round_hash=document["round_hash"],
        status=Status(document["status"]),
        placements=tuple(_placement(placement) for placement in document["placements"]),
        unplaced=tuple(_account(account) for account in document["unplaced"]),
        passed_over=tuple(_account(account) for account in document["passed_over"]),
        tiers=tuple(TierResult(**tier) for tier in document["tiers"]),
        engine=Engine(engine["version"], engine["ortools"]),
        lottery_counter=document["lottery_counter"],
        verified=document["verified"],
    )


def _placement(placement: Mapping[str, Any]) -> Placement:
    return Placement(
        candidate=placement["candidate"],
        window=placement["window"],
        unit=placement["unit"],
        start=date.fromisoformat(placement["start"]),
        end=date.fromisoformat(placement["end"]),
        wish_class=placement["class"],
        months=placement.get("months"),
    )


def _account(account: Mapping[str, Any]) -> Account:
    return Account(account["candidate"], tuple(_reason(reason) for reason in account["reasons"]))


def _reason(reason: Mapping[str, Any]) -> Reason:
    figures = {name: value for name, value in reason.items() if name not in ("code", "wish")}
    return Reason(reason["code"], reason["wish"], figures)

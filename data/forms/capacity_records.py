"""From the document of a capacity study back to the study that it was written from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from scheduler.capacity import Found, Purchase, Study, Target
from scheduler.plans import Plan
from scheduler.posts import Post, Unplaceable
from scheduler.rounds import Round
from scheduler.worth import Worth


def study_of(document: Mapping[str, Any], round_: Round, plan: Plan, bought: Plan | None) -> Study:
    """Return the study of a ``rotations/capacity@1`` document.

    Parameters
    ----------
    round_, plan
        The round, and its plan.
    bought
        The plan with the set of posts, where one was found.
    """
    target = document["target"]
    return Study(
        round=round_,
        target=Target(
            kind=target["kind"], share=Fraction(target["share"]), within=target.get("within")
        ),
        plan=plan,
        worths=tuple(_worth(worth) for worth in document["worth"]),
        purchase=_purchase(document["purchase"], bought),
    )


def _post(record: Mapping[str, Any]) -> Post:
    return Post(record["unit"], date.fromisoformat(record["start"]))


def _worth(worth: Mapping[str, Any]) -> Worth:
    return Worth(
        post=_post(worth),
        candidates=tuple(worth["candidates"]),
        exact=worth["exact"],
        deadline=worth["deadline"],
        placed=worth["placed"],
        classes=tuple(worth["classes"]),
        tiers=tuple((tier["tier"], tier["level"], tier["gain"]) for tier in worth["tiers"]),
    )


def _purchase(record: Mapping[str, Any], bought: Plan | None) -> Purchase:
    return Purchase(
        found=Found(record["found"]),
        posts=tuple((_post(each), each["count"]) for each in record["posts"]),
        cost=record["cost"],
        bound=record["bound"],
        plan=bought,
        counted=record["counted"],
        needed=record["needed"],
        reachable=record["reachable"],
        left_out=tuple(
            Unplaceable(each["candidate"], tuple(each["rules"])) for each in record["left_out"]
        ),
    )

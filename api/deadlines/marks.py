"""By when a place must be clear, so that there is as much time before the start as a trust asks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from api.deadlines.deadline import Deadline
from data.sentences import Verbatim
from models.tables import Policy, Round, Submission
from scheduler.dates import add_months
from scheduler.domain import Lead, TrustLead


def marks(
    round_: Round, policy: Policy, list_: Submission, trusts: Mapping[str, str]
) -> Iterator[Deadline]:
    """Yield the marks of each wish of a list: the time hoped for, and the least.

    Parameters
    ----------
    trusts
        The trust of everything that a wish may name.
    """
    lead = _lead(policy.content["lead"])
    for candidate in json.loads(list_.content)["candidates"]:
        for number, wish in enumerate(candidate["wishes"], start=1):
            trust = trusts.get(wish["target"], wish["target"])
            for kind, months in (
                ("wish-target", lead.target(trust)),
                ("wish-minimum", lead.minimum(trust)),
            ):
                earliest = date.fromisoformat(wish["earliest"])
                yield Deadline(
                    kind=kind,
                    party="municipality",
                    subject=round_.id,
                    day=latest_before(earliest, months),
                    municipality=list_.municipality,
                    candidate=candidate["id"],
                    round=round_.id,
                    number=number,
                    figures={
                        "label": Verbatim(round_.label),
                        "number": number,
                        "target": Verbatim(wish["target"]),
                        "earliest": earliest,
                        "months": months,
                    },
                )


def latest_before(day: date, months: int) -> date:
    """Return the latest date from which so many months are over on a day.

    Months are added as the rule LEAD adds them: of 29, 30 and 31 August each is six months before
    the end of February, and the 31st is the latest.
    """
    years, month = divmod(day.month - 1 - months, 12)
    latest = date(day.year + years, month + 1, 1)
    while (reached := add_months(latest + timedelta(days=1), months)) and reached <= day:
        latest += timedelta(days=1)
    return latest


def _lead(content: Mapping[str, Any]) -> Lead:
    by_trust = {trust: TrustLead(**own) for trust, own in content.get("by_trust", {}).items()}
    return Lead(**{**content, "by_trust": by_trust})

"""Which ids a municipality has given its candidates: none may come to mean somebody else."""

from __future__ import annotations

import json
from asyncio import gather

from api.pages.asking import Refused
from api.pages.page import Page


async def given_ids(page: Page, number: str) -> set[str]:
    """Return the ids in the municipality's lists of every round, and of whom has had a place.

    Rights, service and placements are found by such an id. One that was taken off a list is not
    free: who came after would be taken for who was there before.
    """
    rounds, placements = await gather(
        page.ask.all("/v1/rounds"), page.ask.all("/v1/placements", municipality=number)
    )
    paths = [f"/v1/rounds/{each['id']}/municipalities/{number}/requests" for each in rounds]
    listed = await gather(*(_listed(page, path) for path in paths))
    return {each["candidate"] for each in placements}.union(*listed)


async def _listed(page: Page, path: str) -> set[str]:
    """Return who is, or was, on a list of a round: also on one that another has replaced."""
    try:
        receipts = (await page.ask.get(f"{path}/receipts")).data["items"]
    except Refused as refused:
        if refused.status != 404:
            raise
        return set()
    found = await gather(*(page.ask.get(f"{path}/receipts/{r['number']}") for r in receipts))
    lists = (json.loads(each.data["content"]) for each in found)
    return {each["id"] for list_ in lists for each in list_["candidates"]}

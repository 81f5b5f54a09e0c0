"""What is told of a plan in the making: as it is told (server-sent events), and at once.

The stream holds no connection to the database while it waits, and asks anew every few seconds
whether its reader may still listen.
"""

from __future__ import annotations

from asyncio import sleep
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.outcomes.parties import staff_scope
from api.schemas.fields import Handle, written_instant
from api.schemas.plans import LevelAnswer, PlanProgressAnswer
from api.web.admission import AdmittedRoute, Caller, admitted
from api.web.calls import Call, found
from api.web.problems import Problem, answers
from models.store import plan_events
from models.store.plans import seen_plan, state_of
from models.tables import PlanEvent
from models.tables.tasks import UNFINISHED

router = APIRouter(route_class=AdmittedRoute, tags=["plans"])

POLL_SECONDS = 0.3
POLLS_PER_CHECK = 7
"""How often is asked whether the reader may still listen: about every two seconds."""

MOST_AT_ONCE = 200

LastEventId = Annotated[
    str | None,
    Header(
        pattern="^[0-9]{1,9}$",
        description="Number of the last event that was received: the stream goes on after it.",
    ),
]


@dataclass(frozen=True, slots=True)
class News:
    """What was told since, and the plan's state before that was asked for."""

    state: str
    events: list[PlanEvent]


def watched(call: Caller, id: Handle) -> str:  # noqa: A002 - the address names it
    """Return the id of a plan that the caller may watch; before the stream has begun."""
    with call.reading() as session:
        return found(seen_plan(session, id, staff_scope(call.principal))).plan.id


@router.get(
    "/plans/{id}/events",
    operation_id="get_plan_events",
    response_class=EventSourceResponse,
    responses=answers("not-found"),
)
async def get_plan_events(
    caller: Caller, plan: Annotated[str, Depends(watched)], last_event_id: LastEventId = None
) -> AsyncIterator[ServerSentEvent]:
    """Watch a plan: `state`, `progress` and `incident` as they are told, then `end`, once.

    Each event has a number; with `Last-Event-ID` the stream goes on after that one. It ends
    without `end` where the right to watch is taken back, or the service stops.
    """
    after, polls = int(last_event_id or 0), 0
    listener: Call | None = caller
    while listener and (news := await run_in_threadpool(_news, listener, plan, after)):
        for event in news.events:
            after = event.number
            yield _told(event)
        if len(news.events) == MOST_AT_ONCE:
            continue
        if news.state not in UNFINISHED:
            yield ServerSentEvent(event="end", data={"state": news.state}, id=str(after))
            return
        if caller.service.stopping.is_set():
            return
        await sleep(POLL_SECONDS)
        polls += 1
        if polls % POLLS_PER_CHECK == 0:
            listener = await run_in_threadpool(_renewed, listener)


@router.get(
    "/plans/{id}/progress", operation_id="get_plan_progress", responses=answers("not-found")
)
def get_plan_progress(call: Caller, id: Handle) -> PlanProgressAnswer:  # noqa: A002
    """Show how far the search for a plan has come, or had come, level by level."""
    with call.reading() as session:
        plan = found(seen_plan(session, id, staff_scope(call.principal))).plan
        levels = plan_events.levels(session, plan.id)
        return PlanProgressAnswer(state=plan.state, levels=list(_levels(levels)))


def _levels(told: Sequence[Mapping[str, Any]]) -> Iterator[LevelAnswer]:
    """Yield levels as answers: nothing is proven behind what is not."""
    proven = True
    for each in told:
        proven = proven and each["value"] == each["bound"]
        yield LevelAnswer(**each, proven=proven)


def _news(listener: Call, plan: str, after: int) -> News | None:
    """Return what is new; None where the plan is not to be seen any more, or the database busy."""
    try:
        with listener.reading() as session:
            # The state first: what was told before it changed is then there to be read.
            state = state_of(session, plan)
            events = plan_events.after(session, plan, after, MOST_AT_ONCE)
            return News(state, events) if state else None
    except Problem:
        return None


def _renewed(listener: Call) -> Call | None:
    """Return the call as it would be made now; None where it would be refused."""
    try:
        return admitted(listener.request)
    except Problem:
        return None


def _told(event: PlanEvent) -> ServerSentEvent:
    data = {**event.data, "told_at": written_instant(event.told_at)}
    return ServerSentEvent(event=event.kind, data=data, id=str(event.number))

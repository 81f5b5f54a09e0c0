"""Release: a second person approves a plan, a planner publishes it, or takes it out of force."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from api.calendar import end_of_day
from api.outcomes.answers import plan_answer
from api.outcomes.parties import staff_scope
from api.releasing.changes import changes
from api.releasing.differences import Differences, differences
from api.releasing.moved import moved
from api.releasing.publishing import Act, earliest_answer, preview, publish, void
from api.schemas.fields import Handle
from api.schemas.plans import PlanAnswer
from api.schemas.release import (
    ChangeRecord,
    MovedRecord,
    PublishForm,
    RecipientRecord,
    ReleaseAnswer,
    WithdrawalForm,
)
from api.studying.asking import ask_why
from api.web.admission import AdmittedRoute, Caller
from api.web.bodies import invalid
from api.web.calls import Call, etag, found
from api.web.problems import Problem, answers
from data.documents import read_plan, read_round
from data.forms.plan_records import plan_record
from models.store import plans, release, rounds
from models.store.notices import Recipient, recipients
from models.tables import Plan, Round
from scheduler.errors import Fault
from scheduler.plans import Plan as PlanRecord
from scheduler.rounds import Round as RoundRecord
from scheduler.verify import verify_document

router = APIRouter(route_class=AdmittedRoute, tags=["release"])

_CHANGED = ("stale", "precondition-required", "conflict", "key-reused")
_READY = ("not-found", "plan-not-completed", "plan-outdated", "plan-changed")
_APPROVED = answers(*_READY, "plan-approved", "two-people", *_CHANGED)
_PUBLISHED = answers(
    *(*_READY, "plan-published", "plan-unverified", "plan-not-approved", "two-people"),
    *("accepted-not-kept", "start-passed"),
    *_CHANGED,
)
_SHOWN = answers(*_READY[:2], "accepted-not-kept")
_VOIDED = answers("not-found", "plan-not-published", "placement-begun", *_CHANGED)


@router.post(
    "/plans/{id}/approve",
    operation_id="approve_plan",
    response_model=PlanAnswer,
    responses=_APPROVED,
)
def approve_plan(call: Caller, id: Handle) -> Response:  # noqa: A002 - the address names it
    """Approve a plan that another person has asked for, so that it can be published."""
    with call.writing() as session:
        row, plan = _taken(call, session, id)
        _expect_unchanged(session, row, plan)
        if plan.approved_at is not None:
            raise Problem("plan-approved")
        if plan.requested_by == call.author:
            raise Problem("two-people")
        call.expect(plan)
        release.approve(session, plan, author=call.author, now=call.now)
        return _answered(call, session, plan)


@router.get("/plans/{id}/release", operation_id="get_release", responses=_SHOWN)
def get_release(call: Caller, id: Handle) -> ReleaseAnswer:  # noqa: A002
    """Show what publishing a plan would bring about: offers, who moves, and who is written to."""
    with call.reading() as session:
        plan = found(plans.seen_plan(session, id, staff_scope(call.principal), content=True)).plan
        round_, record = _records(session, plan)
        row = session.get_one(Round, plan.round)
        act = Act(row, call.author, call.now)
        seen = differences(session, plan.round, round_, record)
        written = recipients(session, preview(act, seen, earliest_answer(call.now)))
        return ReleaseAnswer(
            plan=plan.id,
            approved=plan.approved_at is not None,
            changes=_changes(session, row),
            made=len(seen.made),
            kept=len(seen.kept),
            moved=[
                MovedRecord(
                    candidate=each.offer.candidate,
                    municipality=each.offer.municipality,
                    offer=each.offer.id,
                    rules=list(each.rules),
                )
                for each in moved(round_, record, seen.replaced)
            ],
            unplaced=sum(seen.unplaced.values()),
            recipients=[_recipient(each) for each in written],
            recipients_total=len(written),
        )


@router.post(
    "/plans/{id}/publish",
    operation_id="publish_plan",
    response_model=PlanAnswer,
    responses=_PUBLISHED,
)
def publish_plan(call: Caller, id: Handle, form: PublishForm | None = None) -> Response:  # noqa: A002
    """Put a plan in force that another person approved: every party sees its part, offers go out.

    Everybody's outcome is going to be explained, one after the other.
    A round has one plan in force; one from before the round was frozen anew gives way.
    """
    answer_by = _answer_by(call, form)
    with call.writing() as session:  # so that a repeated request is answered before all else
        plan = found(plans.seen_plan(session, id, staff_scope(call.principal), content=True)).plan
        round_, record = _records(session, plan)
    if not verify_document(round_, record.document).kept:
        raise Problem("plan-unverified")
    with call.writing() as session:
        row, plan = _taken(call, session, id)
        _expect_unchanged(session, row, plan)
        if plan.approved_at is None:
            raise Problem("plan-not-approved")
        if plan.approved_by == call.author:
            raise Problem("two-people")
        before = release.in_force(session, row.id)
        if before is not None and before.plan == plan.id:
            raise Problem("plan-published")
        if before is not None and not _is_outdated(session, before.plan):
            raise Problem("plan-published")
        call.expect(plan)
        act = Act(row, call.author, call.now)
        seen = differences(session, row.id, round_, record)
        _expect_ahead(act, seen)
        publish(session, act, plan, round_, seen, answer_by)
        ask_why(call, session, plan)
        _noted(call, session, row, {"from": before and before.plan, "to": plan.id}, None)
        return _answered(call, session, plan)


@router.post(
    "/plans/{id}/void",
    operation_id="void_plan",
    response_model=PlanAnswer,
    responses=_VOIDED,
)
def void_plan(call: Caller, id: Handle, form: WithdrawalForm) -> Response:  # noqa: A002
    """Take a plan that was wrong out of force, with all that it brought about.

    Its offers hold no more, what it took back is offered again, the plan before it is in force.
    """
    with call.writing() as session:
        row, plan = _taken(call, session, id)
        publication = release.in_force(session, row.id)
        if publication is None or publication.plan != plan.id:
            raise Problem("plan-not-published")
        call.expect(plan)
        before = void(session, Act(row, call.author, call.now), publication, form.reason)
        call.note(override="voided", reason=form.reason)
        _noted(call, session, row, {"from": plan.id, "to": before and before.plan}, form.reason)
        return _answered(call, session, plan)


def _recipient(found_: Recipient) -> RecipientRecord:
    record = RecipientRecord.model_validate(found_, from_attributes=True)
    return record if found_.channel == "email" else record.model_copy(update={"recipient": None})


def _taken(call: Call, session: Session, id_: str) -> tuple[Round, Plan]:
    """Return a plan and its round, neither to be moved by others before the transaction ends."""
    staff = staff_scope(call.principal)
    plan = found(plans.seen_plan(session, id_, staff)).plan
    row = found(rounds.taken(session, plan.round))
    session.refresh(plan, with_for_update=True)
    return row, plan


def _expect_unchanged(session: Session, row: Round, plan: Plan) -> None:
    """Make sure that a plan is complete, of the newest document, and that it still holds."""
    if plan.state != "completed":
        raise Problem("plan-not-completed")
    if plans.freshness(session, row.id).outdated(plan):
        raise Problem("plan-outdated")
    differing = _changes(session, row)
    if differing:
        raise Problem("plan-changed", changes=[each.model_dump() for each in differing])


def _expect_ahead(act: Act, seen: Differences) -> None:
    """Make sure that nobody is offered what begins today, or has begun."""
    late = sum(seats[0].start <= act.day for seats in seen.made)
    if late:
        raise Problem("start-passed", count=late)


def _changes(session: Session, row: Round) -> list[ChangeRecord]:
    return [ChangeRecord(**asdict(change)) for change in changes(session, row)]


def _is_outdated(session: Session, plan_id: str) -> bool:
    plan = session.get_one(Plan, plan_id)
    return plans.freshness(session, plan.round).outdated(plan)


def _records(session: Session, plan: Plan) -> tuple[RoundRecord, PlanRecord]:
    """Return a completed plan and what it was made from."""
    if plan.content is None:
        raise Problem("plan-not-completed")
    round_ = read_round(plans.snapshot_of(session, plan).content.encode())
    return round_, plan_record(read_plan(plan.content.encode()))


def _answer_by(call: Call, form: PublishForm | None) -> datetime:
    earliest = earliest_answer(call.now)
    if form is None or form.answer_by is None:
        return earliest
    answer_by = end_of_day(form.answer_by)
    if answer_by < earliest:
        raise invalid([Fault("answer-too-early", ("answer_by",), {"days": 3})])
    return answer_by


def _noted(
    call: Call, session: Session, row: Round, move: dict[str, object], reason: str | None
) -> None:
    rounds.noted(
        session,
        row,
        author=call.author,
        now=call.now,
        reason=reason,
        changes={"published": move},
    )


def _answered(call: Call, session: Session, plan: Plan) -> Response:
    session.flush()
    answer = plan_answer(plan, plans.freshness(session, plan.round), call.language, whole=True)
    return call.reply(session, answer, headers={"ETag": etag(plan.revision)})

"""Webhooks: addresses that organisations and municipalities are told of what concerns them."""

from __future__ import annotations

from uuid import uuid4

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.responses import Response

from api.notices.hooks import is_fit, new_secret
from api.schemas.fields import Handle
from api.schemas.webhooks import NewWebhookAnswer, WebhookAnswer, WebhookForm
from api.web.admission import AdmittedRoute, Caller
from api.web.bodies import invalid
from api.web.calls import Call, etag, found, shown
from api.web.paging import Page, Paged
from api.web.problems import Problem, answers
from models.store.organisations import organisation_in_reach
from models.store.rows import saved
from models.store.webhooks import remove, standing
from models.tables import Municipality, Webhook
from scheduler.errors import Fault

router = APIRouter(route_class=AdmittedRoute, tags=["notices"])

MAX_WEBHOOKS = 10
"""Most webhooks of a party: each is sent everything."""

_STANDING = col(Webhook.removed_at).is_(None)


@router.get("/webhooks", operation_id="list_webhooks", responses=answers())
def list_webhooks(call: Caller, paging: Paged) -> Page[WebhookAnswer]:
    """List the webhooks of your organisation or municipality."""
    with call.reading() as session:
        return paging.page(session, select(Webhook).where(_STANDING), Webhook.id, _webhook)


@router.post(
    "/webhooks",
    operation_id="create_webhook",
    status_code=201,
    response_model=NewWebhookAnswer,
    responses=answers("exists", "conflict", "key-reused"),
)
def create_webhook(call: Caller, form: WebhookForm) -> Response:
    """Register a webhook. The answer shows its secret, which is not shown again.

    What is sent is signed as Standard Webhooks says, and sent again for about a day until it is
    answered with a status of success; `webhook-id` stays the same.
    """
    with call.writing() as session:
        _check(session, call, form)
        others = standing(session, form.organisation, form.municipality)
        if form.url in {each.url for each in others}:
            raise Problem("exists")
        if len(others) >= MAX_WEBHOOKS:
            raise invalid([Fault("too-many", (), {"maximum": MAX_WEBHOOKS})])
        new = {"id": uuid4().hex, "secret": new_secret()}
        made = {"made_at": call.now, "made_by": call.author}
        row = saved(session, None, Webhook, form.model_dump() | new | made)
        answer = NewWebhookAnswer.model_validate(row, from_attributes=True)
        headers = {"Location": f"/v1/webhooks/{row.id}", "ETag": etag(row.revision)}
        return call.reply(session, answer, 201, headers)


@router.get(
    "/webhooks/{id}",
    operation_id="get_webhook",
    response_model=WebhookAnswer,
    responses=answers("not-found"),
)
def get_webhook(call: Caller, id: Handle) -> Response:  # noqa: A002 - the address names it
    """Show a webhook."""
    with call.reading() as session:
        row = _found(session, id)
        return shown(_webhook(row), row.revision)


@router.delete(
    "/webhooks/{id}",
    operation_id="delete_webhook",
    status_code=204,
    response_class=Response,
    responses=answers("not-found", "stale", "precondition-required", "conflict", "key-reused"),
)
def delete_webhook(call: Caller, id: Handle) -> Response:  # noqa: A002
    """Remove a webhook; what waits to be sent there is given up."""
    with call.writing() as session:
        row = _found(session, id)
        call.expect(row)
        remove(session, row, call.now)
        return call.reply(session, None, 204)


def _check(session: Session, call: Call, form: WebhookForm) -> None:
    """Refuse a webhook of nobody or of somebody else, and an address that is not to be called."""
    faults = []
    if form.organisation is None and form.municipality is None:
        faults.append(Fault("missing", ("organisation",)))
    if form.organisation is not None and form.municipality is not None:
        faults.append(Fault("not-asked", ("municipality",)))
    if form.organisation and organisation_in_reach(session, form.organisation) is None:
        faults.append(Fault("not-known", ("organisation",), {"what": "organisation"}))
    if form.municipality and not _acts_for(session, call, form.municipality):
        faults.append(Fault("not-known", ("municipality",), {"what": "municipality"}))
    if not is_fit(form.url, loopback=call.service.settings.loopback_webhooks):
        faults.append(Fault("not-webhook", ("url",)))
    if faults:
        raise invalid(faults)


def _acts_for(session: Session, call: Call, number: str) -> bool:
    """Tell whether the caller acts for a municipality itself: who keeps its record does not."""
    own = number in call.scope.municipalities
    return own and session.get(Municipality, number) is not None


def _found(session: Session, id_: str) -> Webhook:
    row = found(session.get(Webhook, id_))
    if row.removed_at is not None:
        raise Problem("not-found")
    return row


def _webhook(row: Webhook) -> WebhookAnswer:
    return WebhookAnswer.model_validate(row, from_attributes=True)

"""Signing in and out: by a link that is good once, or where the organisation signs in anyway."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.identity.claims import Identity
from api.identity.issuers import LOCAL
from api.identity.refusals import Unavailable
from api.pages import links, openid, returning, sessions
from api.pages.page import Anybody, Page, PageRoute
from api.web.problems import Problem

ATTEMPT = "rotations-sign-in"
"""The cookie that knows an attempt to sign in elsewhere."""

_ATTEMPT_SECONDS = 600

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/sign-in", operation_id="page_sign_in")
async def sign_in(page: Anybody) -> Response:
    """Show the ways to sign in."""
    settings = page.service.settings
    local = page.service.identifier.trusted(LOCAL) is not None
    return await page.render("sign_in.html", remote=settings.sign_in_issuer, local=local)


@router.get("/sign-in/openid", operation_id="page_sign_in_openid")
async def go(page: Anybody) -> Response:
    """Send the reader to where the organisation's people sign in."""
    if page.service.settings.sign_in_issuer is None:
        raise Problem("not-found")
    attempt = openid.Attempt.new()
    try:
        response = RedirectResponse(await openid.begin(page.service, attempt), 303)
    except Unavailable:
        return await page.problem(503, page.text("sign-in-away"))
    settings = page.service.settings
    sessions.set_cookie(settings, response, ATTEMPT, attempt.written(), _ATTEMPT_SECONDS)
    return response


@router.get(openid.CALLBACK, operation_id="page_sign_in_callback")
async def come_back(page: Anybody) -> Response:
    """Sign in whom the issuer names."""
    service = page.service
    if service.settings.sign_in_issuer is None:
        raise Problem("not-found")
    kept = page.request.cookies.get(sessions.cookie(service.settings, ATTEMPT))
    try:
        attempt = openid.Attempt.read(kept)
        identity = await openid.finish(service, attempt, page.request.query_params)
    except openid.NotSignedIn as error:
        page.request.state.refused = error.reason
        response = await page.problem(400, page.text("sign-in-failed"))
    except Unavailable:
        response = await page.problem(503, page.text("sign-in-away"))
    else:
        response = await _signed_in(page, identity)
    sessions.drop_cookie(service.settings, response, ATTEMPT)
    return response


@router.get("/sign-in/{secret}", operation_id="page_sign_in_link")
async def look(page: Anybody, secret: str) -> Response:
    """Ask whether to sign in: only the button does, for programs follow links by themselves."""
    if not await run_in_threadpool(links.is_good, page.service, secret):
        return await page.problem(404, page.text("link-over"))
    return await page.render("sign_in_link.html")


@router.post("/sign-in/{secret}", operation_id="page_redeem_link")
async def redeem(page: Anybody, secret: str) -> Response:
    """Sign in by a link, and use it up."""
    identity = await run_in_threadpool(links.redeem, page.service, secret)
    if identity is None:
        return await page.problem(404, page.text("link-over"))
    return await _signed_in(page, identity)


@router.post("/sign-out", operation_id="page_sign_out")
async def sign_out(page: Anybody) -> Response:
    """Sign out."""
    response = page.see("/sign-in", done="signed-out")
    returning.forget(page.service.settings, response)
    await run_in_threadpool(sessions.end, page.service, page.request, response)
    return response


async def _signed_in(page: Page, identity: Identity) -> Response:
    """Begin a session; whoever was signed in here before is signed out."""
    settings = page.service.settings
    response = page.see(returning.remembered(settings, page.request))
    returning.forget(settings, response)
    await run_in_threadpool(sessions.end, page.service, page.request, response)
    await run_in_threadpool(sessions.begin, page.service, identity, response)
    return response

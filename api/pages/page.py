"""A page on its way: who asks for it, what they may, and how it is answered."""

from __future__ import annotations

from asyncio import wait_for
from collections.abc import Callable, Coroutine, Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.clock import norwegian_date
from api.identity.claims import Identity
from api.identity.principal import Principal
from api.pages import choices, returning, sessions
from api.pages.asking import Asking, Refused
from api.pages.guard import Foreign, expect_own
from api.pages.navigation import places, whose
from api.pages.rendering import render, text
from api.rights import RIGHTS
from api.web.bodies import BODY_SECONDS
from api.web.calls import WITHOUT_BODY
from api.web.limits import origin
from api.web.problems import Problem
from api.web.service import Service
from data.sentences import catalogue
from models.store.grants import rights_of

CONTENT_SECURITY_POLICY = "; ".join(
    (
        *("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:"),
        *("connect-src 'self'", "font-src 'self'", "form-action 'self'", "base-uri 'none'"),
        "frame-ancestors 'none'",
    )
)
"""What a page may fetch and send: nothing but ours, and nothing that stands in the page itself."""

MAX_FIELDS = 40_000
"""Most fields of a form: a municipality's list of 300 candidates with 20 wishes has 35,000."""

MAX_FILES = 5
"""Most files of a form."""

_NEITHER = frozenset({403, 404, 405})
"""What is not there, not yours or not to be done looks the same."""


class SignInNeeded(Exception):
    """The page is for somebody who is signed in."""


class Page:
    """One page for one reader.

    Attributes
    ----------
    who
        Who is signed in; None = nobody.
    language, appearance
        What the reader reads, and how: ``light``, ``dark`` or ``auto``.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self.service: Service = request.app.state.service
        self.language = choices.language(request)
        self.appearance = choices.appearance(request)
        self.who: Identity | None = None
        self.principal: Principal | None = None
        self._form: FormData | None = None

    def identify(self) -> None:
        """Find out who is signed in, and what they may; and count the request."""
        self.who = sessions.found(self.service, self.request)
        if self.who is None:
            client = self.request.client
            self.service.limiter.admit(origin(client.host if client else ""))
            return
        with sessions.reading(self.service) as session:
            grants = rights_of(session, self.who.issuer, self.who.subject, self.today)
        self.principal = self.request.state.principal = Principal(self.who, tuple(grants))
        self.service.limiter.admit(self.principal.subject)

    @cached_property
    def today(self) -> date:
        """The date in Norway."""
        return norwegian_date(self.service.clock())

    @property
    def roles(self) -> frozenset[str]:
        """Every role of the reader."""
        return self.principal.roles if self.principal else frozenset()

    def may(self, operation: str) -> bool:
        """Tell whether some role of the reader includes an operation of the interface."""
        return not self.roles.isdisjoint(RIGHTS[operation])

    @property
    def places(self) -> list[tuple[str, str]]:
        """Where the reader can go, as path and key of the text."""
        return list(places(self.principal.grants)) if self.principal else []

    @property
    def path(self) -> str:
        """Where the page is, without what was asked of it."""
        return self.request.url.path

    def is_below(self, place: str) -> bool:
        """Tell whether the page belongs to a place; plans belong to their rounds."""
        return self.path.startswith((f"{place}/", "/plans/") if place == "/rounds" else f"{place}/")

    @property
    def is_fragment(self) -> bool:
        """Tell whether part of the page is asked for, to be put in the place of another."""
        return "hx-request" in self.request.headers

    @cached_property
    def ask(self) -> Asking:
        """Asks the interface as the reader."""
        if self.who is None:
            raise SignInNeeded
        client = self.request.client
        host = client.host if client else ""
        return Asking(self.request.app, self.who, self.language, host)

    async def form(self) -> FormData:
        """Return what was sent with a form: texts, and files."""
        reading = self.request.form(max_fields=MAX_FIELDS, max_files=MAX_FILES)
        try:
            self._form = await wait_for(_awaited(reading), BODY_SECONDS)
        except TimeoutError:
            raise Problem("too-slow", headers={"Connection": "close"}) from None
        return self._form

    async def close(self) -> None:
        """Remove the files that were sent."""
        if self._form is not None:
            await self._form.close()

    def here(self, **asked: str) -> str:
        """Return the address of this page with something else asked of it."""
        url = self.request.url.remove_query_params(["done"]).include_query_params(**asked)
        # Two slashes in front would name another host.
        return "/" + quote(url.path.lstrip("/")) + (f"?{url.query}" if url.query else "")

    def text(self, key: str, **values: object) -> str:
        """Return a text of the catalogue."""
        return text(self.language, key, **values)

    @property
    def done(self) -> str | None:
        """What has just been done, in words: the key of a text, in the address."""
        key = f"pages.done-{self.request.query_params.get('done', '')}"
        return self.text(key) if key in catalogue(self.language) else None

    async def render(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """Return the page, or a part of it.

        Parameters
        ----------
        template
            Its name below ``layout/``.
        context
            What the template is to know, beside ``page`` and the words (`rendering.render`).
        """
        acting = () if self.is_fragment else await self._acting()
        known = {"page": self, "done": self.done, "acting": acting, "faults": (), **context}
        content = await run_in_threadpool(render, template, self.language, known)
        headers = {
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "Content-Language": self.language,
        }
        return Response(content, status, headers, "text/html")

    async def _acting(self) -> list[str]:
        """Return as what, and for whom, the reader is here."""
        if self.principal is None:
            return []
        found = dict.fromkeys((each.role, whose(each)) for each in self.principal.grants)
        return [
            self.text(
                "acting-as",
                role=self.text(f"role-{role}"),
                whose=(await self.ask.get(path)).data["name"],
            )
            for role, path in found
        ]

    def see(self, path: str, done: str | None = None) -> Response:
        """Send the reader on to another page, as after a form.

        Parameters
        ----------
        done
            What has been done: the key ``pages.done-…`` without its beginning.
        """
        if done is not None:
            path += f"{'&' if '?' in path else '?'}done={done}"
        if self.is_fragment:  # what replaces part of a page must not be another page
            return Response(status_code=204, headers={"HX-Redirect": path})
        return RedirectResponse(path, 303)

    async def problem(self, status: int, title: str, **context: Any) -> Response:
        """Return the page that says what went wrong."""
        return await self.render("problem.html", status=status, title=title, **context)


class PageRoute(APIRoute):
    """A route of a page: whatever goes wrong on the way is a page as well."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the route."""
        handler = super().get_route_handler()

        async def shown(request: Request) -> Response:
            request.state.page = page = Page(request)
            try:
                expect_own(request, page.service.settings.base_url)
                await run_in_threadpool(page.identify)
                response = await handler(request)
            except SignInNeeded:
                response = await _signed_out(page)
            except (Foreign, Refused, RequestValidationError, HTTPException) as error:
                response = await explained(page, error)
            finally:
                await page.close()
            choices.keep(page.service.settings, request, response)
            response.headers.add_vary_header("Cookie")
            return response

        return shown


async def _signed_out(page: Page) -> Response:
    """Send the reader to sign in; what was typed stays in a page, to be sent again from there.

    It is kept nowhere else: whoever signs in elsewhere in the browser and comes back has it.
    """
    if page.request.method in WITHOUT_BODY:
        response = page.see("/sign-in")
        returning.remember(page.service.settings, page.request, response)
        return response
    fields = (await page.form()).multi_items()
    typed = [(name, value) for name, value in fields if isinstance(value, str)]
    whole = len(typed) == len(fields)  # no page can hold a file
    return await page.render("signed_out.html", status=403, typed=typed, whole=whole)


async def explained(page: Page, error: Exception) -> Response:
    """Return the page of what went wrong."""
    match error:
        case Foreign():
            return await page.problem(403, page.text("foreign"))
        case Refused(status=status) if status not in _NEITHER:
            return await page.problem(status, error.title, faults=error.faults)
        case Problem(status_code=status) if status not in _NEITHER:
            return await page.problem(status, _said(page, error)["title"])
        case HTTPException(status_code=413 | 400 as status):
            code = "too-large" if status == 413 else "not-http"
            return await page.problem(status, page.text(f"refused-{code}"))
    return await page.problem(404, page.text("not-found"))


def _said(page: Page, problem: Problem) -> Mapping[str, Any]:
    return problem.document(page.language)


async def _awaited(reading: Any) -> FormData:
    found: FormData = await reading
    return found


def _page(request: Request) -> Page:
    found: Page = request.state.page
    return found


def _visited(request: Request) -> Page:
    page = _page(request)
    if page.who is None:
        raise SignInNeeded
    return page


Anybody = Annotated[Page, Depends(_page)]
"""The parameter of a page that is for everybody."""

Visitor = Annotated[Page, Depends(_visited)]
"""The parameter of a page that is for who is signed in."""

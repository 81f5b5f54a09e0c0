"""Admission: who calls is settled before a body is looked at, and again when it is there."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param
from starlette.requests import Request
from starlette.responses import Response
from starlette.status import HTTP_300_MULTIPLE_CHOICES

from api.identity.principal import Principal
from api.identity.refusals import Refused, Unavailable
from api.web.bodies import StrictRequest, arrived, fingerprint
from api.web.calls import WITHOUT_BODY, Call
from api.web.heads import expect_head
from api.web.limits import origin
from api.web.problems import Problem
from api.web.service import Service

_bearer = HTTPBearer(auto_error=False, description="A token of a configured issuer.")
_CHALLENGE = {"WWW-Authenticate": 'Bearer error="invalid_token"'}

KNOWN = "rotations.identity"
"""Where a request of this process, and of nobody else, says who is signed in: no header gets there.

Whoever puts it there has counted the request."""


def admitted(request: Request) -> Call:
    """Return the call that a request makes, before anything of its body is looked at.

    Raises
    ------
    Problem
        ``unauthenticated``, ``forbidden``, ``too-many-requests`` or ``unavailable``.
    """
    service: Service = request.app.state.service
    if (known := request.scope.get(KNOWN)) is not None:
        return Call(request, service, known)
    address = origin(request.client.host if request.client else "")
    scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
    if scheme.lower() != "bearer" or not token:
        service.limiter.admit(address)
        raise Problem("unauthenticated", headers={"WWW-Authenticate": "Bearer"})
    try:
        identity = service.identifier.identify(token, service.clock())
    except Unavailable:
        service.limiter.admit(address)
        raise Problem("unavailable", headers={"Retry-After": "30"}) from None
    except Refused as refused:
        request.state.refused = refused.code
        service.limiter.admit(address)
        raise Problem("unauthenticated", headers=_CHALLENGE) from None
    service.limiter.admit(Principal(identity).subject)
    return Call(request, service, identity)


async def _call(
    request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
) -> Call:
    """Return the call that `admitted` has found; the token is named for the document alone."""
    found_: Call = request.state.call
    return found_


class AdmittedRoute(APIRoute):
    """A route behind a token: who calls is settled before a body is read, and again after it.

    Whoever sends slowly gains nothing: deadlines and rights are those of the end.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the route."""
        handler = super().get_route_handler()
        known = {field.alias for field in get_flat_params(self.dependant)}

        async def admitting(request: Request) -> Response:
            strict = StrictRequest(request.scope, request.receive)
            strict.state.call = call = await run_in_threadpool(admitted, strict)
            expect_head(strict, known)
            if request.method not in WITHOUT_BODY:
                strict.state.sent = fingerprint(strict, await arrived(strict))
                await run_in_threadpool(call.settle)
            response = await handler(strict)
            if response.status_code < HTTP_300_MULTIPLE_CHOICES:
                await run_in_threadpool(call.enter_reading)
            return response

        return admitting


Caller = Annotated[Call, Depends(_call)]
"""The parameter of every operation behind a token, on an `AdmittedRoute`."""

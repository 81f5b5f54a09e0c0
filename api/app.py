"""The HTTP application: the composition root."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from api.pages.site import Compressing, add_pages
from api.routes import (
    audit,
    capacity_studies,
    commitments,
    deadlines,
    explanations,
    grants,
    handover,
    health,
    imports,
    moves,
    municipalities,
    notices,
    offers,
    placements,
    plan_events,
    plan_views,
    plans,
    policies,
    prices,
    publications,
    readiness,
    register,
    release,
    requests,
    rounds,
    scenarios,
    supervisors,
    webhooks,
    windows,
    wishes,
)
from api.telemetry import NO_TELEMETRY, Telemetry
from api.web.access_log import AccessLog
from api.web.answers import MEBIBYTE, register_handlers
from api.web.documentation import describe
from api.web.headers import Headers
from api.web.readiness import Readiness
from api.web.service import Service

ROUTERS: tuple[APIRouter, ...] = (
    register.router,
    municipalities.router,
    supervisors.router,
    policies.router,
    windows.router,
    grants.router,
    plans.router,
    plan_views.router,
    moves.router,
    plan_events.router,
    explanations.router,
    scenarios.router,
    capacity_studies.router,
    prices.router,
    release.router,
    publications.router,
    offers.router,
    placements.router,
    rounds.router,
    readiness.router,
    commitments.router,
    requests.router,
    wishes.router,
    handover.router,
    deadlines.router,
    notices.router,
    webhooks.router,
    audit.router,
)
"""Every router below ``/v1``."""


class Application(FastAPI):
    """The application, in what stands around every request: also around the framework's errors."""

    def build_middleware_stack(self) -> ASGIApp:
        """Return what handles a request, from the outside in."""
        settings = self.state.service.settings
        key = settings.log_key.get_secret_value().encode() if settings.log_key else None
        inner = Headers(Compressing(super().build_middleware_stack()), https=settings.https)
        return AccessLog(inner, key)


def create_app(service: Service, telemetry: Telemetry | None = None) -> FastAPI:
    """Return the application for a service; without `telemetry` nothing is traced or counted.

    Interactive pages of documentation are left out: they would fetch code from elsewhere.
    """
    app = Application(
        title="Rotations",
        version=version("rotations"),
        summary="Which GP trainee goes to which hospital department, when.",
        openapi_url=None,  # its document has an operation of its own
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        max_body_size=service.settings.body_mebibytes * MEBIBYTE,
        telemetry=telemetry.of_requests if telemetry else NO_TELEMETRY,
    )
    app.state.service = service
    app.state.readiness = Readiness(service)
    app.include_router(health.router)
    for router in ROUTERS:
        app.include_router(router, prefix="/v1")
    longest = service.settings.import_mebibytes * MEBIBYTE
    app.include_router(imports.router, prefix="/v1", max_body_size=longest)
    register_handlers(app)
    add_pages(app)
    describe(app)
    return app

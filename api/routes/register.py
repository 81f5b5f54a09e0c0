"""Organisations, sites and units: what lasts, kept by administrators and planners."""

from __future__ import annotations

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.responses import Response

from api.schemas.fields import OrganisationInPath, SlugInPath
from api.schemas.register import (
    OrganisationAnswer,
    OrganisationForm,
    SiteAnswer,
    SiteForm,
    UnitAnswer,
    UnitForm,
)
from api.web.admission import AdmittedRoute, Caller
from api.web.bodies import invalid
from api.web.calls import etag, found, shown
from api.web.paging import Page, Paged
from api.web.problems import Problem, answers
from models.scope import Scope
from models.store.grants import is_granted
from models.store.names import is_taken
from models.store.rows import saved
from models.tables import Organisation, Site, Unit
from scheduler.errors import Fault

router = APIRouter(route_class=AdmittedRoute, tags=["register"])

_PUT = answers("not-found", "stale", "precondition-required", "conflict", "key-reused", "in-use")
_READ = answers("not-found")


@router.get("/organisations", operation_id="list_organisations", responses=answers())
def list_organisations(call: Caller, paging: Paged) -> Page[OrganisationAnswer]:
    """List the planning organisations."""
    with call.reading() as session:
        return paging.page(session, select(Organisation), Organisation.number, _organisation)


@router.get(
    "/organisations/{number}",
    operation_id="get_organisation",
    response_model=OrganisationAnswer,
    responses=_READ,
)
def get_organisation(call: Caller, number: OrganisationInPath) -> Response:
    """Show a planning organisation."""
    with call.reading() as session:
        row = found(session.get(Organisation, number))
        return shown(_organisation(row), row.revision)


@router.put(
    "/organisations/{number}",
    operation_id="put_organisation",
    response_model=OrganisationAnswer,
    responses=_PUT,
)
def put_organisation(call: Caller, number: OrganisationInPath, form: OrganisationForm) -> Response:
    """Register or change a planning organisation: your own, or a trust of your region."""
    own = call.scope.organisations
    with call.writing() as session:
        row = session.get(Organisation, number)
        region = row.parent if row else None
        if number not in own and (region if row else form.parent) not in own:
            raise Problem("not-found")
        call.expect(row)
        _check_organisation(session, number, form, row)
        if not {region, form.parent} - {None} <= own and region != form.parent:
            # Who belongs to a region is for the region to say.
            raise invalid([Fault("not-known", ("parent",), {"what": "RHF"})])
        status = 200 if row else 201
        row = saved(session, row, Organisation, form.model_dump() | {"number": number})
        return call.reply(session, _organisation(row), status, {"ETag": etag(row.revision)})


@router.get("/sites", operation_id="list_sites", responses=answers())
def list_sites(call: Caller, paging: Paged) -> Page[SiteAnswer]:
    """List the hospital sites."""
    with call.reading() as session:
        return paging.page(session, select(Site), Site.id, _site)


@router.get("/sites/{id}", operation_id="get_site", response_model=SiteAnswer, responses=_READ)
def get_site(call: Caller, id: SlugInPath) -> Response:  # noqa: A002 - the address names it
    """Show a hospital site."""
    with call.reading() as session:
        row = found(session.get(Site, id))
        return shown(_site(row), row.revision)


@router.put("/sites/{id}", operation_id="put_site", response_model=SiteAnswer, responses=_PUT)
def put_site(call: Caller, id: SlugInPath, form: SiteForm) -> Response:  # noqa: A002
    """Register or change a site of one of your trusts."""
    with call.writing() as session:
        row = session.get(Site, id)
        if row and not _owns_organisation(session, call.scope, row.organisation):
            raise Problem("not-found")
        call.expect(row)
        if not _owns_organisation(session, call.scope, form.organisation, kind="HF"):
            raise invalid([Fault("not-known", ("organisation",), {"what": "organisation"})])
        if is_taken(session, id, "site"):
            raise invalid([Fault("id-collides")])
        status = 200 if row else 201
        row = saved(session, row, Site, form.model_dump() | {"id": id})
        return call.reply(session, _site(row), status, {"ETag": etag(row.revision)})


@router.get("/units", operation_id="list_units", responses=answers())
def list_units(call: Caller, paging: Paged) -> Page[UnitAnswer]:
    """List the units."""
    with call.reading() as session:
        return paging.page(session, select(Unit), Unit.id, _unit)


@router.get("/units/{id}", operation_id="get_unit", response_model=UnitAnswer, responses=_READ)
def get_unit(call: Caller, id: SlugInPath) -> Response:  # noqa: A002
    """Show a unit."""
    with call.reading() as session:
        row = found(session.get(Unit, id))
        return shown(_unit(row), row.revision)


@router.put("/units/{id}", operation_id="put_unit", response_model=UnitAnswer, responses=_PUT)
def put_unit(call: Caller, id: SlugInPath, form: UnitForm) -> Response:  # noqa: A002
    """Register or change a unit at one of your sites."""
    with call.writing() as session:
        row = session.get(Unit, id)
        if row and not _owns_site(session, call.scope, row.site):
            raise Problem("not-found")
        call.expect(row)
        if not _owns_site(session, call.scope, form.site):
            raise invalid([Fault("not-known", ("site",), {"what": "site"})])
        if is_taken(session, id, "unit"):
            raise invalid([Fault("id-collides")])
        if row and row.site != form.site and is_granted(session, "unit", id, call.today):
            raise Problem("in-use")  # whoever gave those rights could not take them back
        status = 200 if row else 201
        row = saved(session, row, Unit, form.model_dump() | {"id": id})
        return call.reply(session, _unit(row), status, {"ETag": etag(row.revision)})


def _check_organisation(
    session: Session, number: str, form: OrganisationForm, row: Organisation | None
) -> None:
    """Refuse what the table could not hold; a region must be registered before its trusts."""
    faults = []
    if row is not None and row.kind != form.kind:
        faults.append(Fault("not-one-of", ("kind",), {"allowed": [row.kind]}))
    if (form.kind == "HF") != (form.trust is not None):
        faults.append(Fault("trust-of-hf", ("trust",)))
    if form.parent is not None:
        region = session.get(Organisation, form.parent)
        if form.kind == "RHF" or region is None or region.kind != "RHF":
            faults.append(Fault("not-known", ("parent",), {"what": "RHF"}))
    if form.trust is not None:
        others = select(Organisation.number).where(
            col(Organisation.trust) == form.trust, col(Organisation.number) != number
        )
        if session.exec(others).first() is not None:
            faults.append(Fault("id-repeated", ("trust",)))
        if is_taken(session, form.trust, "trust"):
            faults.append(Fault("id-collides", ("trust",)))
    if faults:
        raise invalid(faults)


def _owns_organisation(
    session: Session, scope: Scope, number: str, kind: str | None = None
) -> bool:
    row = session.get(Organisation, number)
    own = row is not None and bool({row.number, row.parent} & scope.organisations)
    return own and (kind is None or (row is not None and row.kind == kind))


def _owns_site(session: Session, scope: Scope, id_: str) -> bool:
    rows = select(Site.id).where(col(Site.id) == id_, scope.owns_site(Site.id))
    return session.exec(rows).first() is not None


def _organisation(row: Organisation) -> OrganisationAnswer:
    return OrganisationAnswer.model_validate(row, from_attributes=True)


def _site(row: Site) -> SiteAnswer:
    return SiteAnswer.model_validate(row, from_attributes=True)


def _unit(row: Unit) -> UnitAnswer:
    return UnitAnswer.model_validate(row, from_attributes=True)

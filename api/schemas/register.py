"""Organisations, sites and units, as they are sent and answered."""

from __future__ import annotations

from typing import Annotated, Literal

from api.schemas.fields import WRITTEN_TO, Answer, OrganisationNumber, RoleAddress, Slug
from data.forms.fields import Form, Text, Whole, described
from data.forms.rounds import Count, Goals
from data.sentences import Language
from scheduler.domain import GOALS

_PLANNERS = (
    "E-mail address of a role, such as the planners': never a person's own, for every party reads"
    " it."
)


class OrganisationForm(Form):
    """A planning organisation: a regional health authority or a health trust."""

    name: Text = described("Name.", "Finnmarkssykehuset HF")
    kind: Literal["RHF", "HF"] = described(
        "A regional health authority (RHF), or a health trust (HF).", "HF"
    )
    trust: Slug | None = described(
        "Id of the trust in rounds; a trust has one, a region none.", "finnmark", default=None
    )
    parent: OrganisationNumber | None = described(
        "Organisation number of the trust's region.", "883658752", default=None
    )
    contact: RoleAddress | None = described(_PLANNERS, "alis@finnmark.example", default=None)
    language: Language = described(WRITTEN_TO, "nb", default="nb")


class OrganisationAnswer(Answer):
    """A planning organisation."""

    number: str = described("Organisation number.", "983974880")
    name: str = described("Name.", "Finnmarkssykehuset HF")
    kind: Literal["RHF", "HF"] = described("RHF or HF.", "HF")
    trust: str | None = described("Id of the trust in rounds.", "finnmark")
    parent: str | None = described("Organisation number of the region.", "883658752")
    contact: str | None = described("Address of a role.", "alis@finnmark.example")
    language: Language = described(WRITTEN_TO, "nb")


class SiteForm(Form):
    """A hospital site of a trust."""

    name: Text = described("Name.", "Hammerfest sykehus")
    organisation: OrganisationNumber = described("The trust's organisation number.", "983974880")


class SiteAnswer(Answer):
    """A hospital site of a trust."""

    id: str = described("Id of the site, as wishes name it.", "hammerfest")
    name: str = described("Name.", "Hammerfest sykehus")
    organisation: str = described("The trust's organisation number.", "983974880")


_CONTACT = (
    "E-mail address of a role, such as the unit's leader: never a person's own, for every party"
    " reads it."
)


class UnitForm(Form):
    """A hospital department (klinisk enhet) that takes trainees."""

    name: Text = described("Name.", "Avdeling for medisin")
    site: Slug = described("Id of the site.", "hammerfest")
    supervised_places: Count | None = described(
        "Most trainees on one day; 0 = none may come, none given = no limit.", 2, default=None
    )
    learning_goals: Goals = described(
        "Learning goals that a stay serves.", list(GOALS), default=list(GOALS)
    )
    contact: RoleAddress | None = described(_CONTACT, "medisin@hammerfest.example", default=None)
    language: Language = described(WRITTEN_TO, "nb", default="nb")


class UnitAnswer(Answer):
    """A hospital department that takes trainees."""

    id: str = described("Id of the unit, as wishes name it.", "hammerfest-medisin")
    name: str = described("Name.", "Avdeling for medisin")
    site: str = described("Id of the site.", "hammerfest")
    supervised_places: Annotated[int, Whole(0, 1200)] | None = described(
        "Most trainees on one day; none = no limit.", 2
    )
    learning_goals: list[str] = described("Learning goals that a stay serves.", list(GOALS))
    contact: str | None = described("Address of a role.", "medisin@hammerfest.example")
    language: Language = described(WRITTEN_TO, "nb")

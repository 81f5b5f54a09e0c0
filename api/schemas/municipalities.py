"""Municipalities and their agreements with trusts, as they are sent and answered."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Path

from api.schemas.fields import WRITTEN_TO, Answer, OrganisationNumber, RoleAddress
from data.forms.fields import Day, Form, Text, described
from data.forms.rounds import Count
from data.sentences import Language

SignedInPath = Annotated[Day, Path(description="First day of the agreement, YYYY-MM-DD.")]

_CONTACT = (
    "E-mail address of a role, such as the post box for ALIS: never a person's own, for every"
    " party reads it."
)
_MAX_AWAY = (
    "Most of its candidates away on one day; 0 = none may go, none given = no limit.",
    2,
)


class MunicipalityForm(Form):
    """A municipality or city district: a trainee's employer, the one that ranks."""

    name: Text = described("Name.", "Alta")
    organisation: OrganisationNumber = described(
        "Organisation number of the trust or region that keeps this record.", "983974880"
    )
    registered_on: Day | None = described(
        "Date of registration as a place of training; service counts from it.",
        "2019-03-01",
        default=None,
    )
    max_away: Count | None = described(*_MAX_AWAY, default=None)
    contact: RoleAddress | None = described(_CONTACT, "alis@alta.kommune.example", default=None)
    language: Language = described(WRITTEN_TO, "nb", default="nb")


class MunicipalityContactForm(Form):
    """What a municipality says of itself; what is left out stays as it is."""

    max_away: Count | None = described(*_MAX_AWAY, default=None)
    contact: RoleAddress | None = described(_CONTACT, "alis@alta.kommune.example", default=None)
    language: Language = described(WRITTEN_TO, "nb", default="nb")


class AgreementForm(Form):
    """A municipality's cooperation agreement with a trust; its address says the rest."""

    ends_on: Day | None = described(
        "Day on which it ends: stays may last until then. None = it runs on; the day on which it"
        " was signed = it never held.",
        "2029-12-31",
        default=None,
    )


class AgreementAnswer(Answer):
    """A municipality's cooperation agreement with a trust."""

    municipality: str = described("Number of the municipality.", "5601")
    organisation: str = described("Organisation number of the trust.", "983974880")
    signed_on: date = described("First day of the agreement.", "2021-05-01")
    ends_on: date | None = described("Day on which it ends; none = it runs on.", "2029-12-31")


class MunicipalityAnswer(Answer):
    """A municipality or city district, and how it stands with the trusts today."""

    number: str = described("Municipality number, or that of a city district.", "5601")
    name: str = described("Name.", "Alta")
    organisation: str = described("Who keeps this record.", "983974880")
    registered_on: date | None = described(
        "Date of registration as a place of training; none = not registered.", "2019-03-01"
    )
    max_away: int | None = described(_MAX_AWAY[0], 2)
    contact: str | None = described("Address of a role.", "alis@alta.kommune.example")
    language: Language = described(WRITTEN_TO, "nb")
    agreements: list[AgreementAnswer] = described(
        "Agreements in force today, by the date in Norway.",
        [
            {
                "municipality": "5601",
                "organisation": "983974880",
                "signed_on": "2021-05-01",
                "ends_on": "2029-12-31",
            }
        ],
    )
    next_end: date | None = described(
        "The first day on which one of these ends; none = all run on.", "2029-12-31"
    )

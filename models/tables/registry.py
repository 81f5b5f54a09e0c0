"""What lasts from round to round: organisations, units, municipalities, policies, windows."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.naming import among
from models.tables.revised import Revised

KINDS = ("RHF", "HF")
"""A regional health authority (regionalt helseforetak) or a health trust (helseforetak)."""

LANGUAGES = ("nb", "nn", "se", "en")
"""What somebody may want to be written to in: bokmål, nynorsk, Northern Sámi or English."""

CERTAINTIES = ("confirmed", "tentative")
"""Whether a vacancy is sure: a locum post hangs on somebody's leave, and may move."""


def _written_to() -> Any:
    """Return the column of the language that somebody is written to in; who says none, bokmål."""
    return Field(default="nb", sa_column_kwargs={"server_default": "nb"})


class Organisation(Revised, table=True):
    """A planning organisation, by its organisation number; a trust (HF) may belong to a region.

    `contact` is its planners' role's address.
    """

    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint("length(number) = 9", name="number_nine_digits"),
        CheckConstraint(among("kind", KINDS), name="kind_known"),
        CheckConstraint("(kind = 'HF') = (trust IS NOT NULL)", name="trust_of_hf"),
        CheckConstraint("parent IS NULL OR kind = 'HF'", name="parent_of_hf"),
        CheckConstraint(among("language", LANGUAGES), name="language_known"),
    )

    number: str = Field(primary_key=True)
    name: str
    kind: str
    trust: str | None = Field(default=None, unique=True)
    parent: str | None = Field(default=None, foreign_key="organisations.number", index=True)
    contact: str | None = None
    language: str = _written_to()


class Site(Revised, table=True):
    """A hospital site of a trust."""

    __tablename__ = "sites"

    id: str = Field(primary_key=True)
    name: str
    organisation: str = Field(foreign_key="organisations.number", index=True)


class Unit(Revised, table=True):
    """A hospital department that takes trainees; `contact` is its leader's role's address."""

    __tablename__ = "units"
    __table_args__ = (
        CheckConstraint("supervised_places >= 0", name="supervised_places"),
        CheckConstraint(among("language", LANGUAGES), name="language_known"),
    )

    id: str = Field(primary_key=True)
    name: str
    site: str = Field(foreign_key="sites.id", index=True)
    supervised_places: int | None = None
    learning_goals: list[str] = Field(sa_column=Column(JSON, nullable=False))
    contact: str | None = None
    language: str = _written_to()


class Municipality(Revised, table=True):
    """A municipality or city district; `organisation` keeps its record, `contact` is a role's."""

    __tablename__ = "municipalities"
    __table_args__ = (
        CheckConstraint("length(number) IN (4, 6)", name="number_digits"),
        CheckConstraint("max_away >= 0", name="max_away"),
        CheckConstraint(among("language", LANGUAGES), name="language_known"),
    )

    number: str = Field(primary_key=True)
    name: str
    organisation: str = Field(foreign_key="organisations.number", index=True)
    registered_on: date | None = None
    max_away: int | None = None
    contact: str | None = None
    language: str = _written_to()


class Agreement(Revised, table=True):
    """A municipality's cooperation agreement with a trust."""

    __tablename__ = "agreements"
    __table_args__ = (CheckConstraint("ends_on >= signed_on", name="ends_after_signing"),)

    municipality: str = Field(foreign_key="municipalities.number", primary_key=True)
    organisation: str = Field(foreign_key="organisations.number", primary_key=True, index=True)
    signed_on: date = Field(primary_key=True)
    ends_on: date | None = None


class Supervisor(Revised, table=True):
    """A municipality's supervisor: a specialist, or one with an exemption for some time.

    `capacity` counts trainees at a time, `hours_per_month` what is promised to each.
    """

    __tablename__ = "supervisors"
    __table_args__ = (
        CheckConstraint(
            "specialist OR (exempt_from IS NOT NULL AND exempt_until IS NOT NULL)",
            name="specialist_or_exempt",
        ),
        CheckConstraint("exempt_until > exempt_from", name="exemption_period"),
        CheckConstraint("capacity >= 0", name="capacity"),
        CheckConstraint("hours_per_month >= 0", name="hours_per_month"),
    )

    id: str = Field(primary_key=True)
    municipality: str = Field(foreign_key="municipalities.number", index=True)
    name: str
    specialist: bool
    exempt_from: date | None = None
    exempt_until: date | None = None
    capacity: int
    hours_per_month: int


class Policy(SQLModel, table=True):
    """A policy of an organisation, in force from a date; a new version is a new row.

    `content` holds the policy of a round document, without name and version.
    """

    __tablename__ = "policies"
    __table_args__ = (
        UniqueConstraint("organisation", "name", "version"),
        CheckConstraint("version >= 0", name="version"),
    )

    id: str = Field(primary_key=True)
    organisation: str = Field(foreign_key="organisations.number", index=True)
    name: str
    version: int
    valid_from: date
    content: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    made_at: datetime
    made_by: str


class Window(Revised, table=True):
    """A vacancy that a unit has published; a withdrawn one stays, and takes part in nothing."""

    __tablename__ = "windows"
    __table_args__ = (
        CheckConstraint("opens < closes", name="opens_before_closing"),
        CheckConstraint("positions >= 1", name="positions"),
        CheckConstraint("fte_percent BETWEEN 1 AND 100", name="fte_percent"),
        CheckConstraint("min_gp_months >= 0", name="min_gp_months"),
        CheckConstraint("kind IN ('locum', 'earmarked')", name="kind_known"),
        CheckConstraint(among("certainty", CERTAINTIES), name="certainty_known"),
    )

    id: str = Field(primary_key=True)
    unit: str = Field(foreign_key="units.id", index=True)
    opens: date
    closes: date
    positions: int
    kind: str
    fte_percent: int
    min_gp_months: int
    release_on: date | None = None
    certainty: str
    published_at: datetime
    changed_at: datetime = Field(index=True)
    withdrawn_at: datetime | None = None

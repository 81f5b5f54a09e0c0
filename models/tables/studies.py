"""What is asked of a frozen round besides plans: why, what if, how many, and at what price."""

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field, SQLModel

from models.tables.naming import among
from models.tables.tasks import Task, task_constraints

STUDY_KINDS = ("explanations", "scenario", "capacity", "price", "keeping")

_STANDS = "state IN ('queued', 'running', 'completed')"


def _only_one(kind: str, column: str) -> Index:
    """Return what lets no second study of a kind stand beside one that was asked for."""
    where = text(f"kind = '{kind}' AND {_STANDS}")
    return Index(
        f"uq_studies_{kind}", column, unique=True, sqlite_where=where, postgresql_where=where
    )


class Study(Task, table=True):
    """A question about one snapshot of a round, and its answer.

    Attributes
    ----------
    plan
        The plan that is explained; None for other kinds.
    name
        What people call a scenario.
    asked
        What was asked, canonical JSON.
    content
        The answer; that of explanations lies beside, a row a candidate.
    figures
        Of a completed study what a list shows of it, of a failed one what a sentence needs.
    """

    __tablename__ = "studies"
    __table_args__ = (
        *task_constraints(),
        CheckConstraint(among("kind", STUDY_KINDS), name="kind_known"),
        CheckConstraint(
            "(state = 'completed' AND kind != 'explanations') = (content IS NOT NULL)",
            name="completed_has_it",
        ),
        CheckConstraint("(kind = 'explanations') = (plan IS NOT NULL)", name="plan_explained"),
        CheckConstraint("(kind = 'scenario') = (name IS NOT NULL)", name="scenario_named"),
        _only_one("explanations", "plan"),
        _only_one("price", "snapshot"),
        _only_one("keeping", "snapshot"),
    )

    kind: str
    plan: str | None = Field(default=None, foreign_key="plans.id")
    name: str | None = None
    asked: str = Field(sa_type=Text)


class Explained(SQLModel, table=True):
    """The explanation of one candidate's outcome, canonical JSON: there as soon as it is found."""

    __tablename__ = "explanations"

    study: str = Field(foreign_key="studies.id", primary_key=True)
    candidate: str = Field(primary_key=True)
    municipality: str
    content: str = Field(sa_type=Text)

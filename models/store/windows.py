"""Windows: the latest ones with where they are, and where one is part of what was decided on."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.scope import UNCONFINED, Condition
from models.tables import Organisation, Round, Site, Snapshot, Unit, Window


class Vacancy(NamedTuple):
    """A window, and where it is."""

    window: Window
    unit: Unit
    site: Site
    organisation: Organisation


def changed_since(
    session: Session, since: datetime, conditions: Iterable[Condition], most: int
) -> list[Vacancy]:
    """Return the windows published, changed or withdrawn since a time, the newest change first.

    Parameters
    ----------
    conditions
        What must hold for each window.
    most
        Greatest number of windows, at least 1.
    """
    rows = (
        select(Window, Unit, Site, Organisation)
        .join(Unit, col(Unit.id) == col(Window.unit))
        .join(Site, col(Site.id) == col(Unit.site))
        .join(Organisation, col(Organisation.number) == col(Site.organisation))
        .where(col(Window.changed_at) >= since, *conditions)
        .order_by(col(Window.changed_at).desc(), col(Window.id))
        .limit(most)
    )
    return [Vacancy(*row) for row in session.exec(rows)]


def locked_rounds_with(session: Session, window: str) -> int:
    """Return how many locked rounds hold a window in the document that was frozen last.

    Rounds that the caller may not see count too: whoever keeps the window should know. Imported
    rounds do not count: their windows are their own, whatever they are called.
    """
    later = aliased(Snapshot)
    newest = select(func.max(later.number)).where(later.round == Snapshot.round).scalar_subquery()
    documents = (
        select(Snapshot.content)
        .join(Round, col(Round.id) == col(Snapshot.round))
        .where(
            col(Round.state) == "locked",
            col(Round.origin) == "collected",
            col(Snapshot.number) == newest,
            col(Snapshot.content).contains(f'"{window}"', autoescape=True),
        )
    )
    return sum(
        any(each["id"] == window for each in json.loads(content)["windows"])
        for content in session.exec(documents, execution_options=UNCONFINED)
    )

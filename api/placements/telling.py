"""What the parties of a placement are told of what happens to it."""

from __future__ import annotations

from sqlmodel import Session

from models.store import placements as store
from models.store.notices import Telling
from models.tables import Placement


def telling(session: Session, placement: Placement, kind: str, **figures: str) -> Telling:
    """Return what is told of a placement; its revision tells repeated steps apart."""
    return Telling(
        kind=kind,
        subject=placement.id,
        organisation=store.organisation_of(session, placement),
        round=placement.round,
        municipality=placement.municipality,
        unit=placement.unit,
        figures={"start": str(placement.start), "end": str(placement.end), **figures},
        serial=placement.revision,
    )

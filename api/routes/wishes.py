"""What was asked for a candidate, for herself to read: her municipality hands it in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session

from api.schemas.fields import Handle, SlugInPath
from api.schemas.wishes import WishesAnswer
from api.web.admission import AdmittedRoute, Caller
from api.web.calls import found
from api.web.problems import answers
from models.scope import EVERYTHING
from models.store import submissions
from models.store.rounds import snapshot
from models.tables import Round

router = APIRouter(route_class=AdmittedRoute, tags=["requests"])

_BESIDE = frozenset({"round", "municipality", "candidate", "submitted_at"})
"""What an answer says that does not stand in the record of a candidate."""


@router.get(
    "/rounds/{id}/candidates/{candidate}/wishes",
    operation_id="get_wishes",
    responses=answers("not-found"),
)
def get_wishes(call: Caller, id: Handle, candidate: SlugInPath) -> WishesAnswer:  # noqa: A002
    """Show what your municipality has asked for you: nobody's rank, and nothing of colleagues."""
    municipality = found({c: m for m, c in call.scope.candidates}.get(candidate))
    with call.reading() as session:
        found(session.get(Round, id))
    # The list is not the candidate's to see, her own part of it is.
    with call.service.database.reading(EVERYTHING) as session:
        answer = found(_asked(session, id, municipality, candidate))
    call.note(candidates=[candidate])
    return answer


def _asked(session: Session, id_: str, municipality: str, candidate: str) -> WishesAnswer | None:
    """Return what the list that holds says of a candidate, or else an imported document."""
    row = submissions.newest(session, id_, municipality)
    kept = row or snapshot(session, id_)
    people = json.loads(kept.content)["candidates"] if kept else []
    hers = next((each for each in people if _is(each, municipality, candidate)), None)
    if hers is None:
        return None
    return WishesAnswer(
        round=id_,
        municipality=municipality,
        candidate=candidate,
        submitted_at=row.submitted_at if row else None,
        **{name: hers[name] for name in WishesAnswer.model_fields if name not in _BESIDE},
    )


def _is(record: Mapping[str, Any], municipality: str, candidate: str) -> bool:
    """Tell whether a record is of this candidate; a list leaves out whose it is."""
    whose = record.get("municipality", municipality)
    return (whose, record["id"]) == (municipality, candidate)

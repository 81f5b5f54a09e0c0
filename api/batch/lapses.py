"""What has happened to a plan since it was made: why a person must look at its round again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from sqlmodel import Session

from api.releasing.changes import changes
from models.store.batches import Seated, freed_windows, seats, turned_down
from models.store.offers import vacancy
from models.store.release import in_force
from models.store.stays import is_placed
from models.tables import Plan, Round
from scheduler.dates import overlap
from scheduler.domain import Candidate
from scheduler.options import options_of
from scheduler.rounds import Round as Planned


def lapses(
    session: Session, row: Round, plan: Plan, planned: Planned | None, today: date
) -> Iterator[str]:
    """Yield why a round that is planned needs a person all the same.

    Parameters
    ----------
    session
        Sees everything.
    plan
        The plan of the newest document that says most.
    planned
        What it was made from; None where it cannot be read.
    """
    if plan.published_at is None and changes(session, row):
        yield "changed"
    published = in_force(session, row.id)
    if published is None:
        return
    taken = seats(session, row.id)
    if any(_is_gone(session, window, taken) for window in {seat.window for seat in taken}):
        yield "seat-gone"
    freed = freed_windows(session, row.id, published.published_at)
    if planned is not None and freed:
        gone = turned_down(session, row.id) | {seat.candidate for seat in taken}
        waiting = [c for c in planned.candidates if c.id not in gone and not _is_away(session, c)]
        if any(_finds_room(planned, each, freed, taken, today) for each in waiting):
            yield "seat-free"


def _is_gone(session: Session, id_: str, taken: Sequence[Seated]) -> bool:
    """Tell whether a window has no room for all who are going to sit in it.

    One of an imported round is in no table, and stays as it was.
    """
    window = vacancy(session, id_)
    if window is None:
        return False
    return any(
        window.withdrawn_at is not None
        or not window.opens <= seat.start < seat.end <= window.closes
        or _beside(taken, id_, seat.start, seat.end) > window.positions
        for seat in taken
        if seat.window == id_ and not seat.begun
    )


def _is_away(session: Session, candidate: Candidate) -> bool:
    return is_placed(session, candidate.municipality, candidate.id)


def _finds_room(
    round_: Planned, candidate: Candidate, freed: set[str], taken: Sequence[Seated], today: date
) -> bool:
    """Tell whether somebody without a place could still begin in a window where a seat came free.

    Asked are the rules that admit her and the windows' positions; whether everybody else keeps
    theirs is for a new plan to say.
    """
    return any(
        all(
            _beside(taken, part.window, part.start, part.end) < round_.window[part.window].positions
            for part in option.parts
        )
        for option in options_of(round_, candidate)
        if option.start > today and freed.intersection(part.window for part in option.parts)
    )


def _beside(taken: Sequence[Seated], window: str, start: date, end: date) -> int:
    """Return how many at most sit in a window at the same time during a period."""
    during = [s for s in taken if s.window == window and overlap(s.start, s.end, start, end)]
    days = {start, *(seat.start for seat in during if seat.start > start)}
    return max(sum(seat.start <= day < seat.end for seat in during) for day in days)

"""What is yet to be done, as the tables know it: each party's own, by the session's scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from models.scope import Condition, scope_of
from models.store.submissions import in_force
from models.tables import (
    Agreement,
    Offer,
    Organisation,
    Participation,
    Placement,
    PlacementStep,
    Policy,
    Publication,
    Round,
    Site,
    Submission,
    Supervisor,
    Unit,
    Window,
)


def missing_lists(session: Session) -> Sequence[tuple[Round, str]]:
    """Return open rounds with each municipality that has not handed in its list."""
    handed_in = exists().where(
        col(Submission.round) == col(Participation.round),
        col(Submission.municipality) == col(Participation.municipality),
    )
    rows = (
        select(Round, col(Participation.municipality))
        .join(Participation, col(Participation.round) == col(Round.id))
        .where(col(Round.state) == "open", _acts_in_round(session), ~handed_in)
    )
    return [(round_, municipality) for round_, municipality in session.exec(rows)]


def lists_to_plan(session: Session) -> Iterator[tuple[Round, Policy, Submission]]:
    """Yield the lists that hold in rounds without a plan in force, with the round's policy."""
    published = exists().where(
        col(Publication.round) == col(Round.id), col(Publication.ended_at).is_(None)
    )
    rows = (
        select(Round, Policy)
        .join(Policy, col(Policy.id) == col(Round.policy))
        .where(col(Round.state).in_(("open", "locked")), ~published)
    )
    for round_, policy in session.exec(rows):
        for submission in in_force(session, round_.id).values():
            yield round_, policy, submission


def trusts(session: Session) -> Mapping[str, str]:
    """Return the trust of each unit, site and trust, by id: of all that a wish may name."""
    rows = (
        select(col(Unit.id), col(Site.id), col(Organisation.trust))
        .join(Site, col(Site.id) == col(Unit.site))
        .join(Organisation, col(Organisation.number) == col(Site.organisation))
    )
    return {str(id_): str(row[2]) for row in session.exec(rows) for id_ in row}


def releases(session: Session, today: date) -> Sequence[Window]:
    """Return windows that are yet to be released for all applicants."""
    own = scope_of(session).owns_unit(Window.unit)
    ahead = col(Window.withdrawn_at).is_(None) & (col(Window.release_on) >= today)
    return session.exec(select(Window).where(own, ahead)).all()


def exemptions(session: Session, today: date) -> Sequence[Supervisor]:
    """Return supervisors whose exemption holds today or later, and will run out."""
    ahead = ~col(Supervisor.specialist) & (col(Supervisor.exempt_until) > today)
    return session.exec(select(Supervisor).where(ahead)).all()


def ending_agreements(session: Session, today: date) -> Sequence[Agreement]:
    """Return agreements that will end, but for those that another one takes over from."""
    scope, next_ = scope_of(session), aliased(Agreement)
    own = or_(
        col(Agreement.municipality).in_(sorted(scope.municipalities)),
        scope.owns_organisation(Agreement.organisation),
    )
    followed = exists().where(
        col(next_.municipality) == col(Agreement.municipality),
        col(next_.organisation) == col(Agreement.organisation),
        col(next_.signed_on) <= col(Agreement.ends_on),
        or_(col(next_.ends_on).is_(None), col(next_.ends_on) > col(Agreement.ends_on)),
    )
    held = col(Agreement.ends_on) > col(Agreement.signed_on)
    rows = select(Agreement).where(own, held, col(Agreement.ends_on) > today, ~followed)
    return session.exec(rows).all()


def open_offers(session: Session) -> Sequence[Offer]:
    """Return offers that wait for an answer."""
    return session.exec(select(Offer).where(col(Offer.state) == "open")).all()


def unstarted(session: Session, today: date) -> Sequence[Placement]:
    """Return placements that were to start, and of which nobody has said that they did."""
    due = (col(Placement.state) == "planned") & (col(Placement.start) <= today)
    return session.exec(select(Placement).where(due)).all()


def unended(session: Session, until: date) -> list[tuple[Placement, date | None]]:
    """Return placements under way that end by a day, whether they are past it or not.

    With each comes the day of its final evaluation, as it was proposed last; None without one.
    """
    evaluation = (col(PlacementStep.placement) == col(Placement.id)) & (
        col(PlacementStep.kind) == "evaluation"
    )
    rows = (
        select(Placement, col(PlacementStep.day))
        .join(PlacementStep, evaluation, isouter=True)
        .where(col(Placement.state) == "started", col(Placement.end) <= until)
        .order_by(col(Placement.id), col(PlacementStep.number))
    )
    return list({placement.id: (placement, day) for placement, day in session.exec(rows)}.values())


def forgotten(session: Session, until: date) -> Sequence[Placement]:
    """Return placements under way that were to end by a day, to whoever plans their round."""
    own = scope_of(session).owns_organisation(Round.organisation)
    rows = (
        select(Placement)
        .join(Round, col(Round.id) == col(Placement.round))
        .where(own, col(Placement.state) == "started", col(Placement.end) <= until)
    )
    return session.exec(rows).all()


def _acts_in_round(session: Session) -> Condition:
    """Condition: for the municipality itself, or for who plans the round; no candidate's matter."""
    scope = scope_of(session)
    return or_(
        col(Participation.municipality).in_(sorted(scope.municipalities)),
        scope.owns_organisation(Round.organisation),
    )

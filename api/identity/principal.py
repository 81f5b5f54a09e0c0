"""Somebody who calls, with the rights they hold now."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from api.identity.claims import Identity
from models.scope import Scope
from models.tables import Grant

WHOLE = frozenset({"planner", "approver", "regional_reader", "auditor", "administrator"})
"""Roles that reach the whole of the organisation their right names."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls, and their rights.

    Attributes
    ----------
    grants
        Rights that have not been taken back, read from the database for this call.
    """

    identity: Identity
    grants: tuple[Grant, ...] = ()

    @property
    def roles(self) -> frozenset[str]:
        """Every role that some right gives."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def subject(self) -> str:
        """Return ``issuer|subject``: the author of rows; no issuer holds a ``|``."""
        return f"{self.identity.issuer}|{self.identity.subject}"

    def scope(self, roles: Set[str]) -> Scope:
        """Return what the rights with one of these roles reach together."""
        grants = [grant for grant in self.grants if grant.role in roles]
        return Scope(
            organisations=frozenset(g.organisation for g in grants if g.role in WHOLE),
            units=frozenset(g.unit for g in grants if g.role == "unit_leader" and g.unit),
            municipalities=frozenset(
                g.municipality for g in grants if g.role == "coordinator" and g.municipality
            ),
            candidates=frozenset(
                (g.municipality, g.candidate)
                for g in grants
                if g.role == "candidate" and g.municipality and g.candidate
            ),
        )

"""Who may do what: every operation of the service, and the roles whose rights include it.

A role says what kind of thing somebody may do; the right it came with says to whose things
(`Principal.scope`). An operation that is not listed here cannot be served.
"""

from __future__ import annotations

from collections.abc import Mapping

PLANNER = "planner"
APPROVER = "approver"
UNIT_LEADER = "unit_leader"
COORDINATOR = "coordinator"
CANDIDATE = "candidate"
REGIONAL_READER = "regional_reader"
AUDITOR = "auditor"
ADMINISTRATOR = "administrator"

EVERYBODY = frozenset(
    {
        PLANNER,
        APPROVER,
        UNIT_LEADER,
        COORDINATOR,
        CANDIDATE,
        REGIONAL_READER,
        AUDITOR,
        ADMINISTRATOR,
    }
)

_STAFF = frozenset({PLANNER, APPROVER, AUDITOR})
"""Who may see a whole round of their organisation, people included."""

_PARTIES = _STAFF | {COORDINATOR, UNIT_LEADER, CANDIDATE}
"""Who may see a published plan, each their own part of it."""

RIGHTS: Mapping[str, frozenset[str]] = {
    # The register
    "list_organisations": EVERYBODY,
    "get_organisation": EVERYBODY,
    "put_organisation": frozenset({ADMINISTRATOR}),
    "list_sites": EVERYBODY,
    "get_site": EVERYBODY,
    "put_site": frozenset({ADMINISTRATOR, PLANNER}),
    "list_units": EVERYBODY,
    "get_unit": EVERYBODY,
    "put_unit": frozenset({ADMINISTRATOR, PLANNER}),
    "list_municipalities": EVERYBODY,
    "get_municipality": EVERYBODY,
    "put_municipality": frozenset({ADMINISTRATOR, PLANNER}),
    "update_municipality_contact": frozenset({COORDINATOR}),
    "list_agreements": EVERYBODY,
    "get_agreement": EVERYBODY,
    "put_agreement": frozenset({ADMINISTRATOR, PLANNER}),
    "list_supervisors": _STAFF | {COORDINATOR},
    "get_supervisor": _STAFF | {COORDINATOR},
    "create_supervisor": frozenset({COORDINATOR}),
    "put_supervisor": frozenset({COORDINATOR}),
    "delete_supervisor": frozenset({COORDINATOR}),
    "list_policies": EVERYBODY,
    "get_policy": EVERYBODY,
    "create_policy": frozenset({PLANNER}),
    "delete_policy": frozenset({PLANNER}),
    # Vacancies
    "list_windows": EVERYBODY,
    "get_window": EVERYBODY,
    "create_window": frozenset({UNIT_LEADER, PLANNER}),
    "put_window": frozenset({UNIT_LEADER, PLANNER}),
    "withdraw_window": frozenset({UNIT_LEADER, PLANNER}),
    "get_windows_feed": EVERYBODY,
    # Rounds
    "list_rounds": _PARTIES | {REGIONAL_READER},
    "get_round": _PARTIES | {REGIONAL_READER},
    "create_round": frozenset({PLANNER}),
    "update_round": frozenset({PLANNER}),
    "import_round": frozenset({PLANNER}),
    "open_round": frozenset({PLANNER}),
    "lock_round": frozenset({PLANNER}),
    "reopen_round": frozenset({PLANNER}),
    "list_transitions": _STAFF,
    "get_round_document": _STAFF,
    "get_round_figures": _STAFF | {REGIONAL_READER, COORDINATOR},
    "put_commitments": frozenset({PLANNER}),
    "get_commitments": _STAFF,
    "get_standing": _STAFF,
    "put_standing": frozenset({PLANNER}),
    # A municipality's list
    "get_requests": _STAFF | {COORDINATOR},
    "put_requests": frozenset({COORDINATOR, PLANNER}),
    "list_receipts": _STAFF | {COORDINATOR},
    "get_receipt": _STAFF | {COORDINATOR},
    # Plans
    "create_plan": frozenset({PLANNER}),
    "submit_plan": frozenset({PLANNER}),
    "list_plans": _PARTIES,
    "get_plan": _PARTIES,
    "get_plan_events": _STAFF,
    "cancel_plan": frozenset({PLANNER}),
    "publish_plan": frozenset({PLANNER}),
    "get_plan_document": _STAFF,
    "get_plan_verification": _STAFF,
    "get_plan_diff": _STAFF | {COORDINATOR},
    "get_plan_figures": _PARTIES | {REGIONAL_READER},
    "list_outcomes": _PARTIES,
    "export_plan_xlsx": _STAFF | {COORDINATOR},
    "export_plan_csv": _STAFF | {COORDINATOR},
    "export_plan_ics": _PARTIES,
    # Rights
    "get_me": EVERYBODY,
    "list_grants": frozenset({ADMINISTRATOR, AUDITOR}),
    "get_grant": frozenset({ADMINISTRATOR, AUDITOR}),
    "create_grant": frozenset({ADMINISTRATOR}),
    "revoke_grant": frozenset({ADMINISTRATOR}),
}
"""Roles by operation id."""

PUBLIC = frozenset({"get_livez", "get_readyz", "get_openapi", "list_problems", "get_problem"})
"""Operations that need no token: they show nothing that belongs to anybody."""

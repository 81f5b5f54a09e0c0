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
    "close_round": frozenset({PLANNER}),
    "reopen_round": frozenset({PLANNER}),
    "list_transitions": _STAFF,
    "get_round_document": _STAFF,
    "get_round_figures": _STAFF | {REGIONAL_READER, COORDINATOR},
    "get_readiness": _STAFF,
    "put_commitments": frozenset({PLANNER}),
    "get_commitments": _STAFF,
    "get_standing": _STAFF,
    "put_standing": frozenset({PLANNER}),
    # A municipality's list
    "get_requests": _STAFF | {COORDINATOR},
    "export_requests_xlsx": _STAFF | {COORDINATOR},
    "put_requests": frozenset({COORDINATOR, PLANNER}),
    "list_receipts": _STAFF | {COORDINATOR},
    "get_receipt": _STAFF | {COORDINATOR},
    "get_wishes": frozenset({CANDIDATE}),
    # Plans
    "create_plan": frozenset({PLANNER}),
    "submit_plan": frozenset({PLANNER}),
    "list_plans": _PARTIES,
    "get_plan": _PARTIES,
    "get_plan_events": _STAFF,
    "get_plan_progress": _STAFF,
    "cancel_plan": frozenset({PLANNER}),
    "approve_plan": frozenset({APPROVER}),
    "get_release": _STAFF,
    "publish_plan": frozenset({PLANNER}),
    "void_plan": frozenset({PLANNER}),
    "list_publications": _PARTIES,
    "replan_round": frozenset({PLANNER}),
    "get_plan_document": _STAFF,
    "get_plan_verification": _STAFF,
    "get_plan_diff": _STAFF | {COORDINATOR},
    "get_plan_figures": _PARTIES | {REGIONAL_READER},
    "list_outcomes": _PARTIES,
    "list_seats": _STAFF,
    "move_placements": frozenset({PLANNER}),
    "export_plan_xlsx": _STAFF | {COORDINATOR},
    "export_plan_csv": _STAFF | {COORDINATOR},
    "export_plan_ics": _PARTIES,
    # Why, what if, how many, and at what price
    "create_explanations": frozenset({PLANNER}),
    "cancel_explanations": frozenset({PLANNER}),
    "list_explanations": _STAFF | {COORDINATOR, CANDIDATE},
    "get_explanation": _STAFF | {COORDINATOR, CANDIDATE},
    "create_scenario": frozenset({PLANNER}),
    "list_scenarios": _STAFF,
    "get_scenario": _STAFF,
    "delete_scenario": frozenset({PLANNER}),
    "compare_scenarios": _STAFF,
    "export_scenarios_xlsx": _STAFF,
    "create_capacity_study": frozenset({PLANNER}),
    "list_capacity_studies": _STAFF,
    "get_capacity_study": _STAFF,
    "delete_capacity_study": frozenset({PLANNER}),
    "export_capacity_xlsx": _STAFF,
    "export_capacity_html": _STAFF,
    "create_price": frozenset({PLANNER}),
    "get_price": _STAFF,
    "create_price_of_keeping": frozenset({PLANNER}),
    "get_price_of_keeping": _STAFF,
    # Offers
    "list_offers": _PARTIES,
    "get_offer": _PARTIES,
    "accept_offer": frozenset({COORDINATOR, CANDIDATE}),
    "decline_offer": frozenset({COORDINATOR, CANDIDATE}),
    "withdraw_offer": frozenset({PLANNER}),
    # Placements
    "list_placements": _PARTIES,
    "get_placement": _PARTIES,
    "get_placement_service": _PARTIES,
    "start_placement": frozenset({UNIT_LEADER, PLANNER}),
    "note_placement_contact": frozenset({COORDINATOR}),
    "change_placement_supervisor": frozenset({COORDINATOR}),
    "interrupt_placement": frozenset({COORDINATOR, UNIT_LEADER, PLANNER}),
    "invite_to_evaluation": frozenset({UNIT_LEADER}),
    "complete_placement": frozenset({UNIT_LEADER, PLANNER}),
    "cancel_placement": frozenset({PLANNER}),
    "list_needs": _STAFF | {COORDINATOR},
    # Notices and deadlines
    "list_notices": frozenset({PLANNER, AUDITOR, COORDINATOR}),
    "send_notice_again": frozenset({PLANNER}),
    "list_webhooks": frozenset({PLANNER, COORDINATOR}),
    "create_webhook": frozenset({PLANNER, COORDINATOR}),
    "get_webhook": frozenset({PLANNER, COORDINATOR}),
    "delete_webhook": frozenset({PLANNER, COORDINATOR}),
    "list_deadlines": _PARTIES,
    "export_deadlines_ics": _PARTIES,
    # Audit
    "list_audit": frozenset({AUDITOR, ADMINISTRATOR}),
    "list_overrides": _STAFF,
    # What others take over
    "export_hr_list_xlsx": frozenset({PLANNER, AUDITOR}),
    "export_hr_list_csv": frozenset({PLANNER, AUDITOR}),
    "get_board_figures": _STAFF | {REGIONAL_READER},
    "export_board_figures_csv": _STAFF | {REGIONAL_READER},
    "get_pseudonymous_round": _STAFF,
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

OPEN = frozenset(
    {
        "list_organisations",
        "get_organisation",
        "list_sites",
        "get_site",
        "list_units",
        "get_unit",
        "list_municipalities",
        "get_municipality",
        "list_agreements",
        "get_agreement",
        "list_supervisors",
        "get_supervisor",
        "list_policies",
        "get_policy",
        "list_windows",
        "get_window",
        "get_windows_feed",
        "list_rounds",
        "get_round",
        "get_round_figures",
        "list_plans",  # but for a failure that names candidates
        "get_plan",
        "get_plan_events",
        "get_plan_progress",
        "get_plan_figures",
        "get_board_figures",
        "export_board_figures_csv",
        "list_scenarios",  # but for a failure that names candidates
        "list_capacity_studies",  # as above
        "list_publications",  # but for reasons, which name whom they like
        "list_webhooks",
        "get_webhook",
        "get_me",  # but for a candidate, who is shown herself
    }
)
"""Operations that read nothing about candidates; any other reading is entered in the audit."""

SHOWS_PEOPLE = frozenset(
    {
        "list_transitions",
        "get_round_document",
        "get_readiness",
        "get_commitments",
        "get_standing",
        "get_requests",
        "export_requests_xlsx",
        "list_receipts",
        "get_receipt",
        "get_wishes",
        "get_release",
        "get_plan_document",
        "get_plan_verification",
        "get_plan_diff",
        "list_outcomes",
        "list_seats",
        "export_plan_xlsx",
        "export_plan_csv",
        "export_plan_ics",
        "list_explanations",
        "get_explanation",
        "get_scenario",
        "compare_scenarios",
        "export_scenarios_xlsx",
        "get_capacity_study",
        "export_capacity_xlsx",
        "export_capacity_html",
        "get_price",
        "get_price_of_keeping",
        "list_offers",
        "get_offer",
        "list_placements",
        "get_placement",
        "get_placement_service",
        "list_needs",
        "list_deadlines",
        "export_deadlines_ics",
        "export_hr_list_xlsx",
        "export_hr_list_csv",
        "get_pseudonymous_round",
        "list_notices",
        "list_audit",
        "list_overrides",
        "list_grants",
        "get_grant",
    }
)
"""Operations that show candidates: each reading is entered in the audit before it is answered."""

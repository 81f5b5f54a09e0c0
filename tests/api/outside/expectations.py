"""What each operation is about, who may call it, and which kinds of things it may show.

Written from what the service promises, not from its code; an operation without a row here fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.tables.access import ROLES
from tests.api.outside.seeing import (
    AUTHOR,
    CANDIDATE,
    DIGEST,
    LATE,
    LIST,
    NAME,
    NOTICE,
    OFFER,
    PLACEMENT,
    PLAN,
    REASON,
    REGISTER,
    ROUND,
    STEP,
    STUDY,
    SUBJECT,
    SUPERVISOR,
    WAIVER,
    WEBHOOK,
    WHY,
)

EVERYBODY = frozenset(ROLES)
STAFF = frozenset({"planner", "approver", "auditor"})
PARTIES = STAFF | {"coordinator", "unit_leader", "candidate"}
PLANNER = frozenset({"planner"})
UNITS = frozenset({"planner", "unit_leader"})
KEEPERS = frozenset({"administrator", "planner"})
COORDINATOR = frozenset({"coordinator"})
LISTS = STAFF | COORDINATOR
ADMINISTRATOR = frozenset({"administrator"})
OVERSEERS = frozenset({"administrator", "auditor"})
HOOKS = COORDINATOR | PLANNER
TOLD = HOOKS | {"auditor"}
NO_TOKEN: frozenset[str] = frozenset()

PEOPLE = frozenset({CANDIDATE, NAME})
WHOLE = frozenset({CANDIDATE, NAME, WAIVER, ROUND, REGISTER})


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of an operation.

    Attributes
    ----------
    roles
        Who may call it at all; nobody in particular where it needs no token.
    of
        The kind of thing that its address names; None = it names none.
    shows
        Kinds of things that its answer may tell of.
    owned
        Whether the thing must be the caller's to change: everybody may read it.
    makes
        Whether an address that names nothing yet makes something there.
    """

    roles: frozenset[str]
    of: str | None
    shows: frozenset[str] = frozenset()
    owned: bool = False
    makes: bool = False


def _register(noun: str, plural: str, roles: frozenset[str]) -> dict[str, Expected]:
    shows = frozenset({REGISTER})
    return {
        f"list_{plural}": Expected(EVERYBODY, None, shows),
        f"get_{noun}": Expected(EVERYBODY, noun, shows),
        f"put_{noun}": Expected(roles, noun, shows, owned=True, makes=True),
    }


_SUPERVISOR = frozenset({SUPERVISOR})
_REGISTER = frozenset({REGISTER})
_ROUND = frozenset({ROUND, REGISTER})
_PLAN = frozenset({PLAN, ROUND, DIGEST, CANDIDATE, REGISTER})
_RIGHT = frozenset({SUBJECT})
_AUDIT = frozenset(
    {ROUND, PLAN, CANDIDATE, OFFER, PLACEMENT, SUPERVISOR, SUBJECT, REASON, REGISTER, STUDY}
)
_OUTCOME = frozenset({CANDIDATE, REGISTER})
_OFFER = frozenset({OFFER, WHY, ROUND, CANDIDATE, REGISTER})
_WEBHOOK = frozenset({WEBHOOK})
_STUDY = frozenset({STUDY, ROUND})
_WHAT_IF = frozenset({STUDY, ROUND, DIGEST, CANDIDATE, REGISTER})
_EXPLAINED = LISTS | {"candidate"}
_DEADLINE = frozenset({ROUND, CANDIDATE, OFFER, PLACEMENT, SUPERVISOR, REGISTER})
_PLACEMENT = frozenset({PLACEMENT, STEP, ROUND, CANDIDATE, SUPERVISOR, REGISTER})

EXPECTED: Mapping[str, Expected] = {
    "get_livez": Expected(NO_TOKEN, None),
    "get_readyz": Expected(NO_TOKEN, None),
    "get_openapi": Expected(NO_TOKEN, None),
    "list_problems": Expected(NO_TOKEN, None),
    "get_problem": Expected(NO_TOKEN, "problem"),
    **_register("organisation", "organisations", ADMINISTRATOR),
    **_register("site", "sites", KEEPERS),
    **_register("unit", "units", KEEPERS),
    **_register("municipality", "municipalities", KEEPERS),
    "update_municipality_contact": Expected(COORDINATOR, "municipality", _REGISTER, owned=True),
    "list_agreements": Expected(EVERYBODY, "municipality", _REGISTER),
    "get_agreement": Expected(EVERYBODY, "agreement", _REGISTER),
    "put_agreement": Expected(KEEPERS, "agreement", _REGISTER, owned=True),
    "list_supervisors": Expected(LISTS, None, _SUPERVISOR),
    "get_supervisor": Expected(LISTS, "supervisor", _SUPERVISOR),
    "create_supervisor": Expected(COORDINATOR, "municipality", _SUPERVISOR, owned=True),
    "put_supervisor": Expected(COORDINATOR, "supervisor", _SUPERVISOR),
    "delete_supervisor": Expected(COORDINATOR, "supervisor"),
    "list_policies": Expected(EVERYBODY, None, _REGISTER),
    "get_policy": Expected(EVERYBODY, "policy", _REGISTER),
    "create_policy": Expected(PLANNER, None, _REGISTER),
    "delete_policy": Expected(PLANNER, "policy", owned=True),
    "get_windows_feed": Expected(EVERYBODY, None, _REGISTER),
    "list_windows": Expected(EVERYBODY, None, _REGISTER),
    "get_window": Expected(EVERYBODY, "window", _REGISTER),
    "create_window": Expected(UNITS, "unit", _REGISTER, owned=True),
    "put_window": Expected(UNITS, "window", _REGISTER, owned=True),
    "withdraw_window": Expected(UNITS, "window", _REGISTER, owned=True),
    "list_rounds": Expected(PARTIES | {"regional_reader"}, None, _ROUND),
    "get_round": Expected(PARTIES | {"regional_reader"}, "round", _ROUND),
    "create_round": Expected(PLANNER, None, _ROUND),
    "update_round": Expected(PLANNER, "round", _ROUND),
    "import_round": Expected(PLANNER, None, frozenset({ROUND, DIGEST})),
    "open_round": Expected(PLANNER, "round", _ROUND),
    "lock_round": Expected(PLANNER, "round", frozenset({ROUND, DIGEST})),
    "close_round": Expected(PLANNER, "round", _ROUND),
    "reopen_round": Expected(PLANNER, "round", _ROUND),
    "list_transitions": Expected(STAFF, "round", frozenset({ROUND, REASON, AUTHOR})),
    "get_round_document": Expected(STAFF, "round", WHOLE | {DIGEST}),
    "get_round_figures": Expected(LISTS | {"regional_reader"}, "round"),
    "get_readiness": Expected(STAFF, "round", frozenset({CANDIDATE, REGISTER})),
    "get_commitments": Expected(STAFF, "round", _OUTCOME),
    "put_commitments": Expected(PLANNER, "round", _OUTCOME),
    "get_standing": Expected(STAFF, "standing", frozenset({CANDIDATE, WAIVER})),
    "put_standing": Expected(PLANNER, "standing", frozenset({CANDIDATE, WAIVER})),
    "get_requests": Expected(LISTS, "list", PEOPLE | {SUPERVISOR, LIST}),
    "export_requests_xlsx": Expected(LISTS, "part", PEOPLE | {SUPERVISOR, REGISTER}),
    "put_requests": Expected(COORDINATOR | PLANNER, "part", PEOPLE | {ROUND, LIST, SUPERVISOR}),
    "list_receipts": Expected(LISTS, "part", frozenset({ROUND, LIST})),
    "get_receipt": Expected(LISTS, "receipt", PEOPLE | {ROUND, LIST, SUPERVISOR, LATE}),
    "get_wishes": Expected(frozenset({"candidate"}), "wishes", PEOPLE | {ROUND, REGISTER}),
    "create_plan": Expected(PLANNER, "round", _PLAN),
    "submit_plan": Expected(PLANNER, "round", _PLAN),
    "list_seats": Expected(STAFF, "explanation", _OUTCOME),
    "move_placements": Expected(PLANNER, "plan", _PLAN),
    "list_plans": Expected(PARTIES, "round", _PLAN),
    "get_plan": Expected(PARTIES, "plan", _PLAN),
    "get_plan_events": Expected(STAFF, "plan", frozenset({PLAN})),
    "get_plan_progress": Expected(STAFF, "plan", frozenset({PLAN})),
    "cancel_plan": Expected(PLANNER, "plan", _PLAN),
    "approve_plan": Expected(frozenset({"approver"}), "plan", _PLAN),
    "get_release": Expected(STAFF, "plan", frozenset({PLAN, OFFER, CANDIDATE, REGISTER})),
    "publish_plan": Expected(PLANNER, "plan", _PLAN),
    "void_plan": Expected(PLANNER, "plan", _PLAN),
    "list_publications": Expected(PARTIES, "round", frozenset({PLAN})),
    "replan_round": Expected(PLANNER, "round", frozenset({CANDIDATE})),
    "create_explanations": Expected(PLANNER, "plan", _STUDY | {PLAN}),
    "cancel_explanations": Expected(PLANNER, "plan", _STUDY),
    "list_explanations": Expected(_EXPLAINED, "plan", _OUTCOME | _STUDY),
    "get_explanation": Expected(_EXPLAINED, "explanation", _OUTCOME),
    "create_scenario": Expected(PLANNER, "round", _STUDY),
    "list_scenarios": Expected(STAFF, "round", _STUDY),
    "get_scenario": Expected(STAFF, "scenario", _WHAT_IF),
    "delete_scenario": Expected(PLANNER, "scenario"),
    "compare_scenarios": Expected(STAFF, "round", _WHAT_IF),
    "export_scenarios_xlsx": Expected(STAFF, "round", _WHAT_IF),
    "create_capacity_study": Expected(PLANNER, "round", _STUDY),
    "list_capacity_studies": Expected(STAFF, "round", _STUDY),
    "get_capacity_study": Expected(STAFF, "capacity", _WHAT_IF),
    "delete_capacity_study": Expected(PLANNER, "capacity"),
    "export_capacity_xlsx": Expected(STAFF, "capacity", _WHAT_IF),
    "export_capacity_html": Expected(STAFF, "capacity", _WHAT_IF),
    "create_price": Expected(PLANNER, "round", _WHAT_IF),
    "get_price": Expected(STAFF, "round", _WHAT_IF),
    "create_price_of_keeping": Expected(PLANNER, "round", _WHAT_IF),
    "get_price_of_keeping": Expected(STAFF, "round", _WHAT_IF),
    "list_offers": Expected(PARTIES, None, _OFFER),
    "get_offer": Expected(PARTIES, "offer", _OFFER),
    "accept_offer": Expected(COORDINATOR | {"candidate"}, "offer", _OFFER),
    "decline_offer": Expected(COORDINATOR | {"candidate"}, "offer", _OFFER),
    "withdraw_offer": Expected(PLANNER, "offer", _OFFER),
    "get_plan_document": Expected(STAFF, "plan", _OUTCOME | {ROUND, DIGEST}),
    "get_plan_verification": Expected(STAFF, "plan", _OUTCOME | {DIGEST}),
    "get_plan_diff": Expected(LISTS, "plan", _OUTCOME | {PLAN}),
    "get_plan_figures": Expected(PARTIES | {"regional_reader"}, "plan"),
    "list_outcomes": Expected(PARTIES, "plan", _OUTCOME),
    "export_plan_xlsx": Expected(LISTS, "plan", WHOLE | {PLAN, DIGEST}),
    "export_plan_csv": Expected(LISTS, "plan", WHOLE | {PLAN, DIGEST}),
    "export_plan_ics": Expected(PARTIES, "plan", WHOLE | {PLAN, DIGEST}),
    "list_placements": Expected(PARTIES, None, _PLACEMENT),
    "get_placement": Expected(PARTIES, "placement", _PLACEMENT),
    "get_placement_service": Expected(PARTIES, "placement", frozenset({PLACEMENT})),
    "start_placement": Expected(UNITS, "placement", _PLACEMENT),
    "note_placement_contact": Expected(COORDINATOR, "placement", _PLACEMENT),
    "change_placement_supervisor": Expected(COORDINATOR, "placement", _PLACEMENT),
    "interrupt_placement": Expected(UNITS | COORDINATOR, "placement", _PLACEMENT),
    "invite_to_evaluation": Expected(frozenset({"unit_leader"}), "placement", _PLACEMENT),
    "complete_placement": Expected(UNITS, "placement", _PLACEMENT),
    "cancel_placement": Expected(PLANNER, "placement", _PLACEMENT),
    "list_needs": Expected(LISTS, "municipality", PEOPLE | {PLACEMENT, SUPERVISOR}, owned=True),
    "list_audit": Expected(frozenset({"auditor", "administrator"}), None, _AUDIT),
    "list_overrides": Expected(STAFF, "round", _AUDIT),
    "list_notices": Expected(TOLD, None, frozenset({NOTICE})),
    "send_notice_again": Expected(PLANNER, "notice", frozenset({NOTICE})),
    "list_webhooks": Expected(HOOKS, None, _WEBHOOK),
    "create_webhook": Expected(HOOKS, None, _WEBHOOK),
    "get_webhook": Expected(HOOKS, "webhook", _WEBHOOK),
    "delete_webhook": Expected(HOOKS, "webhook"),
    "list_deadlines": Expected(PARTIES, None, _DEADLINE),
    "export_deadlines_ics": Expected(PARTIES, None, _DEADLINE),
    "export_hr_list_xlsx": Expected(PLANNER | {"auditor"}, "handover", PEOPLE | {REGISTER}),
    "export_hr_list_csv": Expected(PLANNER | {"auditor"}, "handover", PEOPLE | {REGISTER}),
    "get_board_figures": Expected(STAFF | {"regional_reader"}, "round", _REGISTER),
    "export_board_figures_csv": Expected(STAFF | {"regional_reader"}, "round", _REGISTER),
    "get_pseudonymous_round": Expected(STAFF, "round"),
    "get_me": Expected(EVERYBODY, None, frozenset({CANDIDATE})),
    "list_grants": Expected(OVERSEERS, None, _RIGHT),
    "get_grant": Expected(OVERSEERS, "grant", _RIGHT),
    "create_grant": Expected(ADMINISTRATOR, None, _RIGHT),
    "revoke_grant": Expected(ADMINISTRATOR, "grant", _RIGHT),
}

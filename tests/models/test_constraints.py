"""Every constraint refuses what it is there to refuse, by name, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, insert
from sqlalchemy.exc import IntegrityError

from models.database import Database
from models.tables import METADATA
from tests.models.made_up_rows import DAY, NOW, every_row, fill, region, trust

Constrained = CheckConstraint | UniqueConstraint | Index

BEFORE = DAY - timedelta(days=1)


@pytest.fixture
def filled(database: Database) -> Database:
    fill(database)
    return database


VIOLATIONS: dict[str, dict[str, Any]] = {
    "ck_organisations_number_nine_digits": {"number": "99"},
    "ck_organisations_kind_known": {"kind": "RFH"},
    "ck_organisations_trust_of_hf": {"trust": "trust9"},
    "ck_organisations_parent_of_hf": {"parent": region(2)},
    "ck_organisations_language_known": {"language": "kven"},
    "uq_organisations_trust": {"kind": "HF", "trust": "trust1"},
    "ck_units_supervised_places": {"supervised_places": -1},
    "ck_units_language_known": {"language": "kven"},
    "ck_municipalities_number_digits": {"number": "56011"},
    "ck_municipalities_max_away": {"max_away": -1},
    "ck_municipalities_language_known": {"language": "kven"},
    "ck_agreements_ends_after_signing": {"ends_on": BEFORE},
    "ck_supervisors_specialist_or_exempt": {"specialist": False, "exempt_from": DAY},
    "ck_supervisors_exemption_period": {"exempt_from": DAY, "exempt_until": DAY},
    "ck_supervisors_capacity": {"capacity": -1},
    "ck_supervisors_hours_per_month": {"hours_per_month": -1},
    "ck_policies_version": {"version": -1},
    "uq_policies_organisation_name_version": {"version": 1},
    "ck_windows_opens_before_closing": {"closes": DAY},
    "ck_windows_positions": {"positions": 0},
    "ck_windows_fte_percent": {"fte_percent": 101},
    "ck_windows_min_gp_months": {"min_gp_months": -1},
    "ck_windows_kind_known": {"kind": "permanent"},
    "ck_windows_certainty_known": {"certainty": "hoped for"},
    "ck_rounds_state_known": {"state": "shut"},
    "ck_rounds_origin_known": {"origin": "found", "state": "locked"},
    "ck_rounds_collected_by_policy": {"policy": None},
    "ck_rounds_imported_is_locked": {"origin": "imported"},
    "uq_rounds_organisation_label": {"label": "open1"},
    "ck_submissions_number": {"number": 0},
    "uq_submissions_round_municipality_number": {"number": 1},
    "ck_standings_rounds_waited": {"rounds_waited": -1},
    "ck_commitments_state_known": {"state": "wished for"},
    "ck_commitments_months": {"months": 0},
    "ck_snapshots_number": {"number": 0},
    "uq_snapshots_round_number": {"number": 1},
    "ck_plans_state_known": {"state": "done", "content": None, "published_at": None},
    "ck_plans_origin_known": {"origin": "lottery"},
    "ck_plans_completed_has_it": {"content": None},
    "ck_plans_failed_says_why": {"failure": "unverified"},
    "ck_plans_running_is_leased": {"lease": "lease"},
    "ck_plans_published_is_done": {
        "state": "queued",
        "content": None,
        "published_at": NOW,
        "published_by": "issuer|planner",
    },
    "ck_plans_two_people": {"approved_at": NOW, "approved_by": "issuer|planner"},
    "ck_plans_two_people_release": {
        "approved_at": NOW,
        "approved_by": "issuer|approver",
        "published_at": NOW,
        "published_by": "issuer|approver",
    },
    "ck_plans_approved_by_somebody": {"approved_at": NOW},
    "ck_plans_published_by_somebody": {"published_by": "issuer|planner"},
    "ck_plans_seconds_limit": {"seconds_limit": 0.0},
    "ck_plans_attempt": {"attempt": -1},
    "uq_plans_published": {"published_at": NOW, "published_by": "issuer|planner"},
    "ck_plan_events_number": {"number": 0},
    "ck_shares_leased_to_somebody": {"worker": None},
    "ck_shares_attempt": {"attempt": -1},
    "ck_studies_state_known": {"state": "done"},
    "ck_studies_failed_says_why": {"failure": "unproven"},
    "ck_studies_running_is_leased": {"lease": "lease"},
    "ck_studies_attempt": {"attempt": -1},
    "ck_studies_kind_known": {"kind": "riddle", "plan": None, "content": "{}"},
    "ck_studies_completed_has_it": {"content": "{}"},
    "ck_studies_plan_explained": {"plan": None},
    "ck_studies_scenario_named": {"name": "More"},
    "uq_studies_explanations": {"plan": "open1-published"},
    "uq_studies_keeping": {
        "kind": "keeping",
        "plan": None,
        "content": "{}",
    },
    "uq_studies_price": {"kind": "price", "plan": None, "content": "{}"},
    "uq_batches_due_at": {"due_at": NOW},
    "ck_publications_ending_known": {"ending": "forgotten"},
    "ck_publications_ended_somehow": {"ending": None},
    "ck_publications_voided_with_reason": {"ending": "voided"},
    "uq_publications_number": {"number": 1},
    "uq_publications_in_force": {"ended_at": None, "ending": None},
    "ck_offers_state_known": {"state": "lost"},
    "ck_offers_open_until_it_ends": {"state": "open"},
    "ck_offers_withdrawn_with_reason": {"state": "withdrawn"},
    "ck_offers_replaced_by_one": {"state": "replaced"},
    "ck_offers_whole_or_in_parts": {"months": 3},
    "ck_offers_parts_in_order": {
        "months": 3,
        "then_unit": "unit1",
        "then_window": "w1",
        "then_start": date(2027, 7, 31),
        "then_end": date(2027, 11, 1),
        "then_months": 3,
    },
    "uq_offers_live": {"candidate": "5601-1"},
    "ck_placements_state_known": {"state": "lost"},
    "ck_placements_fte_percent": {"fte_percent": 101},
    "ck_placements_months_needed": {"months_needed": 0},
    "ck_placements_interrupted_leaves": {"state": "interrupted"},
    "ck_placements_remaining_months": {"state": "interrupted", "remaining_months": -1},
    "ck_placements_completed_says_goals": {"state": "completed"},
    "ck_placements_number": {"number": 0},
    "uq_placements_offer_number": {"offer": "open1-5601-1"},
    "uq_placements_underway": {"candidate": "5601-1"},
    "ck_placement_steps_number": {"number": 0},
    "ck_placement_steps_kind_known": {"kind": "forgotten"},
    "ck_audit_number": {"number": 0},
    "ck_audit_action_known": {"action": "guess"},
    "uq_audit_hash": {"hash": "sha256:audit10"},
    "ck_webhooks_of_one_party": {"municipality": "5601"},
    "ck_notices_channel_known": {"channel": "pigeon"},
    "ck_notices_state_known": {"state": "lost"},
    "ck_notices_sent_at_some_time": {"state": "sent"},
    "ck_notices_attempts": {"attempts": -1},
    "uq_notices_key": {"key": f"offer-made {trust(1)}"},
    "ck_grants_role_known": {"role": "king"},
    "ck_grants_unit_of_leader": {"unit": "unit1"},
    "ck_grants_municipality_of_coordinator": {"role": "coordinator"},
    "ck_grants_candidate_own": {"candidate": "5601-1"},
    "ck_grants_organisation_nine_digits": {"organisation": "99"},
}
"""Constraint → what to change in a new row, that is right otherwise, to break it and no other."""

NEW: dict[str, dict[str, Any]] = {
    "organisations": {"number": "970000000"},
    "sites": {"id": "new"},
    "units": {"id": "new"},
    "municipalities": {"number": "5699"},
    "agreements": {"signed_on": date(2027, 2, 1)},
    "supervisors": {"id": "new"},
    "policies": {"id": "new", "version": 2},
    "windows": {"id": "new"},
    "rounds": {"id": "new", "label": "new"},
    "transitions": {"number": 2},
    "participations": {"municipality": "5699"},
    "submissions": {"id": "new", "number": 2},
    "standings": {"candidate": "5601-9"},
    "commitments": {"candidate": "5601-9"},
    "snapshots": {"id": "new", "number": 2},
    "plans": {"id": "new", "published_at": None, "published_by": None},
    "plan_events": {"number": 2},
    "shares": {"number": 2},
    "studies": {"id": "new", "plan": "open1-kept"},
    "explanations": {"candidate": "5601-9"},
    "batches": {"id": "new", "due_at": NOW.replace(year=2030)},
    "publications": {"id": "new", "number": 2, "ended_at": NOW, "ending": "replaced"},
    "offers": {"id": "new", "candidate": "5601-9"},
    "placements": {"id": "new", "candidate": "5601-9", "offer": None},
    "placement_steps": {"number": 2},
    "audit": {"number": 9, "hash": "sha256:new"},
    "audit_reasons": {"number": 12},
    "webhooks": {"id": "new"},
    "notices": {"id": "new", "key": "new"},
    "grants": {"id": "new"},
}
"""Table → what makes its first row another, and a right one."""


def test_no_constraint_is_left_out() -> None:
    assert set(_constraints()) == set(VIOLATIONS)


def test_every_constraint_refuses(filled: Database) -> None:
    wrong = {name: told for name in NEW if (told := _refusal(filled, name, {}))}
    assert wrong == {}
    silent = {}
    for name, constraint in _constraints().items():
        assert constraint.table is not None
        told = _refusal(filled, constraint.table.name, VIOLATIONS[name])
        if _sign(filled, constraint) not in told:
            silent[name] = told
    assert silent == {}


def test_nothing_refers_to_what_is_not_there(filled: Database) -> None:
    keys = [key for table in METADATA.tables.values() for key in table.foreign_key_constraints]
    told = {str(key.name): _refusal(filled, *_dangling(key)) for key in keys}
    assert len(told) >= 33
    assert {name for name, text in told.items() if "foreign key" not in text.lower()} == set()


def _constraints() -> dict[str, Constrained]:
    return {
        str(each.name): each
        for table in METADATA.tables.values()
        for each in (*table.constraints, *table.indexes)
        if isinstance(each, CheckConstraint | UniqueConstraint)
        or (isinstance(each, Index) and each.unique)
    }


def _sign(database: Database, constraint: Constrained) -> str:
    """Return how an error tells that a constraint refused: SQLite names what must be unique."""
    if database.embedded and not isinstance(constraint, CheckConstraint):
        return "UNIQUE constraint failed: " + ", ".join(
            str(column) for column in constraint.columns
        )
    return str(constraint.name)


def _dangling(key: ForeignKeyConstraint) -> tuple[str, dict[str, Any]]:
    (column,) = key.column_keys
    beside: dict[tuple[str, str], dict[str, Any]] = {
        ("organisations", "parent"): {"kind": "HF", "trust": "trust9"},
        ("offers", "replaced_by"): {"state": "replaced"},
        ("webhooks", "municipality"): {"organisation": None},
    }
    name = key.table.name
    return name, {column: "990000009", **beside.get((name, column), {})}


def _refusal(database: Database, name: str, changes: dict[str, Any]) -> str:
    """Add a new row with some changes, return why it was refused, and take it back."""
    table = METADATA.tables[name]
    row = next(row for row in every_row() if row.__tablename__ == name)
    values = {column.name: getattr(row, column.name) for column in table.columns}
    if "revision" in values:
        values["revision"] = 1
    with database.writer.connect() as connection:
        try:
            connection.execute(insert(table).values(values | NEW[name] | changes))
        except IntegrityError as error:
            return str(error)
    return ""

"""What rights reach: each role its own kind of thing, together their union, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from api.identity.claims import Identity
from api.identity.issuers import LOCAL
from api.identity.local import LocalKey
from api.identity.principal import WHOLE, Principal
from api.identity.tokens import Identifier
from api.settings import Settings
from models.database import Database
from models.scope import EVERYTHING, NOTHING, Scope
from models.store.grants import Right, UnfitRight, grant, is_granted, revoke, rights_of
from models.tables import Grant
from models.tables.access import ROLES
from tests.api.identity.minting import NOW
from tests.databases import Databases

TRUST, REGION = "889640782", "991324968"

TODAY = NOW.date()

PLACES: dict[str, dict[str, Any]] = {
    "unit_leader": {"unit": "medicine"},
    "coordinator": {"municipality": "5601"},
    "candidate": {
        "municipality": "5601",
        "candidate": "kari",
        "ends_on": TODAY + timedelta(days=365),
    },
}


def right(role: str, organisation: str = TRUST, **changes: Any) -> Right:
    return Right(role=role, organisation=organisation, **(PLACES.get(role, {}) | changes))


def principal(*rights: Right) -> Principal:
    def row(number: int, held: Right) -> Grant:
        return Grant(
            id=str(number),
            issuer=LOCAL,
            subject="person-17",
            role=held.role,
            organisation=held.organisation,
            unit=held.unit,
            municipality=held.municipality,
            candidate=held.candidate,
            granted_at=NOW,
            granted_by="test",
        )

    grants = tuple(row(number, held) for number, held in enumerate(rights))
    return Principal(Identity(LOCAL, "person-17"), grants)


@pytest.mark.parametrize("role", ROLES)
def test_a_right_reaches_what_it_names(role: str) -> None:
    expected = {
        "unit_leader": Scope(units=frozenset({"medicine"})),
        "coordinator": Scope(municipalities=frozenset({"5601"})),
        "candidate": Scope(candidates=frozenset({("5601", "kari")})),
    }.get(role, Scope(organisations=frozenset({TRUST})))
    caller = principal(right(role))
    assert caller.scope({role}) == expected
    assert caller.roles == {role}
    assert caller.scope(set(ROLES) - {role}) == NOTHING
    assert (role in WHOLE) == bool(expected.organisations)


def test_rights_reach_together_what_each_of_them_does() -> None:
    caller = principal(
        right("planner"),
        right("auditor", REGION),
        right("unit_leader", unit="medicine"),
        right("unit_leader", unit="surgery"),
        right("coordinator", municipality="5601"),
        right("coordinator", municipality="5605"),
        right("candidate"),
    )
    assert caller.scope(frozenset(ROLES)) == Scope(
        organisations=frozenset({TRUST, REGION}),
        units=frozenset({"medicine", "surgery"}),
        municipalities=frozenset({"5601", "5605"}),
        candidates=frozenset({("5601", "kari")}),
    )


def test_an_operation_reaches_only_what_its_roles_reach() -> None:
    """A planner of one trust who audits a region may change only what they plan."""
    caller = principal(right("planner"), right("auditor", REGION), right("coordinator"))
    assert caller.scope({"planner"}) == Scope(organisations=frozenset({TRUST}))
    assert caller.scope({"coordinator", "approver"}) == Scope(municipalities=frozenset({"5601"}))


def test_another_municipality_is_out_of_reach() -> None:
    """Which one is asked for, in a path or elsewhere, has no influence on the reach."""
    caller = principal(right("coordinator", municipality="5601"))
    assert "5605" not in caller.scope(frozenset(ROLES)).parties


def test_somebody_without_rights_reaches_nothing() -> None:
    nobody = principal()
    assert (nobody.roles, nobody.scope(frozenset(ROLES))) == (frozenset(), NOTHING)


def test_a_row_that_does_not_fit_its_role_reaches_nothing() -> None:
    """The database refuses such a row; were it there all the same, it would give no more."""
    for role in PLACES:
        caller = principal(right(role))
        caller.grants[0].unit = caller.grants[0].municipality = None
        assert caller.scope({role}) == NOTHING


def test_the_author_of_a_row_names_issuer_and_subject() -> None:
    caller = Principal(Identity("https://people.example/", "a|b", supplier="889640782"))
    assert caller.subject == "https://people.example/|a|b"


@pytest.mark.parametrize(
    "unfit",
    [
        {"role": "king"},
        {"role": ""},
        {"role": "unit_leader"},
        {"role": "coordinator"},
        {"role": "coordinator", "unit": "medicine"},
        {"role": "coordinator", "municipality": "5601", "unit": "medicine"},
        {"role": "candidate", "municipality": "5601"},
        {"role": "candidate", "candidate": "kari"},
        {"role": "candidate", "municipality": "5601", "candidate": "kari"},
        {"role": "planner", "municipality": "5601"},
        {"role": "administrator", "unit": "medicine"},
        {"role": "auditor", "municipality": "5601", "candidate": "kari"},
    ],
)
def test_a_right_names_what_its_role_asks_for(unfit: dict[str, Any]) -> None:
    with pytest.raises(UnfitRight) as error:
        Right(organisation=TRUST, **unfit)
    assert not any(value in str(error.value) for value in unfit.values() if value)


@pytest.mark.parametrize("role", ROLES)
def test_a_right_is_kept_as_it_was_given(role: str, database: Database) -> None:
    given = right(role)
    with database.writing(EVERYTHING) as session:
        id_ = grant(session, LOCAL, "person-17", given, NOW, "rotations token").id
    with database.reading(EVERYTHING) as session:
        (kept,) = rights_of(session, LOCAL, "person-17", TODAY)
        assert (kept.id, kept.granted_at, kept.granted_by, kept.revoked_at) == (
            id_,
            NOW,
            "rotations token",
            None,
        )
        held = Right(
            role=kept.role,
            organisation=kept.organisation,
            unit=kept.unit,
            municipality=kept.municipality,
            candidate=kept.candidate,
            ends_on=kept.ends_on,
        )
    assert held == given


def test_a_right_holds_until_the_day_on_which_it_ends(database: Database) -> None:
    last = TODAY + timedelta(days=364)
    with database.writing(EVERYTHING) as session:
        grant(session, LOCAL, "17", right("candidate"), NOW, "test")
        grant(session, LOCAL, "17", right("planner"), NOW, "test")
    with database.reading(EVERYTHING) as session:
        for day, roles in (
            (TODAY, {"candidate", "planner"}),
            (last, {"candidate", "planner"}),
            (last + timedelta(days=1), {"planner"}),
            (last + timedelta(days=1_000), {"planner"}),
        ):
            assert {row.role for row in rights_of(session, LOCAL, "17", day)} == roles
            assert is_granted(session, "candidate", "kari", day) == ("candidate" in roles)


def test_rights_are_somebodys_own(database: Database) -> None:
    """The same subject at another issuer is somebody else, and so is one that begins alike."""
    with database.writing(EVERYTHING) as session:
        grant(session, LOCAL, "17", right("planner"), NOW, "test")
    with database.reading(EVERYTHING) as session:
        for issuer, subject in [
            ("https://people.example/", "17"),
            (LOCAL, "1"),
            (LOCAL, "177"),
            (LOCAL, "%"),
            (LOCAL, ""),
        ]:
            assert rights_of(session, issuer, subject, TODAY) == []


def test_rights_are_found_before_anybody_is_known_and_only_then(database: Database) -> None:
    with database.writing(EVERYTHING) as session:
        grant(session, LOCAL, "17", right("planner"), NOW, "test")
    with database.reading(NOTHING) as session:
        assert rights_of(session, LOCAL, "17", TODAY) == []


def test_a_right_taken_back_acts_at_once_while_the_token_lives(
    database: Database, tmp_path: Any
) -> None:
    """The token is still believed: it says who calls, and never said what they may."""
    signed = LocalKey.of(tmp_path).sign("person-17", NOW)
    identifier = Identifier.of(Settings(data_dir=tmp_path, issuers=None, local_tokens=True))

    def calling() -> frozenset[str]:
        identity = identifier.identify(signed, NOW)
        with database.reading(EVERYTHING) as session:
            rights = rights_of(session, identity.issuer, identity.subject, TODAY)
        return Principal(identity, tuple(rights)).roles

    assert calling() == frozenset()
    with database.writing(EVERYTHING) as session:
        first = grant(session, LOCAL, "person-17", right("planner"), NOW, "test").id
        grant(session, LOCAL, "person-17", right("auditor"), NOW, "test")
    assert calling() == {"planner", "auditor"}
    with database.writing(EVERYTHING) as session:
        revoke(session, first, NOW)
    assert calling() == {"auditor"}


def test_a_right_taken_back_stays_with_the_first_time(database: Database) -> None:
    with database.writing(EVERYTHING) as session:
        id_ = grant(session, LOCAL, "17", right("planner"), NOW, "test").id
    for when in (NOW, NOW.replace(hour=20)):
        with database.writing(EVERYTHING) as session:
            taken = revoke(session, id_, when)
            assert taken is not None
            assert taken.revoked_at == NOW
    with database.reading(EVERYTHING) as session:
        kept = session.get(Grant, id_)
        assert kept is not None
        assert kept.revoked_at == NOW


def test_of_two_who_take_a_right_back_at_once_the_first_one_counts(
    postgresql_databases: Databases,
) -> None:
    """Also for the second one, who has seen it standing; on SQLite writers come one by one."""
    url = postgresql_databases.migrated()
    database = Database(url)
    with database.writing(EVERYTHING) as session:
        id_ = grant(session, LOCAL, "17", right("planner"), NOW, "test").id
    with database.writing(EVERYTHING) as second:
        seen = second.get(Grant, id_)
        with database.writing(EVERYTHING) as first:
            revoke(first, id_, NOW)
        taken = revoke(second, id_, NOW.replace(hour=20))
        assert taken is not None
        assert taken is seen
        assert taken.revoked_at == NOW
    database.close()
    postgresql_databases.drop(url)


@pytest.mark.parametrize("number", [TRUST, REGION])
def test_a_right_is_taken_back_only_by_those_who_reach_it(number: str, database: Database) -> None:
    """Another organisation's right and a missing one are the same: None, and nothing changes."""
    with database.writing(EVERYTHING) as session:
        id_ = grant(session, LOCAL, "17", right("planner"), NOW, "test").id
    with database.writing(Scope(organisations=frozenset({number}))) as session:
        found = revoke(session, id_, NOW)
        assert (found is not None) == (number == TRUST)
        assert revoke(session, "missing", NOW) is None
    with database.reading(EVERYTHING) as session:
        assert (rights_of(session, LOCAL, "17", TODAY) == []) == (number == TRUST)


def test_times_come_back_in_utc(database: Database) -> None:
    local_noon = datetime.fromisoformat("2027-01-15T13:00:00+01:00")
    with database.writing(EVERYTHING) as session:
        grant(session, LOCAL, "17", right("planner"), local_noon, "test")
    with database.reading(EVERYTHING) as session:
        (kept,) = rights_of(session, LOCAL, "17", TODAY)
    assert kept.granted_at == NOW
    assert str(kept.granted_at.tzinfo) == "UTC"

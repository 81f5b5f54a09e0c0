"""Which tokens are believed, and which are not."""

from __future__ import annotations

import string
from collections import Counter
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.identity.refusals import Reason
from api.identity.tokens import Identifier, Identity, Refused
from tests.api.identity.battery import BATTERY
from tests.api.identity.minting import (
    ABSENT,
    API,
    KEY_ID,
    MACHINES,
    NOW,
    OTHERS,
    PEOPLE,
    SCOPE,
    SECONDS,
    Maker,
    Publication,
    assembled,
    elliptic,
    header,
    identifier,
    machines,
    people,
    rsa,
    signer,
    token,
)

TOKENS = [
    pytest.param(make, reason, id=f"{group}: {name}")
    for group, cases in BATTERY.items()
    for name, (reason, make) in cases.items()
]

Identifying = tuple[Identifier, list[Publication]]


@cache
def trusting() -> Identifying:
    """Return one that trusts three issuers, whose keys have been fetched."""
    identifier_, publications = identifier()
    for keys in identifier_.published().values():
        keys.refresh()
    return identifier_, publications


@pytest.fixture
def identifying() -> Identifying:
    return trusting()


@pytest.mark.parametrize(("make", "reason"), TOKENS)
def test_a_token_of_the_battery_is_refused(
    make: Maker, reason: Reason, identifying: Identifying
) -> None:
    with pytest.raises(Refused) as refused:
        identifying[0].identify(make(), NOW)
    assert refused.value.code == reason
    assert str(refused.value) == reason


def test_the_battery_has_its_size_and_uses_every_reason() -> None:
    reasons = Counter(reason for cases in BATTERY.values() for reason, _ in cases.values())
    print(f"{reasons.total()} tokens, {len(reasons)} reasons")
    assert reasons.total() >= 185
    assert set(reasons) == set(Reason)


def test_the_battery_makes_nobody_fetch(identifying: Identifying) -> None:
    """Keys were fetched a moment ago, so no token, whatever key it names, causes a fetch."""
    identifier_, publications = identifying
    for cases in BATTERY.values():
        for _, make in cases.values():
            with pytest.raises(Refused):
                identifier_.identify(make(), NOW)
    assert [publication.fetches for publication in publications] == [1, 1, 1]


def with_header(**changes: Any) -> str:
    return assembled(header(**changes), people(), signer(rsa(PEOPLE)))


def by_others(**changes: Any) -> str:
    key = elliptic(OTHERS)
    claims = people(iss=OTHERS, name="unit 4 – Hammerfest", **changes)
    return token(claims, sign=signer(key, "ES256"), alg="ES256", kid=key.kid)


@pytest.mark.parametrize(
    ("good", "identity"),
    [
        (token, Identity(PEOPLE, "person-17")),
        (lambda: token(machines()), Identity(MACHINES, "889640782", "974760673")),
        (lambda: token(machines(supplier=ABSENT)), Identity(MACHINES, "889640782")),
        (lambda: token(machines(aud="unspecified")), Identity(MACHINES, "889640782", "974760673")),
        (by_others, Identity(OTHERS, "unit 4 – Hammerfest")),
    ],
    ids=["person", "organisation by another", "organisation", "for any audience", "claim"],
)
def test_a_good_token_says_who_calls(good: Maker, identity: Identity) -> None:
    assert identifier()[0].identify(good(), NOW) == identity


@pytest.mark.parametrize(
    "good",
    [
        token(people(exp=SECONDS - 4)),
        token(people(iat=SECONDS + 5, nbf=SECONDS + 5)),
        token(people(iat=ABSENT, nbf=ABSENT)),
        token(people(iat=ABSENT, exp=SECONDS - 4)),
        token(people(iat=ABSENT, exp=SECONDS + 86_400)),
        token(people(iat=SECONDS - 60, exp=SECONDS - 60 + 86_400)),
        token(people(exp=SECONDS + 2), kid=KEY_ID),
        token(people(aud=[API])),
        token(people(scope=SCOPE)),
        token(people(scope=["openid", SCOPE])),
        token(people(sub="x" * 255)),
        token(people(sub="123456789")),
        token(machines(iat=SECONDS - 125)),
        token(machines(), typ=ABSENT),
        token(typ="JWT"),
        token(typ="jwt"),
        token(typ="application/at+JWT"),
        with_header(x5t="thumbprint", **{"urn:example:x": "long" * 500}),
        token(people(nested={"a": [1.5, None, {"b": "c"}]})),
    ],
)
def test_what_is_within_the_rules_is_believed(good: str, identifying: Identifying) -> None:
    """Each refusal of the battery has its neighbour here that is fine."""
    assert identifying[0].identify(good, NOW).issuer in {PEOPLE, MACHINES}


@pytest.mark.parametrize(
    ("minutes", "reason"), [(-5, Reason.EARLY), (5, Reason.EXPIRED), (-0.5, None), (0.5, None)]
)
def test_a_clock_that_is_wrong(
    minutes: float, reason: Reason | None, identifying: Identifying
) -> None:
    short = token(people(iat=SECONDS, nbf=SECONDS - 60, exp=SECONDS + 240), kid=KEY_ID)
    if minutes == -0.5:
        short = token(people(iat=SECONDS - 60, exp=SECONDS + 240))
    now = NOW + timedelta(minutes=minutes)
    if reason is None:
        assert identifying[0].identify(short, now) == Identity(PEOPLE, "person-17")
    else:
        with pytest.raises(Refused, match=reason):
            identifying[0].identify(short, now)


def test_the_second_decides() -> None:
    """Just before the leeway ends a token is good, and with its end it is not."""
    good, (identifier_, _) = token(people(exp=SECONDS)), identifier()
    just_before = NOW + timedelta(seconds=4, microseconds=999_999)
    assert identifier_.identify(good, just_before).subject == "person-17"
    with pytest.raises(Refused, match=Reason.EXPIRED):
        identifier_.identify(good, NOW + timedelta(seconds=5))


def test_no_letter_of_a_token_can_be_another(identifying: Identifying) -> None:
    """Each letter, changed to the next one of the alphabet: 1 of 64 would show at the ends."""
    alphabet = string.ascii_letters + string.digits + "-_"
    good, tried = token(), 0
    for place, letter in enumerate(good):
        position = alphabet.find(letter)
        for step in (1, 16, 32):
            other = alphabet[(position + step) % 64] if position >= 0 else "A"
            with pytest.raises(Refused):
                identifying[0].identify(good[:place] + other + good[place + 1 :], NOW)
            tried += 1
    print(f"{tried} changed tokens")
    assert tried > 2000


@settings(max_examples=200, deadline=None)
@given(st.text() | st.from_regex(r"[\w-]{0,40}\.[\w-]{0,40}\.[\w-]{0,40}", fullmatch=True))
def test_any_text_is_refused_and_nothing_else(text: str) -> None:
    with pytest.raises(Refused):
        trusting()[0].identify(text, NOW)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        ["iss", "aud", "sub", "exp", "iat", "nbf", "scope", "cnf", "consumer", "supplier"]
    ),
    json_values,
    st.booleans(),
)
def test_any_value_of_a_claim_is_judged(name: str, value: object, person: bool) -> None:
    claims = people(**{name: value}) if person else machines(**{name: value})
    try:
        found = trusting()[0].identify(token(claims), NOW)
    except Refused:
        return
    assert found.issuer in {PEOPLE, MACHINES}
    assert found.subject.isprintable()


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["alg", "kid", "typ", "crit", "cty", "zip", "enc", "epk"]), json_values)
def test_any_value_of_a_header_is_judged(name: str, value: object) -> None:
    try:
        found = trusting()[0].identify(with_header(**{name: value}), NOW)
    except Refused:
        return
    assert found == Identity(PEOPLE, "person-17")

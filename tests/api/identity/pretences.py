"""Tokens that are rightly signed and say what they must not, or do not say what they must."""

from __future__ import annotations

import json

from api.identity.issuers import LOCAL
from api.identity.refusals import Reason
from tests.api.identity.minting import (
    ABSENT,
    API,
    ATTACKER,
    HOUR,
    LEVEL,
    OTHERS,
    PEOPLE,
    SCOPE,
    SECONDS,
    SUPPLIER,
    TRUST,
    Group,
    by_people,
    elliptic,
    header,
    machines,
    people,
    raw,
    signer,
    token,
)


def local_like(**changes: object) -> dict[str, object]:
    return people(iss=LOCAL, aud="rotations", **changes)


def consumer(actor: str) -> dict[str, object]:
    return machines(consumer={**TRUST, "ID": actor})


ISSUERS: Group = {
    "missing": (Reason.ISSUER, lambda: token(people(iss=ABSENT))),
    "null": (Reason.ISSUER, lambda: token(people(iss=None))),
    "a list": (Reason.ISSUER, lambda: token(people(iss=[PEOPLE]))),
    "a number": (Reason.ISSUER, lambda: token(people(iss=1))),
    "empty": (Reason.ISSUER, lambda: token(people(iss=""), sign=by_people)),
    "without its slash": (Reason.ISSUER, lambda: token(people(iss=PEOPLE[:-1]), sign=by_people)),
    "with a slash more": (Reason.ISSUER, lambda: token(people(iss=f"{PEOPLE}/"), sign=by_people)),
    "in capitals": (Reason.ISSUER, lambda: token(people(iss=PEOPLE.upper()), sign=by_people)),
    "beginning alike": (
        Reason.ISSUER,
        lambda: token(people(iss=f"{PEOPLE}.attacker.example/"), sign=by_people),
    ),
    "with a space": (Reason.ISSUER, lambda: token(people(iss=f" {PEOPLE}"), sign=by_people)),
    "of the test environment": (
        Reason.ISSUER,
        lambda: token(people(iss="https://test.people.example/")),
    ),
    "the attacker": (Reason.ISSUER, lambda: token(people(iss=ATTACKER))),
    "another's, by this one's key": (
        Reason.SIGNATURE,
        lambda: token(machines(), sign=by_people),
    ),
    "the service itself, where that is off": (
        Reason.ISSUER,
        lambda: token(local_like(), sign=by_people),
    ),
}

AUDIENCES: Group = {
    "missing": (Reason.AUDIENCE, lambda: token(people(aud=ABSENT))),
    "null": (Reason.AUDIENCE, lambda: token(people(aud=None))),
    "empty": (Reason.AUDIENCE, lambda: token(people(aud=""))),
    "an empty list": (Reason.AUDIENCE, lambda: token(people(aud=[]))),
    "another": (Reason.AUDIENCE, lambda: token(people(aud="https://other.example/api"))),
    "ours and others": (Reason.AUDIENCE, lambda: token(people(aud=[API, "https://x.example/"]))),
    "ours in a list in a list": (Reason.AUDIENCE, lambda: token(people(aud=[[API]]))),
    "ours as a key": (Reason.AUDIENCE, lambda: token(people(aud={API: 1}))),
    "beginning alike": (Reason.AUDIENCE, lambda: token(people(aud=f"{API}/more"))),
    "a part of ours": (Reason.AUDIENCE, lambda: token(people(aud=API[:-1]))),
    "an id token": (
        Reason.AUDIENCE,
        lambda: token(people(aud="client-7", nonce="n", at_hash="h"), typ="JWT"),
    ),
}

TIMES: Group = {
    "expiry missing": (Reason.TIME, lambda: token(people(exp=ABSENT))),
    "expiry null": (Reason.TIME, lambda: token(people(exp=None))),
    "expiry as text": (Reason.TIME, lambda: token(people(exp=str(SECONDS + 600)))),
    "expiry as date": (Reason.TIME, lambda: token(people(exp="2027-01-15T12:10:00Z"))),
    "expiry with a fraction": (Reason.TIME, lambda: token(people(exp=SECONDS + 600.5))),
    "expiry not a number": (Reason.TIME, lambda: token(people(exp=float("nan")))),
    "expiry without end": (Reason.TIME, lambda: token(people(exp=float("inf")))),
    "expiry too large for a float": (
        Reason.TIME,
        lambda: raw(
            json.dumps(header()),
            json.dumps(people()).replace(f'"exp": {SECONDS + 600}', '"exp": 1e400'),
        ),
    ),
    "expiry of forty digits": (Reason.TIME, lambda: token(people(exp=10**40))),
    "expiry negative": (Reason.TIME, lambda: token(people(exp=-1))),
    "expiry true": (Reason.TIME, lambda: token(people(exp=True))),
    "expiry in a list": (Reason.TIME, lambda: token(people(exp=[SECONDS + 600]))),
    "expired by the leeway": (Reason.EXPIRED, lambda: token(people(exp=SECONDS - 5))),
    "expired by a second more": (Reason.EXPIRED, lambda: token(people(exp=SECONDS - 6))),
    "expired now, no leeway": (
        Reason.EXPIRED,
        lambda: token(
            people(iss=OTHERS, exp=SECONDS),
            sign=signer(elliptic(OTHERS), "ES256"),
            alg="ES256",
            kid=elliptic(OTHERS).kid,
        ),
    ),
    "expired five minutes ago": (Reason.EXPIRED, lambda: token(people(exp=SECONDS - 300))),
    "expired in 1970": (Reason.EXPIRED, lambda: token(people(exp=0))),
    "issued after the leeway": (Reason.EARLY, lambda: token(people(iat=SECONDS + 6))),
    "issued in five minutes": (Reason.EARLY, lambda: token(people(iat=SECONDS + 300))),
    "issued as text": (Reason.TIME, lambda: token(people(iat=str(SECONDS)))),
    "issued null": (Reason.TIME, lambda: token(people(iat=None))),
    "good from after the leeway": (Reason.EARLY, lambda: token(people(nbf=SECONDS + 6))),
    "good from tomorrow": (Reason.EARLY, lambda: token(people(nbf=SECONDS + 24 * HOUR))),
    "good from text": (Reason.TIME, lambda: token(people(nbf="now"))),
    "good from a fraction": (Reason.TIME, lambda: token(people(nbf=SECONDS - 0.5))),
    "expires as it is issued": (
        Reason.LIFETIME,
        lambda: token(people(iat=SECONDS, exp=SECONDS)),
    ),
    "expires long before it is issued": (
        Reason.LIFETIME,
        lambda: token(people(iat=SECONDS + 4, exp=SECONDS - 4)),
    ),
    "good for more than a day": (
        Reason.LIFETIME,
        lambda: token(people(iat=SECONDS - 60, exp=SECONDS - 60 + 24 * HOUR + 1)),
    ),
    "good for more than a day, issue not said": (
        Reason.LIFETIME,
        lambda: token(people(iat=ABSENT, exp=SECONDS + 24 * HOUR + 1)),
    ),
    "good until 9999": (Reason.LIFETIME, lambda: token(people(exp=253_402_300_799))),
    "older than its issuer's tokens are": (
        Reason.OLD,
        lambda: token(machines(iat=SECONDS - 126, exp=SECONDS + 60)),
    ),
    "of an age that nobody knows": (Reason.OLD, lambda: token(machines(iat=ABSENT))),
}

DEMANDS: Group = {
    "bound to a key": (Reason.BOUND, lambda: token(people(cnf={"jkt": "0ZcOCORZNYy-DWpqq30j"}))),
    "bound to a certificate": (
        Reason.BOUND,
        lambda: token(people(cnf={"x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9"})),
    ),
    "bound to who knows what": (Reason.BOUND, lambda: token(people(cnf=None))),
    "machines' token bound to a key": (
        Reason.BOUND,
        lambda: token(machines(cnf={"jkt": "0ZcOCORZNYy-DWpqq30j"})),
    ),
    "scope missing": (Reason.SCOPE, lambda: token(people(scope=ABSENT))),
    "scope empty": (Reason.SCOPE, lambda: token(people(scope=""))),
    "scope another": (Reason.SCOPE, lambda: token(people(scope="rotations:read"))),
    "scope longer": (Reason.SCOPE, lambda: token(people(scope=f"{SCOPE}.more"))),
    "scope in capitals": (Reason.SCOPE, lambda: token(people(scope=SCOPE.upper()))),
    "scopes parted by commas": (Reason.SCOPE, lambda: token(people(scope=f"openid,{SCOPE}"))),
    "scopes parted by tabs": (Reason.SCOPE, lambda: token(people(scope=f"openid\t{SCOPE}"))),
    "scopes as keys": (Reason.SCOPE, lambda: token(people(scope={SCOPE: True}))),
    "scopes in a list in a list": (Reason.SCOPE, lambda: token(people(scope=[[SCOPE]]))),
    "machines' scope missing": (Reason.SCOPE, lambda: token(machines(scope=ABSENT))),
    "level missing": (Reason.CLAIM, lambda: token(people(**{LEVEL: ABSENT}))),
    "level too low": (Reason.CLAIM, lambda: token(people(**{LEVEL: "3"}))),
    "level a number": (Reason.CLAIM, lambda: token(people(**{LEVEL: 4}))),
    "level in a list": (Reason.CLAIM, lambda: token(people(**{LEVEL: ["4"]}))),
}

SUBJECTS: Group = {
    "missing": (Reason.SUBJECT, lambda: token(people(sub=ABSENT))),
    "empty": (Reason.SUBJECT, lambda: token(people(sub=""))),
    "a number": (Reason.SUBJECT, lambda: token(people(sub=17))),
    "a list": (Reason.SUBJECT, lambda: token(people(sub=["person-17"]))),
    "with NUL": (Reason.SUBJECT, lambda: token(people(sub="person-17\0"))),
    "with a line break": (Reason.SUBJECT, lambda: token(people(sub="person-17\n"))),
    "with a lone surrogate": (Reason.SUBJECT, lambda: token(people(sub="person-\ud800"))),
    "with letters nobody sees": (Reason.SUBJECT, lambda: token(people(sub="person-17\u200b"))),
    "too long": (Reason.SUBJECT, lambda: token(people(sub="x" * 256))),
    "eleven digits": (Reason.SUBJECT, lambda: token(people(sub="01010112345"))),
    "consumer missing": (Reason.SUBJECT, lambda: token(machines(consumer=ABSENT))),
    "consumer a text": (Reason.SUBJECT, lambda: token(machines(consumer="0192:889640782"))),
    "consumers in a list": (Reason.SUBJECT, lambda: token(machines(consumer=[TRUST]))),
    "consumer of no register": (
        Reason.SUBJECT,
        lambda: token(machines(consumer={"ID": "0192:889640782"})),
    ),
    "consumer of another register": (
        Reason.SUBJECT,
        lambda: token(machines(consumer={**TRUST, "authority": "example"})),
    ),
    "consumer of another country": (Reason.SUBJECT, lambda: token(consumer("0007:889640782"))),
    "consumer without its code": (Reason.SUBJECT, lambda: token(consumer("889640782"))),
    "consumer with a wrong digit": (Reason.SUBJECT, lambda: token(consumer("0192:889640783"))),
    "consumer too short": (Reason.SUBJECT, lambda: token(consumer("0192:88964078"))),
    "consumer with spaces": (Reason.SUBJECT, lambda: token(consumer("0192:889 640 782"))),
    "consumer with a line break": (Reason.SUBJECT, lambda: token(consumer("0192:889640782\n"))),
    "consumer in other digits": (Reason.SUBJECT, lambda: token(consumer("0192:٨٨٩٦٤٠٧٨٢"))),
    "consumer a person": (Reason.SUBJECT, lambda: token(consumer("0192:01010112345"))),
    "supplier a text": (Reason.SUPPLIER, lambda: token(machines(supplier="974760673"))),
    "supplier with a wrong digit": (
        Reason.SUPPLIER,
        lambda: token(machines(supplier={**SUPPLIER, "ID": "0192:974760674"})),
    ),
}

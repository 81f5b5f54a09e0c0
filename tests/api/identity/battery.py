"""Tokens that must not be believed, each with the reason; groups of name, reason and maker."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from joserfc import jwe
from joserfc.jwk import OctKey

from api.identity.issuers import LOCAL
from api.identity.refusals import Reason
from tests.api.identity.minting import (
    ABSENT,
    API,
    KEY_ID,
    LEVEL,
    OTHERS,
    PEOPLE,
    SCOPE,
    SECONDS,
    SUPPLIER,
    TRUST,
    assembled,
    base64,
    elliptic,
    header,
    machines,
    people,
    rsa,
    secret,
    signer,
    token,
)

Maker = Callable[[], str]
Group = dict[str, tuple[Reason, Maker]]

ATTACKER: Final = "https://attacker.example/"
HOUR: Final = 3600


def unsigned(_message: bytes) -> bytes:
    return b""


def by_people(message: bytes) -> bytes:
    return signer(rsa(PEOPLE))(message)


def by_attacker(message: bytes) -> bytes:
    return signer(rsa(ATTACKER))(message)


def spliced(*, at: int, of: str) -> str:
    """Return a good token with one segment taken from another good one."""
    segments = token().split(".")
    segments[at] = of.split(".")[at]
    return ".".join(segments)


def encrypted() -> str:
    """Return a token that only the one with the private key can read."""
    head = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": KEY_ID, "cty": "JWT"}
    algorithms = ["RSA-OAEP-256", "A256GCM"]
    return jwe.encrypt_compact(head, token(), rsa(PEOPLE), algorithms)


def detached() -> str:
    head, _, signature = token().split(".")
    return f"{head}..{signature}"


def flattened(**members: object) -> str:
    head, body, signature = token().split(".")
    return json.dumps({"protected": head, "payload": body, "signature": signature, **members})


def two_signatures() -> str:
    head, body, signature = token().split(".")
    signatures = [{"protected": head, "signature": signature}] * 2
    return json.dumps({"payload": body, "signatures": signatures})


def raw(head: str | bytes, body: str | bytes) -> str:
    """Return a token of parts written by hand, signed with the right key."""
    return assembled(head, body, by_people)


def with_claims(before: str) -> str:
    """Return the claims of somebody with other JSON before them."""
    return "{" + before + json.dumps(people())[1:]


def public(as_pem: bool) -> bytes:
    key = rsa(PEOPLE)
    return key.as_pem() if as_pem else json.dumps(key.as_dict(private=False)).encode()


def local_like(**changes: object) -> dict[str, object]:
    return people(iss=LOCAL, aud="rotations", **changes)


FORM: Group = {
    "nothing": (Reason.MALFORMED, lambda: ""),
    "a word": (Reason.MALFORMED, lambda: "token"),
    "two segments": (Reason.MALFORMED, lambda: token().rpartition(".")[0]),
    "four segments": (Reason.MALFORMED, lambda: f"{token()}.{base64(b'more')}"),
    "three empty segments": (Reason.MALFORMED, lambda: ".."),
    "letters that are not ASCII": (Reason.MALFORMED, lambda: "å" + token()[1:]),
    "a lone surrogate": (Reason.MALFORMED, lambda: token() + "\ud800"),
    "a NUL at the end": (Reason.SIGNATURE, lambda: token() + "\0"),
    "a line break at the end": (Reason.SIGNATURE, lambda: token() + "\n"),
    "a line break in the header": (Reason.MALFORMED, lambda: token()[:8] + "\n" + token()[8:]),
    "padding in the header": (Reason.MALFORMED, lambda: token().replace(".", "=.", 1)),
    "flattened JSON": (Reason.MALFORMED, flattened),
    "two signatures": (Reason.MALFORMED, two_signatures),
    "encrypted": (Reason.ENCRYPTED, encrypted),
    "detached content": (Reason.DETACHED, detached),
    "nested": (Reason.NESTED, lambda: raw(json.dumps(header(cty="JWT")), token())),
    "nested in small letters": (Reason.NESTED, lambda: raw(json.dumps(header(cty="jwt")), token())),
    "nested and not said to be": (Reason.MALFORMED, lambda: raw(json.dumps(header()), token())),
    "longer than 8 KiB": (Reason.TOO_LARGE, lambda: token(people(name="x" * 7000))),
    "a megabyte of dots": (Reason.TOO_LARGE, lambda: "." * 2**20),
    "header is a list": (Reason.MALFORMED, lambda: raw("[]", json.dumps(people()))),
    "header is no JSON": (Reason.MALFORMED, lambda: raw("{'alg'}", json.dumps(people()))),
    "claims are a list": (Reason.MALFORMED, lambda: raw(json.dumps(header()), "[1]")),
    "claims are null": (Reason.MALFORMED, lambda: raw(json.dumps(header()), "null")),
    "claims in UTF-16": (
        Reason.MALFORMED,
        lambda: raw(json.dumps(header()), json.dumps(people()).encode("utf-16")),
    ),
    "claims in Latin-1": (
        Reason.MALFORMED,
        lambda: raw(json.dumps(header()), with_claims('"name": "Åse", ').encode("latin-1")),
    ),
    "algorithm said twice": (
        Reason.MALFORMED,
        lambda: raw('{"alg": "none", ' + json.dumps(header())[1:], json.dumps(people())),
    ),
    "subject said twice": (
        Reason.MALFORMED,
        lambda: raw(json.dumps(header()), with_claims('"sub": "somebody-else", ')),
    ),
    "consumer with two numbers": (
        Reason.MALFORMED,
        lambda: raw(json.dumps(header()), with_claims('"consumer": {"ID": "1", "ID": "2"}, ')),
    ),
    "header nested deeply": (
        Reason.MALFORMED,
        lambda: raw('{"x": ' + "[" * 2500, json.dumps(people())),
    ),
    "claims nested deeply": (
        Reason.MALFORMED,
        lambda: raw(json.dumps(header()), with_claims('"x": ' + "[" * 2400 + "]" * 2400 + ", ")),
    ),
}

HEADERS: Group = {
    "a critical extension": (
        Reason.HEADER,
        lambda: raw(
            json.dumps(header(**{"crit": ["urn:example:x"], "urn:example:x": 1})),
            json.dumps(people()),
        ),
    ),
    "a critical claim": (Reason.HEADER, lambda: token(crit=["exp"], exp=SECONDS + HOUR)),
    "nothing critical": (Reason.HEADER, lambda: token(crit=[])),
    "critical is a number": (Reason.HEADER, lambda: token(crit=1)),
    "content not in base64": (Reason.HEADER, lambda: token(b64=False, crit=["b64"])),
    "content not in base64, silently": (Reason.HEADER, lambda: token(b64=False)),
    "address of keys, own key": (
        Reason.HEADER,
        lambda: token(sign=by_attacker, jku=f"{ATTACKER}keys"),
    ),
    "address of keys, right key": (Reason.HEADER, lambda: token(jku=f"{ATTACKER}keys")),
    "address of a file": (Reason.HEADER, lambda: token(jku="file:///etc/passwd")),
    "address of a certificate": (
        Reason.HEADER,
        lambda: token(sign=by_attacker, x5u=f"{ATTACKER}certificate"),
    ),
    "own key in the header": (
        Reason.HEADER,
        lambda: token(sign=by_attacker, jwk=rsa(ATTACKER).as_dict(private=False)),
    ),
    "own certificate in the header": (
        Reason.HEADER,
        lambda: token(sign=by_attacker, x5c=["MIIB"]),
    ),
    "type missing": (Reason.TYPE, lambda: token(typ=ABSENT)),
    "type null": (Reason.TYPE, lambda: token(typ=None)),
    "type a number": (Reason.TYPE, lambda: token(typ=1)),
    "a proof of DPoP": (Reason.TYPE, lambda: token(typ="dpop+jwt")),
    "a logout token": (Reason.TYPE, lambda: token(typ="logout+jwt")),
    "a type of longer name": (Reason.TYPE, lambda: token(typ="at+jwt+x")),
    "machines' token of another type": (
        Reason.TYPE,
        lambda: token(machines(), typ="logout+jwt"),
    ),
}

ALGORITHMS: Group = {
    "none": (Reason.ALGORITHM, lambda: token(sign=unsigned, alg="none")),
    "None": (Reason.ALGORITHM, lambda: token(sign=unsigned, alg="None")),
    "nOnE": (Reason.ALGORITHM, lambda: token(sign=unsigned, alg="nOnE")),
    "none, and yet signed": (Reason.ALGORITHM, lambda: token(alg="none")),
    "empty": (Reason.ALGORITHM, lambda: token(alg="")),
    "missing": (Reason.ALGORITHM, lambda: token(alg=ABSENT)),
    "null": (Reason.ALGORITHM, lambda: token(alg=None)),
    "a list": (Reason.ALGORITHM, lambda: token(alg=["RS256"])),
    "small letters": (Reason.ALGORITHM, lambda: token(alg="rs256")),
    "the public key as shared secret, PEM": (
        Reason.ALGORITHM,
        lambda: token(sign=secret(public(as_pem=True)), alg="HS256"),
    ),
    "the public key as shared secret, JWK": (
        Reason.ALGORITHM,
        lambda: token(sign=secret(public(as_pem=False)), alg="HS256"),
    ),
    "a shared secret that says RS256": (
        Reason.SIGNATURE,
        lambda: token(sign=secret(public(as_pem=True))),
    ),
    "HS512": (
        Reason.ALGORITHM,
        lambda: token(sign=secret(OctKey.generate_key(512).raw_value, "HS512"), alg="HS512"),
    ),
    "RS512, not pinned": (
        Reason.ALGORITHM,
        lambda: token(sign=signer(rsa(PEOPLE), "RS512"), alg="RS512"),
    ),
    "PS256, not pinned": (
        Reason.ALGORITHM,
        lambda: token(sign=signer(rsa(PEOPLE), "PS256"), alg="PS256"),
    ),
    "ES256 by a published key, not pinned": (
        Reason.ALGORITHM,
        lambda: token(
            sign=signer(elliptic(PEOPLE), "ES256"), alg="ES256", kid=elliptic(PEOPLE).kid
        ),
    ),
    "RS256 said, PS256 done": (
        Reason.SIGNATURE,
        lambda: token(sign=signer(rsa(PEOPLE), "PS256")),
    ),
    "RS256 said, ES256 done": (
        Reason.KEY,
        lambda: token(sign=signer(elliptic(PEOPLE), "ES256"), kid=elliptic(PEOPLE).kid),
    ),
    "pinned, but not for this key": (
        Reason.SIGNATURE,
        lambda: token(
            people(iss=OTHERS),
            sign=signer(elliptic(OTHERS), "ES256"),
            alg="Ed25519",
            kid=elliptic(OTHERS).kid,
        ),
    ),
    "ES256 of zeros": (
        Reason.SIGNATURE,
        lambda: token(
            people(iss=OTHERS), sign=lambda _: bytes(64), alg="ES256", kid=elliptic(OTHERS).kid
        ),
    ),
}

KEYS: Group = {
    "somebody else's key": (Reason.SIGNATURE, lambda: token(sign=by_attacker)),
    "no signature": (Reason.SIGNATURE, lambda: token(sign=unsigned)),
    "a signature cut short": (Reason.SIGNATURE, lambda: token()[:-4]),
    "a signature of zeros": (Reason.SIGNATURE, lambda: token(sign=lambda _: bytes(256))),
    "a signature with padding": (Reason.SIGNATURE, lambda: token() + "=="),
    "another token's signature": (
        Reason.SIGNATURE,
        lambda: spliced(at=2, of=token(people(sub="somebody-else"))),
    ),
    "another token's claims": (
        Reason.SIGNATURE,
        lambda: spliced(at=1, of=token(people(sub="somebody-else"))),
    ),
    "another token's header": (Reason.SIGNATURE, lambda: spliced(at=0, of=token(x="y"))),
    "id missing": (Reason.KEY_ID, lambda: token(kid=ABSENT)),
    "id null": (Reason.KEY_ID, lambda: token(kid=None)),
    "id a number": (Reason.KEY_ID, lambda: token(kid=1)),
    "id empty": (Reason.KEY_ID, lambda: token(kid="")),
    "id too long": (Reason.KEY_ID, lambda: token(kid="k" * 256)),
    "id of 10 kB": (Reason.TOO_LARGE, lambda: token(kid="k" * 10_000)),
    "id that climbs": (Reason.KEY, lambda: token(kid="../../../../../dev/null")),
    "id that is SQL": (Reason.KEY, lambda: token(kid="x' UNION SELECT 'secret' --")),
    "id that is a command": (Reason.KEY, lambda: token(kid="| sleep 10")),
    "id that is an address": (Reason.KEY, lambda: token(kid=f"{ATTACKER}keys/1")),
    "id with NUL": (Reason.KEY, lambda: token(kid=f"{KEY_ID}\0")),
    "id in capitals": (Reason.KEY, lambda: token(kid=KEY_ID.upper())),
    "id of another issuer's key": (Reason.KEY, lambda: token(kid=elliptic(OTHERS).kid)),
}

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


def consumer(actor: str) -> dict[str, object]:
    return machines(consumer={**TRUST, "ID": actor})


BATTERY: dict[str, Group] = {
    "form": FORM,
    "header": HEADERS,
    "algorithm": ALGORITHMS,
    "key": KEYS,
    "issuer": ISSUERS,
    "audience": AUDIENCES,
    "time": TIMES,
    "demand": DEMANDS,
    "subject": SUBJECTS,
}

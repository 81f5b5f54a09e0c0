"""Tokens of a wrong form, with a wrong header, or not signed as they should be."""

from __future__ import annotations

import json

from joserfc import jwe
from joserfc.jwk import OctKey

from api.identity.refusals import Reason
from tests.api.identity.minting import (
    ABSENT,
    ATTACKER,
    HOUR,
    KEY_ID,
    OTHERS,
    PEOPLE,
    SECONDS,
    Group,
    base64,
    elliptic,
    header,
    machines,
    people,
    raw,
    rsa,
    secret,
    signer,
    token,
)


def unsigned(_message: bytes) -> bytes:
    return b""


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


def with_claims(before: str) -> str:
    """Return the claims of somebody with other JSON before them."""
    return "{" + before + json.dumps(people())[1:]


def public(as_pem: bool) -> bytes:
    key = rsa(PEOPLE)
    return key.as_pem() if as_pem else json.dumps(key.as_dict(private=False)).encode()


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

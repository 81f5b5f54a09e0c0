"""What is taken for a key set, from a real server on this machine, and what is not."""

from __future__ import annotations

import gzip
import json
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, Key, OctKey, OKPKey
from joserfc.util import int_to_base64

from api.identity.publications import MAX_BYTES, Unpublished, fetch_keys, read_keys
from tests.api.identity.minting import KEY_ID, PEOPLE, elliptic, key_set, rsa
from tests.api.identity.publisher import (
    Answer,
    closed_port,
    content,
    dripping_body,
    dripping_head,
    endless,
    hanging_up,
    publishing,
    silent,
    status,
)

RS256 = ("RS256",)
ALL = ("RS256", "PS256", "ES256", "Ed25519")


def published() -> bytes:
    return key_set(rsa(PEOPLE), elliptic(PEOPLE))


def elsewhere() -> Answer:
    return status(302, Location="/keys")


@pytest.mark.parametrize("kind", ["application/json", "application/jwk-set+json; charset=utf-8"])
def test_published_keys_are_fetched(kind: str) -> None:
    with publishing(content(published(), kind)) as publisher:
        keys = fetch_keys(publisher.address, RS256)
    assert list(keys) == [KEY_ID]
    assert publisher.paths == ["/keys"]


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (content(b""), "not-json"),
        (content(b"{"), "not-json"),
        (content(b"[" * 100_000), "not-json"),
        (content(b"\xff\xfe"), "not-json"),
        (content(b"[]"), "not-keys"),
        (content(b"{}"), "not-keys"),
        (content(b'{"keys": {}}'), "not-keys"),
        (content(b'{"keys": [], "keys": []}'), "not-keys"),
        (content(b'{"keys": []}'), "no-keys"),
        (content(b'{"keys": [1, null, "x", {}]}'), "no-keys"),
        (content(b"<!doctype html><title>Down</title>", "text/html"), "not-json"),
        (content(published(), "text/html"), "not-json"),
        (content(published(), ""), "not-json"),
        (
            content(gzip.compress(published()), Content_Encoding="gzip"),
            "not-json",
        ),
        (content(b" " * (MAX_BYTES + 1)), "too-large"),
        (endless, "too-large"),
        (status(204), "status"),
        (status(301, Location="/other"), "status"),
        (elsewhere(), "status"),
        (status(404), "status"),
        (status(500), "status"),
        (hanging_up, "unreachable"),
    ],
)
def test_anything_else_is_no_key_set(answer: Answer, fault: str) -> None:
    with publishing(answer) as publisher:
        with pytest.raises(Unpublished, match=fault) as unpublished:
            fetch_keys(publisher.address, RS256)
        assert unpublished.value.fault == fault
        assert publisher.paths == ["/keys"]


@pytest.mark.parametrize("answer", [silent, dripping_head, dripping_body])
def test_the_whole_of_a_fetch_has_its_limit(answer: Answer) -> None:
    """Also where something comes all the time."""
    with publishing(answer) as publisher:
        begun = time.monotonic()
        with pytest.raises(Unpublished, match="timeout"):
            fetch_keys(publisher.address, RS256, seconds=0.4)
        assert 0.4 <= time.monotonic() - begun < 1.5


def test_a_name_that_is_long_in_being_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's look-up cannot be ended, but nobody waits for its end."""
    begun, found = time.monotonic(), Event()

    def slowly(*_: object, **__: object) -> list[object]:
        time.sleep(1)
        found.set()
        return []

    monkeypatch.setattr("socket.getaddrinfo", slowly)
    with pytest.raises(Unpublished, match="timeout"):
        fetch_keys("https://nowhere.example/", RS256, seconds=0.2)
    assert time.monotonic() - begun < 0.8
    assert found.wait(5)


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(f"http://127.0.0.1:{closed_port()}/", id="closed"),
        "http://127.0.0.1:1/",
        "file:///etc/hosts",
        "ftp://127.0.0.1/keys",
        "http://",
        "http://[::1/",
    ],
)
def test_nobody_there(address: str) -> None:
    with pytest.raises(Unpublished, match="unreachable"):
        fetch_keys(address, RS256)


def test_a_proxy_does_not_see_what_stays_here(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with publishing(content(published())) as publisher:
        assert fetch_keys(publisher.address, RS256)


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    with publishing(content(published()), own_certificate(tmp_path)) as publisher:
        with pytest.raises(Unpublished, match="unreachable"):
            fetch_keys(publisher.address, RS256)
        assert publisher.paths == []


def own_certificate(folder: Path) -> ssl.SSLContext:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "own.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def jwk(key: Any = None, **changes: Any) -> dict[str, Any]:
    published_ = (key or rsa(PEOPLE)).as_dict(private=False)
    return {name: value for name, value in (published_ | changes).items() if value is not None}


@pytest.mark.parametrize(
    "unfit",
    [
        jwk(kid=None),
        jwk(kid=1),
        jwk(kid=["x"]),
        jwk(use="enc"),
        jwk(use=["sig"]),
        jwk(alg="RS512"),
        jwk(alg=1),
        jwk(key_ops=["encrypt"]),
        jwk(key_ops=["sign"]),
        jwk(key_ops=1),
        jwk(kty=None),
        jwk(kty="AKP"),
        jwk(kty=["RSA"]),
        jwk(n=None),
        jwk(n=1),
        jwk(n=""),
        jwk(n="AQAB"),
        jwk(n="not base64!"),
        jwk(n="A" * 100_000 + "B"),
        jwk(e=None),
        jwk(e="AA"),
        jwk(e="AQ"),
        jwk(elliptic(PEOPLE), crv="P-384"),
        jwk(elliptic(PEOPLE), x="AQAB"),
        jwk(elliptic(PEOPLE), crv="P-1"),
        jwk(ECKey.generate_key("P-384", {"kid": "ec384"})),
        jwk(ECKey.generate_key("secp256k1", {"kid": "koblitz"})),
        jwk(OKPKey.generate_key("X25519", {"kid": "exchange"})),
        jwk(OKPKey.generate_key("Ed448", {"kid": "ed448"})),
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0"},
    ],
)
def test_a_key_of_no_use_is_left_out_and_the_others_stay(unfit: dict[str, Any]) -> None:
    good = jwk(rsa("other"), kid="good")
    content_ = json.dumps({"keys": [unfit, good, 17]}).encode()
    assert list(read_keys(content_, ALL)) == ["good"]


@pytest.mark.parametrize(
    ("bits", "kept"), [(1024, 0), (2047, 0), (2048, 1), (4096, 1), (4097, 0), (16_384, 0)]
)
def test_a_key_is_neither_weak_nor_slow(bits: int, kept: int) -> None:
    modulus = int_to_base64((1 << (bits - 1)) | 1)
    sized = json.dumps({"keys": [jwk(n=modulus)]}).encode()
    assert len(read_keys(sized, RS256)) == kept


def test_a_key_serves_the_algorithms_it_is_made_for() -> None:
    keys: list[Key] = [rsa(PEOPLE), elliptic(PEOPLE), OKPKey.generate_key("Ed25519", {"kid": "ed"})]
    for algorithm, expected in {
        "RS256": [KEY_ID],
        "PS512": [KEY_ID],
        "ES256": [f"{PEOPLE}-ec"],
        "Ed25519": ["ed"],
        "ES384": [],
    }.items():
        assert list(read_keys(key_set(*keys), [algorithm])) == expected


def test_of_two_keys_of_one_name_the_first_one_of_use_counts() -> None:
    first, second = jwk(rsa("first"), kid="twice"), jwk(rsa("second"), kid="twice")
    unfit = jwk(rsa("third"), kid="twice", use="enc")
    keys = read_keys(json.dumps({"keys": [unfit, first, second]}).encode(), RS256)
    assert keys["twice"].as_dict(private=False)["n"] == first["n"]


def test_a_private_half_published_by_mistake_is_not_kept() -> None:
    leaked = json.dumps({"keys": [rsa(PEOPLE).as_dict(private=True)]}).encode()
    (key,) = read_keys(leaked, RS256).values()
    assert not key.is_private
    assert "d" not in key.as_dict()


def test_a_shared_secret_is_never_a_key() -> None:
    shared = {"keys": [OctKey.generate_key(256, {"kid": "s"}).as_dict(private=True)]}
    assert read_keys(json.dumps(shared).encode(), ("RS256", "HS256")) == {}


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_raise_nothing_else(content_: bytes) -> None:
    try:
        assert read_keys(content_, ALL) == {}
    except Unpublished:
        return


members = st.dictionaries(
    st.sampled_from(["kty", "kid", "use", "key_ops", "alg", "crv", "n", "e", "x", "y"]),
    st.none()
    | st.integers()
    | st.sampled_from(["RSA", "EC", "OKP", "sig", "P-256", "Ed25519", "AQAB", KEY_ID])
    | st.text(max_size=5)
    | st.lists(st.text(max_size=3), max_size=2),
)


@settings(max_examples=200, deadline=None)
@given(members, st.booleans())
def test_random_members_of_a_key_raise_nothing(changes: dict[str, Any], curve: bool) -> None:
    key = jwk(elliptic(PEOPLE) if curve else None) | changes
    assert len(read_keys(json.dumps({"keys": [key]}).encode(), ALL)) <= 1

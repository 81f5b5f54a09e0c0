"""Webhooks to a real receiver: signed, tried again, never led astray."""

from __future__ import annotations

import hmac
import json
import ssl
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from httpx2 import AsyncClient

from api.notices import hooks
from api.notices.hooks import is_fit, is_reachable
from models.scope import EVERYTHING
from models.tables import Webhook
from tests.api.notices.catchers import Hook, hook_receiver
from tests.api.notices.outboxes import FIGURES, UNIT, Outbox, offered
from tests.api.served import ALTA, FINNMARK

HERE = {"loopback_webhooks": True}


@pytest.fixture
def secret(outbox: Outbox, hook: Hook) -> str:
    outbox.settings = HERE
    return outbox.webhook(hook.url)


def test_a_delivery_is_signed_so_that_its_receiver_can_check(
    outbox: Outbox, hook: Hook, secret: str
) -> None:
    outbox.tell(offered("offer-1"))
    outbox.send()
    ((headers, body),) = hook.requests
    (notice,) = outbox.notices
    assert headers["webhook-id"] == notice.id
    assert headers["webhook-timestamp"] == str(int(outbox.now.timestamp()))
    told = f"{notice.id}.{headers['webhook-timestamp']}.".encode() + body
    key = b64decode(secret.removeprefix("whsec_"))
    expected = b64encode(hmac.new(key, told, sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["host"] == hook.url.split("/")[2]
    assert json.loads(body) == {
        "kind": "offer-made",
        "made_at": "2026-11-22T09:00:00Z",
        "organisation": FINNMARK,
        "round": None,
        "figures": {name: value for name, value in FIGURES.items() if name != "candidate"}
        | {"municipality": ALTA, "unit": UNIT, "subject": "offer-1"},
    }
    assert outbox.states == [("sent", None, 1)]


def test_the_signature_is_that_of_the_published_example() -> None:
    """The one of github.com/standard-webhooks, made with its own libraries."""
    signed = hooks.signed(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        b'{"test": 2432232314}',
        datetime.fromtimestamp(1614265330, UTC),
    )
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_fails_comes_again_with_the_same_id_and_body(
    outbox: Outbox, hook: Hook, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook.statuses = [500, -20, 302, 204]
    outbox.tell(offered("offer-1"))
    seen = []
    for minutes, seconds in ((0, 10.0), (2, 0.5), (3, 10.0), (5, 10.0)):
        monkeypatch.setattr(hooks, "TOTAL_SECONDS", seconds)
        outbox.send(minutes=minutes)
        seen.append(outbox.states[0])
    assert seen == [
        ("waiting", "status", 1),
        ("waiting", "timeout", 2),
        ("waiting", "redirected", 3),
        ("sent", None, 4),
    ]
    assert len(hook.requests) == 4, "no redirect is followed"
    assert len({headers["webhook-id"] for headers, _ in hook.requests}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in hook.requests}) == 4
    assert len({body for _, body in hook.requests}) == 1


def test_a_receiver_that_takes_nothing_is_asked_once_a_turn_and_holds_up_no_other(
    outbox: Outbox, hook: Hook, secret: str
) -> None:
    outbox.webhook("http://127.0.0.1:9/", "0" * 32, municipality=ALTA)
    outbox.tell(*(offered(f"offer-{n}") for n in range(3)))
    outbox.send()
    assert sorted(state for state, _, _ in outbox.states) == ["sent"] * 3 + ["waiting"] * 3
    assert sum(attempts for state, _, attempts in outbox.states if state == "waiting") == 1


def test_a_receiver_that_is_gone_is_not_asked_again(
    outbox: Outbox, hook: Hook, secret: str
) -> None:
    hook.statuses = [410]
    outbox.tell(offered("offer-1"))
    outbox.send()
    assert outbox.states == [("failed", "gone", 1)]


def test_what_waits_for_a_webhook_that_was_removed_goes_nowhere(
    outbox: Outbox, hook: Hook, secret: str
) -> None:
    outbox.tell(offered("offer-1"))
    with outbox.database.writing(EVERYTHING) as session:
        session.get_one(Webhook, "1" * 32).removed_at = outbox.now
    outbox.send()
    assert outbox.states == [("failed", "webhook-removed", 1)]
    assert hook.requests == []
    assert outbox.tell(offered("offer-2")) == 0


def test_nothing_private_is_connected_to(outbox: Outbox, hook: Hook, secret: str) -> None:
    """Though the address was taken when webhooks could still lead to this machine."""
    outbox.settings = {}
    outbox.tell(offered("offer-1"))
    outbox.send()
    assert outbox.states == [("waiting", "private-address", 1)]
    assert hook.requests == []


def test_a_name_that_leads_here_is_found_out(outbox: Outbox, hook: Hook) -> None:
    outbox.webhook(hook.url.replace("127.0.0.1", "localhost"))
    outbox.tell(offered("offer-1"))
    outbox.send()
    assert outbox.states == [("waiting", "private-address", 1)]
    outbox.settings = HERE
    outbox.send(minutes=2)
    assert outbox.states == [("sent", None, 2)]
    assert hook.requests[0][0]["host"].startswith("localhost:")


def test_a_receiver_is_told_only_under_its_own_certificate(
    outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was looked up is connected to by its number, and still has to prove its name."""
    outbox.settings = HERE
    trusting = ssl.create_default_context(cafile=certificate(tmp_path, "localhost"))
    with hook_receiver(serving(tmp_path / "localhost.pem")) as hook:
        outbox.webhook(hook.url)
        outbox.tell(offered("offer-1"))
        outbox.send()
        assert outbox.states == [("waiting", "unreachable", 1)], "nobody vouches for it"
        assert hook.requests == []
        monkeypatch.setattr(hooks, "AsyncClient", partial(AsyncClient, verify=trusting))
        outbox.send(minutes=2)
        assert outbox.states == [("sent", None, 2)]
        assert hook.requests[0][0]["host"].startswith("localhost:")
    trusting.load_verify_locations(certificate(tmp_path, "elsewhere.example"))
    with hook_receiver(serving(tmp_path / "elsewhere.example.pem")) as hook:
        outbox.webhook(hook.url, "2" * 32, municipality=ALTA)
        outbox.tell(offered("offer-2"))
        outbox.send()
        assert [s for s in outbox.states if s[1]] == [("waiting", "unreachable", 1)] * 2
        assert hook.requests == []


def certificate(folder: Path, name: str) -> Path:
    """Make a certificate of a name, vouched for by itself, with its key in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, *form)
    pem = folder / f"{name}.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return pem


def serving(pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.mark.parametrize(
    ("address", "fit"),
    [
        ("https://hooks.kommune.example/rotations", True),
        ("https://hooks.kommune.example:8443/?a=b", True),
        ("http://hooks.kommune.example/", False),
        ("https://user:password@hooks.kommune.example/", False),
        ("https://hooks.kommune.example/#part", False),
        ("https:///path", False),
        ("ftp://hooks.kommune.example/", False),
        ("//hooks.kommune.example/", False),
        ("https://127.0.0.1/", False),
        ("http://localhost:8000/", False),
        ("https://hooks.kommune.example:99999999/", False),
        ("nothing", False),
    ],
)
def test_webhooks_are_reached_by_https(address: str, fit: bool) -> None:
    assert is_fit(address, loopback=False) is fit


def test_on_this_machine_http_will_do_where_it_is_asked_for() -> None:
    assert is_fit("http://127.0.0.1:8000/", loopback=True)
    assert is_fit("http://localhost:8000/", loopback=True)
    assert not is_fit("http://10.0.0.1/", loopback=True)


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
def test_no_private_address_is_reached_however_it_is_written(address: str) -> None:
    assert not is_reachable(ip_address(address), loopback=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_reached_only_where_it_is_asked_for(address: str) -> None:
    assert is_reachable(ip_address(address), loopback=True)
    assert not is_reachable(ip_address(address), loopback=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_the_internet_is_reached(address: str) -> None:
    assert is_reachable(ip_address(address), loopback=False)

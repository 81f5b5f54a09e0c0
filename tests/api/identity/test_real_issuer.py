"""Tokens of an issuer that somebody else has written and certified, on this machine."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Client
from joserfc import jwt
from joserfc.jwk import ECKey

from api.identity.tokens import Identifier, Identity, Reason, Refused
from api.settings import Settings

HERE = Path(__file__).parent / "issuer"
CACHE = Path(__file__).parents[3] / ".cache"
FILES = ("package.json", "package-lock.json", ".npmrc", "issuer.mjs")

API = "https://rotations.example/"
SCOPE = "rotations:round"
CLIENT = ("municipality", "made-up-for-one-test")


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """Run the issuer and return its name, which is its address too."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm) and "CI" not in os.environ:
        pytest.skip("needs node and npm")
    assert node is not None, "node is part of the checks"
    assert npm is not None, "npm is part of the checks"
    with running(node, installed(npm)) as address:
        yield address


def installed(npm: str) -> Path:
    """Return a folder with the issuer and its packages, installed once for each lock."""
    content = b"".join((HERE / name).read_bytes() for name in FILES)
    folder = CACHE / f"issuer-{sha256(content).hexdigest()[:16]}"
    if folder.is_dir():
        return folder
    beside = CACHE / f"installing-{secrets.token_hex(8)}"
    beside.mkdir(parents=True)
    for name in FILES:
        shutil.copy(HERE / name, beside)
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=beside,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    try:
        beside.rename(folder)
    except OSError:  # another run was first
        shutil.rmtree(beside)
    return folder


@contextmanager
def running(node: str, folder: Path) -> Iterator[str]:
    """Run the issuer until the block ends: it ends with its input, however that ends."""
    with subprocess.Popen(
        [node, "issuer.mjs"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        words = process.stdout.readline().split()
        try:
            assert words[:1] == ["issuer"], "the issuer did not start"
            yield words[1]
        finally:
            process.communicate(timeout=10)


@pytest.fixture(scope="module")
def identifier(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Identifier:
    """Trust the issuer, as an operator says it."""
    folder = tmp_path_factory.mktemp("operator")
    path = folder / "issuers.toml"
    path.write_text(
        f"""
        [[issuers]]
        issuer = "{issuer}"
        jwks = "{issuer}/jwks"
        audience = "{API}"
        subject = "consumer"
        scopes = ["{SCOPE}"]
        types = ["at+jwt"]
        max_age_seconds = 600
        """
    )
    return Identifier.of(Settings(data_dir=folder, issuers=path, local_tokens=False))


def asked(
    issuer: str,
    resource: str | None = API,
    scope: str | None = SCOPE,
    headers: Mapping[str, str] | None = None,
) -> str:
    """Return the access token that the issuer gives the municipality's program."""
    form = {"grant_type": "client_credentials", "resource": resource, "scope": scope}
    with Client(trust_env=False) as client:
        answer = client.post(
            f"{issuer}/token",
            data={name: value for name, value in form.items() if value},
            auth=CLIENT,
            headers=headers,
        )
    document: dict[str, Any] = answer.json()
    assert answer.status_code == 200, document
    given: str = document["access_token"]
    return given


def proof(issuer: str) -> str:
    """Return a proof that somebody holds a key, with which a token can be bound to it."""
    key = ECKey.generate_key("P-256")
    head = {"alg": "ES256", "typ": "dpop+jwt", "jwk": key.as_dict(private=False)}
    claims = {
        "htm": "POST",
        "htu": f"{issuer}/token",
        "iat": int(datetime.now(UTC).timestamp()),
        "jti": secrets.token_hex(8),
    }
    return jwt.encode(head, claims, key, algorithms=["ES256"])


def test_an_organisations_token_says_who_calls(issuer: str, identifier: Identifier) -> None:
    found = identifier.identify(asked(issuer), datetime.now(UTC))
    assert found == Identity(issuer, "889640782", supplier="974760673")


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (("https://other.example/", SCOPE), Reason.AUDIENCE),
        ((API, None), Reason.SCOPE),
        ((None, None), Reason.MALFORMED),
    ],
    ids=["for another API", "without the scope", "that only its issuer can read"],
)
def test_its_other_tokens_are_refused(
    wanted: tuple[str | None, str | None], reason: Reason, issuer: str, identifier: Identifier
) -> None:
    with pytest.raises(Refused, match=reason):
        identifier.identify(asked(issuer, *wanted), datetime.now(UTC))


def test_a_token_bound_to_a_key_is_refused_as_plain_bearer(
    issuer: str, identifier: Identifier
) -> None:
    bound = asked(issuer, headers={"DPoP": proof(issuer)})
    with pytest.raises(Refused, match=Reason.BOUND):
        identifier.identify(bound, datetime.now(UTC))


def test_the_proof_itself_is_no_token(issuer: str, identifier: Identifier) -> None:
    with pytest.raises(Refused, match=Reason.HEADER):
        identifier.identify(proof(issuer), datetime.now(UTC))


def test_the_lock_names_no_registry() -> None:
    lock = (HERE / "package-lock.json").read_text(encoding="utf-8")
    assert '"integrity": "sha512-' in lock
    assert '"resolved"' not in lock
    assert "registry" not in lock

"""The issuers file: what it may say, and that every fault is told at once, without its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.identity.issuers import InvalidIssuers, RemoteIssuer, read_issuers
from api.identity.tokens import Identifier
from api.settings import Settings

GOOD = """
[[issuers]]
issuer = "https://maskinporten.example/"
jwks = "https://maskinporten.example/jwk"
subject = "consumer"
scopes = ["region:rotations.write"]
types = ["", "JWT"]
max_age_seconds = 600

[[issuers]]
issuer = "https://helseid.example"
jwks = "https://helseid.example/.well-known/openid-configuration/jwks"
audience = "region:rotations"
algorithms = ["RS256", "PS256"]
subject = "helseid://claims/hpr/hpr_number"
scopes = ["region:rotations/plan"]
claims = { "helseid://claims/identity/security_level" = "4" }
leeway_seconds = 10
"""

SECRET = "hunter2"


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "issuers.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def faults(folder: Path, text: str | bytes) -> tuple[str, ...]:
    with pytest.raises(InvalidIssuers) as invalid:
        read_issuers(written(folder, text))
    assert SECRET not in str(invalid.value)
    assert invalid.value.__cause__ is None
    return invalid.value.faults


def entry(**values: str) -> str:
    """Return the file of one issuer; values are TOML, an empty one leaves the field out."""
    fields = {
        "issuer": '"https://issuer.example"',
        "jwks": '"https://issuer.example/keys"',
        "audience": '"rotations"',
        "subject": '"sub"',
    } | values
    return "[[issuers]]\n" + "\n".join(f"{k} = {v}" for k, v in fields.items() if v)


def test_a_good_file_is_read_letter_by_letter(tmp_path: Path) -> None:
    machines, people = read_issuers(written(tmp_path, GOOD))
    assert machines == RemoteIssuer(
        issuer="https://maskinporten.example/",
        jwks="https://maskinporten.example/jwk",
        subject="consumer",
        scopes=("region:rotations.write",),
        types=("", "JWT"),
        max_age_seconds=600,
    )
    assert (machines.audience, machines.algorithms, machines.leeway_seconds) == (
        None,
        ("RS256",),
        5,
    )
    assert people.types == ("JWT", "at+jwt")
    assert people.claims == {"helseid://claims/identity/security_level": "4"}


@pytest.mark.parametrize(
    "address",
    [
        "https://issuer.example:8443/keys",
        "http://127.0.0.1:8080/keys",
        "http://127.9.9.9/keys",
        "http://[::1]:8080/keys",
        "http://localhost/keys",
        "https://10.0.0.7/keys",
    ],
)
def test_where_keys_may_be(address: str, tmp_path: Path) -> None:
    (issuer,) = read_issuers(written(tmp_path, entry(jwks=f'"{address}"')))
    assert issuer.jwks == address


@pytest.mark.parametrize(
    "address",
    [
        "http://issuer.example/keys",
        "http://10.0.0.7/keys",
        "http://localhost.example/keys",
        "http://127.0.0.1.example/keys",
        "http://hunter2@127.0.0.1/keys",
        "https://name:hunter2@issuer.example/keys",
        "https://issuer.example/keys#hunter2",
        "file:///etc/hunter2",
        "data:application/json,hunter2",
        "ftp://issuer.example/hunter2",
        "https://",
        "https:///hunter2",
        "https://[::1/hunter2",
        "issuer.example/hunter2",
        "//issuer.example/hunter2",
        "/etc/hunter2",
        "hunter2",
    ],
)
def test_where_keys_may_not_be(address: str, tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, entry(jwks=f'"{address}"'))
    assert fault.startswith("issuers[0].jwks: must be")


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"issuer": ""}, "issuers[0].issuer: is missing"),
        ({"issuer": '""'}, "issuers[0].issuer: must not be empty"),
        ({"issuer": "7"}, "issuers[0].issuer: must be text"),
        ({"issuer": '"a|hunter2"'}, "issuers[0].issuer: must not hold |"),
        ({"issuer": '"hunter2\\n"'}, "issuers[0].issuer: must be printable"),
        ({"issuer": '"rotations-local"'}, "issuers[0].issuer: must not be rotations-local"),
        ({"issuer": '"' + "x" * 256 + '"'}, "issuers[0].issuer: must not be longer than 255"),
        ({"jwks": ""}, "issuers[0].jwks: is missing"),
        ({"audience": '""'}, "issuers[0].audience: must not be empty"),
        ({"audience": ""}, "issuers[0].scopes: must name a scope where no audience"),
        ({"subject": ""}, "issuers[0].subject: is missing"),
        ({"subject": '["hunter2"]'}, "issuers[0].subject: must be text"),
        ({"algorithms": "[]"}, "issuers[0].algorithms: must not be empty"),
        ({"algorithms": '["none"]'}, "issuers[0].algorithms[0]: must be 'RS256'"),
        ({"algorithms": '["HS256"]'}, "issuers[0].algorithms[0]: must be 'RS256'"),
        ({"algorithms": '["ES256", "hunter2"]'}, "issuers[0].algorithms[1]: must be 'RS256'"),
        ({"types": "[]"}, "issuers[0].types: must not be empty"),
        ({"types": "[1]"}, "issuers[0].types[0]: must be text"),
        ({"scopes": '"hunter2"'}, "issuers[0].scopes: must be a list"),
        ({"scopes": '["a hunter2"]'}, "issuers[0].scopes: must be single scopes"),
        ({"claims": "{ level = 4 }"}, "issuers[0].claims.level: must be text"),
        ({"claims": '["hunter2"]'}, "issuers[0].claims: must be a table"),
        ({"leeway_seconds": "61"}, "issuers[0].leeway_seconds: must be at most 60"),
        ({"leeway_seconds": "-1"}, "issuers[0].leeway_seconds: must be at least"),
        ({"leeway_seconds": "5.5"}, "issuers[0].leeway_seconds: must be a whole number"),
        ({"leeway_seconds": "true"}, "issuers[0].leeway_seconds: must be a whole number"),
        ({"max_age_seconds": "0"}, "issuers[0].max_age_seconds: must be at least"),
        ({"secret": '"hunter2"'}, "issuers[0].secret: is not known"),
    ],
)
def test_a_fault_says_where_and_what_would_be_right(
    values: dict[str, str], fault: str, tmp_path: Path
) -> None:
    (said,) = faults(tmp_path, entry(**values))
    assert said.startswith(fault)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "issuers: is missing"),
        ("issuers = []", "issuers: must not be empty"),
        ('issuers = "hunter2"', "issuers: must be a list"),
        ('issuers = ["hunter2"]', "issuers[0]: must be a table"),
        ("[[issuers]\nhunter2", "is not TOML: line 1, column"),
        ('password = hunter2"', "is not TOML: line 1, column"),
        ("x = " + "[" * 100_000, "is nested too deeply"),
        (b"\xff\xfehunter2", "is not UTF-8"),
        (b"#" * (2**20 + 1), "is larger than 1 MiB"),
    ],
)
def test_a_file_that_is_none(text: str | bytes, fault: str, tmp_path: Path) -> None:
    (said,) = faults(tmp_path, text)
    assert said.startswith(fault)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.toml", tmp_path):
        with pytest.raises(InvalidIssuers, match="cannot be read"):
            read_issuers(path)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    text = "\n".join(
        [
            entry(jwks='"http://hunter2.example"', leeway_seconds="99"),
            entry(audience="", extra="1"),
            entry(subject=""),
        ]
    )
    places = [fault.partition(":")[0] for fault in faults(tmp_path, text)]
    assert sorted(places) == [
        "issuers[0].jwks",
        "issuers[0].leeway_seconds",
        "issuers[1].extra",
        "issuers[1].issuer",
        "issuers[1].scopes",
        "issuers[2].issuer",
        "issuers[2].subject",
    ]


def test_issuers_that_differ_in_a_slash_are_two(tmp_path: Path) -> None:
    text = entry() + "\n" + entry(issuer='"https://issuer.example/"')
    assert len(read_issuers(written(tmp_path, text))) == 2


def test_the_settings_say_whom_to_trust(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    settings = Settings(data_dir=tmp_path, issuers=path, local_tokens=False)
    assert list(Identifier.of(settings).published()) == [
        "https://maskinporten.example/",
        "https://helseid.example",
    ]
    assert not (tmp_path / "signing-key.json").exists()

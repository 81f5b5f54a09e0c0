"""The service's own key: who may have it, that there is one, and what its tokens are good for."""

from __future__ import annotations

import json
import multiprocessing
import os
from base64 import urlsafe_b64decode
from datetime import timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, RSAKey

from api.identity.issuers import LOCAL
from api.identity.local import FILE, LocalKey, UnfitKey
from api.identity.tokens import Identifier, Identity, Reason, Refused
from api.settings import Settings
from tests.api.identity.minting import NOW, elliptic, header, people, signer, token

PROCESSES, FOLDERS = 3, 12


def identifier(folder: Path, *, local_tokens: bool = True) -> Identifier:
    return Identifier.of(Settings(data_dir=folder, local_tokens=local_tokens, issuers=None))


def test_a_local_token_says_who_calls(tmp_path: Path) -> None:
    signed = LocalKey.of(tmp_path).sign("planner-1", NOW)
    assert identifier(tmp_path).identify(signed, NOW) == Identity(LOCAL, "planner-1")


def test_a_local_token_is_good_for_twelve_hours(tmp_path: Path) -> None:
    signed, ours = LocalKey.of(tmp_path).sign("planner-1", NOW), identifier(tmp_path)
    assert ours.identify(signed, NOW + timedelta(hours=12)).subject == "planner-1"
    with pytest.raises(Refused, match=Reason.EXPIRED):
        ours.identify(signed, NOW + timedelta(hours=12, seconds=5))


@pytest.mark.parametrize(
    ("lifetime", "reason"),
    [
        (timedelta(seconds=1), None),
        (timedelta(hours=24), None),
        (timedelta(hours=24, seconds=1), Reason.LIFETIME),
        (timedelta(days=365), Reason.LIFETIME),
        (timedelta(0), Reason.LIFETIME),
    ],
)
def test_how_long_a_local_token_may_be_good(
    lifetime: timedelta, reason: Reason | None, tmp_path: Path
) -> None:
    signed = LocalKey.of(tmp_path).sign("planner-1", NOW, lifetime)
    if reason is None:
        assert identifier(tmp_path).identify(signed, NOW).subject == "planner-1"
    else:
        with pytest.raises(Refused, match=reason):
            identifier(tmp_path).identify(signed, NOW)


def test_no_two_local_tokens_are_alike(tmp_path: Path) -> None:
    key = LocalKey.of(tmp_path)
    assert len({key.sign("planner-1", NOW) for _ in range(20)}) == 20
    body = key.sign("planner-1", NOW).split(".")[1]
    claims = json.loads(urlsafe_b64decode(body + "=="))
    assert set(claims) == {"iss", "aud", "sub", "iat", "exp", "jti"}


def test_another_services_token_is_refused(tmp_path: Path) -> None:
    signed = LocalKey.of(tmp_path / "other").sign("planner-1", NOW)
    with pytest.raises(Refused, match=Reason.KEY):
        identifier(tmp_path).identify(signed, NOW)


def test_a_forged_local_token_is_refused(tmp_path: Path) -> None:
    """It names the right key, which is no secret, but cannot sign with it."""
    ours = LocalKey.of(tmp_path)
    kid = json.loads(urlsafe_b64decode(ours.sign("x", NOW).split(".")[0] + "=="))["kid"]
    claims = people(iss=LOCAL, aud="rotations")
    for sign in (signer(elliptic("attacker"), "ES256"), lambda _: bytes(64)):
        forged = token(claims, sign=sign, **header(alg="ES256", kid=kid, typ="JWT"))
        with pytest.raises(Refused, match=Reason.SIGNATURE):
            identifier(tmp_path).identify(forged, NOW)


def test_local_tokens_can_be_switched_off(tmp_path: Path) -> None:
    signed = LocalKey.of(tmp_path).sign("planner-1", NOW)
    with pytest.raises(Refused, match=Reason.ISSUER):
        identifier(tmp_path, local_tokens=False).identify(signed, NOW)


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "var"
    before = os.umask(0)
    try:
        first = LocalKey.of(folder).sign("x", NOW)
    finally:
        os.umask(before)
    assert (folder / FILE).stat().st_mode & 0o7777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in folder.iterdir()] == [FILE]
    content = (folder / FILE).read_bytes()
    assert identifier(folder).identify(first, NOW).subject == "x"
    assert (folder / FILE).read_bytes() == content


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610, 0o601, 0o644, 0o666, 0o777])
def test_a_key_that_others_may_touch_is_refused(mode: int, tmp_path: Path) -> None:
    LocalKey.of(tmp_path)
    (tmp_path / FILE).chmod(mode)
    with pytest.raises(UnfitKey, match="must be 0600"):
        LocalKey.of(tmp_path)
    with pytest.raises(UnfitKey):
        identifier(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 4000,
        json.dumps(ECKey.generate_key("P-256").as_dict(private=False)).encode(),
        json.dumps(ECKey.generate_key("P-384").as_dict(private=True)).encode(),
        json.dumps(RSAKey.generate_key(2048).as_dict(private=True)).encode(),
        b'{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "d": "AA"}',
        b'{"kty": "oct", "k": "c2VjcmV0"}',
    ],
)
def test_a_file_that_holds_no_key_is_refused_and_left_alone(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(UnfitKey, match="holds no private key") as unfit:
        LocalKey.of(tmp_path)
    assert unfit.value.__cause__ is None
    assert path.read_bytes() == content


def test_a_folder_in_the_place_of_the_key(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(IsADirectoryError):
        LocalKey.of(tmp_path)


def make_keys(folder: Path, number: int, together: Barrier) -> None:
    """In a process of its own: make the key of each folder at the same time as the others."""
    for name in range(FOLDERS):
        together.wait(60)
        signed = LocalKey.of(folder / str(name)).sign(f"process-{number}", NOW)
        (folder / f"{name}-{number}.token").write_text(signed)


def test_of_many_processes_one_makes_the_key_and_all_use_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(PROCESSES)
    processes = [
        context.Process(target=make_keys, args=(tmp_path, number, together))
        for number in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    for name in range(FOLDERS):
        ours = identifier(tmp_path / str(name))
        assert [path.name for path in (tmp_path / str(name)).iterdir()] == [FILE]
        for number in range(PROCESSES):
            signed = (tmp_path / f"{name}-{number}.token").read_text()
            assert ours.identify(signed, NOW).subject == f"process-{number}"

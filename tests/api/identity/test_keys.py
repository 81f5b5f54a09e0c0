"""How long keys serve, when they are fetched anew, and what many tokens at once bring about."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from threading import Barrier, Event

import pytest
from joserfc.jwk import RSAKey

from api.identity.issuers import RemoteIssuer
from api.identity.keys import COOL_DOWN_SECONDS, FRESH_SECONDS, KEPT_SECONDS, PublishedKeys
from api.identity.publications import Unpublished, fetch_keys
from api.identity.refusals import Unavailable
from api.identity.tokens import Identifier, Identity, Reason, Refused, Trusted
from tests.api.identity.minting import API, NOW, key_set, people, signer, token
from tests.api.identity.publisher import (
    Answer,
    Publisher,
    content,
    endless,
    gated,
    publishing,
    silent,
    status,
)

OLD = RSAKey.generate_key(2048, {"kid": "2026"})
NEW = RSAKey.generate_key(2048, {"kid": "2027"})


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Party:
    """An issuer that publishes over HTTP, a service that trusts it, and a clock."""

    def __init__(self, publisher: Publisher, seconds: float = 5) -> None:
        self.publisher, self.clock = publisher, Clock()
        fetch = partial(fetch_keys, publisher.address, ("RS256",), seconds)
        self.keys = PublishedKeys(fetch, self.clock)
        issuer = RemoteIssuer(
            issuer=publisher.address, jwks=publisher.address, audience=API, subject="sub"
        )
        self.identifier = Identifier([Trusted(issuer, self.keys)])

    def publish(self, *keys: RSAKey) -> None:
        self.publisher.answer = content(key_set(*keys))

    @property
    def fetches(self) -> int:
        return len(self.publisher.paths)

    def token(self, key: RSAKey, key_id: str | None = None) -> str:
        claims = people(iss=self.publisher.address)
        return token(claims, sign=signer(key), kid=key_id or key.kid)

    def identify(self, key: RSAKey, key_id: str | None = None) -> Identity:
        return self.identifier.identify(self.token(key, key_id), NOW)

    def accepts(self, key: RSAKey, key_id: str | None = None) -> bool:
        return self.identify(key, key_id).subject == "person-17"

    def refuses(self, key: RSAKey, key_id: str | None = None) -> bool:
        with pytest.raises(Refused, match=Reason.KEY):
            self.identify(key, key_id)
        return True


def test_keys_are_fetched_once_and_kept() -> None:
    with publishing(content(key_set(OLD))) as publisher:
        party = Party(publisher)
        assert party.keys.age() is None
        for _ in range(5):
            assert party.accepts(OLD)
        party.clock.now += FRESH_SECONDS - 1
        assert party.accepts(OLD)
        assert (party.fetches, party.keys.age()) == (1, FRESH_SECONDS - 1)


def test_old_keys_are_fetched_anew() -> None:
    with publishing(content(key_set(OLD))) as publisher:
        party = Party(publisher)
        party.identify(OLD)
        party.clock.now += FRESH_SECONDS
        assert party.accepts(OLD)
        assert (party.fetches, party.keys.age()) == (2, 0)


def test_a_key_is_rotated_with_grace() -> None:
    """The new key is published before it is used, the old one stays while tokens live."""
    with publishing(content(key_set(OLD))) as publisher:
        party = Party(publisher)
        party.identify(OLD)
        party.publish(OLD, NEW)
        party.clock.now += COOL_DOWN_SECONDS
        assert party.accepts(NEW)
        assert party.accepts(OLD)
        assert party.fetches == 2


def test_a_key_is_rotated_without_grace() -> None:
    """A key used at once is found when the cool-down is over; the old one ends with the fetch."""
    with publishing(content(key_set(OLD))) as publisher:
        party = Party(publisher)
        party.identify(OLD)
        party.publish(NEW)
        party.clock.now += COOL_DOWN_SECONDS - 1
        assert party.refuses(NEW)
        assert party.accepts(OLD)
        party.clock.now += 1
        assert party.accepts(NEW)
        assert party.refuses(OLD)
        assert party.fetches == 2


def test_a_key_taken_out_serves_no_longer_than_keys_are_fresh() -> None:
    """Also where nobody asks for another: a stolen key ends ten minutes after it was taken out."""
    with publishing(content(key_set(OLD, NEW))) as publisher:
        party = Party(publisher)
        party.identify(OLD)
        party.publish(NEW)
        party.clock.now += FRESH_SECONDS - 1
        assert party.accepts(OLD)
        party.clock.now += 1
        assert party.refuses(OLD)


def test_a_key_exchanged_under_its_name() -> None:
    with publishing(content(key_set(OLD))) as publisher:
        party = Party(publisher)
        party.identify(OLD)
        party.publish(RSAKey.import_key(NEW.public_key, {"kid": "2026"}))
        party.clock.now += FRESH_SECONDS
        assert party.accepts(NEW, OLD.kid)
        with pytest.raises(Refused, match=Reason.SIGNATURE):
            party.identify(OLD)


def test_a_flood_of_unknown_keys_fetches_once_in_a_cool_down() -> None:
    with publishing(content(key_set(OLD))) as publisher, ThreadPoolExecutor(8) as threads:
        party = Party(publisher)
        party.identify(OLD)
        for round_ in range(3):
            party.clock.now += COOL_DOWN_SECONDS
            names = [f"{round_}-{n}" for n in range(100)]
            assert all(threads.map(partial(party.refuses, NEW), names))
            assert party.accepts(OLD)
            assert party.fetches == 2 + round_


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (status(503), "status"),
        (status(302, Location="/keys"), "status"),
        (silent, "timeout"),
        (content(b""), "not-json"),
        (content(b'{"keys": []}'), "no-keys"),
        (content(b"<p>Maintenance</p>", "text/html"), "not-json"),
        (endless, "too-large"),
    ],
)
def test_the_last_keys_serve_through_an_outage(answer: Answer, fault: str) -> None:
    with publishing(content(key_set(OLD))) as publisher:
        party = Party(publisher, seconds=1)
        party.identify(OLD)
        publisher.answer = answer
        party.clock.now += FRESH_SECONDS
        assert party.accepts(OLD)
        assert (party.keys.fault, party.keys.age(), party.fetches) == (fault, FRESH_SECONDS, 2)
        assert party.accepts(OLD)
        assert party.fetches == 2
        party.publish(NEW)
        party.clock.now += COOL_DOWN_SECONDS
        assert party.accepts(NEW)
        assert (party.keys.fault, party.keys.age(), party.fetches) == (None, 0, 3)


def test_after_a_day_the_issuer_is_down_and_then_back() -> None:
    with publishing(content(key_set(OLD))) as publisher:
        party = Party(publisher)
        party.identify(OLD)
        publisher.answer = status(500)
        party.clock.now += KEPT_SECONDS
        assert party.accepts(OLD)
        party.clock.now += 1
        for _ in range(3):
            with pytest.raises(Unavailable):
                party.identify(OLD)
        assert party.fetches == 2
        party.publish(OLD)
        party.clock.now += COOL_DOWN_SECONDS
        assert party.accepts(OLD)


def test_an_issuer_that_was_never_there() -> None:
    with publishing(status(500)) as publisher:
        party = Party(publisher)
        for _ in range(3):
            with pytest.raises(Unavailable):
                party.identify(OLD)
        assert (party.fetches, party.keys.age(), party.keys.fault) == (1, None, "status")
        party.publish(OLD)
        party.clock.now += COOL_DOWN_SECONDS
        assert party.accepts(OLD)


def test_one_fetches_while_the_others_use_what_there_is() -> None:
    with publishing(content(key_set(OLD))) as publisher, ThreadPoolExecutor(4) as threads:
        party, gate = Party(publisher), Event()
        party.identify(OLD)
        party.publish(OLD, NEW)
        publisher.answer = gated(gate, publisher.answer)
        party.clock.now += FRESH_SECONDS
        fetching = threads.submit(party.accepts, NEW)
        while party.fetches < 2:
            wait([fetching], timeout=0.01)
        assert threads.submit(party.accepts, OLD).result(timeout=3)
        assert threads.submit(party.refuses, NEW).result(timeout=3)
        assert not fetching.done()
        gate.set()
        assert fetching.result(timeout=5)
        assert party.fetches == 2


@pytest.mark.parametrize("down", [False, True])
def test_many_at_once_before_the_first_keys_fetch_once(down: bool) -> None:
    """They wait for the first answer, whatever it is; nobody waits for a second try."""
    with publishing(content(key_set(OLD))) as publisher, ThreadPoolExecutor(8) as threads:
        if down:
            publisher.answer = status(500)
        party, together = Party(publisher), Barrier(8)

        def identify(_: int) -> str:
            together.wait(5)
            try:
                return party.identify(OLD).subject
            except Unavailable:
                return "unavailable"

        expected = "unavailable" if down else "person-17"
        assert list(threads.map(identify, range(8))) == [expected] * 8
        assert party.fetches == 1


def test_keys_can_be_fetched_before_anybody_calls() -> None:
    with publishing(content(key_set(OLD))) as publisher:
        party = Party(publisher)
        (keys,) = party.identifier.published().values()
        keys.refresh()
        keys.refresh()
        assert (party.fetches, keys.age()) == (1, 0)


def test_a_fault_of_the_program_rests_too_and_lets_the_next_one_try() -> None:
    """An exception nobody thought of is seen once, and holds no lock."""
    tries: list[int] = []

    def broken() -> dict[str, RSAKey]:
        tries.append(1)
        if len(tries) == 1:
            raise ZeroDivisionError
        raise Unpublished("status")

    clock = Clock()
    keys = PublishedKeys(broken, clock)
    with pytest.raises(ZeroDivisionError):
        keys.find("x")
    with pytest.raises(Unavailable):
        keys.find("x")
    clock.now += COOL_DOWN_SECONDS
    with pytest.raises(Unavailable):
        keys.find("x")
    assert (len(tries), keys.fault) == (2, "status")

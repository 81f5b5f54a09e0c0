"""When a worker takes another one for dead, whatever the clocks say."""

from __future__ import annotations

from datetime import timedelta

from api.running.worker import Silence
from tests.asked import NOW

LATER = NOW + timedelta(seconds=5)


def test_who_shows_no_sign_of_life_for_long_enough_is_silent() -> None:
    silence = Silence(20)
    for second in range(100, 120, 5):
        assert silence.lasting({"a": NOW}, second) == {}
    assert silence.lasting({"a": NOW}, 120) == {"a": NOW}


def test_any_other_sign_is_a_sign_of_life_though_a_clock_may_jump_back() -> None:
    silence = Silence(20)
    for second in range(0, 100, 5):
        sign = NOW - timedelta(hours=second)
        assert silence.lasting({"a": sign}, second) == {}


def test_each_is_listened_to_from_when_it_came() -> None:
    silence = Silence(20)
    for second in (0, 5):
        assert silence.lasting({"a": NOW}, second) == {}
    for second in (10, 15):
        assert silence.lasting({"a": NOW, "b": NOW}, second) == {}
    assert silence.lasting({"a": NOW, "b": NOW}, 20) == {"a": NOW}
    assert silence.lasting({"b": NOW}, 25) == {}
    assert silence.lasting({"a": LATER, "b": NOW}, 30) == {"b": NOW}


def test_who_has_not_looked_has_not_heard_silence() -> None:
    """After a minute without a database everybody looks silent, and is not."""
    silence = Silence(20)
    silence.lasting({"a": NOW}, 0)
    silence.lasting({"a": NOW}, 5)
    assert silence.lasting({"a": NOW}, 65) == {}
    assert silence.lasting({"a": NOW}, 70) == {}

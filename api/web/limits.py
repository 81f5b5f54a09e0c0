"""How many requests one subject may send in a minute, counted by each replica for itself."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from math import ceil
from time import time as _epoch  # the library compares its windows with this very clock

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from api.web.problems import Problem

_HOST_BITS = 64
"""One customer of a network has so many bits of IPv6 addresses to call from."""


class Limiter:
    """Counts requests by subject, and refuses those beyond the limit.

    A count is forgotten two minutes after the subject's last request.

    Parameters
    ----------
    per_minute
        Requests that one subject may send in a minute, at least 1.
    """

    def __init__(self, per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(per_minute)
        self._strategy = SlidingWindowCounterRateLimiter(MemoryStorage())

    def admit(self, subject: str) -> None:
        """Count a request.

        Raises
        ------
        Problem
            ``too-many-requests``, with the seconds to wait.
        """
        if self._strategy.hit(self._limit, subject):
            return
        reset = self._strategy.get_window_stats(self._limit, subject).reset_time
        seconds = max(1, ceil(reset - _epoch()))
        raise Problem("too-many-requests", headers={"Retry-After": str(seconds)}, seconds=seconds)


def origin(address: str) -> str:
    """Return as whom a caller without a valid token is counted: an IPv6 network counts as one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "address unknown"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return f"address {IPv6Address(int(parsed) >> _HOST_BITS << _HOST_BITS)}"
    return f"address {parsed}"

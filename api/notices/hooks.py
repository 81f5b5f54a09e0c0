"""Notices to webhooks, signed as Standard Webhooks says (standardwebhooks.com).

Whoever names a webhook chooses where the service connects to: no address of a private network is
reached, and no redirect followed.
"""

from __future__ import annotations

import asyncio
import hmac
from base64 import b64decode, b64encode
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from secrets import token_bytes
from socket import SOCK_STREAM

from httpx2 import URL, AsyncClient, HTTPError, InvalidURL

from api.identity.issuers import is_loopback
from api.notices.undelivered import Undelivered
from api.notices.wording import message
from models.tables import Notice, Webhook

TOTAL_SECONDS = 10.0
"""How long a delivery may take, from the first step to the answer."""

_PREFIX = "whsec_"
_SECRET_BYTES = 32
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""Where a network translates to IPv4 (RFC 6052): the last four bytes are the true address."""

GONE = 410

Address = IPv4Address | IPv6Address


def new_secret() -> str:
    """Return a fresh secret, as receivers enter it."""
    return _PREFIX + b64encode(token_bytes(_SECRET_BYTES)).decode()


def is_fit(address: str, *, loopback: bool) -> bool:
    """Tell whether a webhook may have this address: https, or on this machine http as well.

    Parameters
    ----------
    loopback
        Whether webhooks may lead to this machine.
    """
    try:
        url = URL(address)
    except (InvalidURL, ValueError):
        return False
    plain = bool(url.host) and not url.userinfo and not url.fragment
    plain = plain and (url.port is None or 0 < url.port < 65536)
    if is_loopback(url):
        return plain and loopback and url.scheme in ("http", "https")
    return plain and url.scheme == "https"


def deliver(notice: Notice, hook: Webhook, now: datetime, *, loopback: bool) -> None:
    """Send a notice to a webhook.

    Raises
    ------
    Undelivered
        Where it was not taken with a status of success.
    """
    body = message(notice)
    headers = {"Content-Type": "application/json"} | signed(notice.id, hook.secret, body, now)
    status = _answered(URL(hook.url), headers, body, loopback)
    if 300 <= status < 400:
        raise Undelivered("redirected")
    if status == GONE:
        raise Undelivered("gone", final=True)
    if not 200 <= status < 300:
        raise Undelivered("status")


def signed(id_: str, secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers that show a receiver who sent a body, and when."""
    seconds = str(int(now.timestamp()))
    key = b64decode(secret.removeprefix(_PREFIX))
    digest = hmac.digest(key, b".".join((id_.encode(), seconds.encode(), body)), sha256)
    return {
        "webhook-id": id_,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{b64encode(digest).decode()}",
    }


def is_reachable(address: Address, *, loopback: bool) -> bool:
    """Tell whether an address is one of the internet, also where it is wrapped in another."""
    if isinstance(address, IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour
        if address in _TRANSLATED:
            wrapped = IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_reachable(wrapped, loopback=loopback)
    if address.is_loopback:
        return loopback
    return address.is_global and not address.is_multicast


def _answered(url: URL, headers: dict[str, str], body: bytes, loopback: bool) -> int:
    """Run the delivery in a loop of its own: only a cancelled task bounds the whole of it."""
    try:
        with closing(asyncio.new_event_loop()) as loop:
            try:
                return loop.run_until_complete(_post(url, headers, body, loopback))
            finally:
                loop.run_until_complete(loop.shutdown_asyncgens())
    except TimeoutError:
        raise Undelivered("timeout") from None
    except (HTTPError, InvalidURL, OSError, UnicodeError):
        raise Undelivered("unreachable") from None


async def _post(url: URL, headers: dict[str, str], body: bytes, loopback: bool) -> int:
    """Return the status of the answer, whose body is not read.

    What was looked up and checked is what is connected to: a second look-up could say otherwise.
    No proxy is used, for it would look up once more.
    """
    host = url.raw_host.decode()
    async with asyncio.timeout(TOTAL_SECONDS):
        target = url.copy_with(host=await _found(host, url.port or 443, loopback))
        client = AsyncClient(timeout=None, follow_redirects=False, trust_env=False)
        sent = client.stream(
            "POST",
            target,
            content=body,
            headers=headers | {"Host": url.netloc.decode()},
            extensions={"sni_hostname": host},
        )
        async with client, sent as response:
            return response.status_code


async def _found(host: str, port: int, loopback: bool) -> str:
    """Return the first address of a host, all of which must be in the internet."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=SOCK_STREAM)
    addresses = [ip_address(address[0]) for *_, address in found]
    if not all(is_reachable(address, loopback=loopback) for address in addresses):
        raise Undelivered("private-address")
    return str(addresses[0])

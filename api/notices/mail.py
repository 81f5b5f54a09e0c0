"""Notices as e-mail, by a mail server that is spoken to under TLS."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime
from smtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
)
from socket import SHUT_RDWR
from threading import Timer
from typing import cast
from urllib.parse import unquote, urlsplit

from httpx2 import URL

from api.identity.issuers import is_loopback
from api.notices.undelivered import Undelivered
from api.notices.wording import text, title
from api.settings import Settings
from data.sentences import Language
from models.store.outbox import SENDING
from models.tables import Notice

ANSWER_SECONDS = 5.0
"""How long the server may take for each answer; all of a letter's may take `SENDING`."""

SUBMISSION_PORT = 587


class Post:
    """A connection to the mail server, opened when the first letter goes."""

    def __init__(self, settings: Settings, sending: timedelta = SENDING) -> None:
        assert settings.smtp_url is not None, "without a server no letter is taken"
        assert settings.mail_from is not None, "settings are given together"
        self._url, self._sender = settings.smtp_url.get_secret_value(), settings.mail_from
        self._base_url = settings.base_url
        self._server: SMTP | None = None
        self._sending = sending.total_seconds()

    def send(self, notice: Notice) -> None:
        """Send a notice.

        Raises
        ------
        Undelivered
            Where the server did not take it, or did not say that it did; also where all that it
            said took too long.
        """
        with self._translated(), self._in_time():
            letter = written(notice, self._sender, self._base_url)
            if self._server is None:
                self._connect()
            assert self._server is not None, "connected above"
            self._server.send_message(letter, self._sender, [notice.recipient])

    def close(self) -> None:
        """Take leave of the server."""
        if self._server is not None:
            with suppress(SMTPException, OSError):
                self._server.quit()
            self._drop()

    def _connect(self) -> None:
        """Open the connection, under TLS unless the server is on this machine.

        Raises
        ------
        Undelivered
            Where it offers no TLS, or none that this machine trusts.
        """
        parts = urlsplit(self._url)
        host = str(parts.hostname)
        self._server = SMTP(host, parts.port or SUBMISSION_PORT, timeout=ANSWER_SECONDS)
        try:
            if not is_loopback(URL(scheme="smtp", host=host)):
                _secure(self._server)
            if parts.username:
                self._server.login(unquote(parts.username), unquote(parts.password or ""))
        except BaseException:
            self._drop()
            raise

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """Cut the line when the time for a letter is over, whatever the server is saying.

        Each answer has its own limit, and a server that is slow at all of them would still take
        the letter when another sender has begun with it.
        """
        cut = Timer(self._sending, self._cut)
        cut.daemon = True
        cut.start()
        try:
            yield
        finally:
            cut.cancel()

    def _cut(self) -> None:
        server = self._server
        if server is not None and server.sock is not None:
            with suppress(OSError):
                server.sock.shutdown(SHUT_RDWR)

    def _drop(self) -> None:
        """Let go of a connection that may be in the middle of something."""
        if self._server is not None:
            self._server.close()
            self._server = None

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what a server says, which may repeat an address, into codes."""
        try:
            yield
        except SMTPRecipientsRefused as error:
            ((code, _),) = error.recipients.values()
            raise Undelivered("recipient-refused", final=code >= 500, alone=True) from None
        except SMTPDataError as error:
            final = error.smtp_code >= 500
            raise Undelivered("letter-refused", final=final, alone=True) from None
        except SMTPNotSupportedError:  # letters beyond ASCII in an address
            raise Undelivered("not-supported", alone=True) from None
        except (SMTPAuthenticationError, SMTPSenderRefused) as error:
            self._drop()
            login = isinstance(error, SMTPAuthenticationError)
            raise Undelivered("login-refused" if login else "sender-refused") from None
        except (SMTPException, OSError):
            self._drop()
            raise Undelivered("unreachable") from None
        except (ValueError, MessageError):
            raise Undelivered("no-address", final=True) from None


def written(notice: Notice, sender: str, base_url: str | None) -> EmailMessage:
    """Return a notice as a letter: the same one, under the same id, each time it is tried.

    Raises
    ------
    ValueError
        Where the recipient is no address.
    """
    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = notice.recipient
    if [each.addr_spec for each in letter["To"].addresses] != [notice.recipient]:
        raise ValueError("no address")
    letter["Subject"] = title(notice, cast("Language", notice.language))
    letter["Date"] = format_datetime(notice.made_at)
    letter["Message-ID"] = f"<{notice.id}@{sender.rpartition('@')[2]}>"
    letter["Content-Language"] = notice.language
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
    letter.set_content(text(notice, base_url))
    return letter


def _secure(server: SMTP) -> None:
    try:
        server.starttls(context=ssl.create_default_context())
    except (SMTPNotSupportedError, ssl.SSLError):
        raise Undelivered("no-tls") from None

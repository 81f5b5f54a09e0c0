"""Notices as e-mail, by a mail server that is spoken to under TLS."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
from typing import cast
from urllib.parse import unquote, urlsplit

from httpx2 import URL

from api.identity.issuers import is_loopback
from api.notices.undelivered import Undelivered
from api.notices.wording import text, title
from api.settings import Settings
from data.sentences import Language
from models.tables import Notice

ANSWER_SECONDS = 5.0
"""How long the server may take for each answer."""

SUBMISSION_PORT = 587


class Post:
    """A connection to the mail server, opened when the first letter goes."""

    def __init__(self, settings: Settings) -> None:
        assert settings.smtp_url is not None, "without a server no letter is taken"
        assert settings.mail_from is not None, "settings are given together"
        self._url, self._sender = settings.smtp_url.get_secret_value(), settings.mail_from
        self._base_url = settings.base_url
        self._server: SMTP | None = None

    def send(self, notice: Notice) -> None:
        """Send a notice.

        Raises
        ------
        Undelivered
            Where the server did not take it, or did not say that it did.
        """
        with self._translated():
            letter = written(notice, self._sender, self._base_url)
            if self._server is None:
                self._server = connected(self._url)
            self._server.send_message(letter, self._sender, [notice.recipient])

    def close(self) -> None:
        """Take leave of the server."""
        if self._server is not None:
            with suppress(SMTPException, OSError):
                self._server.quit()
            self._drop()

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


def connected(url: str) -> SMTP:
    """Return a connection to a mail server, under TLS unless it is on this machine.

    Raises
    ------
    Undelivered
        Where it offers no TLS, or none that this machine trusts.
    """
    parts = urlsplit(url)
    host = str(parts.hostname)
    server = SMTP(host, parts.port or SUBMISSION_PORT, timeout=ANSWER_SECONDS)
    try:
        if not is_loopback(URL(scheme="smtp", host=host)):
            _secure(server)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _secure(server: SMTP) -> None:
    try:
        server.starttls(context=ssl.create_default_context())
    except (SMTPNotSupportedError, ssl.SSLError):
        raise Undelivered("no-tls") from None

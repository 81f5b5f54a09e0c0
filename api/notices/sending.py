"""The outbox, emptied: each notice is taken, sent outside of any transaction, and then marked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from time import monotonic

from api.clock import norwegian_date
from api.notices.hooks import deliver
from api.notices.mail import Post
from api.notices.undelivered import Undelivered
from api.settings import Settings
from models.database import Database
from models.scope import EVERYTHING
from models.store.notices import UNDELIVERED, Telling, tell
from models.store.outbox import keep_back, mark_failed, mark_sent, take_due
from models.tables import Notice, Webhook

LOG = logging.getLogger(__name__)

TURN_SECONDS = 60.0
"""How long one turn goes on taking notices."""


def send(database: Database, settings: Settings, now: datetime) -> None:
    """Send what is due; without a mail server, e-mail waits."""
    began = monotonic()
    with database.writing(EVERYTHING) as session:
        keep_back(session)
    with closing(_Turn(database, settings, _clock(now))) as turn:
        while monotonic() - began < TURN_SECONDS and turn.send_one():
            pass


class _Turn:
    """One turn of a sender, who leaves alone for the rest of it whoever takes nothing."""

    def __init__(
        self, database: Database, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._database, self._settings, self._clock = database, settings, clock
        self._post = Post(settings) if settings.smtp_url else None
        self._resting = set() if self._post else {"email"}

    def send_one(self) -> bool:
        """Send the next notice; False where none is due."""
        with self._database.writing(EVERYTHING) as session:
            notice = take_due(session, self._clock(), self._resting)
            hook = session.get(Webhook, notice.recipient) if notice else None
        if notice is None:
            return False
        try:
            self._hand_over(notice, hook)
        except Undelivered as reason:
            self._note(notice, reason)
        except Exception as error:  # noqa: BLE001 - a fault of ours holds up no other notice
            LOG.error("notice %s: %s", notice.id, type(error).__name__)
            self._note(notice, Undelivered("fault", alone=True))
        else:
            with self._database.writing(EVERYTHING) as session:
                mark_sent(session, notice, self._clock())
        return True

    def close(self) -> None:
        """Take leave of the mail server."""
        if self._post:
            self._post.close()

    def _hand_over(self, notice: Notice, hook: Webhook | None) -> None:
        if notice.channel == "email":
            assert self._post is not None, "e-mail is not taken without a server"
            self._post.send(notice)
        elif hook is None or hook.removed_at is not None:
            raise Undelivered("webhook-removed", final=True)
        else:
            loopback = self._settings.loopback_webhooks
            deliver(notice, hook, self._clock(), loopback=loopback)

    def _note(self, notice: Notice, reason: Undelivered) -> None:
        LOG.info("notice %s: %s, attempt %d", notice.id, reason.code, notice.attempts)
        if not reason.alone:
            mail = notice.channel == "email"
            self._resting.add("email" if mail else notice.recipient)
        with self._database.writing(EVERYTHING) as session:
            if mark_failed(session, notice, reason.code, final=reason.final):
                now = self._clock()
                tell(session, _undelivered(notice, norwegian_date(now)), now)


def _undelivered(notice: Notice, day: date) -> Iterator[Telling]:
    """Yield what an organisation is told, once a day, when notices do not arrive.

    That this could not be told is told to nobody: it would have no end.
    """
    if notice.kind != UNDELIVERED:
        yield Telling(
            kind=UNDELIVERED,
            subject=notice.organisation,
            organisation=notice.organisation,
            figures={"day": str(day)},
            serial=str(day),
        )


def _clock(now: datetime) -> Callable[[], datetime]:
    """Return a clock that goes on from now: a lease counts from when its notice is taken."""
    began = monotonic()
    return lambda: now + timedelta(seconds=monotonic() - began)

"""An outbox of a small register, filled and emptied by tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import select

from api.notices.hooks import new_secret
from api.notices.sending import send
from api.settings import Settings
from models.database import Database
from models.scope import EVERYTHING
from models.store.notices import Telling, tell
from models.tables import Municipality, Notice, Unit, Webhook
from tests.api.served import ALTA, FINNMARK, NOW

UNIT = "hammerfest-medisin"

AT_ALTA, AT_UNIT = "alis@alta.example", "leder@hammerfest.example"

FIGURES = {
    "round": "2027-1",
    "start": "2027-08-01",
    "end": "2028-02-01",
    "answer_by": "2026-11-25",
    "candidate": "5601-somebody",
}


def offered(subject: str, **other: Any) -> Telling:
    """Return an offer to somebody of Alta, as its parties are told of it."""
    return Telling(
        **{
            "kind": "offer-made",
            "subject": subject,
            "organisation": FINNMARK,
            "municipality": ALTA,
            "unit": UNIT,
            "figures": FIGURES,
        }
        | other
    )


@dataclass
class Outbox:
    """An outbox and the time."""

    database: Database
    now: datetime = NOW
    settings: dict[str, Any] = field(default_factory=dict)

    def contacts(self, municipality: str | None = AT_ALTA, unit: str | None = AT_UNIT) -> None:
        with self.database.writing(EVERYTHING) as session:
            session.get_one(Municipality, ALTA).contact = municipality
            session.get_one(Unit, UNIT).contact = unit

    def webhook(self, url: str, id_: str = "1" * 32, **owner: Any) -> str:
        """Register a webhook, of the organisation unless said otherwise; return its secret."""
        secret = new_secret()
        owned = owner or {"organisation": FINNMARK}
        with self.database.writing(EVERYTHING) as session:
            session.add(
                Webhook(id=id_, url=url, secret=secret, made_at=NOW, made_by="test", **owned)
            )
        return secret

    def tell(self, *tellings: Telling) -> int:
        with self.database.writing(EVERYTHING) as session:
            return tell(session, tellings, self.now)

    def send(self, **forward: float) -> None:
        """Let time pass, and do the chore once."""
        self.now += timedelta(**forward)
        send(self.database, Settings(**self.settings), self.now)

    @property
    def notices(self) -> Sequence[Notice]:
        with self.database.reading(EVERYTHING) as session:
            return session.exec(select(Notice).order_by(Notice.key)).all()

    @property
    def states(self) -> list[tuple[str, str | None, int]]:
        """Return state, failure and attempts of each notice."""
        return [(each.state, each.failure, each.attempts) for each in self.notices]

"""Long lists in pages: rows by their key, from where the last page ended."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field
from sqlmodel import Session, col
from sqlmodel.sql.expression import SelectOfScalar

from api.web.bodies import invalid
from api.web.problems import Problem
from models.database import by_code_point, is_embedded
from scheduler.errors import Fault

Row = TypeVar("Row")
Item = TypeVar("Item", bound=BaseModel)

MAX_ITEMS = 200
_MAX_CURSOR = 400


class Page(BaseModel, Generic[Item]):
    """Part of a list, in the order of its ids."""

    items: list[Item] = Field(description="The items of this page.")
    next: str | None = Field(description="What to send as `cursor` for the next page, if any.")


class Paging(BaseModel):
    """Which part of a list is asked for."""

    limit: int = Field(default=50, ge=1, le=MAX_ITEMS, description="Most items of a page.")
    cursor: str | None = Field(
        default=None, max_length=_MAX_CURSOR, description="`next` of the page before."
    )

    def page(
        self,
        session: Session,
        rows: SelectOfScalar[Row],
        key: Any,
        item: Callable[[Row], Item],
    ) -> Page[Item]:
        """Return this page of `rows`, ordered by the text column `key`, alike everywhere."""
        ordered = by_code_point(col(key), embedded=is_embedded(session))
        if self.cursor is not None:
            rows = rows.where(ordered > _decoded(self.cursor))
        found = list(session.exec(rows.order_by(ordered).limit(self.limit + 1)))
        shown = found[: self.limit]
        more = len(found) > self.limit
        following = _encoded(getattr(shown[-1], key.key)) if more else None
        return Page[Item](items=[item(row) for row in shown], next=following)

    def cut(self, whole: Sequence[Row], item: Callable[[Row], Item]) -> Page[Item]:
        """Return this page of a list that is at hand, and always the same."""
        after = _number(self.cursor) if self.cursor is not None else 0
        end = after + self.limit
        following = _encoded(str(end)) if end < len(whole) else None
        return Page[Item](items=[item(row) for row in whole[after:end]], next=following)


Paged = Annotated[Paging, Query()]
"""The query parameters of a list."""


def _encoded(key: str) -> str:
    return urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _decoded(cursor: str) -> str:
    try:
        key = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        key = ""
    if _encoded(key) != cursor or "\x00" in key:
        raise _not_ours()
    return key


def _not_ours() -> Problem:
    return invalid([Fault("pattern", ("query", "cursor"))])


def _number(cursor: str) -> int:
    key = _decoded(cursor)
    if not (key.isascii() and key.isdecimal()):
        raise _not_ours()
    return int(key)

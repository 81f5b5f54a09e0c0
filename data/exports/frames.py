"""Tables of plain values: what the workbook's sheets and the CSV files are written from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Frame:
    """Records of one kind.

    Attributes
    ----------
    columns
        Their keys, words of the model.
    rows
        A value a column: whole numbers, dates, texts, true or false; None = missing.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    @property
    def records(self) -> list[dict[str, Any]]:
        """The rows, their values by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def dataframe(self) -> DataFrame:
        """Return the same for analysis; values stay what they are, dates as dates."""
        from pandas import DataFrame  # takes longer to load than a small round to plan

        return DataFrame(list(self.rows), columns=list(self.columns), dtype=object)


def framed(records: Iterable[Mapping[str, object]], columns: Sequence[str]) -> Frame:
    """Return these columns of records; what one leaves out is missing."""
    rows = (tuple(record.get(column) for column in columns) for record in records)
    return Frame(tuple(columns), tuple(rows))

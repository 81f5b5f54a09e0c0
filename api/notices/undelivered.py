"""Why a notice did not arrive."""

from __future__ import annotations


class Undelivered(Exception):
    """A notice did not arrive.

    Parameters
    ----------
    code
        A stable code.
    final
        Trying again is of no use.
    alone
        Only this notice is concerned: others to the same server may pass.
    """

    def __init__(self, code: str, *, final: bool = False, alone: bool = False) -> None:
        super().__init__(code)
        self.code, self.final, self.alone = code, final, final or alone

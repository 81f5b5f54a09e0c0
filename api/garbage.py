"""How often garbage is sought: seldom while a command loads, as usual in what goes on for long."""

from __future__ import annotations

import gc

USUAL = gc.get_threshold()
"""What Python was started with."""

FEW_OBJECTS = 200_000
"""So many new ones are not worth looking through for garbage: what is loaded stays."""


def seldom() -> None:
    """Let a short command end before it seeks any."""
    gc.set_threshold(FEW_OBJECTS)


def as_usual() -> None:
    """Seek it as often as Python does: what goes on for long makes some."""
    gc.set_threshold(*USUAL)

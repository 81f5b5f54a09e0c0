"""The environment, read here and nowhere else."""

from __future__ import annotations

import os


def wants_tracebacks() -> bool:
    """Tell whether ``ROTATIONS_DEBUG=1`` asks for tracebacks beside incident ids."""
    return os.environ.get("ROTATIONS_DEBUG") == "1"

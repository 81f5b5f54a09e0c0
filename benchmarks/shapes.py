"""How large rounds are, and into how many components they fall.

``python -m benchmarks.shapes [FAMILY …]`` prints a line an instance of the first seed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks.families import SUPPLIES, Instance
from scheduler.components import components
from scheduler.model import Model

ROUNDS = ("finnmark", "nord", "sorost", "national", "stress", "regions-16")


def main(families: Sequence[str]) -> None:
    """Print the sizes of rounds."""
    print("| round | supply | candidates | windows | options | rows | components | largest |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for family in families or ROUNDS:
        for supply in SUPPLIES:
            round_ = Instance(family, supply, 1).made()
            model = Model(round_)
            found = components(round_, model.options)
            largest = max(len({option.candidate for option in own}) for own in found)
            figures = (
                *(len(round_.candidates), len(round_.windows), len(model.options)),
                *(len(model.rows), len(found), largest),
            )
            told = " | ".join(f"{figure:,}" for figure in figures)
            print(f"| {family} | {supply} | {told} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

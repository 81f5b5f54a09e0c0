"""How large rounds are, and into how many parts they fall that share nothing.

``python -m benchmarks.shapes [FAMILY …]`` prints a line an instance of the first seed. A part keeps
together whoever could meet: a candidate and the windows of her options, windows of a unit with
supervised places, and candidates of a municipality. Its best plan does not depend on other parts.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

from benchmarks.families import SUPPLIES, Instance
from scheduler.model import Model

ROUNDS = ("finnmark", "nord", "sorost", "national", "stress", "regions-16")


def parts(model: Model) -> list[int]:
    """Return the number of candidates in each part, most first; those without options left out."""
    joined: dict[object, object] = {}

    def root(thing: object) -> object:
        while joined.setdefault(thing, thing) != thing:
            joined[thing] = joined[joined[thing]]
            thing = joined[thing]
        return thing

    round_ = model.round
    for option in model.admissible:
        home = round_.candidate[option.candidate].municipality
        for part in option.parts:
            limited = round_.unit[part.unit].supervised_places is not None
            place = ("unit", part.unit) if limited else ("window", part.window)
            joined[root(("candidate", option.candidate))] = root(("home", home))
            joined[root(place)] = root(("home", home))
    people = Counter(root(("candidate", candidate)) for candidate in model.of_candidate)
    return sorted(people.values(), reverse=True)


def main(families: Sequence[str]) -> None:
    """Print the sizes of rounds."""
    print("| round | supply | candidates | windows | options | rows | parts | largest |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for family in families or ROUNDS:
        for supply in SUPPLIES:
            round_ = Instance(family, supply, 1).made()
            model = Model(round_)
            found = parts(model)
            figures = (
                *(len(round_.candidates), len(round_.windows), len(model.options)),
                *(len(model.rows), len(found), found[0]),
            )
            told = " | ".join(f"{figure:,}" for figure in figures)
            print(f"| {family} | {supply} | {told} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

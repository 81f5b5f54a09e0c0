"""Reads stay quick while a plan is being made: a search has a process, and a core, of its own."""

from __future__ import annotations

from benchmarks.reads import compare

SLOWER = 8.0
"""Generous: other tests may share the machine, and its two cores are all in use."""


def test_reads_are_not_held_up_by_a_search() -> None:
    compared = compare("sorost", seconds=2.0, readers=2)
    print(compared)
    assert compared.idle.reads > 20
    assert compared.searching.reads > 20
    assert compared.searching.median < SLOWER * compared.idle.median + 20
    assert compared.searching.p99 < SLOWER * compared.idle.p99 + 250

"""Best plans of rounds where they are known: what flows of least cost say of them.

Nothing here is shared with the planner but the round: not its options, its rows or its solvers.
Each answer is the number of placements and the sum of their tickets in the first draw.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256

from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from scheduler.domain import Wish
from scheduler.rounds import Round

WEIGHTY = 1 << 30
"""What a placement counts beside its ticket: more than the tickets of 1,000 together."""

Answer = tuple[int, int]


def matched(round_: Round) -> Answer:
    """Return the best plan of a round of `matching`: a largest b-matching of highest tickets."""
    flow = SimpleMinCostFlow()
    source, sink = 0, 1
    node = {window.unit: n for n, window in enumerate(round_.windows, start=2)}
    at = {window.unit: window.id for window in round_.windows}
    for window in round_.windows:
        flow.add_arc_with_capacity_and_unit_cost(node[window.unit], sink, window.positions, 0)
    for number, candidate in enumerate(round_.candidates, start=2 + len(node)):
        flow.add_arc_with_capacity_and_unit_cost(source, number, 1, 0)
        for wish in candidate.wishes:
            won = _ticket(round_, candidate.id, at[wish.target], wish) + WEIGHTY
            flow.add_arc_with_capacity_and_unit_cost(number, node[wish.target], 1, -won)
    most = len(round_.candidates)
    flow.set_nodes_supplies([source, sink], [most, -most])
    return _answer(flow, flow.solve_max_flow_with_min_cost())


def coloured(round_: Round) -> Answer:
    """Return the best plan of a round of `colouring`.

    As many units as there are positions flow from month to month, each by nobody's stay, free of
    charge, or by that of a candidate.
    """
    flow = SimpleMinCostFlow()
    (window,) = round_.windows
    first = window.opens.year * 12 + window.opens.month
    last = window.closes.year * 12 + window.closes.month - first
    for month in range(last):
        flow.add_arc_with_capacity_and_unit_cost(month, month + 1, window.positions, 0)
    for candidate in round_.candidates:
        (wish,) = candidate.wishes
        start = wish.earliest.year * 12 + wish.earliest.month - first
        won = _ticket(round_, candidate.id, window.id, wish) + WEIGHTY
        flow.add_arc_with_capacity_and_unit_cost(start, start + candidate.months_needed, 1, -won)
    flow.set_nodes_supplies([0, last], [window.positions, -window.positions])
    return _answer(flow, flow.solve())


def most_overlapping(round_: Round) -> int:
    """Return how many a greedy places in a round of `colouring`: of too many, the last to end goes.

    That is the most there can be: whoever goes first makes least room.
    """
    (window,) = round_.windows
    stays = sorted((c.wishes[0].earliest, c.months_needed) for c in round_.candidates)
    active: list[int] = []
    placed = 0
    for start, months in stays:
        month = start.year * 12 + start.month
        active = [*(end for end in active if end > month), month + months]
        placed += 1
        if len(active) > window.positions:
            active.remove(max(active))
            placed -= 1
    return placed


def _answer(flow: SimpleMinCostFlow, status: SimpleMinCostFlow.Status) -> Answer:
    """Return placements and tickets: arcs of negative cost that carry something."""
    if status != SimpleMinCostFlow.Status.OPTIMAL:
        raise RuntimeError(f"the flow of least cost is {status}")
    won = [-flow.unit_cost(arc) * flow.flow(arc) for arc in range(flow.num_arcs())]
    placed = sum(each > 0 for each in won)
    return placed, sum(won) - placed * WEIGHTY


def _ticket(round_: Round, candidate: str, window: str, wish: Wish) -> int:
    """Return the ticket of a stay in the first draw (docs/model.md, 4.6)."""
    drawn = [round_.policy.lottery_seed, 0, candidate, window, str(wish.earliest)]
    text = json.dumps(drawn, separators=(",", ":"), ensure_ascii=False)
    return int(sha256(text.encode()).hexdigest()[:5], 16)


KNOWN: Mapping[str, Callable[[Round], Answer]] = {"matching": matched, "colouring": coloured}
"""What says what the best plan is, by family."""

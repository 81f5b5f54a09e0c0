"""What is called hopeless is hopeless, also where a change takes rows of PRIORITY away."""

from __future__ import annotations

import json

from data.documents import read_round
from scheduler.ceilings import Ceilings
from scheduler.changes import KINDS, Question
from scheduler.glop import Glop
from scheduler.model import Model
from scheduler.planner import plan_round
from scheduler.prospects import Prospects
from scheduler.rounds import Round
from tests.builders import (
    candidate,
    municipality,
    order,
    policy,
    round_doc,
    round_of,
    unit,
    window,
    wish,
)
from tests.small_rounds import small_round

DAY = {"earliest": "2027-08-01", "latest": "2027-08-01"}


def crowded() -> Round:
    """b may stand once h fills w, which a wants too; d and h cannot both be away."""
    nowhere = [wish("nowhere", **DAY), wish(**DAY)]
    return round_of(
        round_doc(
            policy=policy(tiers=["wish", "placed", "waiting"]),
            units=[unit(), unit("v", site="s2"), unit("nowhere", site="s3")],
            windows=[
                window(fte_percent=50, min_gp_months=6),
                window("w2", min_gp_months=18),
                window("w3", unit="v"),
            ],
            municipalities=[municipality(), municipality("k", max_away=1)],
            candidates=[
                candidate("a", months_needed=3, gp_months=12, wishes=nowhere),
                candidate(
                    "b", months_needed=3, gp_months=18, min_fte_percent=60, wishes=[wish(**DAY)]
                ),
                candidate("d", municipality="k", rounds_waited=1, wishes=[wish("v", **DAY)]),
                candidate("h", municipality="k", months_needed=3, wishes=[wish("t", **DAY)]),
            ],
            priorities=[order("a", "b"), order("d", "h", municipality="k")],
        )
    )


def test_whoever_fills_a_place_by_a_change_frees_those_below() -> None:
    round_ = crowded()
    plan = plan_round(round_)
    question = Question(Model(round_), plan, round_.candidate["h"], 1)
    changed = next(iter(KINDS["EXPERIENCE"](question))).round
    assert {p.candidate for p in plan.placements} == {"d"}
    assert {p.candidate for p in plan_round(changed).placements} == {"b", "h"}
    prospects = Prospects(Ceilings(round_, plan, Glop))
    assert not prospects.is_hopeless(changed, ["h"], "h", 1)


def test_what_a_plan_gives_does_not_lose_where_nothing_has_changed() -> None:
    """Whoever keeps a colleague out goes on doing so when her own options are priced anew."""
    round_ = read_round(json.dumps(small_round(900_796)).encode())
    plan = plan_round(round_)
    prospects = Prospects(Ceilings(round_, plan, Glop))
    who = round_.colleagues["m0"]
    further = prospects._further(round_, who)
    given = {(p.candidate, p.window, p.start) for p in plan.placements}
    own = [
        i
        for i, o in enumerate(further.options)
        if (o.candidate, o.parts[0].window, o.start) in given
    ]
    assert own
    for at in prospects._priced(further, {}):
        assert not any(at.decided.loses(at.with_option(i)) for i in own)

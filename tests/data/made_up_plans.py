"""Made-up rounds with plans written by hand, for the tests of what people get from a plan.

Every person, window and number is invented; the places are real.
"""

from __future__ import annotations

from datetime import date

from scheduler.dates import add_months
from scheduler.domain import (
    Agreement,
    Candidate,
    Commitment,
    Lead,
    Municipality,
    Policy,
    Priority,
    Unit,
    Window,
    Wish,
)
from scheduler.plans import Account, Engine, Placement, Plan, Reason, Status, TierResult
from scheduler.rounds import Round

ENGINE = Engine("0.1.0", "9.15.6755")
DECIDED = date(2027, 1, 15)

POLICY = Policy(
    name="finnmark",
    version=1,
    lead=Lead(minimum_months=6, target_months=9, counts_from="decision"),
    start_days=(1, 15),
    round_every_months=3,
    tiers=("kept", "deadline", "placed", "waiting", "rank", "wish", "spread", "lead", "start"),
    lottery_seed="2027-Q1",
)

UNITS = (
    ("hammerfest-medisin", "Avdeling for medisin", "hammerfest"),
    ("hammerfest-kirurgi", "Avdeling for kirurgi", "hammerfest"),
    ("hammerfest-barn", "Barneavdelingen med nyfødtintensiv og habilitering", "hammerfest"),
    ("hammerfest-gyn", "Føde- og gynekologisk avdeling", "hammerfest"),
    ("kirkenes-medisin", "Avdeling for medisin", "kirkenes"),
    ("kirkenes-kirurgi", "Ortopedi og kirurgi", "kirkenes"),
    ("kirkenes-psyk", "Psykiatrisk døgnavdeling", "kirkenes"),
    ("alta-dps", "DPS Vest-Finnmark", "alta"),
    ("alta-medisin", "Nevrologi og medisin", "alta"),
    ("alta-sami", "Sámi klinihkka – Áltá, Kárášjohka ja Guovdageaidnu", "alta"),
)

#: window, unit, opens, closes, positions
WINDOWS = (
    ("w1", "hammerfest-medisin", date(2027, 8, 1), date(2028, 8, 1), 2),
    ("w2", "hammerfest-kirurgi", date(2027, 9, 1), date(2028, 3, 1), 1),
    ("w3", "hammerfest-barn", date(2027, 8, 1), date(2028, 11, 1), 1),
    ("w4", "hammerfest-gyn", date(2027, 10, 15), date(2028, 9, 1), 1),
    ("w5", "kirkenes-medisin", date(2027, 8, 1), date(2028, 8, 1), 1),
    ("w6", "kirkenes-kirurgi", date(2028, 1, 1), date(2028, 7, 1), 3),
    ("w7", "kirkenes-psyk", date(2027, 3, 1), date(2028, 3, 1), 1),
    ("w8", "alta-dps", date(2027, 9, 1), date(2028, 9, 1), 1),
    ("w9", "alta-sami", date(2027, 8, 1), date(2028, 10, 15), 1),
)

MUNICIPALITIES = (
    ("5601", "Alta"),
    ("5603", "Hammerfest – Hámmerfeasta"),
    ("5607", "Vadsø"),
    ("5610", "Kárášjohka - Karasjok"),
    ("5622", "Porsanger - Porsáŋgu - Porsanki"),
)

#: candidate, made-up name, municipality, wished units in order
CANDIDATES = (
    ("c1", "Ánne Eksempel", "5601", ("hammerfest-medisin", "hammerfest-kirurgi")),
    ("c2", "Bjarne Oppdiktet", "5601", ("hammerfest-medisin", "finnmark")),
    ("c3", "Čahppe Påfunn", "5603", ("hammerfest-medisin",)),
    ("c4", "Dagny Tenkt", "5603", ("hammerfest-kirurgi", "hammerfest-gyn")),
    ("c5", "Eŋŋol Innbilt", "5603", ("hammerfest-barn", "hammerfest-gyn", "alta-dps")),
    ("c6", "Frøydis Fiktiv", "5607", ("kirkenes-medisin",)),
    ("c7", "Gáŧe Liksom", "5607", ("kirkenes-medisin", "kirkenes-kirurgi")),
    ("c8", "Hågen Tullesen", "5607", ("kirkenes-psyk",)),
    ("c9", "Iŧa Diktdatter", "5610", ("alta-sami", "alta")),
    ("c10", "Jon Ingensteds", "5610", ("alta-sami", "hammerfest-medisin", "finnmark")),
    ("c11", "Káre Ønskedrøm", "5622", ("alta-dps",)),
    ("c12", "Žárra Luftslott", "5622", ()),
)

REASONS = (
    Reason("NO_WISH"),
    Reason("NO_WINDOW", 1, {"target": "alta-medisin"}),
    Reason("OPENS_LATE", 1, {"window": "w3", "unit": "hammerfest-barn", "days": 1}),
    Reason("FIT", 1, {"window": "w2", "unit": "hammerfest-kirurgi", "days": 17}),
    Reason("NO_START_DAY", 1, {"window": "w2", "unit": "hammerfest-kirurgi"}),
    Reason(
        "LEAD",
        1,
        {"window": "w7", "unit": "kirkenes-psyk", "start": "2027-06-15"}
        | {"months": 5, "required": 6},
    ),
    Reason(
        "REGISTERED",
        1,
        {"window": "w8", "unit": "alta-dps", "start": "2027-09-01"}
        | {"registered_on": "2027-12-24"},
    ),
    Reason(
        "REGISTERED",
        1,
        {"window": "w8", "unit": "alta-dps", "start": "2027-09-01", "registered_on": None},
    ),
    Reason(
        "AGREEMENT",
        1,
        {"window": "w8", "unit": "alta-dps", "trust": "finnmark"}
        | {"start": "2027-09-01", "end": "2028-03-01"},
    ),
    Reason(
        "LIS1",
        1,
        {"window": "w8", "unit": "alta-dps", "start": "2027-09-01"}
        | {"lis1_completed_on": "2027-10-31"},
    ),
    Reason(
        "LIS1",
        1,
        {"window": "w8", "unit": "alta-dps", "start": "2027-09-01", "lis1_completed_on": None},
    ),
    Reason("SUPERVISOR", 1, {"window": "w8", "unit": "alta-dps"}),
    Reason("IN_PLAN", 1, {"window": "w8", "unit": "alta-dps"}),
    Reason("GOALS", 1, {"window": "w8", "unit": "alta-dps", "goals": ["ALM-055", "ALM-085"]}),
    Reason("EXPERIENCE", 1, {"window": "w8", "unit": "alta-dps", "months": 1, "required": 36}),
    Reason("FTE", 1, {"window": "w8", "unit": "alta-dps", "percent": 50, "required": 80}),
    Reason(
        "AVAILABLE",
        1,
        {"window": "w8", "unit": "alta-dps", "start": "2027-09-01", "end": "2028-03-01"},
    ),
    Reason("RELEASED", 1, {"window": "w8", "unit": "alta-dps", "release_on": "2027-01-01"}),
    Reason(
        "HELD",
        1,
        {"window": "w1", "unit": "hammerfest-medisin", "rule": "POSITIONS"}
        | {"colleagues": ["c1"], "others": 1},
    ),
    Reason(
        "HELD",
        1,
        {"window": "w1", "unit": "hammerfest-medisin", "rule": "SUPERVISED"}
        | {"colleagues": [], "others": 3},
    ),
    Reason(
        "HELD",
        1,
        {"window": "w1", "unit": "hammerfest-medisin", "rule": "AWAY"}
        | {"colleagues": ["c1", "c2"], "others": 0},
    ),
    Reason(
        "HELD",
        1,
        {"window": "w1", "unit": "hammerfest-medisin", "rule": "SUPERVISED"}
        | {"colleagues": [], "others": 0},
    ),
    Reason("PRIORITY", 1, {"window": "w5", "unit": "kirkenes-medisin", "colleagues": ["c6", "c7"]}),
    Reason(
        "TIER", 1, {"window": "w5", "unit": "kirkenes-medisin", "tier": "placed", "level": None}
    ),
    Reason("TIER", 1, {"window": "w5", "unit": "kirkenes-medisin", "tier": "rank", "level": 2}),
    Reason("TIER", 1, {"window": "w5", "unit": "kirkenes-medisin", "tier": "rank", "level": 5}),
    Reason("CHAIN", 1, {"window": "w5", "unit": "kirkenes-medisin"}),
    Reason("OPEN", 1, {"window": "w5", "unit": "kirkenes-medisin"}),
)
"""Every code of a reason, with every variant of its sentence."""

#: candidate, window, start, wish class
PLACED = (
    ("c1", "w1", date(2027, 8, 1), 1),
    ("c2", "w1", date(2027, 8, 15), 1),
    ("c3", "w1", date(2028, 2, 1), 1),
    ("c4", "w4", date(2027, 10, 15), 2),
    ("c5", "w8", date(2027, 9, 1), 3),
    ("c6", "w5", date(2027, 8, 1), 1),
    ("c7", "w6", date(2028, 1, 1), 2),
    ("c8", "w7", date(2027, 3, 1), None),
    ("c9", "w9", date(2027, 8, 1), 1),
)

TIERS = (
    TierResult("kept", None, 1, 1, True),
    TierResult("deadline", None, 1, 1, True),
    TierResult("placed", None, 8, 8, True),
    TierResult("waiting", None, 5, 5, True),
    TierResult("rank", 1, 4, 4, True),
    TierResult("rank", 2, 3, 3, True),
    TierResult("rank", 5, 0, 0, True),
    TierResult("wish", 3, 1, 1, True),
    TierResult("wish", 2, 3, 2, False),
    TierResult("spread", None, 4, 3, False),
    TierResult("lead", None, 2, 4, False),
    TierResult("start", None, 1214, 900, False),
    TierResult("lottery", None, 4183092, 6000000, False),
)


def small_round() -> Round:
    """A round of twelve candidates, ten units on three sites, one commitment of each state."""
    ids = [c for c, *_ in CANDIDATES]
    return Round(
        id="2027-Q1",
        name="Finnmark, vinteren 2027",
        decision_date=DECIDED,
        policy=POLICY,
        units=tuple(
            Unit(id=u, name=name, site=site, trust="finnmark", supervised_places=2)
            for u, name, site in UNITS
        ),
        windows=tuple(
            Window(id=w, unit=unit, opens=opens, closes=closes, positions=positions)
            for w, unit, opens, closes, positions in WINDOWS
        ),
        municipalities=tuple(
            Municipality(
                id=m,
                name=name,
                registered_on=date(2019, 3, 1),
                agreements=(Agreement(trust="finnmark", signed_on=date(2021, 5, 1)),),
            )
            for m, name in MUNICIPALITIES
        ),
        candidates=tuple(_candidate(*record) for record in CANDIDATES),
        priorities=tuple(
            Priority(municipality=m, order=tuple(c for c in ids if _home(c) == m))
            for m, _ in MUNICIPALITIES
        ),
        commitments=(
            Commitment(candidate="c8", window="w7", start=date(2027, 3, 1), state="accepted"),
            Commitment(candidate="c9", window="w9", start=date(2027, 8, 1), state="offered"),
        ),
    )


def small_plan(status: Status = Status.FEASIBLE, verified: bool = True) -> Plan:
    """A plan for `small_round` with every code of a reason."""
    round_ = small_round()
    return Plan(
        round_id=round_.id,
        round_hash=round_.hash,
        status=status,
        placements=tuple(sorted(_placement(round_, *record) for record in PLACED)),
        unplaced=(
            Account("c10", REASONS[1:]),
            Account(
                "c11",
                tuple(reason for reason in REASONS if reason.code in {"FIT", "HELD", "LEAD"}),
            ),
            Account("c12", REASONS[:1]),
        ),
        passed_over=(
            Account("c4", (REASONS[18],)),
            Account("c5", (REASONS[2], Reason("HELD", 2, dict(REASONS[19].figures)))),
            Account("c7", (REASONS[-2],)),
        ),
        tiers=TIERS,
        engine=ENGINE,
        verified=verified,
    )


def large_round(units: int = 100, placed: int = 300, left: int = 60) -> Round:
    """A round with `placed` + `left` candidates, three positions to a unit."""
    municipalities = 40
    candidates = tuple(
        Candidate(
            id=f"k{n:04}",
            name=f"Oppdiktet Person {n}",
            municipality=f"m{n % municipalities:02}",
            submitted_on=date(2026, 12, 1),
            has_supervisor=True,
            in_individual_plan=True,
            wishes=(
                Wish(
                    target=f"u{n % units:03}",
                    earliest=date(2027, 8 + n % 4, 1),
                    latest=date(2028, 6, 1),
                ),
            ),
        )
        for n in range(placed + left)
    )
    return Round(
        id="large",
        decision_date=DECIDED,
        policy=POLICY,
        units=tuple(
            Unit(id=f"u{n:03}", name=f"Avdeling {n}", site=f"sted-{n % 12:02}", trust="nord")
            for n in range(units)
        ),
        windows=tuple(
            Window(
                id=f"w{n:03}",
                unit=f"u{n:03}",
                opens=date(2027, 8, 1),
                closes=date(2029, 8, 1),
                positions=2,
            )
            for n in range(units)
        ),
        municipalities=tuple(
            Municipality(id=f"m{n:02}", name=f"Kommune {n}") for n in range(municipalities)
        ),
        candidates=candidates,
        priorities=tuple(
            Priority(
                municipality=f"m{m:02}",
                order=tuple(c.id for c in candidates if c.municipality == f"m{m:02}"),
            )
            for m in range(municipalities)
        ),
    )


def large_plan(round_: Round, placed: int = 300) -> Plan:
    """A plan that seats the first `placed` candidates, one after the other in each window."""
    starts = (date(2027, 8, 1), date(2027, 8, 15), date(2028, 4, 1))
    count = len(round_.units)
    placements = tuple(
        _placement(round_, c.id, f"w{n % count:03}", starts[n // count], 1 + n % 3)
        for n, c in enumerate(round_.candidates[:placed])
    )
    figures = {"rule": "POSITIONS", "colleagues": [], "others": 2}
    return Plan(
        round_id=round_.id,
        round_hash=round_.hash,
        status=Status.OPTIMAL,
        placements=placements,
        unplaced=tuple(
            Account(
                c.id,
                tuple(
                    Reason("HELD", 1, figures | {"window": f"w{n:03}", "unit": f"u{n:03}"})
                    for n in range(12)
                ),
            )
            for c in round_.candidates[placed:]
        ),
        passed_over=(),
        tiers=(TierResult("placed", None, placed, placed, True),),
        engine=ENGINE,
        verified=True,
    )


def _candidate(ident: str, name: str, municipality: str, targets: tuple[str, ...]) -> Candidate:
    return Candidate(
        id=ident,
        name=name,
        municipality=municipality,
        submitted_on=date(2026, 12, 1),
        has_supervisor=True,
        in_individual_plan=True,
        lis1_completed_on=date(2024, 8, 31),
        complete_by=date(2028, 2, 1) if ident in {"c1", "c8", "c11"} else None,
        rounds_waited=1,
        wishes=tuple(
            Wish(target=target, earliest=date(2027, 8, 1), latest=date(2028, 3, 1))
            for target in targets
        ),
    )


def _home(candidate: str) -> str:
    return next(m for c, _, m, _ in CANDIDATES if c == candidate)


def _placement(
    round_: Round, candidate: str, window: str, start: date, wish_class: int | None
) -> Placement:
    end = add_months(start, round_.candidate[candidate].months_needed)
    assert end is not None
    return Placement(candidate, window, round_.window[window].unit, start, end, wish_class)

"""The pages of docs/ say what the code does: tables are made, examples run, names are all there.

``python -m tests.test_docs`` writes the generated tables anew.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from api.rights import RIGHTS
from api.web.problems import STATUS
from data.costs import read_costs
from data.documents import read_plan, read_round, write_plan
from data.exports.plan_csv import csv
from data.exports.tables import TABLES
from data.files import load_round
from data.forecasts import read_forecast
from data.forms.layout import Column, sheets
from data.forms.refusals import _CODES as FORM_CODES
from data.forms.schema import (
    costs_schema,
    forecast_schema,
    plan_schema,
    round_schema,
    scenario_schema,
)
from data.sentences import catalogue
from data.synthetic import generate
from models.tables.access import ROLES
from scheduler.admission import ADMISSION
from scheduler.asking import Asking
from scheduler.cpsat import CpSat
from scheduler.domain import TIERS
from scheduler.errors import RefusedRound
from scheduler.forecast import forecast
from scheduler.planner import plan_round
from scheduler.plans import Plan
from scheduler.rounds import Round
from scheduler.rules import RULES
from scheduler.seats import NEAREST_FIRST
from scheduler.verify import verify_document
from tests.small_rounds import small_round

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MODEL, FORMATS, SERVICE = DOCS / "model.md", DOCS / "formats.md", DOCS / "service.md"
CAPACITY = DOCS / "capacity.md"
DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md"]
SAMPLE = ROOT / "data" / "samples" / "finnmark" / "round.json"

Schema = Mapping[str, Any]
Rows = Sequence[tuple[str, ...]]

IDS = {"id", "unit", "site", "trust", "municipality", "candidate", "window", "target", "code"}
"""Fields that hold an id; `learning_goals` and `order` are lists of them."""


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


# -- what is generated ---------------------------------------------------------------------------


def table(headings: tuple[str, ...], rows: Rows) -> str:
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "\n".join("| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in lines)


def resolved(schema: Schema, root: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return found


def something(schema: Schema) -> Schema:
    """Take null away from what may be null."""
    choices = (choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null")
    return next(choices, schema)


def form(name: str, schema: Schema, root: Schema) -> str:
    """Say in words what a field of a document holds."""
    schema = resolved(schema, root)
    if "anyOf" in schema:
        return " or ".join(form(name, choice, root) for choice in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        words = schema.get("enum") or [schema["const"]]
        return ("one of " if len(words) > 1 else "") + ", ".join(f"`{word}`" for word in words)
    if schema["type"] == "array":
        single = "learning_goals" if name == "learning_goals" else name
        item = form("id" if single in ("learning_goals", "order") else "", schema["items"], root)
        return f"list of {item}" + (", without repeats" if schema.get("uniqueItems") else "")
    return simple(name, schema)


def simple(name: str, schema: Schema) -> str:
    kind = schema["type"]
    if kind == "integer":
        return f"whole number {schema['minimum']} to {schema['maximum']}"
    if kind == "string" and schema.get("format") != "date":
        return "id" if name in IDS else "text, not empty" if "minLength" in schema else "text"
    words = {"boolean": "true or false", "null": "null", "string": "date"}
    return words.get(kind, "object, see below")


def absence(name: str, field: Schema, record: Schema, claims: bool) -> str:
    if name in record.get("required", ()):
        return "required"
    if claims:
        return "nothing is claimed"
    if "additionalProperties" in field:
        return "`{}`"
    return f"`{json.dumps(field['default'])}`"


def records(schema: Schema, root: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Yield every record of a document with its path, outermost first."""
    yield path, schema
    for name, field in schema["properties"].items():
        inner, where = resolved(something(field), root), f"{path}.{name}".strip(".")
        if inner.get("type") == "array":
            inner, where = resolved(inner["items"], root), where + "[]"
        if isinstance(entry := inner.get("additionalProperties"), dict) and "$ref" in entry:
            inner, where = resolved(entry, root), where + ".<trust>"
        if "properties" in inner:
            yield from records(inner, root, where)


def field_tables(root: Schema, claims: bool) -> str:
    """Lay out every field of a document, record by record."""
    parts = []
    for path, record in records(root, root):
        rows = [
            (
                f"`{name}`",
                form(name, field, root),
                absence(name, field, record, claims),
                field.get("description") or resolved(field, root)["description"],
            )
            for name, field in record["properties"].items()
        ]
        title = f"`{path}`: {record['description']}" if path else "The document:"
        parts.append(title + "\n\n" + table(("field", "form", "if absent", "meaning"), rows))
    return "\n\n".join(parts)


def holds(column: Column) -> str:
    """Say in words what a cell of a column holds."""
    words = column.schema.get("enum") or [column.schema.get("const")]
    said = column.kind.value
    if words != [None]:
        said = ("one of " if len(words) > 1 else "") + ", ".join(f"`{word}`" for word in words)
    if "minimum" in column.schema:
        said += f" {column.schema['minimum']} to {column.schema['maximum']}"
    return f"list: {said}" if column.many else said


def sheet_tables() -> str:
    """Lay out every sheet of a round, column by column."""
    said, parts = catalogue("en"), []
    for sheet in sheets().values():
        rows = [
            (f"`{c.name}`", holds(c), said[f"columns.{sheet.name}.{c.name}"]) for c in sheet.columns
        ]
        heading = f"### `{sheet.name}`\n\n{said[f'columns.{sheet.name}']}"
        parts.append(heading + "\n\n" + table(("column", "holds", "meaning"), rows))
    return "\n\n".join(parts)


def fault_tables() -> str:
    """Lay out every fault code, in the groups of the catalogue."""
    lines = text(ROOT / "data" / "texts" / "en" / "faults.toml").splitlines()
    groups: dict[str, list[tuple[str, ...]]] = {}
    for line in lines:
        if line.startswith("#"):
            group = line.strip("# ").rstrip(".")
        elif " = " in line and not line.startswith("place-"):
            code, _, said = line.partition(" = ")
            meaning = re.sub(r"\{(\w+):\w+\|(\w+)\}", r"{\1} \2", said.strip().strip('"'))
            groups.setdefault(group, []).append((f"`{code}`", meaning))
    parts = [f"**{g}**\n\n" + table(("code", "meaning"), rows) for g, rows in groups.items()]
    return "\n\n".join(parts)


def rights_table() -> str:
    """Lay out the table of rights, roles across."""
    rows = [
        (f"`{operation}`", *("●" if role in roles else "" for role in ROLES))
        for operation, roles in RIGHTS.items()
    ]
    return table(("operation", *(role.replace("_", " ") for role in ROLES)), rows)


def problem_table() -> str:
    """Lay out every problem with its status."""
    titles = catalogue("en")
    rows = [
        (
            f"`{code}`",
            str(status),
            re.sub(r"\{(\w+):\w+\|(\w+)\}", r"{\1} \2", titles[f"problems.{code}"]),
        )
        for code, status in STATUS.items()
    ]
    return table(("code", "status", "title"), rows)


GENERATED = {
    (MODEL, "fields of a round"): lambda: field_tables(round_schema(), claims=False),
    (MODEL, "fields of a plan"): lambda: field_tables(plan_schema(), claims=True),
    (FORMATS, "sheets"): sheet_tables,
    (FORMATS, "faults"): fault_tables,
    (CAPACITY, "fields of costs"): lambda: field_tables(costs_schema(), claims=False),
    (CAPACITY, "fields of a forecast"): lambda: field_tables(forecast_schema(), claims=False),
    (FORMATS, "fields of a scenario"): lambda: field_tables(scenario_schema(), claims=False),
    (SERVICE, "rights"): rights_table,
    (SERVICE, "problems"): problem_table,
}


def block(page: Path, name: str) -> re.Match[str]:
    found = re.search(
        rf"(?<=<!-- generated: {name} -->\n\n)(.*?)(?=\n\n<!-- end -->)", text(page), re.DOTALL
    )
    assert found is not None, f"{page.name} lacks the block {name!r}"
    return found


def rewrite() -> None:
    """Write every generated table anew."""
    for (page, name), content in GENERATED.items():
        found = block(page, name)
        whole = text(page)
        page.write_text(whole[: found.start()] + content() + whole[found.end() :], "utf-8")


@pytest.mark.parametrize(("page", "name"), GENERATED)
def test_generated_tables_are_up_to_date(page: Path, name: str) -> None:
    assert block(page, name).group() == GENERATED[page, name](), "run python -m tests.test_docs"


# -- what must be named --------------------------------------------------------------------------


def section(page: Path, number: str) -> str:
    found = re.search(rf"^## {number}\. .*?(?=^## |\Z)", text(page), re.DOTALL | re.MULTILINE)
    assert found is not None, f"{page.name} lacks section {number}"
    return found.group()


def row(content: str, name: str) -> list[str]:
    """Return the cells of the table row that begins with a name."""
    found = re.search(rf"^\| `?{re.escape(name)}`? \|(.*)\|$", content, re.MULTILINE)
    assert found is not None, f"no row for {name}"
    return [cell.strip() for cell in found.group(1).split(" | ")]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_stands_in_its_section_with_its_source(rule: Any) -> None:
    cells = row(section(MODEL, "2" if rule.stage == "admission" else "3"), rule.name)
    assert cells[-1] == rule.source


@pytest.mark.parametrize("tier", TIERS)
def test_every_tier_says_its_sense(tier: str) -> None:
    sense, _ = row(section(MODEL, "4"), tier)
    assert ("minimise" in sense) == (tier in {"wish", "spread", "start"})
    assert ("maximise" in sense) != ("minimise" in sense)


def test_rules_are_numbered_without_gap() -> None:
    for page, number in (*((MODEL, n) for n in "1234567"), *((CAPACITY, n) for n in "12345")):
        said = re.findall(rf"^\*\*{number}\.(\d+)\*\*", section(page, number), re.MULTILINE)
        assert [int(n) for n in said] == [*range(1, len(said) + 1)]
        assert len(said) > 1


def fault_codes() -> set[str]:
    """Codes that the catalogue words, and that the source raises."""
    codes = {key.partition(".")[2] for key in catalogue("en") if key.startswith("faults.")}
    raised = re.compile(r'(?:Fault|Archive|_refuse|_refusal|_say)\("([a-z]+(?:-[a-z0-9]+)*)"')
    for package in ("scheduler", "data"):
        for path in (ROOT / package).rglob("*.py"):
            codes |= set(raised.findall(text(path)))
    return {code for code in codes | set(FORM_CODES.values()) if not code.startswith("place-")}


def test_every_fault_code_has_its_row() -> None:
    codes = fault_codes()
    assert len(codes) > 60
    for code in codes:
        row(section(FORMATS, "7"), code)


@pytest.mark.parametrize("name", TABLES)
def test_every_sheet_of_a_plans_workbook_has_its_row(name: str) -> None:
    round_, plan = example()
    (columns,) = row(section(FORMATS, "6"), name)
    found = [*TABLES[name](round_, plan, "en").columns]
    assert re.findall(r"`(\w+)`", columns) == found


def test_the_columns_of_a_plans_csv_are_all_named() -> None:
    round_, plan = example()
    heading = csv(round_, plan).decode("utf-8-sig").splitlines()[0]
    assert f"`{heading}`" in text(FORMATS)


def reason_codes() -> set[str]:
    words = (key.partition(".")[2] for key in catalogue("en") if key.startswith("reasons."))
    return {key.partition("-")[0] for key in words if key.partition("-")[0].isupper()}


def test_every_reason_has_its_row() -> None:
    assert reason_codes() == {*ADMISSION, *NEAREST_FIRST, *SAID_BEFORE} - {"WISH"}
    for code in reason_codes():
        row(section(MODEL, "5"), code)


SAID_BEFORE = {"NO_WISH", "NO_WINDOW", "OPENS_LATE", "FIT", "NO_START_DAY", "PART"}


def test_reasons_have_the_figures_of_the_page() -> None:
    seen: set[str] = set()
    for plan in plans_with_reasons():
        for account in (*plan.unplaced, *plan.passed_over):
            for reason in account.reasons:
                seen.add(reason.code)
                figures = set(re.findall(r"`(\w+)`", row(section(MODEL, "5"), reason.code)[1]))
                assert set(reason.figures) == figures, reason.code
    assert len(seen) >= 18, sorted(seen)


def plans_with_reasons() -> Iterator[Plan]:
    yield plan_round(load_round(SAMPLE))
    yield plan_round(generate("finnmark", 1))
    for seed in range(150):
        try:
            yield plan_round(read_round(json.dumps(small_round(seed)).encode()))
        except RefusedRound:
            continue


# -- what must run -------------------------------------------------------------------------------


def code_block(name: str, page: Path = MODEL) -> Any:
    """Return what the JSON block of a page below a comment with this name holds."""
    found = re.search(rf"<!-- {re.escape(name)} -->\n```json\n(.*?)```", text(page), re.DOTALL)
    assert found is not None, name
    return json.loads(found.group(1))


def round_of(document: Any) -> Round:
    return read_round(json.dumps(document).encode())


@cache
def example() -> tuple[Round, Plan]:
    round_ = round_of(code_block("round.json"))
    return round_, plan_round(round_)


def test_the_documents_of_the_capacity_page_are_read_and_answered() -> None:
    round_ = round_of(code_block("round.json"))
    costs = read_costs(json.dumps(code_block("costs.json", CAPACITY)).encode(), round_)
    assert costs == {"hammerfest-medisin": 1, "kirkenes-kirurgi": 3}
    years = read_forecast(json.dumps(code_block("forecast.json", CAPACITY)).encode(), round_)
    found = forecast(round_, years, Asking(new_solver=CpSat))
    assert found.complete
    few, many = found.scenarios
    assert few.enough_in == many.enough_in == 3
    assert few.provided is not None
    assert many.provided is not None
    assert few.provided.cost < many.provided.cost


def without_engine(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "engine"}


def test_the_round_of_the_page_is_planned_as_it_says() -> None:
    round_, plan = example()
    shown = code_block("plan.json")
    assert without_engine(shown) == without_engine(plan.document)
    assert verify_document(round_, read_plan(json.dumps(shown).encode())).kept


def test_the_round_of_the_page_shows_every_field() -> None:
    def keys(value: Any) -> set[str]:
        if isinstance(value, dict):
            return set(value).union(*map(keys, value.values()))
        return set().union(*map(keys, value)) if isinstance(value, list) else set()

    fields = {name for _, record in records(round_schema(), round_schema())
              for name in record["properties"]}  # fmt: skip
    assert fields <= keys(code_block("round.json")) | keys(code_block("parts.json"))


def filled(value: Any, schema: Schema) -> Any:
    """Fill in every default of a round document, as the page says."""
    schema = resolved(schema, round_schema())
    for choice in schema.get("anyOf", ()):
        if value is not None and choice.get("type") != "null":
            return filled(value, choice)
    if isinstance(value, list):
        return [filled(item, schema["items"]) for item in value]
    if not isinstance(value, dict):
        return value
    if "additionalProperties" in schema and isinstance(schema["additionalProperties"], dict):
        return {key: filled(item, schema["additionalProperties"]) for key, item in value.items()}
    fields = schema["properties"]
    return {
        name: filled(value[name], field) if name in value else field.get("default", {})
        for name, field in fields.items()
    }


def canonical(value: Any, key: str = "") -> Any:
    """Canonical documents and JSON as the page defines them, written without the project's code."""
    if isinstance(value, dict):
        return {k: canonical(v, k) for k, v in value.items() if k != "name" or key == "policy"}
    if not isinstance(value, list):
        return value
    items = [canonical(item, "order" if isinstance(item, list) else "") for item in value]
    return items if key in {"wishes", "order", "tiers"} else sorted(items, key=canonical_json)


def canonical_json(value: Any) -> bytes:
    said = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return normalize("NFC", said).encode()


def test_both_hashes_can_be_computed_from_the_page() -> None:
    round_doc, plan = filled(code_block("round.json"), round_schema()), code_block("plan.json")
    for record, key in (
        (round_doc["policy"], "parts"),
        *((c, "months") for c in round_doc["commitments"]),
    ):
        assert record.pop(key) is None
    content = {k: v for k, v in plan.items() if k not in {"engine", "plan_hash"}}
    for document, said in ((round_doc, plan["round_hash"]), (content, plan["plan_hash"])):
        assert "sha256:" + sha256(canonical_json(canonical(document))).hexdigest() == said


def test_another_engine_has_the_same_plan_hash() -> None:
    round_, plan = example()
    other = plan.document | {"engine": {"version": "9.9.9", "ortools": "none"}}
    assert verify_document(round_, other).kept
    assert read_plan(write_plan(plan))["plan_hash"] == plan.hash


def test_a_hand_made_plan_of_the_page_is_accepted() -> None:
    plan = read_plan(json.dumps(code_block("by-hand.json")).encode())
    assert verify_document(example()[0], plan).kept


def test_the_ticket_of_the_page_is_drawn_as_it_says() -> None:
    line = re.search(
        r"`(\[\"2027-Q1\",0,.*?\])`.*?`([0-9a-f]{5})….*?(\d{6,7})", text(MODEL), re.DOTALL
    )
    assert line is not None
    drawn = sha256(line[1].encode()).hexdigest()
    assert (drawn[:5], int(drawn[:5], 16)) == (line[2], int(line[3]))


def places(document: Any) -> dict[str, str]:
    return {p.candidate: p.window for p in plan_round(round_of(document)).placements}


def test_the_twelve_month_position_is_planned_as_the_page_says() -> None:
    document = code_block("twelve-months.json")
    assert set(places(document)) == {"B", "C"}
    document["policy"]["tiers"] = ["rank", "placed"]
    assert set(places(document)) == {"A"}


def test_the_second_position_costs_a_placement_as_the_page_says() -> None:
    document = code_block("second-position.json")
    assert places(document) == {"a": "w3", "b": "w2", "d": "w1"}
    document["windows"][0]["positions"] = 2
    assert places(document) == {"a": "w1", "d": "w1"}
    document["policy"]["priority"] = "advisory"
    assert places(document) == {"a": "w3", "b": "w2", "d": "w1"}


def test_a_stay_in_parts_is_planned_as_the_page_says() -> None:
    document = code_block("parts.json")
    round_, plan = round_of(document), plan_round(round_of(document))
    seats = [(p.window, str(p.start), p.months, p.wish_class) for p in plan.placements]
    assert seats == [("w1", "2027-08-01", 3, 2), ("w2", "2028-01-01", 3, 2)]
    hashed = filled(document, round_schema())
    hashed["policy"]["tiers"].append("lottery")
    said = canonical_json(canonical(hashed))
    assert round_.hash == "sha256:" + sha256(said).hexdigest()
    for name, value in (("longest_gap_months", 1), ("divisions", [[2, 4]])):
        parts = document["policy"]["parts"] | {name: value}
        assert not places(document | {"policy": document["policy"] | {"parts": parts}})
    assert not places(document | {"policy": document["policy"] | {"parts": None}})


# -- what must lead somewhere --------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text(page)):
        path, _, anchor = target.partition("#")
        assert (page.parent / path).exists(), target
        if anchor:
            headings = re.findall(
                r"^#+ (.*)$", text(page.parent / path if path else page), re.MULTILINE
            )
            assert anchor in {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}


def test_decisions_are_numbered_and_listed() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == [*range(1, len(DECISIONS) + 1)]
    listed = text(DOCS / "decisions" / "README.md")
    for page in DECISIONS:
        assert f"]({page.name})" in listed


@cache
def known_tests() -> set[str]:
    files = (ROOT / "tests").rglob("test_*.py")
    trees = (ast.parse(text(path)) for path in files)
    return {n.name for tree in trees for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name[:4])
def test_a_decision_has_its_parts_and_what_it_names_is_there(page: Path) -> None:
    content = text(page)
    headings = re.findall(r"^## (.*)$", content, re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences", "Held by"]
    assert re.search(r"^## Decision\n\n> ", content, re.MULTILINE)
    assert content.startswith(f"# {page.name[:4]} ")
    for name in re.findall(r"`(test_\w+)`", content):
        assert name in known_tests(), name
    contracts = text(ROOT / "pyproject.toml")
    for name in re.findall(r"contract `([\w-]+)`", content):
        assert f'id = "{name}"' in contracts


if __name__ == "__main__":
    rewrite()

"""JSON Schema (draft 2020-12) of the documents, generated from the forms.

The files in ``data/schemas`` are what the functions here return, for tools that read no Python.
"""

from __future__ import annotations

import json
from typing import Any

from data.forms.costs import CostsForm
from data.forms.fields import Form
from data.forms.forecasts import ForecastForm
from data.forms.plans import PlanForm
from data.forms.rounds import RoundForm
from data.forms.scenarios import ScenarioForm

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def round_schema() -> dict[str, Any]:
    """Return the schema of ``rotations/round@1``."""
    return _schema(RoundForm, "urn:rotations:round:1")


def plan_schema() -> dict[str, Any]:
    """Return the schema of ``rotations/plan@1``."""
    return _schema(PlanForm, "urn:rotations:plan:1")


def scenario_schema() -> dict[str, Any]:
    """Return the schema of ``rotations/scenario@1``."""
    return _schema(ScenarioForm, "urn:rotations:scenario:1")


def costs_schema() -> dict[str, Any]:
    """Return the schema of ``rotations/costs@1``."""
    return _schema(CostsForm, "urn:rotations:costs:1")


def forecast_schema() -> dict[str, Any]:
    """Return the schema of ``rotations/forecast@1``."""
    return _schema(ForecastForm, "urn:rotations:forecast:1")


def schema_text(schema: dict[str, Any]) -> str:
    """Return a schema as the text of its shipped file."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _schema(form: type[Form], name: str) -> dict[str, Any]:
    return {"$schema": DIALECT, "$id": name, **form.model_json_schema()}

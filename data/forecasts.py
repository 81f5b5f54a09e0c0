"""Forecasts as JSON."""

from __future__ import annotations

from pathlib import Path

from data.files import document_in
from data.forms.forecasts import ForecastForm, IntakeForm
from data.forms.json_text import Unreadable
from data.forms.strict import fit, strictly
from scheduler.demand import Assumptions, Intake
from scheduler.errors import InvalidForecast
from scheduler.rounds import Round


def read_forecast(content: bytes, round_: Round) -> Assumptions:
    """Return what a document ``rotations/forecast@1`` assumes of the years after a round.

    Parameters
    ----------
    content
        JSON in UTF-8, with or without a byte order mark.

    Raises
    ------
    InvalidForecast
        With every fault of form, and everything that the round does not have.
    """
    form, faults = strictly(content, ForecastForm)
    if form is not None:
        faults += form.faults(round_)
    if form is None or faults:
        raise InvalidForecast(fit(faults, ForecastForm))
    return assumptions(form, round_)


def assumptions(form: ForecastForm, round_: Round) -> Assumptions:
    """Return what a form without faults assumes of the years after a round."""
    own = {each.unit: each.cost for each in form.costs}
    return Assumptions(
        years=form.years,
        wait_months=form.wait_months,
        seed=form.seed,
        draws=form.draws,
        enough_percent=form.enough_percent,
        rolled=form.rolled,
        intakes=tuple(sorted(map(_intake, form.scenarios), key=lambda intake: intake.name)),
        vacancies={each.unit: each.a_year for each in form.vacancies},
        wishes=tuple(sorted((each.target, each.weight) for each in form.wishes)),
        costs=dict.fromkeys(round_.unit, form.default_cost) | own,
    )


def load_forecast(path: Path, round_: Round) -> Assumptions:
    """Return what the document in a file assumes of the years after a round.

    Raises
    ------
    InvalidForecast
        With every fault; also where there is no such file, or none that can be read.
    """
    try:
        content = document_in(path)
    except Unreadable as error:
        raise InvalidForecast((error.fault,)) from None
    return read_forecast(content, round_)


def _intake(form: IntakeForm) -> Intake:
    if form.a_year is not None:
        return Intake(form.name, {None: tuple(form.a_year)})
    own = sorted(form.municipalities, key=lambda each: each.municipality)
    return Intake(form.name, {each.municipality: tuple(each.a_year) for each in own})

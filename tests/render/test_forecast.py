"""How the forecast is drawn."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from crmctl.domain.forecast.calendar import calendar
from crmctl.domain.forecast.lines import ForecastLine
from crmctl.domain.forecast.sums import DealGroup
from crmctl.domain.kinds import ForecastCategory, Period
from crmctl.models.pipelines import Pipeline
from crmctl.render.forecast import view
from crmctl.services.forecasting.forecast import Forecast, ForecastRow, Section
from tests.render import golden

TODAY = date(2026, 3, 14)


def _line(scale: str) -> ForecastLine:
    line = ForecastLine()
    amount = Decimal("1234.5678") * Decimal(scale)
    one = DealGroup(currency="EUR", count=1, priced=1, amount=amount)
    two = replace(one, count=2, probability=Decimal("0.3333"))
    for category in (ForecastCategory.COMMIT, ForecastCategory.BEST_CASE):
        line.add(replace(two, category=category))
    line.add(one)
    line.add(replace(one, won=True))
    return line


def _row(kind: str, label: str, line: ForecastLine, day: date | None = None) -> ForecastRow:
    key = label if day else None
    return ForecastRow(kind=kind, label=label, key=key, first=day, last=day, line=line)


def _rows(by: Period, *labels: str, scale: str) -> list[ForecastRow]:
    return [_row(by, label, _line(scale), TODAY) for label in labels] + [
        _row("overdue", "overdue", _line(scale)),
        _row("undated", "undated", ForecastLine()),
    ]


def _forecast(*scales: str, by: Period = Period.OWNER) -> Forecast:
    names = (
        "Ann Berg",
        "株式会社サンプル商事ホールディングス",
        "👩‍👩‍👧 \x1b[2J [red]R[/]",
        "no owner",
    )
    sections = [
        Section(code, _rows(by, *names, scale=scale), _line(scale))
        for code, scale in zip(("EUR", "JPY", "USD"), scales, strict=False)
    ]
    at = datetime(2026, 3, 14, 9, tzinfo=UTC)
    days = calendar(by, TODAY)
    return Forecast(
        at=at, zone="Europe/Berlin", by=by, calendar=days, fiscal_month=4, pipeline=None,
        sections=sections, omitted=2, before=1, after=12,
    )  # fmt: skip


def _drawn(forecast: Forecast, width: int) -> str:
    file = StringIO()
    console = Console(file=file, width=width, markup=False, highlight=False, emoji=False)
    console.print(view(forecast, width).draw())
    return file.getvalue()


@pytest.mark.parametrize("width", [80, 120, 200])
def test_a_forecast_fits_its_width(width: int) -> None:
    text = _drawn(_forecast("1", "12345", "98765432"), width)
    assert golden.widest(text) <= width
    assert "\x1b" not in text
    golden.check(f"forecast-{width}.txt", text)


@pytest.mark.parametrize("width", [60, 72, 80, 81, 100, 132])
@pytest.mark.parametrize("scale", ["0.001", "1", "999", "99999", "9999999", "81000000000"])
def test_amounts_of_any_size_fit_and_are_never_cut(width: int, scale: str) -> None:
    text = _drawn(_forecast(scale), width)
    assert golden.widest(text) <= width
    amounts = text.split("EUR")[1].split("---")[0].splitlines()[2:]
    assert all("…" not in line[30:] for line in amounts)


def test_the_unit_is_said_where_amounts_are_not_in_full() -> None:
    assert "\nEUR\n" in _drawn(_forecast("1"), 80)
    assert "\nEUR, whole units\n" in _drawn(_forecast("1234"), 80)
    assert "\nEUR, thousands\n" in _drawn(_forecast("12345"), 80)


def test_the_pipeline_stands_in_the_heading_and_is_cut_with_an_ellipsis() -> None:
    named: dict[str, Any] = {"key": "long", "label": "販" * 60}
    text = _drawn(replace(_forecast("1"), pipeline=Pipeline(**named)), 80)
    assert golden.widest(text) <= 80
    assert text.splitlines()[0].endswith("…")


def test_what_was_not_counted_is_said_with_the_reason() -> None:
    text = " ".join(_drawn(_forecast("1"), 80).split())
    for said in (
        "12 deals expected to close after 2026-08-31: not counted.",
        "1 deal expected to close before 2026-03-01: not counted.",
        "2 deals in forecast category omitted: not counted.",
        "2 deals without an amount: counted, adding nothing.",
        "1 deal without a probability: not in weighted.",
    ):
        assert said in text


def test_the_fiscal_year_is_explained_by_quarter() -> None:
    said = "The fiscal year begins in month 4 and is named for the year in which it ends."
    assert said in " ".join(_drawn(_forecast("1", by=Period.QUARTER), 80).split())


def test_the_document_is_pinned() -> None:
    document = view(_forecast("1"), 80).document
    notes = document.pop("notes")
    assert len(notes) == 8
    rows = document.pop("rows")
    numbers = {
        "deals": 6,
        "won": "1234.5678",
        "commit": "1234.5678",
        "best_case": "1234.5678",
        "pipeline": "1234.5678",
        "weighted": "822.96289548",
        "expected": "2057.53069548",
        "without_amount": 2,
        "without_probability": 1,
    }
    about = {"kind": "owner", "label": "Ann Berg", "key": "Ann Berg"}
    days = {"from": "2026-03-14", "to": "2026-03-14"}
    assert rows[0] == {**about, **days, "currency": "EUR", **numbers}
    assert list(rows[0]) == [*about, *days, "currency", *numbers]
    assert rows[-1]["kind"] == "undated"
    assert rows[-1]["won"] == "0.00"
    assert document == {
        "at": "2026-03-14T09:00:00Z",
        "timezone": "Europe/Berlin",
        "by": "owner",
        "from": "2026-03-01",
        "to": "2026-08-31",
        "today": "2026-03-14",
        "fiscal_month": 4,
        "pipeline": None,
        "totals": [{"currency": "EUR", **numbers}],
        "not_counted": {"omitted": 2, "before": 1, "after": 12},
        "assumed": 0,
    }

"""Cells become values, or are refused; nothing is guessed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmctl.errors import UsageError
from crmctl.importing import values
from crmctl.importing.values import Kind, Style, When
from crmctl.kinds import DateOrder, ForecastCategory
from crmctl.render.views import csv_cell

PLAIN = Style(zone=ZoneInfo("UTC"))
MDY = Style(dates=DateOrder.MDY, zone=ZoneInfo("UTC"))
DMY = Style(dates=DateOrder.DMY, zone=ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.AMOUNT, "25000.0", Decimal(25000)),
        (Kind.AMOUNT, "1,234.50", Decimal("1234.5")),
        (Kind.AMOUNT, "-250.0", Decimal(-250)),
        (Kind.PROBABILITY, "0.2", Decimal("0.2")),
        (Kind.PROBABILITY, "20", Decimal("0.2")),
        (Kind.PROBABILITY, "20%", Decimal("0.2")),
        (Kind.PROBABILITY, "1.0", Decimal(1)),
        (Kind.INTEGER, "85.0", 85),
        (Kind.CATEGORY, "Best Case", ForecastCategory.BEST_CASE),
        (Kind.CATEGORY, "Closed", None),
        (Kind.DAY, "2026-03-31", date(2026, 3, 31)),
        (Kind.DAY, "2026-03-31 23:59", date(2026, 3, 31)),
        (Kind.LIST, "Q4;Renewal risk; Q4", ["Q4", "Renewal risk"]),
        (Kind.LIST, '["a;b", "c"]', ["a;b", "c"]),
        (Kind.LIST, "[draft", ["[draft"]),
        (Kind.TEXT, "as it is", "as it is"),
    ],
)
def test_values(kind: Kind, text: str, value: Any) -> None:
    assert values.read(kind, text, PLAIN) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.AMOUNT, "abc"),
        (Kind.AMOUNT, "1.234,50"),
        (Kind.AMOUNT, "0.12345"),
        (Kind.AMOUNT, "NaN"),
        (Kind.PROBABILITY, "120"),
        (Kind.INTEGER, "8.5"),
        (Kind.INTEGER, "1e999999"),
        (Kind.INTEGER, "Infinity"),
        (Kind.CATEGORY, "sure"),
        (Kind.DAY, "soon"),
        (Kind.DAY, "2026-02-30"),
        (Kind.DAY, "45631.0"),
        (Kind.TIME, "2026-02-03 25:00"),
        (Kind.UUID, "42"),
    ],
)
def test_what_cannot_be_read_is_refused(kind: Kind, text: str) -> None:
    with pytest.raises(UsageError):
        values.read(kind, text, PLAIN)


@pytest.mark.parametrize(
    ("text", "style", "at", "day"),
    [
        ("2026-03-01", PLAIN, datetime(2026, 3, 1), date(2026, 3, 1)),
        ("2026/3/1", PLAIN, datetime(2026, 3, 1), date(2026, 3, 1)),
        ("2026-03-01 14:30", PLAIN, datetime(2026, 3, 1, 14, 30), None),
        ("2026-03-01T14:30:15.250Z", PLAIN, datetime(2026, 3, 1, 14, 30, 15, 250_000), None),
        ("2026-03-01T14:30+02:00", PLAIN, datetime(2026, 3, 1, 12, 30), None),
        ("02/03/24", MDY, datetime(2024, 2, 3), date(2024, 2, 3)),
        ("02/03/24", DMY, datetime(2024, 3, 2), date(2024, 3, 2)),
        ("2.3.1999", DMY, datetime(1999, 3, 2), date(1999, 3, 2)),
        ("02/03/70", DMY, datetime(1970, 3, 2), date(1970, 3, 2)),
        ("02/23/26 08:55 PM", MDY, datetime(2026, 2, 23, 20, 55), None),
        ("02/23/2026 12:05 am", MDY, datetime(2026, 2, 23, 0, 5), None),
    ],
)
def test_times(text: str, style: Style, at: datetime, day: date | None) -> None:
    assert values.when(text, style) == When(at.replace(tzinfo=UTC), day)


def test_times_without_a_zone_are_the_companys() -> None:
    berlin = Style(zone=ZoneInfo("Europe/Berlin"))
    assert values.when("2026-03-01", berlin).at == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert values.when("2026-03-01 09:00", berlin).at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert values.day("2026-03-01T23:30Z", berlin) == date(2026, 3, 2)


@pytest.mark.parametrize("text", ["02/03/24", "23/02/2024", "01.02.2024 10:00"])
def test_undecided_dates_ask_for_the_option(text: str) -> None:
    with pytest.raises(UsageError, match="--dates dmy or --dates mdy"):
        values.when(text, PLAIN)


def test_a_date_is_never_turned_round() -> None:
    with pytest.raises(UsageError, match="no such date"):
        values.when("02/23/2024", DMY)


def test_a_day_holds_every_time_on_it() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    day = values.when("2026-03-01", Style(zone=berlin))
    assert day.same(datetime(2026, 3, 1, 22, 59, tzinfo=UTC), berlin)
    assert not day.same(datetime(2026, 3, 1, 23, 0, tzinfo=UTC), berlin)
    assert not day.same(None, berlin)


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("=1+1")
@example("'=1+1")
@example("''")
@example("+5")
@example("'+5")
@example("-x")
@example("\t")
def test_what_an_export_makes_safe_comes_back(text: str) -> None:
    assert values.original(csv_cell(text)) == text


ITEM = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(str.strip).filter(bool)


@given(st.lists(ITEM, unique=True))
@example(["a;b"])
@example(["a,b", "c"])
@example(['["a"]'])
@example(["=1"])
def test_lists_come_back(items: list[str]) -> None:
    assert values.listed(values.original(csv_cell(items))) == items


def test_a_probability_of_one_is_not_guessed() -> None:
    style = Style(None, ZoneInfo("UTC"), frozenset())
    with pytest.raises(UsageError, match="1% or 100%"):
        values.read(Kind.PROBABILITY, "1", style)
    read_as = {"1%": "0.01", "100%": "1", "1.0": "1", "100": "1", "0.5": "0.5", "2": "0.02"}
    for text, fraction in read_as.items():
        assert values.read(Kind.PROBABILITY, text, style) == Decimal(fraction)

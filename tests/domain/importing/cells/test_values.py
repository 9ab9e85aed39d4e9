"""Cells become values, or are refused; nothing is guessed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmctl.domain import contacts, dates
from crmctl.domain.amounts import Number
from crmctl.domain.importing.cells import values
from crmctl.domain.importing.cells.values import CellFormat, Kind, When
from crmctl.domain.importing.files.escaping import original
from crmctl.domain.kinds import DateOrder, DecimalMark, ForecastCategory
from crmctl.domain.probabilities import Scale
from crmctl.errors import UsageError
from crmctl.render.views import csv_cell

PLAIN = CellFormat(zone=ZoneInfo("UTC"))
MDY = CellFormat(dates=DateOrder.MDY, zone=ZoneInfo("UTC"))
DMY = CellFormat(dates=DateOrder.DMY, zone=ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.NUMBER, "1,234.50", Decimal("1234.50")),
        (Kind.NUMBER, "(7)", Decimal(-7)),
        (Kind.NUMBER, "1.5e-07", Decimal("1.5e-07")),
        (Kind.PROBABILITY, "0.2", Decimal("0.2")),
        (Kind.PROBABILITY, "20", Decimal("0.2")),
        (Kind.PROBABILITY, "20%", Decimal("0.2")),
        (Kind.PROBABILITY, "1.0%", Decimal("0.01")),
        (Kind.INTEGER, "85.0", 85),
        (Kind.INTEGER, "1,234", 1234),
        (Kind.CURRENCY, "Kč", "CZK"),
        (Kind.CURRENCY, "eur", "EUR"),
        (Kind.TRUTH, "X", True),
        (Kind.TRUTH, "Unchecked", False),
        (Kind.TRUTH, "on", True),
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
        (Kind.AMOUNT, "abc"), (Kind.AMOUNT, "1.234"), (Kind.NUMBER, "5k"),
        (Kind.TRUTH, "maybe"), (Kind.AMOUNT, "NaN"), (Kind.NUMBER, "5 EUR"),
        (Kind.CURRENCY, "soon"),
        (Kind.PROBABILITY, "120"),
        (Kind.INTEGER, "8.5"), (Kind.INTEGER, "1e999999"),
        (Kind.INTEGER, "Infinity"),
        (Kind.CATEGORY, "sure"),
        (Kind.DAY, "soon"),
        (Kind.DAY, "2026-02-30"),
        (Kind.DAY, "45631.0"),
        (Kind.TIME, "2026-02-03 25:00"),
        (Kind.UUID, "42"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(kind: Kind, text: str) -> None:
    with pytest.raises(UsageError):
        values.read(kind, text, PLAIN)


@pytest.mark.parametrize(
    ("text", "cell_format", "at", "day"),
    [
        ("05/05/2024", PLAIN, datetime(2024, 5, 5), date(2024, 5, 5)),
        ("2026-03-01", PLAIN, datetime(2026, 3, 1), date(2026, 3, 1)),
        ("20260301", PLAIN, datetime(2026, 3, 1), date(2026, 3, 1)),
        ("20260301", DMY, datetime(2026, 3, 1), date(2026, 3, 1)),
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
def test_times(text: str, cell_format: CellFormat, at: datetime, day: date | None) -> None:
    assert values.when(text, cell_format) == When(at.replace(tzinfo=UTC), day)


def test_times_without_a_zone_are_the_companys() -> None:
    berlin = CellFormat(zone=ZoneInfo("Europe/Berlin"))
    assert values.when("2026-03-01", berlin).at == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert values.when("2026-03-01 09:00", berlin).at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert values.day("2026-03-01T23:30Z", berlin) == date(2026, 3, 2)


@pytest.mark.parametrize("text", ["02/03/24", "01-02-2024 10:00"])
def test_an_undecided_date_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="day or month first"):
        values.when(text, PLAIN)


def test_words_count_from_the_time_of_the_run() -> None:
    cell_format = CellFormat(
        zone=ZoneInfo("Europe/Berlin"), now=datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    )
    assert values.when("today", cell_format) == When(
        datetime(2026, 3, 1, 23, tzinfo=UTC), date(2026, 3, 2)
    )
    assert values.when("3d", cell_format) == When(datetime(2026, 2, 26, 23, 30, tzinfo=UTC))
    assert values.day("+2w", cell_format) == date(2026, 3, 16)
    with pytest.raises(UsageError, match="past or to come"):
        values.day("3d", cell_format)
    with pytest.raises(UsageError, match="not a time"):
        values.when("today", PLAIN)


def test_a_date_is_never_turned_round() -> None:
    with pytest.raises(UsageError, match="no such date"):
        values.when("02/23/2024", DMY)


def test_a_day_holds_every_time_on_it() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    day = values.when("2026-03-01", CellFormat(zone=berlin))
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
    assert original(csv_cell(text)) == text


ITEM = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(str.strip).filter(bool)


@given(st.lists(ITEM, unique=True))
@example(["a;b"])
@example(["a,b", "c"])
@example(['["a"]'])
@example(["=1"])
def test_lists_come_back(items: list[str]) -> None:
    assert values.listed(original(csv_cell(items))) == items


def test_a_probability_of_one_is_not_guessed() -> None:
    cell_format = CellFormat(dates=None, zone=ZoneInfo("UTC"), empty=frozenset())
    for text in ("1", "1.0"):
        with pytest.raises(UsageError, match="1% or 100%"):
            values.read(Kind.PROBABILITY, text, cell_format)
    read_as = {"1%": "0.01", "100%": "1", "100": "1", "0.5": "0.5", "2": "0.02"}
    for text, fraction in read_as.items():
        assert values.read(Kind.PROBABILITY, text, cell_format) == Decimal(fraction)


@pytest.mark.parametrize(
    ("text", "decimals", "value", "currencies"),
    [
        ("25000.0", ".", "25000", ()),
        ("€ 1.200,50", ",", "1200.50", ["EUR"]),
        ("1\u00a0200,50 Kč", ",", "1200.50", ["CZK"]),
        ("1\u202f234\u202f567,8", ",", "1234567.8", ()),
        ("CHF 1'200.00", ".", "1200", ["CHF"]),
        ("1\u2019200.00", ".", "1200", ()),
        ("1,20,000.00", ".", "120000", ()),
        ("12,34,567", ".", "1234567", ()),
        ("(1,200.50)", ".", "-1200.50", ()),
        ("€(5)", ".", "-5", ["EUR"]),
        ("5-", ".", "-5", ()),
        ("\u22125", ".", "-5", ()),
        ("- € 5", ".", "-5", ["EUR"]),
        ("Rs.500", ".", "500", ["INR", "LKR", "MUR", "NPR", "PKR", "SCR"]),
        ("$.50 usd", ".", "0.50", ["USD"]),
        ("zł 5", ".", "5", ["PLN"]),
        ("1,200", ".", "1200", ()),
        ("1,200", ",", "1.2", ()),
        ("0,125", ",", "0.125", ()),
    ],
)
def test_amounts(text: str, decimals: str, value: str, currencies: list[str]) -> None:
    found = values.read(Kind.AMOUNT, text, CellFormat(decimals=DecimalMark(decimals)))
    assert found.value == Decimal(value)
    assert sorted(found.currencies) == sorted(set(currencies))


@pytest.mark.parametrize(
    "text",
    ["USD 5kk", "5 Mio", "1e5", "60%", "-(5)", "((5))", ")5(", "--5", "5 $ EUR", "5 EUR USD",
     "1.2.3", "1,23,4", "1200,-5", "1 2 3", "12:30", "٣", "€"],
)  # fmt: skip
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(UsageError, match="not an amount"):
        values.read(Kind.AMOUNT, text, PLAIN)


def test_an_export_of_crmctl_has_plain_numbers() -> None:
    own = CellFormat(own=True)
    assert values.read(Kind.AMOUNT, "1200.50", own) == Number(Decimal("1200.50"))
    for text in ("1,200", "1.200,50", "€ 5"):
        with pytest.raises(UsageError):
            values.read(Kind.AMOUNT, text, own)
    assert values.read(Kind.PHONE, "+1 5", own) == "+1 5"
    said = CellFormat(own=True, decimals=DecimalMark.COMMA)
    assert values.read(Kind.AMOUNT, "1.200,50", said).value == Decimal("1200.50")


def test_what_could_be_either_is_refused_where_cells_contradict_each_other() -> None:
    mixed = CellFormat(dates=DateOrder.DMY, decimals=DecimalMark.POINT, mixed=True)
    assert values.read(Kind.AMOUNT, "1,234.50", mixed).value == Decimal("1234.50")
    assert values.day("13/02/2026", mixed) == date(2026, 2, 13)
    for kind, text in ((Kind.AMOUNT, "1,234"), (Kind.DAY, "03/02/2026")):
        with pytest.raises(UsageError, match=r"\? say --"):
            values.read(kind, text, mixed)


@pytest.mark.parametrize(
    ("text", "scale", "value"),
    [
        ("1", Scale.PERCENT, "0.01"),
        ("1", Scale.FRACTION, "1"),
        ("1.0", Scale.FRACTION, "1"),
        ("1.0", Scale.PERCENT, "0.01"),
        ("0", Scale.FRACTION, "0"),
        ("12,5", Scale.PERCENT, "0.125"),
        ("12,5 %", None, "0.125"),
        ("60 %", Scale.FRACTION, "0.6"),
        ("0.6", Scale.PERCENT, None),
        ("60", Scale.FRACTION, None),
    ],
)
def test_probabilities_have_the_scale_of_their_column(
    text: str, scale: Scale | None, value: str | None
) -> None:
    cell_format = CellFormat(scale=scale)
    if value is not None:
        assert values.read(Kind.PROBABILITY, text, cell_format) == Decimal(value)
        return
    with pytest.raises(UsageError, match="write it with a percent sign"):
        values.read(Kind.PROBABILITY, text, cell_format)


NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Tue, 31 Mar 2026 13:00:00 +0100",
        "Tue Mar 31 2026 14:00:00 GMT+0200 (Central European Summer Time)",
        "Mar 31, 2026 at 12:00 PM UTC",
        "March 31st, 2026 12 pm z",
        "31-Mar-26 12:00 GMT",
        "2026-Mar-31 12:00:00.000Z",
        "2026-03-31T14:00+02:00[Europe/Berlin]",
        "2026-03-31 14:00 Europe/Berlin",
        "31.3.2026, 14:00:00 [Europe/Berlin]",
        "2026/3/31 14:00 +02",
        "20260331T120000Z",
        "20260331T1400+0200",
    ],
)
def test_times_with_month_names_and_zones(text: str) -> None:
    assert values.when(text, DMY) == When(NOON)


@pytest.mark.parametrize("text", ["31 March 2026", "31. März 2026", "2026. 3. 31.", "31. 3. 2026"])
def test_days_with_month_names_and_dots(text: str) -> None:
    assert values.when(text, DMY).day == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("31. Marsch 2026", "no month is called 'Marsch'"),
        ("March 2026", "not a time"),
        ("2026-03-31 14", "not a time"),
        ("2026-03-31 13:00 PM", "not a time"),
        ("2026-03-31 14:00 EST", "write its zone like"),
        ("2026-03-31 14:00 Europe/Nowhere", "no time zone"),
        ("2026-03-31T14:00+01:00[Europe/Berlin]", "Europe/Berlin is not"),
        ("45631", "not a time"),
        ("31012026", "not a time"),
        # The 20th of January by its digits, and no month is the 20th.
        ("20012026", "no such date"),
        ("20260231", "no such date"),
        ("31 Feb 2026", "no such date"),
    ],
)
def test_what_is_no_time(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        values.when(text, DMY)


@given(st.dates(date(1970, 1, 2), date(2068, 12, 31)), st.sampled_from(list(DateOrder)))
def test_a_date_written_in_an_order_comes_back_in_it(day: date, order: DateOrder) -> None:
    written = "%d/%m/%Y" if order == DateOrder.DMY else "%m/%d/%Y"
    for pattern in (written, written.replace("%Y", "%y"), "%d %b %Y", "%B %d, %Y", "%Y.%m.%d"):
        assert dates.read(day.strftime(pattern), order) == day


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("+49 (0)30 123456", None, "+4930123456"),
        ("0049 30 123456", None, "+4930123456"),
        ("0049 30 123456", "US", "+4930123456"),
        ("030/123456", "DE", "+4930123456"),
        ("030 123456", None, "030 123456"),
        ("call me", None, "call me"),
        ("(212) 555-0123 ext. 7", "US", "+12125550123 x7"),
        ("+12125550123 x7", None, "+12125550123 x7"),
        ("+390612345678", "DE", "+390612345678"),
        ("06 12345678", "IT", "+390612345678"),
        # No number of the Czech Republic begins with a zero.
        ("(0)777 123456", "CZ", "+420777123456"),
        ("+420 (0)777 123 456", None, "+420777123456"),
        # Nobody has these, and all the same they are written like numbers.
        ("+1 202 555 0112", None, "+12025550112"),
        ("123 456 789", "CZ", "+420123456789"),
    ],
)
def test_phone_numbers(text: str, country: str | None, number: str) -> None:
    assert contacts.phone(text, country) == number
    assert contacts.phone(number, country) == number


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("+15", None),
        ("n/a", "DE"),
        ("12", "DE"),
        ("030 123456 / 0171 1234567", "DE"),
        ("0123 456 789", "CZ"),
    ],
)
def test_what_is_no_phone_number(text: str, country: str | None) -> None:
    with pytest.raises(UsageError, match="not a phone number"):
        contacts.phone(text, country)


def test_a_country_is_one_that_there_is() -> None:
    assert contacts.country("de") == "DE"
    with pytest.raises(UsageError, match="no country has the code"):
        contacts.country("Germany")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("A@X.Example", "a@x.example"),
        ("Ann B <A@x.example>", "a@x.example"),
        ('"B, A" <a@x.example>', "a@x.example"),
        ("mailto:a@x.example?subject=Hi", "a@x.example"),
        ("Jörg@Exämple.de", "jörg@exämple.de"),
        ("o'neil+crm@x-y.co.uk", "o'neil+crm@x-y.co.uk"),
    ],
)
def test_addresses(text: str, address: str) -> None:
    assert contacts.email(text) == address
    assert contacts.email(address) == address


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("not an address", "^not an e-mail address: 'not an address'$"),
        ("a@x", "should have a period"),
        ("a..b@x.de", "two periods in a row"),
        ("a@-x.de", "not an e-mail address"),
        ("a@x.de; b@x.de", "more than one e-mail address"),
        ("a@x.de,b@x.de", "more than one e-mail address"),
        ("A <a@x.de>, B <b@x.de>", "more than one e-mail address"),
    ],
)
def test_what_is_no_address(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        contacts.email(text)

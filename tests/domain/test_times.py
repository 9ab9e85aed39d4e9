"""Times and dates as people type them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmctl.domain import times
from crmctl.errors import UsageError

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
TOKYO = ZoneInfo("Asia/Tokyo")
zones = st.sampled_from([None, BERLIN, TOKYO, ZoneInfo("America/New_York")])
moments = st.datetimes(
    datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC), allow_imaginary=False
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("now", NOW),
        (" NOW ", NOW),
        ("90min", NOW - timedelta(minutes=90)),
        ("6h ago", NOW - timedelta(hours=6)),
        ("3d", NOW - timedelta(days=3)),
        ("2 w", NOW - timedelta(weeks=2)),
        ("2026-03-01", datetime(2026, 2, 28, 23, tzinfo=UTC)),
        ("today", datetime(2026, 2, 28, 23, tzinfo=UTC)),
        ("yesterday", datetime(2026, 2, 27, 23, tzinfo=UTC)),
        ("2026-03-01T14:30", datetime(2026, 3, 1, 13, 30, tzinfo=UTC)),
        ("2026-03-01 14:30+02:00", datetime(2026, 3, 1, 12, 30, tzinfo=UTC)),
        ("2026-03-01T14:30:00Z", datetime(2026, 3, 1, 14, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_in_the_zone(text: str, value: datetime) -> None:
    assert times.moment(text, NOW, BERLIN) == value


@pytest.mark.parametrize("text", ["", "soon", "3x", "2026-13-01", "01.03.2026", "-3d", "1e3d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a time"):
        times.moment(text, NOW, BERLIN)


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "0001-01-01T00:00+14:00"])
def test_a_time_that_could_not_be_shown_everywhere_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="out of range"):
        times.moment(text, NOW, TOKYO)


@given(st.text(max_size=20))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    try:
        value = times.moment(text, NOW, BERLIN)
    except UsageError:
        return
    assert value.tzinfo is UTC


@given(moments, zones)
def test_a_time_comes_back_as_it_was_written(value: datetime, tz: ZoneInfo | None) -> None:
    assert times.moment(str(times.iso(value)), NOW, tz) == value
    assert times.local(value, tz)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-03-31", date(2026, 3, 31)),
        ("today", date(2026, 3, 2)),
        ("yesterday", date(2026, 3, 1)),
        ("Tomorrow", date(2026, 3, 3)),
        ("+14d", date(2026, 3, 16)),
        ("+2w", date(2026, 3, 16)),
    ],
)
def test_a_date_is_read_where_the_company_is(text: str, value: date) -> None:
    assert times.day(text, datetime(2026, 3, 1, 16, tzinfo=UTC), TOKYO) == value


@pytest.mark.parametrize("text", ["", "14d", "+d", "2026-02-30", "31/03/2026", "2026-03-31T10:00"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a date"):
        times.day(text, NOW, BERLIN)


@given(st.dates(date(3, 1, 1), date(9997, 1, 1)), zones)
def test_a_day_ends_where_the_next_begins(value: date, tz: ZoneInfo | None) -> None:
    assert times.end_of_day(value, tz) == times.start_of_day(value + timedelta(days=1), tz)
    length = times.end_of_day(value, tz) - times.start_of_day(value, tz)
    assert timedelta(hours=22) < length < timedelta(hours=26)


@pytest.mark.parametrize("value", [date.min, date.max])
def test_a_day_at_the_end_of_time_is_refused(value: date) -> None:
    with pytest.raises(UsageError, match="out of range"):
        times.start_of_day(value, TOKYO)
    with pytest.raises(UsageError, match="out of range"):
        times.end_of_day(date.max, TOKYO)


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "America/New_York"])
def test_a_zone_is_found(name: str) -> None:
    assert times.zone(name).key == name


@pytest.mark.parametrize("name", ["", "Mars", "Europe", "../UTC", "/etc/passwd", "a\0b", "x" * 999])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no time zone"):
        times.zone(name)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (timedelta(days=12, hours=5), "12d"), (timedelta(hours=23, minutes=59), "23h"),
        (timedelta(minutes=59, seconds=59), "59min"), (timedelta(0), "0min"),
        (timedelta(seconds=-5), "0min"), (timedelta(days=1), "1d"),
    ],
)  # fmt: skip
def test_a_span(value: timedelta, text: str) -> None:
    assert times.span(value) == text


def test_what_is_not_there_is_shown_as_such() -> None:
    assert times.iso(None) is None
    assert times.local(None, BERLIN) == "-"
    assert times.local(NOW, BERLIN) == "2026-03-01 10:30"
    assert times.iso(NOW) == "2026-03-01T09:30:00Z"
    assert times.iso(NOW.replace(microsecond=5)) == "2026-03-01T09:30:00.000005Z"

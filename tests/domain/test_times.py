"""Time zones, days, and how times are shown."""

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


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("2026-03-29 02:30", "never show .* write 2026-03-29T01:30:00 or 2026-03-29T03:30:00$"),
        ("2026-10-25 02:30", r"twice: write 2026-10-25T02:30:00\+02:00 or 2026-10-25T02:30:00\+01"),
    ],
)
def test_a_time_that_clocks_leave_out_or_show_twice_is_refused(value: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        times.in_utc(datetime.fromisoformat(value), BERLIN)
    assert times.in_utc(datetime.fromisoformat(value), TOKYO)
    first = times.start_of_day(date(2018, 11, 4), ZoneInfo("America/Sao_Paulo"))
    assert first == datetime(2018, 11, 4, 3, tzinfo=UTC)


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

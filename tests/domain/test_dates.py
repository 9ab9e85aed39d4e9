"""Days and moments as people type them, and nothing guessed."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmctl.domain import dates, times
from crmctl.domain.day_words import Toward
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
        ("2 weeks ago", NOW - timedelta(weeks=2)),
        ("3mo", datetime(2025, 12, 1, 9, 30, tzinfo=UTC)),
        ("1 month ago", datetime(2026, 2, 1, 9, 30, tzinfo=UTC)),
        ("1Y", datetime(2025, 3, 1, 9, 30, tzinfo=UTC)),
        # Berlin has its clocks forward then.
        ("9mo", datetime(2025, 6, 1, 8, 30, tzinfo=UTC)),
        ("+1mo", datetime(2026, 3, 31, 22, tzinfo=UTC)),
        ("in 2 years", datetime(2028, 2, 29, 23, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 2, 28, 23, tzinfo=UTC)),
        ("today", datetime(2026, 2, 28, 23, tzinfo=UTC)),
        ("yesterday", datetime(2026, 2, 27, 23, tzinfo=UTC)),
        ("2026-03-01T14:30", datetime(2026, 3, 1, 13, 30, tzinfo=UTC)),
        ("2026-03-01 14:30+02:00", datetime(2026, 3, 1, 12, 30, tzinfo=UTC)),
        ("31.12.2026", datetime(2026, 12, 30, 23, tzinfo=UTC)),
        ("Dec 31, 2026 2 pm", datetime(2026, 12, 31, 13, tzinfo=UTC)),
        ("tomorrow", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("+2d", datetime(2026, 3, 2, 23, tzinfo=UTC)),
        ("2026-03-01T14:30:00Z", datetime(2026, 3, 1, 14, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_in_the_zone(text: str, value: datetime) -> None:
    assert dates.moment(text, NOW, BERLIN) == value


@pytest.mark.parametrize("text", ["", "soon", "3x", "-3d", "1e3d", "2026-W10", "45631"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a time"):
        dates.moment(text, NOW, BERLIN)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3m", "minutes or months in '3m'? write 3min or 3mo"),
        (" 5 M ago ", "minutes or months in '5 m ago'? write 5min or 5mo"),
        ("+3m", "minutes or months in '+3m'? write +3min or +3mo"),
    ],
)
def test_span_that_can_be_mistaken_is_refused_with_both_readings(text: str, said: str) -> None:
    for read in (dates.moment, dates.day):
        with pytest.raises(UsageError) as refused:
            read(text, NOW, BERLIN)
        assert str(refused.value) == said


@pytest.mark.parametrize(
    ("now", "text", "day"),
    [("2026-03-31", "1mo", "2026-02-28"), ("2024-02-29", "1y", "2023-02-28"),
     ("2026-12-31", "+2mo", "2027-02-28"), ("2026-01-31", "13mo", "2024-12-31")],
)  # fmt: skip
def test_month_that_is_too_short_ends_on_its_last_day(now: str, text: str, day: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert dates.moment(text, at, None).date().isoformat() == day


@pytest.mark.parametrize(
    "text",
    ["0001-01-01", "9999-12-31", "0001-01-01T00:00+14:00", "99999mo", "9999y", "+9999y"],
)
def test_a_time_that_could_not_be_shown_everywhere_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="out of range"):
        dates.moment(text, NOW, TOKYO)


@given(st.text(max_size=20))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    try:
        value = dates.moment(text, NOW, BERLIN)
    except UsageError:
        return
    assert value.tzinfo is UTC


@given(moments, zones)
def test_a_time_comes_back_as_it_was_written(value: datetime, tz: ZoneInfo | None) -> None:
    assert dates.moment(str(times.iso(value)), NOW, tz) == value
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
        ("31.12.2026", date(2026, 12, 31)),
        ("12/31/26", date(2026, 12, 31)),
        ("2 w ago", date(2026, 2, 16)),
        ("31 Dec 2026", date(2026, 12, 31)),
        ("2026-03-31T16:00Z", date(2026, 4, 1)),
    ],
)
def test_a_date_is_read_where_the_company_is(text: str, value: date) -> None:
    assert dates.day(text, datetime(2026, 3, 1, 16, tzinfo=UTC), TOKYO) == value


# A Wednesday.
@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("fri", "06"),
        ("on Mon.", "09"),
        ("next monday", "09"),
        ("this sun", "08"),
        ("coming wed", "11"),
        ("past wednesday", "2026-02-25"),
        ("last friday", "2026-02-27"),
        ("fri next week", "13"),
        ("the day after tomorrow", "06"),
        ("in two weeks", "18"),
        ("a week from now", "11"),
        ("in 30 hours", "05"),
        ("tomorrow 10:00", "05"),
        ("wed", "which day is 'wed'? write 2026-03-04 or 2026-03-11"),
        ("next fri", "which day is 'next fri'? write 2026-03-06 or 2026-03-13"),
        ("this Tue", "which day is 'this tue'? write 2026-03-03 or 2026-03-10"),
        ("last tue", "which day is 'last tue'? write 2026-02-24 or 2026-03-03"),
        ("3d", "past or to come, '3d'? write 3d ago or +3d"),
        ("Tue 4 Mar 2026", "no such date: 'Tue 4 Mar 2026' (2026-03-04 is a Wednesday)"),
    ],
)
def test_a_day_that_is_called_by_words(text: str, days: str) -> None:
    try:
        found = dates.day(text, datetime(2026, 3, 4, 9, 30, tzinfo=UTC), BERLIN).isoformat()
    except UsageError as error:
        found = str(error)
    assert found == (f"2026-03-{days}" if len(days) == 2 else days)


def test_a_day_of_the_week_is_looked_for_in_the_direction_that_is_asked_for() -> None:
    both = "which day is 'fri'? write 2026-02-27 or 2026-03-06"
    for toward, shown in ((Toward.AHEAD, "2026-03-06"), (Toward.BACK, "2026-02-27"), (None, both)):
        try:
            found = str(dates.read("fri", None, NOW, BERLIN, toward))
        except UsageError as error:
            found = str(error)
        assert found == shown


@pytest.mark.parametrize("text", ["", "+d", "now", "am", "soon"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a date"):
        dates.day(text, NOW, BERLIN)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("02/03/2026", ["2026-03-02", "2026-02-03"]),
        ("2-3-26", ["2026-03-02", "2026-02-03"]),
        ("02/03/2026 10:00", ["2026-03-02", "2026-02-03"]),
    ],
)
def test_what_could_be_two_days_is_refused_with_both(text: str, readings: list[str]) -> None:
    for read in (dates.day, dates.moment):
        with pytest.raises(UsageError) as error:
            read(text, NOW, BERLIN)
        written = " or ".join(readings)
        assert str(error.value) == f"day or month first in {text!r}? write {written}"


def test_no_such_day_is_refused() -> None:
    for text in ("2026-02-30", "31.02.2026", "00/05/2026", "13/13/2026"):
        with pytest.raises(UsageError, match="no such date"):
            dates.day(text, NOW, BERLIN)


@given(st.text(max_size=12))
def test_any_text_is_a_day_or_refused(text: str) -> None:
    try:
        value = dates.day(text, NOW, BERLIN)
    except UsageError:
        return
    assert isinstance(value, date)
    assert not isinstance(value, datetime)

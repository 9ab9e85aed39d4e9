"""Days that are called by words: tomorrow, fri, next monday. The clock is never asked here."""

from datetime import date, timedelta
from enum import StrEnum

from crmctl.domain.text import compiled
from crmctl.errors import UsageError

#: Days that are called by a word, by how many after today they are.
_DAYS = {
    "today": 0,
    "yesterday": -1,
    "tomorrow": 1,
    "day after tomorrow": 2,
    "the day after tomorrow": 2,
    "day before yesterday": -2,
    "the day before yesterday": -2,
}
_WEEKDAYS = {
    word: number
    for number, words in enumerate(
        (
            "mon monday",
            "tue tues tuesday",
            "wed weds wednesday",
            "thu thur thurs thursday",
            "fri friday",
            "sat saturday",
            "sun sunday",
        )
    )
    for word in words.split()
}
_WEEKDAY = rf"({'|'.join(_WEEKDAYS)})\.?"
_NEAR = rf"(?:(on|this|next|coming|last|past) )?{_WEEKDAY}"
_IN_WEEK = rf"{_WEEKDAY} (?:of )?(this|next|last) week"
_WEEKS = {"this": 0, "next": 1, "last": -1}
_WEEK = timedelta(weeks=1)


class Toward(StrEnum):
    """Which way from today a day is looked for that is called by a word such as `fri`."""

    AHEAD = "ahead"
    BACK = "back"


def read(words: str, today: date, toward: Toward | None) -> date | None:
    """Return the day that `words`, in small letters, name; None for any other text.

    Raises UsageError where it could be either of several days, and says which.
    """
    if words in _DAYS:
        return today + timedelta(days=_DAYS[words])
    if found := compiled(_IN_WEEK).fullmatch(words):
        return _in_week(today, _WEEKDAYS[found[1]], _WEEKS[found[2]])
    if found := compiled(_NEAR).fullmatch(words):
        days = sorted(_readings(found[1] or "on", today, _WEEKDAYS[found[2]], toward))
        if len(days) > 1:
            *some, last = (day.isoformat() for day in days)
            raise UsageError(f"which day is {words!r}? write {', '.join(some)} or {last}")
        return days[0]
    return None


def _in_week(today: date, number: int, weeks: int) -> date:
    return today + timedelta(days=number - today.weekday(), weeks=weeks)


def _readings(word: str, today: date, number: int, toward: Toward | None) -> set[date]:
    """Return the days that `word` and a day of the week may mean."""
    this = _in_week(today, number, 0)
    after = this if this > today else this + _WEEK
    before = this if this < today else this - _WEEK
    match word:
        case "coming":
            return {after}
        case "past":
            return {before}
        case "next":
            return {after, this + _WEEK}
        case "last":
            return {before, this - _WEEK}
        case "this" if this >= today or toward == Toward.BACK:
            return {this}
        case "this":
            return {this, after}
    own = {this} if this == today else set()
    return (
        own
        | ({before} if toward != Toward.AHEAD else set())
        | ({after} if toward != Toward.BACK else set())
    )

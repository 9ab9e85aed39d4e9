"""What the formats of cells say of the numbers in them: days, times, and how many decimals."""

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from crmctl.domain.importing.files.workbooks import format_words
from crmctl.domain.importing.files.workbooks.format_words import Written

#: Formats that every spreadsheet knows by their number, where the workbook does not write them.
_KNOWN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "0", 6: "0", 7: "0.00", 8: "0.00", 9: "0%",
    10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm",
    21: "h:mm:ss", 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 41: "#,##0",
    42: "#,##0", 43: "#,##0.00", 44: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss",
    48: "##0.0E+0",
}  # fmt: skip
#: Days in formats of the West and of East Asia.
_DAYS = {*range(14, 18), 22, *range(27, 37), *range(50, 59)}
# What is text in a format: in quotes, after a backslash, a width, a filling, or in brackets.
_TEXT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]|AM/PM|A/P', re.IGNORECASE)
_DECIMALS = re.compile(r"[0#?](?:\.([0#?]+))?(?![0#?.,]*,)")
#: What shows 7 as 00007: an id, a postal code, a number that is dialled.
_ZEROS = re.compile("0{2,}")
#: Two decimals are those of most currencies: a number that has no more was not computed.
_TYPED = 2
#: How many digits a spreadsheet keeps, and from where on a float is not exact.
DIGITS = 15
_EXACT = 2**53
_LAST_DAY = 2_958_466
_WHOLE = re.compile(r"-?\d{1,15}")


class NumberKind(StrEnum):
    """What a number stands for."""

    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    DURATION = "duration"


@dataclass(frozen=True, kw_only=True)
class NumberFormat:
    """What numbers of a format stand for, and how many decimals are shown; None is any number.

    Whole ones have at least `digits`, with zeros in front. `written` adds what else the format
    shows, if it does.
    """

    kind: NumberKind = NumberKind.NUMBER
    decimals: int | None = None
    written: Written | None = None
    digits: int = 0


def number_format(number: int, code: str | None) -> NumberFormat:
    """Return the format of a `number`, written as `code` where the workbook says so."""
    if code is None and number in _DAYS:
        month = format_words.of_day("m") if number == format_words.MONTH else None
        return NumberFormat(kind=NumberKind.DATE, written=month)
    code = _KNOWN.get(number, "") if code is None else code
    plain = _TEXT.sub("", code.partition(";")[0]).lower()
    if re.search(r"\[[hms]+\]", plain):
        return NumberFormat(kind=NumberKind.DURATION)
    if "general" not in plain and re.search(r"[ydhsm]", plain):
        is_time = not re.search(r"[yd]", plain) and re.search(r"[hs]", plain)
        if is_time:
            return NumberFormat(kind=NumberKind.TIME)
        return NumberFormat(kind=NumberKind.DATE, written=format_words.of_day(plain))
    return NumberFormat(
        decimals=_decimals(plain),
        written=format_words.of_number(number, code),
        digits=len(plain) if _ZEROS.fullmatch(plain) else 0,
    )


def _decimals(plain: str) -> int | None:
    """Return how many decimals a format shows; None where it shows a number otherwise."""
    if any(each in plain for each in "%/e@"):
        return None
    found = _DECIMALS.search(plain)
    shown = re.search(r"[0#?]\.([0#?]+)", plain)
    scaled = re.search(r"[0#?],+(?![0#?])", plain)
    return None if not found or scaled else len(shown[1]) if shown else 0


def shown(text: str, form: NumberFormat, *, since_1904: bool) -> str:
    """Return the number that a workbook keeps as `text` as a cell of `form` means it.

    Days and times are in ISO 8601. Raises ValueError for what is no finite number.
    """
    if form.kind == NumberKind.NUMBER:
        if _WHOLE.fullmatch(text):
            return text if text[0] == "-" else text.zfill(form.digits)
        return _number(text, form.decimals)
    value = _finite(text)
    if form.kind == NumberKind.DURATION:
        return str(timedelta(milliseconds=round(value * 86_400_000)))
    if not 0 <= value < _LAST_DAY:
        return _number(text, None)
    return _moment(value, form.kind, since_1904=since_1904)


def _moment(value: float, kind: NumberKind, *, since_1904: bool) -> str:
    if kind == NumberKind.TIME and value < 1:
        return (datetime.min + timedelta(milliseconds=round(value * 86_400_000))).time().isoformat()
    # Excel takes 1900 for a leap year, as Lotus did.
    start = date(1904, 1, 1) if since_1904 else date(1899, 12, 31 if value < 60 else 30)
    moment = datetime(start.year, start.month, start.day) + timedelta(
        milliseconds=round(value * 86_400_000)
    )
    return str(moment.date()) if value.is_integer() else moment.isoformat(sep=" ")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is no number")
    return value


def _number(text: str, decimals: int | None) -> str:
    value = _finite(text)
    if abs(value) >= 10**DIGITS:
        return f"{value:.0f}"
    # A float is a little off; what a spreadsheet computes with has fifteen digits.
    exact = Decimal(f"{value:.{DIGITS}g}")
    own = -int(exact.as_tuple().exponent)
    if decimals is not None and own > max(decimals, _TYPED):
        exact = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{exact:f}"


def is_rounded(text: str) -> bool:
    """Return whether a number has more digits than a spreadsheet keeps: its last ones are gone."""
    if len(text) <= DIGITS:
        return False
    value = abs(float(text))
    written = text.lstrip("-")
    return value >= 10**DIGITS and not (written.isdecimal() and value <= _EXACT)


def is_cut(text: str, shown_text: str) -> bool:
    """Return whether a number is shown with fewer decimals than it has, but for what is noise."""
    return text != shown_text and abs(float(text) - float(shown_text)) > 1e-9 * abs(float(text))

"""The forecast: plain text of a fixed width, fit for a mail."""

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from textwrap import wrap
from typing import TYPE_CHECKING

from crmctl.domain import money, times
from crmctl.domain.kinds import Period
from crmctl.domain.text import safe
from crmctl.render.views import JsonRecord, View

if TYPE_CHECKING:
    from rich.text import Text

    from crmctl.domain.forecast.lines import ForecastLine
    from crmctl.services.forecasting.forecast import Forecast, ForecastRow, Section

#: The columns of amounts, as they are called in a ForecastLine.
AMOUNTS = ("won", "commit", "best_case", "pipeline", "weighted", "expected")
HEAD = ["deals", *(name.replace("_", " ") for name in AMOUNTS)]
#: How narrow the column of names may become before amounts are shortened, and at the very last.
_ROOM = 12
_LEAST = 7
#: How wide a column of amounts, and the whole table, become where there is room.
_ROOMY = 10
_WIDEST = 100


def view(forecast: "Forecast", width: int) -> View:
    """Return the view of `forecast`, drawn `width` cells wide."""
    document = record(forecast)
    return View(
        document=document, rows=document["rows"], draw=lambda: draw(forecast, width), width=width
    )


def record(forecast: "Forecast") -> JsonRecord:
    """Return `forecast` as JSON carries it; amounts are exact, and strings."""
    return {
        "at": times.iso(forecast.at),
        "timezone": forecast.zone,
        "by": str(forecast.by),
        "from": forecast.calendar.first.isoformat(),
        "to": forecast.calendar.last.isoformat(),
        "today": forecast.calendar.today.isoformat(),
        "fiscal_month": forecast.fiscal_month,
        "pipeline": forecast.pipeline.key if forecast.pipeline else None,
        "rows": [
            {**_about(row), "currency": section.currency, **_numbers(row.line)}
            for section in forecast.sections
            for row in section.rows
        ],
        "totals": [
            {"currency": section.currency, **_numbers(section.total)}
            for section in forecast.sections
        ],
        "not_counted": {
            "omitted": forecast.omitted,
            "before": forecast.before,
            "after": forecast.after,
        },
        "assumed": forecast.assumed,
        "notes": notes(forecast),
    }


def _about(row: "ForecastRow") -> JsonRecord:
    """Return what a row is about; `kind` is what the forecast is by, or overdue or undated."""
    return {
        "kind": row.kind,
        "label": row.label,
        "key": row.key,
        "from": row.first and row.first.isoformat(),
        "to": row.last and row.last.isoformat(),
    }


def _numbers(line: "ForecastLine") -> JsonRecord:
    return {
        "deals": line.deals,
        **{name: money.plain(getattr(line, name)) for name in AMOUNTS},
        "without_amount": line.without_amount,
        "without_probability": line.without_probability,
    }


def notes(forecast: "Forecast") -> list[str]:
    """Return what was counted and what was not, and why, in sentences."""
    days = forecast.calendar
    lines = [section.total for section in forecast.sections]
    said = [
        "Won: closed in these days. Commit, best case and pipeline: open deals by the day they "
        "are expected to close, each in one of the three.",
        "Weighted: the sum of amount x probability of the open deals. Expected: won + weighted.",
        f"Overdue: open and expected before {days.today}. Undated: open, without a day.",
    ]
    if forecast.by == Period.QUARTER and forecast.fiscal_month != 1:
        said.append(
            f"The fiscal year begins in month {forecast.fiscal_month} "
            "and is named for the year in which it ends."
        )
    left_out = {
        f"expected to close after {days.last}: not counted": forecast.after,
        f"expected to close before {days.first}: not counted": forecast.before,
        "in forecast category omitted: not counted": forecast.omitted,
        "without an amount: counted, adding nothing": sum(line.without_amount for line in lines),
        "without a probability: not in weighted": sum(line.without_probability for line in lines),
    }
    if forecast.assumed:
        left_out["won on a day that is assumed: nobody said when"] = forecast.assumed
    return said + [
        f"{count} {'deal' if count == 1 else 'deals'} {why}."
        for why, count in left_out.items()
        if count
    ]


def draw(forecast: "Forecast", width: int) -> "Text":
    """Return `forecast` as lines of text that are at most `width` cells wide."""
    from rich.text import Text

    lines = [_cut(text, width) for text in _heading(forecast)]
    for section in forecast.sections:
        lines += ["", *_section(section, width)]
    lines.append("")
    for note in notes(forecast):
        lines += wrap(note, width, subsequent_indent="  ")
    drawn = Text("\n".join(lines), no_wrap=True)
    drawn.stylize("bold", 0, len(lines[0]))
    return drawn


def _heading(forecast: "Forecast") -> list[str]:
    days = forecast.calendar
    whose = f", pipeline {safe(forecast.pipeline.label)}" if forecast.pipeline else ""
    at = times.local(forecast.at, times.zone(forecast.zone))
    return [
        f"Forecast by {forecast.by}, {days.first} to {days.last}{whose}",
        f"as of {at} {forecast.zone}",
    ]


#: An amount of a currency as text, in one of the units that a section can be in.
Unit = Callable[[Decimal, str], str]


def _scaled(power: int) -> Unit:
    step = Decimal(10) ** power

    def text(value: Decimal, code: str) -> str:
        places = Decimal(1) if power == 0 else Decimal("0.1")
        return f"{(value / step).quantize(places, ROUND_HALF_EVEN):,f}"

    return text


def _full(value: Decimal, code: str) -> str:
    return f"{money.rounded(value, code):,f}"


#: How amounts are written, the most exact first, with what the heading says of it.
UNITS: tuple[tuple[str, Unit], ...] = (
    ("", _full),
    (", whole units", _scaled(0)),
    (", thousands", _scaled(3)),
    (", millions", _scaled(6)),
    (", billions", _scaled(9)),
)


def _section(section: "Section", width: int) -> list[str]:
    """Return the table of one currency in the most exact unit that fits."""
    from rich.cells import cell_len

    names = [safe(row.label) for row in section.rows]
    longest = max(cell_len(name) for name in [*names, "overdue"])
    lines = [row.line for row in section.rows] + [section.total]
    for said, unit in UNITS:
        cells = [HEAD, *(_cells(line, section.currency, unit) for line in lines)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        room = width - sum(widths) - len(widths)
        if room >= min(_ROOM, longest) or said == UNITS[-1][0]:
            break
    widths = _spread(widths, room - longest)
    first = max(_LEAST, min(width, _WIDEST) - sum(widths) - len(widths))
    rows = [_row(*row, first, widths) for row in zip(["", *names, "total"], cells, strict=True)]
    rule = "-" * (first + sum(widths) + len(widths))
    return [f"{section.currency}{said}", *rows[:-1], rule, rows[-1]]


def _spread(widths: Sequence[int], spare: int) -> list[int]:
    """Return `widths` with what is to spare given to the narrowest amounts."""
    spread = list(widths)
    while spare > 0 and min(spread[1:]) < _ROOMY:
        spread[spread.index(min(spread[1:]), 1)] += 1
        spare -= 1
    return spread


def _cells(line: "ForecastLine", code: str, unit: Unit) -> list[str]:
    amounts = (getattr(line, name) for name in AMOUNTS)
    return [str(line.deals or "-"), *(unit(value, code) if value else "-" for value in amounts)]


def _row(name: str, cells: Sequence[str], first: int, widths: Sequence[int]) -> str:
    from rich.cells import set_cell_size

    numbers = (f"{cell:>{wide}}" for cell, wide in zip(cells, widths, strict=True))
    return " ".join([set_cell_size(_cut(name, first), first), *numbers])


def _cut(text: str, width: int) -> str:
    """Return `text` in at most `width` cells, with an ellipsis where something is missing."""
    from rich.cells import cell_len, set_cell_size

    return text if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"

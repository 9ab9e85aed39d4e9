"""Rows of a report that are no records: headings of groups, totals, and lines of its footer."""

import re
from bisect import bisect
from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate, takewhile

from crmctl.domain import periods
from crmctl.domain.importing.files.footers import COUNT, LEFT_OUT, is_footer, is_total
from crmctl.domain.importing.files.header import REPEATED
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.domain.importing.plan import ImportPlan
from crmctl.domain.month_names import month_called
from crmctl.errors import UsageError
from crmctl.services.imports.parsed_row import ParsedRow

# What follows the name of a group: `(3)`, `- 3 deals`, a colon.
_COUNTED = rf"(?i)[\s:-]*(?:{COUNT}|\(\d+\))?\s*:?\s*$"
#: The longest name that a total has.
_LONGEST = 60
#: What a record has that is known by itself; a total has nothing of it.
_IDENTITY = frozenset({
    "external_id", "external_ids", "crmctl_id", "number", "email", "phone", "website", "stage",
    "outcome", "owner", "owner_email", "customer_email", "customer_external_id", "close_date",
    "expected_close", "closed_at", "created_at", "at", "kind",
})  # fmt: skip
_SUM = "it looks like a total: its amount is the sum of those above (fill its other cells if not)"
_TOTAL = "it looks like a total, and says nothing else (fill its other cells if it is a record)"
_LINE = "it looks like the footer of a report: nothing but one of its cells is filled"

_HEADING = "it looks like the heading of the rows below (fill its other cells if it is a record)"
_MAY_HEAD = Finding(
    certainty=Certainty.UNKNOWN,
    text="rows have a title and nothing else: are they headings of those below?",
    one="row has a title and nothing else: is it the heading of those below?",
    count=1,
)
#: How many groups have a total where those have headings.
_GROUPS = 2


class SummaryRows:
    """Refuses the rows that sum up others of a file, or head them, and what a report ends with.

    What reports are known to end with is left out, and counted in the plan.
    """

    def __init__(self, plan: ImportPlan) -> None:
        self._plan = plan
        self._usual = 0
        self._total = Decimal(0)
        self._count = 0
        #: The same up to the last row that was a total.
        self._total_before = Decimal(0)
        self._count_before = 0
        self._after_total = False
        self._in_footer = False

    def sift(self, rows: Sequence[ParsedRow]) -> list[ParsedRow]:
        """Return `rows`, the next ones of the file, without the lines that end a report.

        Those that are no records as far as is seen are refused.
        """
        kept = []
        sizes = [len(row.texts) for row in rows]
        most = max(sizes, default=0)
        totals = [at for at, size in enumerate(sizes) if size <= 2 and _is_called_total(rows[at])]
        for position, row in enumerate(rows):
            if self._is_plain(row, sizes[position]):
                self._in_footer = False
                self._add(row)
                kept.append(row)
                continue
            why = "" if row.file_row.trouble else self._why(row)
            if self._ends_report(row, why):
                continue
            kept.append(row)
            if row.file_row.trouble:
                continue
            if why in ("", _LINE) and len(row.texts) <= 2 < max(self._usual, most):
                groups = totals[bisect(totals, position) :]
                why = _why_heading(row, rows[position + 1 :], groups) or why
            if why:
                row.refuse("", why)
                self._after_total = True
                self._total_before, self._count_before = self._total, self._count
            else:
                self._add(row)
        return kept

    def _is_plain(self, row: ParsedRow, filled: int) -> bool:
        """Return whether a row is a record at first sight, as nearly all are."""
        usual = self._usual or len(row.columns.mapped)
        return filled > 2 and 2 * filled > usual and not _IDENTITY.isdisjoint(row.texts)

    def _ends_report(self, row: ParsedRow, why: str) -> bool:
        """Return whether a row is of a footer that is known as one, and count it if it is."""
        self._in_footer = why == _LINE and (self._in_footer or is_footer(_first(row)))
        if self._in_footer:
            self._after_total = True
            self._plan.findings.add(LEFT_OUT)
            self._plan.count_skipped()
        return self._in_footer

    def _add(self, row: ParsedRow) -> None:
        """Take note of a row that is a record."""
        self._after_total = False
        if len(row.texts) > self._usual:
            self._usual = len(row.texts)
        amount = row.values.get("amount")
        if amount is not None:
            self._total += amount
            self._count += 1

    def _why(self, row: ParsedRow) -> str:
        """Return why a row is no record, empty if it is one."""
        texts = row.texts
        filled, usual = len(texts), self._usual or len(row.columns.mapped)
        sparse = 2 * filled <= usual or (filled <= 2 < usual)
        bare = _IDENTITY.isdisjoint(texts)
        if not sparse and not bare:
            return ""
        first = next(iter(texts.values()), "")
        if not sparse and len(first) > _LONGEST:
            return ""
        named = len(first) <= _LONGEST and is_total(first)
        # What a total is called may stand where records have their numbers.
        bare = bare or (named and sparse and _IDENTITY.isdisjoint(list(texts)[1:]))
        if not named and not sparse:
            return ""
        if bare and self._sums_up(row, named=named) and (named or sparse):
            return _SUM
        if named and sparse and bare and usual > 1:
            return _TOTAL
        return _LINE if self._is_footer(row) else ""

    def _sums_up(self, row: ParsedRow, *, named: bool) -> bool:
        """Return whether the amount of a row is the sum of those above, or of its group."""
        amount = row.values.get("amount")
        if not amount:
            return False
        whole = self._count > 1 and amount == self._total
        grouped = self._count > self._count_before
        return whole or (named and grouped and amount == self._total - self._total_before)

    def _is_footer(self, row: ParsedRow) -> bool:
        if not self._usual > 1 or not _is_alone(row):
            return False
        return self._after_total or is_footer(_first(row))


def _first(row: ParsedRow) -> str:
    """Return the first text of a row, or of its cells that are not read."""
    return next(iter(row.texts.values()), "") or "".join(row.file_row.cells).strip()


def _is_alone(row: ParsedRow) -> bool:
    """Return whether one cell of a row is filled, of three at least."""
    cells = row.file_row.cells
    return len(cells) > 2 and sum(map(bool, map(str.strip, cells))) == 1


def _is_called_total(row: ParsedRow) -> bool:
    if len(row.texts) > 2:
        return False
    first = next(iter(row.texts.values()), "")
    return len(first) <= _LONGEST and is_total(first)


def _why_heading(row: ParsedRow, below: Sequence[ParsedRow], totals: Sequence[int]) -> str:
    """Return why a row is the heading of those `below`, of which `totals` are; empty if not.

    One that may be is a record, and that is said.
    """
    if not _IDENTITY.isdisjoint(row.texts):
        return ""
    if _names_period(next(iter(row.texts.values()), "")):
        return _HEADING if _is_alone(row) or _sums_up_below(row, below) else ""
    if not _is_alone(row) or not below:
        return ""
    if below[0].file_row.trouble == REPEATED:
        return _HEADING
    if len(below[0].texts) < 3:
        return ""
    if len(totals) >= _GROUPS:
        return _HEADING
    row.findings += (_MAY_HEAD,) if "title" in row.values else ()
    return ""


def _names_period(text: str) -> bool:
    """Return whether `text` is the name of a month or another period, be it with a count."""
    words = re.sub(_COUNTED, "", text)
    try:
        named = month_called(words) or re.fullmatch(r"(?i)[qhw]\d{1,2}", words)
        return bool(named) or periods.last_day(words, 1) is not None
    except UsageError:
        # A year alone, or a quarter of one that begins when it likes.
        return True


def _sums_up_below(row: ParsedRow, below: Sequence[ParsedRow]) -> bool:
    """Return whether the amount of a row is the sum of those of the first rows `below`."""
    amount: Decimal = row.values.get("amount") or Decimal(0)
    sums = accumulate(each.values.get("amount") or Decimal(0) for each in below)
    return bool(amount) and amount in takewhile(lambda found: found <= amount, sums)

"""What the cells of columns look like, by the first rows of a file."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter

from crmctl.domain import amounts, booleans, dates, periods, probabilities
from crmctl.domain.importing.cells.status_words import is_closing, is_status
from crmctl.domain.importing.cells.values import NOTHING
from crmctl.domain.importing.files.escaping import original
from crmctl.domain.importing.files.tables import TableRow
from crmctl.domain.importing.units import folded
from crmctl.errors import UsageError

#: How many rows are looked at: enough to see what is in a column, and soon read.
SEEN = 1000
#: How many different texts of a column are looked at.
_TEXTS = 200
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{5,}[0-9](?:\s*(?:x|ext\.?)\s*[0-9]+)?", re.IGNORECASE)
_ID = re.compile(r"[\W\d_]*|(?=.*\d)[\w.:-]{6,}")
# As people number records: `10001`, `A-1`, `2026/017`; an amount with cents is none.
_NUMBER = re.compile(r"(?=.*\d)(?!\d*[.,]\d{1,2}$)[\w./#:-]{1,40}")
#: How many cells of a column of numbers may be something else: totals, and lines of a footer.
_OTHERS = 5
_OWN_NUMBER = re.compile(r"[A-Z]\d{1,9}", re.IGNORECASE)

Texts = Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Contents:
    """The first rows of a file; `empty` are texts of empty cells.

    `stages` are the words for stages, `statuses` those that were said to be of a status.
    """

    rows: Sequence[Sequence[str]] = ()
    empty: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    _texts: dict[int, Texts] = field(default_factory=dict, repr=False, compare=False)

    def texts(self, position: int) -> Texts:
        """Return the different texts of a column, without the empty ones."""
        if position not in self._texts:
            cells = dict.fromkeys(map(itemgetter(position), self.rows))
            texts = dict.fromkeys(map(self._text, cells))
            self._texts[position] = [text for text in texts if text][:_TEXTS]
        return self._texts[position]

    def cell(self, row: Sequence[str], position: int) -> str:
        """Return the text of a cell, empty for those that stand for an empty one."""
        return self._text(row[position])

    def _text(self, cell: str) -> str:
        text = original(cell).strip()
        return "" if text in self.empty else text

    def is_blank(self, position: int) -> bool:
        """Return whether a column is known to have nothing in it."""
        return bool(self.rows) and not self.texts(position)

    def are_statuses(self, position: int) -> bool:
        """Return whether all cells of a column say won, lost or open, in whatever language."""
        texts = self.texts(position)
        return bool(texts) and all(is_status(text) or self._is_said(text) for text in texts)

    def say_closed(self, position: int) -> bool:
        """Return whether some cells of a column say won or lost."""
        return any(is_closing(text) or self._is_said(text) for text in self.texts(position))

    def _is_said(self, text: str) -> bool:
        return bool(self.statuses) and folded(text) in self.statuses

    def are_stages(self, position: int, share: float = 1.0) -> bool:
        """Return whether the cells of a column, or a `share` of them, are called like stages."""
        words = {folded(text): text for text in self.texts(position)}
        known = [text for word, text in words.items() if word in self.stages or is_closing(text)]
        return bool(known) and len(known) >= share * len(words)

    def mostly(self, test: Callable[[str], bool], position: int) -> bool:
        """Return whether at least half of the texts of a column are as `test` says."""
        texts = self.texts(position)
        return bool(texts) and 2 * sum(map(test, texts)) >= len(texts)

    def are_ids(self, position: int) -> bool:
        """Return whether the cells of a column can be ids or numbers of records, if there are.

        What totals are called may stand among them.
        """
        texts = self.texts(position)
        others = sum(not _NUMBER.fullmatch(text) for text in texts)
        return len(texts) > 2 * others and others <= _OTHERS

    def repeats(self, position: int) -> bool:
        """Return whether some rows have the same in a column."""
        texts = [text for row in self.rows if (text := self.cell(row, position))]
        return len(set(texts)) < len(texts)

    def archive_losses(self, position: int, reason: int, stage: int | None) -> bool:
        """Return whether a column says no of what was lost, by its reason and not by its stage."""
        return self.fits("active", position) and any(
            booleans.WORDS.get(self.cell(row, position).lower()) is False
            and self.cell(row, reason)
            and (stage is None or not is_closing(row[stage]))
            for row in self.rows
        )

    def are_names(self, position: int) -> bool:
        """Return whether the cells of a column can be what people are called, and there are any."""
        texts = self.texts(position)
        return bool(texts) and all(_is_name(text) and not is_email(text) for text in texts)

    def fits(self, field_name: str, position: int) -> bool:
        """Return whether the cells of a column may be values of a field.

        Where nothing is in it, they may; only that they say something of a stage has to be seen.
        """
        if field_name == "stage":
            return self.are_stages(position)
        if field_name == "outcome":
            return self.are_statuses(position)
        look = _LOOKS.get(field_name)
        return look is None or look(self.texts(position))


def first_rows(
    rows: Iterable[TableRow],
    empty: Collection[str] = (),
    stages: Collection[str] = (),
    statuses: Collection[str] = (),
) -> Contents:
    """Return the first of `rows` that are sound; `stages` and `statuses` are words for some."""
    sound = (row.cells for row in islice(rows, SEEN) if not row.trouble)
    words, said = (frozenset(map(folded, names)) - {""} for names in (stages, statuses))
    return Contents(rows=list(sound), empty=frozenset(empty), stages=words, statuses=said)


def _all(test: Callable[[str], bool]) -> Callable[[Texts], bool]:
    return lambda texts: all(map(test, texts))


def _mostly(test: Callable[[str], bool]) -> Callable[[Texts], bool]:
    """Return a test of most texts: those that are wrong are refused, row by row.

    What stands for nothing says nothing of the others.
    """

    def are_mostly(texts: Texts) -> bool:
        said = [text for text in texts if text.lower() not in NOTHING]
        return 2 * sum(map(test, said)) >= len(said)

    return are_mostly


def is_amount(text: str) -> bool:
    """Return whether `text` is a number, with a currency or without."""
    try:
        return amounts.hint(text) is not None or bool(amounts.read(text))
    except UsageError:
        return False


def is_money(text: str) -> bool:
    """Return whether `text` is a number as only amounts are written, with a currency or cents."""
    try:
        found = amounts.hint(text)
        return found is not None or bool(amounts.read(text).currencies)
    except UsageError:
        return False


def is_currency(text: str) -> bool:
    """Return whether `text` is a code or a sign of currencies."""
    try:
        return bool(amounts.currency(text))
    except UsageError:
        return amounts.is_sign(text)


def is_date(text: str) -> bool:
    """Return whether `text` is a date as files have them, whichever part comes first."""
    try:
        return dates.hint(text) is not None or bool(dates.read(text))
    except UsageError:
        return bool(dates.hint(text)) or periods.is_period(text)


def is_email(text: str) -> bool:
    """Return whether `text` is an e-mail address, or begins with one of several."""
    return bool(_EMAIL.fullmatch(re.split(r"\s*(?:[;,]|:::)\s*", text)[0]))


def is_phone(text: str) -> bool:
    """Return whether `text` looks like a telephone number, or begins with one of several."""
    return bool(_PHONE.fullmatch(re.split(r"\s*(?:[;,]|:::)\s*", text)[0]))


def is_truth(text: str) -> bool:
    """Return whether `text` says yes or no."""
    return text.lower() in booleans.WORDS


def _is_name(text: str) -> bool:
    """Return whether `text` can be a name: what another system calls by an id is nobody's."""
    return not _ID.fullmatch(text)


def _is_probability(text: str) -> bool:
    return probabilities.hint(text) is not None or is_amount(text.rstrip("% "))


#: What the cells of a column look like that is read for a field.
_LOOKS: Mapping[str, Callable[[Texts], bool]] = {
    "amount": _mostly(is_amount),
    "probability": _mostly(_is_probability),
    "email": _mostly(is_email),
    "customer_email": _mostly(is_email),
    "owner_email": _mostly(is_email),
    "phone": _mostly(is_phone),
    "number": _all(lambda text: bool(_OWN_NUMBER.fullmatch(text))),
    "owner": _all(_is_name),
    "customer": _all(_is_name),
    "country": _all(_is_name),
    "segment": _all(_is_name),
    "removed": _all(is_truth),
    "active": _all(is_truth),
    "is_won": _all(is_truth),
    "is_lost": _all(is_truth),
    "is_closed": _all(is_truth),
    "organisation": lambda texts: not texts or not all(map(is_truth, texts)),
    **dict.fromkeys(
        (
            "created_at",
            "expected_close",
            "close_date",
            "closed_at",
            "at",
            "stage_entered_at",
            "removed_at",
        ),
        _mostly(is_date),
    ),
}

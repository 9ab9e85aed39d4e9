"""How cells are divided and quoted."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crmctl.domain.importing.files import apostrophes
from crmctl.domain.importing.files.apostrophes import APOSTROPHE
from crmctl.domain.importing.files.rejects import REJECT_COLUMNS
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.errors import UsageError

#: What cells are divided by, if nobody says otherwise.
DELIMITERS = (",", ";", "\t", "|")
#: What Excel writes in front of a file to say what divides its cells.
_HINT = re.compile(r"sep=([^\r\n\"])(\r\n|\r|\n)", re.IGNORECASE)
#: How a file of rejects begins, whatever a spreadsheet divides its cells by.
_REJECTS = re.compile(r"[^\r\n]*([,;\t|])" + r"\1".join(REJECT_COLUMNS) + r"[\r\n]")
#: Enough to tell, in characters; the time it takes grows with it.
_SAMPLE = 8_000
_BACKSLASH = "\\"
# An odd number of backslashes before a quote.
_ESCAPED = r"(?<!\\)(?:\\\\)*\\"


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """The characters between cells, around them, and before a quote in them.

    Two quotes in a cell are one, with an `escape` or without; without a `quote`, all of them are
    text. Cells may be `spaced`: after a delimiter come spaces that belong to no cell. `skip` are
    the lines before the first record, and `findings` say what was found out.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str | None = None
    spaced: bool = False
    skip: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def has_plain_quotes(self) -> bool:
        """Whether cells are quoted as by most: no escape, and no apostrophes, which words have."""
        return bool(self.quote) and self.quote != APOSTROPHE and self.escape is None

    def reader(self, lines: Iterable[str], *, strict: bool = False) -> Iterator[list[str]]:
        """Return the records of `lines`, which keep their ends."""
        if self.escape:
            lines = self._with_escapes_doubled(lines)
        if self.quote == APOSTROPHE:
            lines = apostrophes.normalized(lines, self.delimiter, self.escape, spaced=self.spaced)
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            escapechar=self.escape,
            skipinitialspace=self.spaced,
            strict=strict,
        )

    def _with_escapes_doubled(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield `lines` with an escape before what needs none written as text.

        The csv module would take it off, and make C:\\temp of a careless writer C:temp.
        """
        special = re.escape(f"{self.escape}{self.quote}{self.delimiter}\r\n")
        escape = re.escape(str(self.escape))
        pattern = re.compile(rf"({escape}[{special}])|{escape}")
        for line in lines:
            yield pattern.sub(lambda match: match[1] or 2 * match[0], line)


def find_dialect(text: str, delimiter: str | None = None, quote: str | None = None) -> Dialect:
    """Return the dialect of a file that begins with `text`.

    Raises UsageError for a given `delimiter` or `quote` that cannot be one.
    """
    hint = _HINT.match(text)
    given = _checked(delimiter) if delimiter is not None else hint and hint[1]
    quoted = _checked_quote(quote, given) if quote is not None else None
    if not given and (rejects := _REJECTS.match(text)):
        return Dialect(delimiter=rejects[1])
    sample = _Sample(text[hint.end() if hint else 0 :])
    delimiters = (given,) if given else DELIMITERS
    found = _found(sample, delimiters) if quoted is None else _quoted(sample, delimiters, quoted)
    if quoted and quoted not in text:
        found = replace(found, findings=(*found.findings, _unused_quote(quoted)))
    return replace(found, skip=1 if hint else 0)


def _unused_quote(quote: str) -> Finding:
    text = f"there is no {quote} where the file begins"
    return Finding(certainty=Certainty.DECIDED, text=text, option="--quote")


def _checked(delimiter: str) -> str:
    found = {"\\t": "\t", "tab": "\t"}.get(delimiter.lower(), delimiter)
    if len(found) != 1 or found in '\r\n"':
        raise UsageError(f"a delimiter is one character, such as ';' or a tab: {delimiter!r}")
    return found


def _checked_quote(quote: str, delimiter: str | None) -> str:
    """Return the character that was given as a quote, empty for none."""
    found = "" if quote.lower() == "none" else quote
    if len(found) > 1 or found in ("\r", "\n", " ", delimiter):
        raise UsageError(f'a quote is one character, such as "\'", or none: {quote!r}')
    return found


class _Sample:
    """How a file begins, up to the end of a line."""

    def __init__(self, text: str) -> None:
        self.text = text[:_SAMPLE]
        self.cut = len(text) > _SAMPLE
        if self.cut:
            # A record that is cut in two would look like one of another shape.
            end = max(self.text.rfind("\n"), self.text.rfind("\r"))
            self.text = self.text[: end + 1] or self.text

    def records(self, dialect: Dialect, *, strict: bool) -> list[list[str]] | None:
        """Return the records that are not blank; None if `strict` and a quote is out of place."""
        lines = io.StringIO(self.text, newline="")
        found: list[list[str]] = []
        try:
            for cells in dialect.reader(lines, strict=strict):
                if any(cells):
                    found.append(cells)
        except csv.Error as error:
            # The last line of a sample may be in the middle of a record.
            return found if self.cut and "end of data" in str(error) else None
        return found

    def table(self, dialect: Dialect) -> list[list[str]] | None:
        """Return the records if all are equally wide and quoted as they should be, else None."""
        found = self.records(dialect, strict=True) or []
        return found if len({len(cells) for cells in found}) == 1 and len(found[0]) > 1 else None


def _found(sample: _Sample, delimiters: Sequence[str]) -> Dialect:
    dialect = (
        _plain(sample, delimiters)
        or _between_apostrophes(sample, delimiters)
        or _detected(sample, delimiters)
    )
    dialect = _spaced(sample, dialect)
    return replace(dialect, findings=tuple(_findings(sample.text, dialect)))


def _quoted(sample: _Sample, delimiters: Sequence[str], quote: str) -> Dialect:
    """Return the dialect of a file whose `quote` is known."""
    tried = [Dialect(delimiter=each, quote=quote) for each in delimiters]
    tables = [each for each in tried if sample.table(each)]
    found = tables or [_plain(sample, delimiters) or _detected(sample, delimiters)]
    dialect = replace(found[0], quote=quote, escape=None)
    return _spaced(sample, _escaped(sample, dialect) if quote else dialect)


def _spaced(sample: _Sample, dialect: Dialect) -> Dialect:
    """Return `dialect`, and spaced if only then cells are quoted as they should be."""
    spaced = replace(dialect, spaced=True)
    unquoted = sample.table(spaced)
    if unquoted and _stripped(unquoted) != _stripped(sample.records(dialect, strict=False) or []):
        return spaced
    return dialect


def _stripped(records: list[list[str]]) -> list[list[str]]:
    return [[cell.lstrip(" ") for cell in cells] for cells in records]


def _plain(sample: _Sample, delimiters: Sequence[str]) -> Dialect | None:
    """Return the dialect of a file if only one makes a table of it; None for any other."""
    if "'" not in sample.text and not any(each in sample.text for each in delimiters):
        return Dialect(delimiter=delimiters[0])
    for escape in (None, _BACKSLASH) if re.search(f'{_ESCAPED}"', sample.text) else (None,):
        tried = {each: sample.table(Dialect(delimiter=each, escape=escape)) for each in delimiters}
        tables = {each: records for each, records in tried.items() if records}
        if len(tables) == 1:
            [(delimiter, records)] = tables.items()
            divided = any(each in "".join(records[0]) for each in delimiters)
            certain = not divided and not _apostrophes(records)
            return _escaped(sample, Dialect(delimiter=delimiter)) if certain else None
    return None


def _apostrophes(records: list[list[str]]) -> bool:
    """Return whether most cells, of all or of the header, stand between apostrophes."""
    return any(
        2 * sum(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in cells) > len(cells)
        for cells in (
            [cell for record in some for cell in record if cell] for some in (records, records[:1])
        )
    )


def _between_apostrophes(sample: _Sample, delimiters: Sequence[str]) -> Dialect | None:
    """Return the dialect of a file some of whose cells hold the delimiter between apostrophes.

    Rows that were too wide fit then, and none is less wide than before. Which delimiter it is has
    to be certain.
    """
    if APOSTROPHE not in sample.text:
        return None
    found: dict[str, Dialect] = {}
    for delimiter in delimiters:
        plain = Dialect(delimiter=delimiter)
        for quoted in (
            Dialect(delimiter=delimiter, quote=APOSTROPHE, spaced=each) for each in (False, True)
        ):
            if delimiter not in found and _decides(sample, plain, quoted):
                found[delimiter] = quoted
    return _escaped(sample, next(iter(found.values()))) if len(found) == 1 else None


def _decides(sample: _Sample, plain: Dialect, quoted: Dialect) -> bool:
    before, after = (
        [len(cells) for cells in sample.records(each, strict=False) or []]
        for each in (plain, quoted)
    )
    usual = max(set(after), key=after.count, default=0)
    misfits = [
        (sum(width > usual for width in widths), sum(width < usual for width in widths))
        for widths in (before, after)
    ]
    (wide, narrow), (still_wide, still_narrow) = misfits
    return usual > 1 and still_narrow <= narrow and still_wide + still_narrow < wide + narrow


def _findings(text: str, dialect: Dialect) -> Iterator[Finding]:
    """Yield whether apostrophes around cells are quotes, where there are some."""
    quoted = dialect.quote == APOSTROPHE
    if (
        dialect.escape is None
        and not quoted
        and re.search(rf'(?:^|{re.escape(dialect.delimiter)})"', text, re.M)
    ):
        return
    cell = apostrophes.first_cell(text, dialect.delimiter, divided=quoted, spaced=dialect.spaced)
    if cell is None:
        return
    if quoted:
        yield Finding(
            certainty=Certainty.DECIDED,
            text=f"apostrophes are quotes: {cell.text} on line {cell.line + dialect.skip}",
            option="--quote '\"'",
        )
    else:
        yield Finding(
            certainty=Certainty.ASSUMED,
            text=f"apostrophes are text: {cell.text} on line {cell.line + dialect.skip}",
            option=f'--quote "{APOSTROPHE}"',
        )


def _detected(sample: _Sample, delimiters: Sequence[str]) -> Dialect:
    # It takes half a second to import, and most files need none of it.
    from clevercsv import Detector

    found: Any = Detector().detect(sample.text, delimiters=list(delimiters))
    if found is None:
        return Dialect(delimiter=delimiters[0])
    plain = Dialect(delimiter=found.delimiter or delimiters[0])
    quoted = replace(plain, quote="'")
    # What the sample does not quote may be quoted further down.
    dialect = quoted if found.quotechar == "'" and _quotes(sample, quoted, plain) else plain
    return _escaped(sample, dialect, found.escapechar)


def _quotes(sample: _Sample, quoted: Dialect, plain: Dialect) -> bool:
    """Return whether apostrophes are quotes for certain: far more often one is part of a word."""
    if sample.table(quoted) and not sample.table(plain):
        return True
    return _apostrophes(sample.records(plain, strict=False) or [])


def _escaped(sample: _Sample, dialect: Dialect, detected: str | None = None) -> Dialect:
    """Return `dialect` with a backslash that escapes, if it does.

    Where it makes no difference to the table, what was `detected` counts.
    """
    escaped = replace(dialect, escape=_BACKSLASH)
    without, within = sample.table(dialect), sample.table(escaped)
    if without and within:
        # Who does not escape quotes puts a cell that holds one between quotes.
        pattern = re.compile(_ESCAPED + re.escape(dialect.quote))
        escapes = any(pattern.search(cell) for record in without for cell in record)
    else:
        escapes = bool(within) or (not without and detected == _BACKSLASH)
    return escaped if escapes else dialect

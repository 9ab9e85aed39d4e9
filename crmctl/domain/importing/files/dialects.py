"""How cells are divided and quoted."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crmctl.domain.importing.files.rejects import REJECT_COLUMNS
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
_ESCAPED = {quote: re.compile(rf"(?<!\\)(?:\\\\)*\\{quote}") for quote in "\"'"}


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """The characters between cells, around them, and before a quote in them.

    Two quotes in a cell are one, with an `escape` or without. Cells may be `spaced`: after a
    delimiter come spaces that belong to no cell. `skip` are the lines before the first record.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str | None = None
    spaced: bool = False
    skip: int = 0

    def reader(self, lines: Iterable[str], *, strict: bool = False) -> Iterator[list[str]]:
        """Return the records of `lines`, which keep their ends."""
        return csv.reader(
            self._settled(lines) if self.escape else lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.escape,
            skipinitialspace=self.spaced,
            strict=strict,
        )

    def _settled(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield `lines` with an escape before what needs none written as text.

        The csv module would take it off, and make C:\\temp of a careless writer C:temp.
        """
        special = re.escape(f"{self.escape}{self.quote}{self.delimiter}\r\n")
        escape = re.escape(str(self.escape))
        pattern = re.compile(rf"({escape}[{special}])|{escape}")
        for line in lines:
            yield pattern.sub(lambda match: match[1] or 2 * match[0], line)


def find_dialect(text: str, delimiter: str | None = None) -> Dialect:
    """Return the dialect of a file that begins with `text`.

    Raises UsageError for a given `delimiter` that cannot be one.
    """
    hint = _HINT.match(text)
    given = _checked(delimiter) if delimiter is not None else hint and hint[1]
    if not given and (rejects := _REJECTS.match(text)):
        return Dialect(delimiter=rejects[1])
    sample = _Sample(text[hint.end() if hint else 0 :])
    return replace(_found(sample, (given,) if given else DELIMITERS), skip=1 if hint else 0)


def _checked(delimiter: str) -> str:
    found = {"\\t": "\t", "tab": "\t"}.get(delimiter.lower(), delimiter)
    if len(found) != 1 or found in '\r\n"':
        raise UsageError(f"a delimiter is one character, such as ';' or a tab: {delimiter!r}")
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
    dialect = _plain(sample, delimiters) or _detected(sample, delimiters)
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
    for escape in (None, _BACKSLASH) if _ESCAPED['"'].search(sample.text) else (None,):
        tried = {each: sample.table(Dialect(delimiter=each, escape=escape)) for each in delimiters}
        tables = {each: records for each, records in tried.items() if records}
        if len(tables) == 1:
            [(delimiter, records)] = tables.items()
            divided = any(each in "".join(records[0]) for each in delimiters)
            settled = not divided and not _apostrophes(records)
            return _escaped(sample, Dialect(delimiter=delimiter)) if settled else None
    return None


def _apostrophes(records: list[list[str]]) -> bool:
    """Return whether most cells, of all or of the header, stand between apostrophes."""
    return any(
        2 * sum(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in cells) > len(cells)
        for cells in (
            [cell for record in some for cell in record if cell] for some in (records, records[:1])
        )
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
        escapes = any(_ESCAPED[dialect.quote].search(cell) for record in without for cell in record)
    else:
        escapes = bool(within) or (not without and detected == _BACKSLASH)
    return escaped if escapes else dialect

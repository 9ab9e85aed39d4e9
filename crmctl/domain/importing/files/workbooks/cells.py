"""The cells of a sheet as text: numbers as they are shown, days and times in ISO 8601."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from crmctl.domain.importing.files.escaping import protected
from crmctl.domain.importing.files.tables import MOST_COLUMNS
from crmctl.domain.importing.files.workbooks import number_formats
from crmctl.domain.importing.files.workbooks.book import Book
from crmctl.domain.importing.files.workbooks.number_formats import NumberFormat, NumberKind
from crmctl.domain.importing.files.workbooks.parts import Parts, local
from crmctl.domain.importing.files.workbooks.texts import text_of, unescaped

_UNCOMPUTED = "a formula that no spreadsheet has computed: open the workbook, and save it once"
_ROUNDED = "a spreadsheet keeps 15 digits of a number, and has rounded this one: keep it as text"
_NO_NUMBER = "the workbook says that this is a number, and it is none"
_ANY = NumberFormat()
_LETTERS = {letter: number for number, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1)}

#: A row with what is in it: its line, and by column its cells, what is wrong with some, and how
#: those are written whose format shows more than their value.
SheetRow = tuple[int, dict[int, str], dict[int, str], dict[int, str]]
#: First and last line, first and last column of cells that are merged into one.
Area = tuple[int, int, int, int]


@dataclass(kw_only=True)
class SheetNotes:
    """What was found out about a sheet while its rows were read."""

    merged: list[Area] = field(default_factory=list)
    hidden: int = 0
    written: bool = False
    shown: int = 0
    example: str = ""


def position_of(reference: str) -> tuple[int, int]:
    """Return line and column, from 0, of a cell such as B7; raises ValueError for none."""
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = 26 * column + _LETTERS.get(letter.upper(), MOST_COLUMNS + 1)
    if not 0 < column <= MOST_COLUMNS:
        raise ValueError(f"there is no cell {reference[:20]!r}")
    return int(reference[len(letters) :] or 0), column - 1


def area_of(reference: str) -> Area:
    """Return the cells of an area such as A2:B7."""
    first, _, last = reference.replace("$", "").partition(":")
    (top, left), (bottom, right) = position_of(first), position_of(last or first)
    return top, bottom, left, right


class SheetReader:
    """Reads the rows of one sheet, and takes notes of it."""

    def __init__(self, parts: Parts, book: Book, path: str) -> None:
        self._parts = parts
        self._book = book
        self._path = path
        self.notes = SheetNotes()

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows that have cells; raises ValueError for what is no sheet."""
        line = 0
        for parent, element in self._parts.grandchildren(self._path):
            if parent == "sheetData":
                line = int(element.get("r") or line + 1)
                row = self._row(line, element)
                if row[1] or row[2]:
                    self.notes.hidden += element.get("hidden") in ("1", "true")
                    yield row
            elif parent == "mergeCells":
                self.notes.merged.append(area_of(element.get("ref", "")))

    def _row(self, line: int, element: Element) -> SheetRow:
        cells: dict[int, str] = {}
        faults: dict[int, str] = {}
        written: dict[int, str] = {}
        column = -1
        for cell in element:
            reference = cell.get("r")
            column = position_of(reference)[1] if reference else column + 1
            if len(cell):
                text, fault, more = self._cell(cell)
                if text:
                    cells[column] = text
                if fault:
                    faults[column] = fault
                if more:
                    written[column] = more
        if column >= MOST_COLUMNS:
            raise ValueError(f"row {line} has more than {MOST_COLUMNS:,} cells")
        self.notes.written |= bool(written)
        return line, cells, faults, written

    def _cell(self, cell: Element) -> tuple[str, str, str]:
        """Return the text of a cell, what is wrong with it, and how it is written if not so."""
        value, formula = _parts_of(cell)
        kind = cell.get("t", "n")
        if formula is not None and self._is_uncomputed(kind, value):
            return f"={formula}"[:200], _UNCOMPUTED, ""
        if kind == "inlineStr":
            inline = next((each for each in cell if local(each) == "is"), None)
            return protected(text_of(inline)), "", ""
        if not value:
            return "", "", ""
        match kind:
            case "s":
                return protected(self._book.texts[int(value)]), "", ""
            case "n":
                return self._number(value, cell.get("s"))
            case "b":
                return ("true" if value == "1" else "false"), "", ""
            case "d":
                text = value.removesuffix("T00:00:00").replace("T", " ")
                form = self._format(cell.get("s"))
                dated = form.kind == NumberKind.DATE and form.written
                return text, "", dated(text) if dated else ""
        return protected(unescaped(value)), "", ""

    def _is_uncomputed(self, kind: str, value: str | None) -> bool:
        if kind == "str" and value is not None:
            return False
        return not value or (self._book.recomputes and value == "0")

    def _format(self, style: str | None) -> NumberFormat:
        formats: Sequence[NumberFormat] = self._book.formats
        index = int(style or 0)
        return formats[index] if index < len(formats) else _ANY

    def _number(self, value: str, style: str | None) -> tuple[str, str, str]:
        form = self._format(style)
        try:
            text = number_formats.shown(value, form, since_1904=self._book.since_1904)
        except (ValueError, OverflowError):
            return value, _NO_NUMBER, ""
        written = form.written(text) if form.written else ""
        if form.kind != NumberKind.NUMBER:
            return text, "", written
        if form.decimals is not None and number_formats.is_cut(value, text):
            self.notes.shown += 1
            self.notes.example = self.notes.example or f"{value} as {text}"
        return text, _ROUNDED if number_formats.is_rounded(value) else "", written


def _parts_of(cell: Element) -> tuple[str | None, str | None]:
    """Return the value of a cell and its formula, each None where there is none."""
    value = formula = None
    for each in cell:
        tag = each.tag
        if tag.endswith("}v") or tag == "v":
            value = each.text or ""
        elif tag.endswith("}f") or tag == "f":
            formula = each.text or ""
    return value, formula

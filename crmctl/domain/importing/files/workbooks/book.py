"""What a workbook says of itself: its sheets, its formats, and from when it counts days."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from crmctl.domain.importing.files.workbooks.number_formats import NumberFormat, number_format
from crmctl.domain.importing.files.workbooks.parts import Parts, local, relation
from crmctl.domain.importing.files.workbooks.texts import SharedTexts, text_of

_TRUE = ("1", "true", "on")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet of a workbook: what it is called, where it is, and whether people see it."""

    name: str
    path: str
    hidden: bool = False


@dataclass(frozen=True, kw_only=True)
class Book:
    """A workbook but for its cells.

    With `recomputes`, what stands in a cell with a formula may be no result: whoever wrote the
    workbook computes nothing, and leaves it to the spreadsheet that opens it.
    """

    sheets: Sequence[Sheet]
    formats: Sequence[NumberFormat]
    texts: SharedTexts
    since_1904: bool
    recomputes: bool


def read_book(parts: Parts) -> Book:
    """Return what `parts` say of the workbook."""
    main = next(
        (path for kind, path in parts.targets("").values() if kind == "officeDocument"),
        "xl/workbook.xml",
    )
    relations = parts.targets(main)
    found: list[Sheet] = []
    settings: dict[str, Mapping[str, str]] = {}
    for parent, element in parts.grandchildren(main):
        if parent == "sheets":
            found.extend(_sheet(element, relations))
        elif not parent:
            settings[local(element)] = element.attrib
    paths = {"styles": "xl/styles.xml", "sharedStrings": "xl/sharedStrings.xml"}
    paths |= dict(relations.values())
    return Book(
        sheets=found,
        formats=_formats(parts, paths["styles"]),
        texts=_texts(parts, paths["sharedStrings"]),
        since_1904=settings.get("workbookPr", {}).get("date1904") in _TRUE,
        recomputes=settings.get("calcPr", {}).get("fullCalcOnLoad") in _TRUE,
    )


def _sheet(element: Element, relations: Mapping[str, tuple[str, str]]) -> Iterator[Sheet]:
    kind, path = relations.get(relation(element), ("", ""))
    # Charts and dialogs are sheets, too.
    if kind == "worksheet":
        hidden = element.get("state", "visible") != "visible"
        yield Sheet(name=element.get("name", ""), path=path, hidden=hidden)


def _formats(parts: Parts, path: str) -> list[NumberFormat]:
    """Return the formats that cells refer to by their number."""
    codes: dict[str, str] = {}
    numbers: list[str] = []
    for parent, element in parts.grandchildren(path) if parts.has(path) else ():
        if parent == "numFmts":
            codes[element.get("numFmtId", "")] = element.get("formatCode", "")
        elif parent == "cellXfs":
            numbers.append(element.get("numFmtId", "0"))
    made = {number: number_format(int(number), codes.get(number)) for number in set(numbers)}
    return [made[number] for number in numbers]


def _texts(parts: Parts, path: str) -> SharedTexts:
    texts = SharedTexts()
    for element in parts.children(path) if parts.has(path) else ():
        texts.append(text_of(element))
    return texts

"""A small writer of workbooks: every cell is written as the test says, down to its XML."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

_SPACE = "http://schemas.openxmlformats.org"
_MAIN = f'xmlns="{_SPACE}/spreadsheetml/2006/main"'
_RELATION = f"{_SPACE}/officeDocument/2006/relationships"
_RELATIONS = f'<Relationships xmlns="{_SPACE}/package/2006/relationships">'
#: Styles by number: as typed, two decimals, a day, no decimals, an amount of money.
_FORMATS = (0, 4, 14, 3, 164)


def formula(text: str, value: str | None, style: int = 0, kind: str = "") -> str:
    """Return a cell with a formula and what a spreadsheet computed, if one ever did."""
    kept = "<v/>" if value is None else f"<v>{escape(value)}</v>"
    typed = f' t="{kind}"' if kind else ""
    return f'<c s="{style}"{typed}><f>{escape(text)}</f>{kept}</c>'


def error(value: str) -> str:
    """Return a cell that holds an error such as #N/A."""
    return f'<c t="e"><v>{value}</v></c>'


def number(value: str, style: int = 0) -> str:
    """Return a cell with a number, shown by the style."""
    return f'<c s="{style}"><v>{value}</v></c>'


def text(value: str) -> str:
    """Return a cell with a text; an empty one is no cell."""
    return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>' if value else "<c/>"


def sheet(rows: Sequence[Sequence[str]], merged: Sequence[str] = (), dimension: str = "") -> str:
    """Return a sheet of rows, whose cells are texts or the XML of the functions above."""
    lines = "".join(
        f'<row r="{n}">{"".join(_cell(cell, n, place) for place, cell in enumerate(row))}</row>'
        for n, row in enumerate(rows, 1)
    )
    told = "".join(f'<mergeCell ref="{area}"/>' for area in merged)
    areas = f'<mergeCells count="{len(merged)}">{told}</mergeCells>' if merged else ""
    size = f'<dimension ref="{dimension}"/>' if dimension else ""
    return f"<worksheet {_MAIN}>{size}<sheetData>{lines}</sheetData>{areas}</worksheet>"


def _cell(cell: str, row: int, place: int) -> str:
    made = cell if cell.startswith("<c") else text(cell)
    return made.replace("<c", f'<c r="{chr(65 + place)}{row}"', 1)


def workbook(money: str = "#,##0.00 [$€-407]", **sheets: str) -> bytes:
    """Return the workbook of these sheets, by name; `money` is the last of the styles."""
    names = list(sheets)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        for path, content in {**_frame(names, money), **_pages(sheets)}.items():
            book.writestr(path, content)
    return packed.getvalue()


def _pages(sheets: dict[str, str]) -> dict[str, str]:
    pages = enumerate(sheets.values(), 1)
    return {f"xl/worksheets/sheet{n}.xml": content for n, content in pages}


def _frame(names: list[str], code: str) -> dict[str, str]:
    listed = "".join(
        f'<sheet name="{name.replace("_", " ")}" sheetId="{n}" r:id="r{n}"/>'
        for n, name in enumerate(names, 1)
    )
    targets = "".join(
        f'<Relationship Id="r{n}" Type="{_RELATION}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    whole = f'<Relationship Id="r" Type="{_RELATION}/officeDocument" Target="xl/workbook.xml"/>'
    styles = "".join(f'<xf numFmtId="{number}" applyNumberFormat="1"/>' for number in _FORMATS)
    told = quoteattr(code)
    money = f'<numFmts count="1"><numFmt numFmtId="164" formatCode={told}/></numFmts>'
    return {
        "[Content_Types].xml": f'<Types xmlns="{_SPACE}/package/2006/content-types"/>',
        "_rels/.rels": f"{_RELATIONS}{whole}</Relationships>",
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_RELATION}">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"{_RELATIONS}{targets}</Relationships>",
        "xl/styles.xml": f"<styleSheet {_MAIN}>{money}<cellXfs>{styles}</cellXfs></styleSheet>",
    }

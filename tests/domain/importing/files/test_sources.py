"""Files become tables, and what is no table is refused in one line."""

import gzip
import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmctl.domain.importing.files.escaping import original
from crmctl.errors import UsageError
from tests.domain.importing.tables import CELL, cells, read


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_byte_order_mark_and_line_ends(end: str) -> None:
    table = read(f"\ufefftitle,amount{end}A,1{end}B,2{end}")
    assert table.header == ("title", "amount")
    assert cells(table) == [("A", "1"), ("B", "2")]


def test_lines_are_those_on_which_rows_begin() -> None:
    table = read('title,note\nA,"one\ntwo\r\nthree"\n\nB,x\n,\nC,y\n')
    assert [(row.line, row.cells) for row in table.rows()] == [
        (2, ("A", "one\ntwo\r\nthree")),
        (6, ("B", "x")),
        (8, ("C", "y")),
    ]


def test_short_rows_are_filled_and_long_ones_are_in_trouble() -> None:
    rows = list(read("a,b,c\n1\n1,2,3,,\n1,2,3,4\n").rows())
    assert [row.cells for row in rows[:2]] == [("1", "", ""), ("1", "2", "3")]
    assert rows[2].trouble == "it has 4 cells, and the header 3"
    assert rows[2].cells == ("1", "2", "3", "4")


FOOTER = (
    "it looks like a footer: below a blank line, nothing but its first cell is filled (if it is a"
    " row, take the blank line away)"
)


@pytest.mark.parametrize(
    ("content", "footer"),
    [
        ("a,b\n1,2\n\nTotal: 1\n\n(c) Acme,\n", [4, 6]),
        ("a,b\n1,2\n,\nTotal: 1,\n", [4]),
        ("a,b\n1,2\n\nTotal: 1\n3,4\n\nTotal: 1\n", []),
        ("a,b\n1,2\n\n3,4\nTotal: 1\n", []),
        ("a,b\n1,2\n3\n\n4\n", []),
        ("a,b\n1,2\n\n,4\n", []),
        ("a\n1\n\n2\n", []),
        ("a,b\n1,2\n\n" + "3\n" * 51, []),
    ],
)
def test_last_rows_that_look_like_a_footer_are_in_trouble(content: str, footer: list[int]) -> None:
    rows = list(read(content).rows())
    assert [(row.line, row.trouble) for row in rows if row.trouble] == [
        (line, FOOTER) for line in footer
    ]
    assert [row.line for row in rows] == [
        line for line, text in enumerate(content.split("\n"), 1) if line > 1 and text.strip(",")
    ]
    assert all(row.cells[:2] == ("", "") for row in rows if row.trouble)


OPEN = "a quote that is opened here is never closed"


def test_below_a_quote_that_is_never_closed_reading_goes_on() -> None:
    rows = list(read('a,b\n1,2\n3,"4\n5,6\n7,8\n').rows())
    assert [(row.line, row.trouble) for row in rows] == [(2, ""), (3, OPEN), (4, ""), (5, "")]
    assert rows[1].cells == ("", "", '3,"4')
    # The quote is one cell too long before the file ends.
    good = "".join(f"{n},a{n}@x.example\n" for n in range(100_000))
    rows = list(read(f'id,mail\n{good}"bad,b@x.example\n{good}').rows())
    assert [(row.line, row.trouble) for row in rows if row.trouble] == [(100_002, OPEN)]
    assert (len(rows), rows[-1].line) == (200_001, 200_002)


def test_text_below_a_quote_that_is_never_closed_is_no_row() -> None:
    rows = list(read('a,b\n1,2\n3,"a note\nthat was cut\noff').rows())
    assert [(row.line, row.trouble) for row in rows] == [(2, ""), (3, OPEN)]
    rows = list(read('a,b\n3,"a note\nthat ends\n5,6\n7,8\n').rows())
    assert [(row.line, row.cells[-1]) for row in rows] == [
        (2, '3,"a note\nthat ends'),
        (4, "6"),
        (5, "8"),
    ]


def test_header_with_a_quote_that_is_never_closed_is_refused() -> None:
    with pytest.raises(UsageError, match=f"^deals.csv line 1: {OPEN}$"):
        read('"a,b\n1,2\n')


@pytest.mark.parametrize("long", ["x" * 1_000_001, "some words\n" * 100_000])
def test_row_with_a_cell_that_is_too_long_is_in_trouble(long: str) -> None:
    rows = list(read(f'a,b\n1,2\n3,"{long}"\n5,6\n').rows())
    told = "a cell is longer than 1,000,000 characters"
    assert [row.trouble for row in rows] == ["", told, ""]
    assert rows[2].cells == ("5", "6")
    assert len(rows[1].cells[2]) == 10_000


_SHEET = "application/vnd.oasis.opendocument.spreadsheet"


def _zip(*names: str, **contents: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in (dict.fromkeys(names, "a,b") | contents).items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"\n\n,,\n", "is empty"),
        (b"PK\x03\x04rest", "zip file that cannot be read"),
        (_zip("deals.csv"), "zip file, not a table (it holds deals.csv): unpack it first"),
        (_zip("xl/workbook.xml"), "cannot be read as a workbook"),
        (b"\x1f\x8b\x08", "cannot be unpacked"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-6], "cannot be unpacked"),
        (gzip.compress(b"<html>", mtime=0), "web page"),
        (b"%PDF-1.7", "PDF"),
        ("<!doctype html>".encode("utf-16"), "web page"),
        (b"PAR1\x15\x04", "a Parquet file, not a table"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b'{\n  "a": 1\n}', "line 1: it is not JSON (jq -c . puts each object on a line)"),
        (b"  <table><tr><td>a</td></tr></table>", "web page or XML"),
        (b'<div class="x">a, b</div>\n<p>x, y</p>', "web page or XML"),
        (_zip(), "deals.csv is a zip file with nothing in it"),
        (_zip("content.xml", mimetype=_SHEET), "is an OpenDocument file, not a table: save it as"),
        (b"{\\rtf1\\ansi a,b}", "a text in RTF, not a table: save it as CSV"),
        (b"a,b\n1,2\n3,\x00\n", "line 3 holds a NUL"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(content: bytes, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        list(read(content).rows())
    assert told in str(caught.value)
    assert str(caught.value).startswith("deals.csv")
    assert "\n" not in str(caught.value)


def test_name_of_a_column_may_be_between_angle_brackets() -> None:
    assert read("<name>,<amount>\nA,5\n").header == ("<name>", "<amount>")


def test_json_lines_are_a_table() -> None:
    table = read(
        '\ufeff{"title": "A", "amount": 12.50, "custom": {"size": 3, "vip": true}}\r\n'
        "\n"
        '{"title": "=B", "tags": ["x", "y"], "amount": null}\n'
    )
    assert table.header == ("title", "amount", "custom.size", "custom.vip", "tags")
    assert [(row.line, row.cells) for row in table.rows()] == [
        (1, ("A", "12.50", "3", "true", "")),
        (3, ("=B", "", "", "", '["x", "y"]')),
    ]


def test_an_object_beside_numbers_has_a_number() -> None:
    table = read(
        '{"amount": 7}\n{"amount": {"value": 5, "currency": "USD"}}\n{"amount": null}\n'
        '{"size": 1, "size.value": 2, "box": {"value": 1, "amount": 2}}\n{"box": 3}\n'
    )
    assert table.header == (
        "amount", "amount.currency", "size", "size.value", "box.value", "box.amount", "box"
    )  # fmt: skip
    assert [row.cells[:2] for row in table.rows()][:2] == [("7", ""), ("5", "USD")]
    (found,) = table.form.findings
    assert (found.count, str(found.certainty)) == (1, "decided")


@pytest.mark.parametrize(
    ("line", "trouble"),
    [
        ("[1]", "it is no JSON object"),
        ("title,A", "it is not JSON"),
        ("[" * 100_000, "it is nested too deep"),
        (r'{"title": "a\u0000b"}', "it holds a NUL character"),
        (r'{"title": "a\ud800b"}', "it holds half of a surrogate pair"),
    ],
)
def test_broken_line_of_json_is_a_row_in_trouble(line: str, trouble: str) -> None:
    rows = list(read(f'{{"title": "A"}}\n{line}\n{{"title": "B"}}\n').rows())
    assert [(row.line, row.trouble) for row in rows] == [(1, ""), (2, trouble), (3, "")]


@given(st.lists(st.dictionaries(st.sampled_from("abc"), CELL, min_size=1), min_size=1, max_size=8))
def test_what_json_writes_comes_back(records: list[dict[str, str]]) -> None:
    table = read("".join(json.dumps(record) + "\n" for record in records))
    found = [
        {name: original(cell) for name, cell in zip(table.header, row.cells, strict=True) if cell}
        for row in table.rows()
    ]
    held = [{name: cell for name, cell in record.items() if cell} for record in records]
    assert found == [record for record in held if record]


SENTENCES = {
    "cp1250": ["Dvořák", "Příliš žluťoučký kůň", "Łódź Spółka", "Kőszegi Péter"],
    "cp1252": ["Müller", "Société Générale", "Peña Muñoz", "Åsa Öberg", "12 €", "“big” – it’s"],
    "latin-1": ["João Conceição", "Søren Ærø"],
    "utf-16": ["Dvořák", "東京"],
    "utf-16-be": ["Title", "Peña"],
    "utf-8": ["東京", "Dvořák"],
    "utf-8-sig": ["Peña"],
    "cp1251": ["Большая сделка"],
}


@pytest.mark.parametrize(
    ("encoding", "title"), [(name, text) for name, texts in SENTENCES.items() for text in texts]
)
def test_encoding_is_found(encoding: str, title: str) -> None:
    # The first letter that is not ASCII is far down.
    content = "Title,Amount\n" + "Plain deal,5\n" * 20_000 + f"{title},6\n"
    table = read(content.encode(encoding))
    assert cells(table)[-1][0] == title
    assert table.header == ("Title", "Amount")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("Name\nŽofie\nJos".encode() + b"\xe9\n", 3),
        ("Name\nŽofie\n".encode() + "é".encode()[:1], 3),
        (("Name\n" + "Žofie\n" * 300_000).encode() + b"\xe9\n", 300_002),
    ],
)
def test_a_few_bytes_that_are_not_utf_8_are_refused(content: bytes, line: int) -> None:
    with pytest.raises(UsageError, match=f"^deals.csv near line {line} holds a byte that is not"):
        read(content)
    assert read(content, encoding="cp1250").header == ("Name",)


def test_given_encoding_is_taken() -> None:
    assert cells(read("a\nñ\n".encode("cp1252"), encoding="cp1250")) == [("ń",)]
    with pytest.raises(UsageError, match="'klingon' is no encoding"):
        read("a\nb\n", encoding="klingon")
    with pytest.raises(UsageError, match=r"line 2; --encoding says another"):
        read("a\nñ\n".encode("cp1252"), encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("Name,Amount,Stage\nA,5,won\n", 1),
        ("Report: Deals\nGenerated 2024-01-01\n\nName,Amount,Stage\nA,5,won\nB,6,lost\n", 4),
        ("Deals,,\n,,\nName,Amount,Stage\nA,5,won\nB,6,lost\n", 3),
        ("Account,Acme\n\nName,Amount,Stage\nA,5,won\n", 3),
        ("Report:;Deals;\nPeriod:;2026;\nName;Stage;Amount\nA;won;5\nB;lost;6\n", 3),
        ("Deals,2026-01-01,\nName,Stage,Amount\nA,won,5\nB,lost,6\n", 2),
        ("Name,Stage\nA,won,x\nB,lost,y\n", 1),
        ("Name,Stage:\nA,won\nB,lost\n", 1),
        ("Name,Stage\nA,won,5,x,y\nB,lost,6,x,z\n", 1),
        ("Name,Amount,Stage\nA,5\nB\n", 1),
        ("\n\nName\nA\n", 3),
        ("sep=;\nName;Amount\nA;5\n", 2),
    ],
)
def test_header_is_found(content: str, line: int) -> None:
    table = read(content)
    assert table.form.header == line
    assert table.header[0] == "Name"


def test_given_header_is_taken() -> None:
    table = read("a,b\nc,d\ne,f\n", header=2)
    assert (table.header, cells(table)) == (("c", "d"), [("e", "f")])
    with pytest.raises(UsageError, match="no record that begins on line 9"):
        read("a,b\n", header=9)


def test_columns_without_a_name_or_with_one_twice_get_one() -> None:
    table = read("Name,,Name,Note,,\nA,1,B,x\n")
    assert table.header == ("Name", "column 2", "Name (2)", "Note")


def test_gzip_is_unpacked() -> None:
    assert cells(read(gzip.compress(b"title\nA\n"))) == [("A",)]
    assert cells(read(gzip.compress(b'{"title": "A"}\n'))) == [("A",)]


def _workbook(**sheets: str) -> bytes:
    """Return a workbook with these sheets, each given as the XML of its rows."""
    space = "http://schemas.openxmlformats.org"
    main = f'xmlns="{space}/spreadsheetml/2006/main"'
    related = f'xmlns:r="{space}/officeDocument/2006/relationships"'
    relation = f"{space}/officeDocument/2006/relationships"
    relations = f'<Relationships xmlns="{space}/package/2006/relationships">'
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1)
    )
    targets = "".join(
        f'<Relationship Id="r{n}" Type="{relation}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as book:
        types = f'<Types xmlns="{space}/package/2006/content-types"/>'
        book.writestr("[Content_Types].xml", types)
        whole = f'<Relationship Id="r" Type="{relation}/officeDocument" Target="xl/workbook.xml"/>'
        book.writestr("_rels/.rels", f"{relations}{whole}</Relationships>")
        book.writestr(
            "xl/workbook.xml", f"<workbook {main} {related}><sheets>{listed}</sheets></workbook>"
        )
        book.writestr("xl/_rels/workbook.xml.rels", f"{relations}{targets}</Relationships>")
        book.writestr(
            "xl/styles.xml",
            f'<styleSheet {main}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
            "</styleSheet>",
        )
        for n, rows in enumerate(sheets.values(), 1):
            data = f"<worksheet {main}><sheetData>{rows}</sheetData></worksheet>"
            book.writestr(f"xl/worksheets/sheet{n}.xml", data)
    return packed.getvalue()


def _sheet(*rows: str) -> str:
    return "".join(f'<row r="{n}">{cells}</row>' for n, cells in enumerate(rows, 1))


def _inline(text: str) -> str:
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>'


BOOK = {
    "Deals": _sheet(
        _inline("Our deals"),
        "",
        "".join(map(_inline, ["Title", "Amount", "Close", "Won"])),
        _inline("A &amp; B") + '<c><v>1200.5</v></c><c s="1"><v>45292</v></c><c t="b"><v>1</v></c>',
        "",
        _inline("=C") + "<c><v>12</v></c>",
    ),
    "Other": _sheet(_inline("Name"), _inline("x")),
}


def test_workbook_is_a_table() -> None:
    table = read(_workbook(**BOOK))
    assert (table.header, table.form.header) == (("Title", "Amount", "Close", "Won"), 3)
    assert [(row.line, row.cells) for row in table.rows()] == [
        (4, ("A & B", "1200.5", "2024-01-01", "true")),
        (6, ("=C", "12", "", "")),
    ]
    assert read(_workbook(**BOOK), sheet="Other").header == ("Name",)
    with pytest.raises(UsageError, match=r"no sheet 'X' \(there is Deals, Other\)"):
        read(_workbook(**BOOK), sheet="X")

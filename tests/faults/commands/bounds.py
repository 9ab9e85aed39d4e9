"""Files that claim to be anything: read in bounds, or refused in one line."""

import gzip
import time
from collections.abc import Iterator
from zipfile import ZIP_DEFLATED, ZipFile

from tests.faults.measured import Measured
from tests.faults.place import Place
from tests.faults.rows import row

#: What reading any file may take.
MEGABYTES, SECONDS = 500, 60
_MEGABYTE = 1 << 20


def _bounded(at: Place, what: str, ended: Measured, *, seconds: int = SECONDS) -> None:
    at.holds(f"{what}: {ended}", ended.code in (0, 1, 2) and "unexpected" not in ended.stderr)
    at.holds(f"{what}: {ended}", ended.megabytes < MEGABYTES and ended.seconds < seconds)


def _imported(at: Place, name: str, **limits: int) -> Measured:
    return at.measured(f"import deals $OUT/{name} --as Ada", **limits)


def _packed(at: Place, name: str, blocks: Iterator[bytes]) -> None:
    with gzip.open(at.folder / name, "wb", compresslevel=1) as packed:
        for block in blocks:
            packed.write(block)


def _filled(start: bytes, block: bytes, megabytes: int, end: bytes = b"") -> Iterator[bytes]:
    yield start
    for _ in range(megabytes):
        yield block * (_MEGABYTE // len(block))
    yield end


@row("D10", "thousands of columns of one name")
def equal_names(at: Place) -> None:
    names, cells = ",".join(["x"] * 4000), ",".join("1" * 4000)
    at.file("wide.csv", f"Deal Name,{names}\nWeir,{cells}\n")
    _bounded(at, "4,000 columns", _imported(at, "wide.csv"), seconds=20)


_SPACE = "http://schemas.openxmlformats.org"
_MAIN = f"{_SPACE}/spreadsheetml/2006/main"
_KIND = f"{_SPACE}/officeDocument/2006/relationships"
_LINKS = f'<Relationships xmlns="{_SPACE}/package/2006/relationships"><Relationship'
#: All that a workbook needs beside its sheet.
_BOOK = {
    "[Content_Types].xml": f'<Types xmlns="{_SPACE}/package/2006/content-types"/>',
    "_rels/.rels": f'{_LINKS} Id="r" Type="{_KIND}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_KIND}"><sheets>'
    '<sheet name="Deals" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_LINKS} Id="r1" Type="{_KIND}/worksheet"'
    ' Target="worksheets/sheet1.xml"/></Relationships>',
}
_HEADER = b'<row r="1"><c r="A1" t="inlineStr"><is><t>Deal Name</t></is></c></row>'


def _workbook(at: Place, name: str, rows: Iterator[bytes]) -> None:
    """Write a workbook whose only sheet has `rows` of XML, packed as they come."""
    with ZipFile(at.folder / name, "w", ZIP_DEFLATED, compresslevel=1) as book:
        for path, content in _BOOK.items():
            book.writestr(path, content)
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for block in rows:
                sheet.write(block)
            sheet.write(b"</sheetData></worksheet>")


@row("D11", "a cell in the last corner of a sheet")
def far_corners(at: Place) -> None:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    _workbook(at, "far.xlsx", iter([_HEADER, far]))
    ended = _imported(at, "far.xlsx", megabytes=1500)
    _bounded(at, "the workbook", ended)


@row("D12", "files that unpack to much more", slow=True)
def bombs(at: Place) -> None:
    cell = b'<row><c t="inlineStr"><is><t>' + b"x" * 40 + b"</t></is></c></row>"
    _workbook(at, "bomb.xlsx", _filled(_HEADER, cell, 1500))
    _packed(at, "cell.csv.gz", _filled(b"Deal Name,Note\nWeir,", b"x", 500, b"\nLock,y\n"))
    at.file("open.csv", b'Deal Name,Note\n"Weir,1\n' + b"1,some words\n" * (5 * _MEGABYTE // 13))
    # A fourth of the rows that were once too many is enough to see that none are kept.
    _packed(at, "equal.csv.gz", _filled(b"Deal ID,Deal Name\n", b"1,Weir\n", 10))
    rejected = "".join(f"{n},Deal {n},x{n}\n" for n in range(300_000))
    at.file("rejects.csv", f"Deal ID,Deal Name,Amount\n{rejected}")
    for name in ("bomb.xlsx", "cell.csv.gz", "open.csv", "equal.csv.gz", "rejects.csv"):
        _bounded(at, name, _imported(at, name, seconds=900), seconds=200)


@row("D13", "headers and lines that are absurd, and files that are none", slow=True)
def absurd(at: Place) -> None:
    at.file("columns.csv", b"Deal Name," + b"x," * 1_000_000 + b"\nWeir,1\n")
    at.file("mixed.csv", b"a,b;c\td|" * (5 * _MEGABYTE // 8) + b"\nx\n")
    keys = ", ".join(f'"k{n}": 1' for n in range(200_000))
    at.file("keys.jsonl", f'{{"title": "Weir", {keys}}}\n')
    for name in ("columns.csv", "mixed.csv", "keys.jsonl"):
        _bounded(at, name, _imported(at, name, seconds=60), seconds=20)
    ended = at.measured("import deals /dev/zero --as Ada", megabytes=1500, seconds=20)
    at.same(f"/dev/zero: {ended}", ended.code, 2)


@row("D8", "undo of an import of 100,000 deals", slow=True)
def large_undo(at: Place) -> None:
    rows = "".join(f"{n},Deal {n},{n},Step {n}\n" for n in range(100_000))
    at.file("large.csv", f"Deal ID,Deal Name,Amount,Next Step\n{rows}")
    imported = _imported(at, "large.csv", seconds=300)
    undone = at.measured("undo --as Ada", seconds=300)
    for ended in (imported, undone):
        at.same(str(ended), ended.code, 0)
    at.holds(f"the import: {imported}; the undo: {undone}",
             undone.megabytes < 300 and undone.seconds < 2 * imported.seconds + 1)  # fmt: skip


@row("D22", "a list of a million deals", slow=True)
def long_lists(at: Place) -> None:
    with (at.folder / "many.csv").open("w", encoding="utf-8") as file:
        file.write("Deal ID,Deal Name\n")
        file.writelines(f"{n},Deal {n}\n" for n in range(1_000_000))
    imported = _imported(at, "many.csv", seconds=900)
    at.same(str(imported), imported.code, 0)
    base, scan = at.measured("user list --as Ada"), _scanned(at)
    for command, scans in (
        ("deal list", 0),
        ("deal list --text 'Deal 777777'", 2),
        ("deal show 'Deal 777777'", 2),
    ):
        ended = at.measured(f"{command} --as Ada")
        at.same(str(ended), ended.code, 0)
        at.holds(f"{command}: {ended.seconds:.1f} s, {base.seconds:.1f} s for a list of users,"
                 f" and {scan:.1f} s for the titles alone",
                 ended.seconds < base.seconds + 0.5 + scans * scan)  # fmt: skip


def _scanned(at: Place) -> float:
    """Return the seconds of this process's CPU in which the database looks at every title.

    A text is not looked up by an index, so that this is the floor of a search.
    """
    began = time.process_time()
    at.query("SELECT count(*) FROM deals WHERE lower(title) LIKE '%deal 777777%'")
    return time.process_time() - began

"""Apostrophes are quotes where cells between them hold the delimiter, and else parts of words."""

import pytest

from crmctl.domain.importing.files.apostrophes import APOSTROPHE, LineCells
from crmctl.domain.importing.findings import Certainty
from crmctl.errors import UsageError
from crmctl.render.views import csv_cell
from tests.domain.importing.tables import cells, read

QUOTED = {
    "some cells, and words with apostrophes": (
        "name,sum,note\nDock,1,'call, then visit'\nCrane,2,'it won't wait'\nO'Hara pier,3,'mail'\n",
        [("Dock", "1", "call, then visit"), ("Crane", "2", "it won't wait"),
         ("O'Hara pier", "3", "mail")],
    ),
    "semicolons": ("name;note\n'a; b';x\nc;d\n", [("a; b", "x"), ("c", "d")]),
    "tabs": ("name\tnote\n'a\tb'\tx\nc\td\n", [("a\tb", "x"), ("c", "d")]),
    "words that begin with one": (
        "name,note\n't Hof,'a, b'\n's-Hertogenbosch,'c'\n", [("'t Hof", "a, b"),
         ("'s-Hertogenbosch", "c")],
    ),
    "doubled ones": ("name,note\n'it''s, so',x\n'a ''b'', c',y\n", [("it's, so", "x"),
                     ("a 'b', c", "y")]),
    "escaped ones": ("name,note\n'it\\'s, so',x\nb,y\n", [("it's, so", "x"), ("b", "y")]),
    "lines in a cell": ("name,note\n'a,\nb won't',x\nc,'d, e'\n", [("a,\nb won't", "x"),
                        ("c", "d, e")]),
    "rows that end early": ("a,b,c\n1,2\n'x, y',2,3\n4,5,6\n", [("1", "2", ""),
                            ("x, y", "2", "3"), ("4", "5", "6")]),
}  # fmt: skip


@pytest.mark.parametrize(("content", "rows"), QUOTED.values(), ids=QUOTED)
def test_cells_that_hold_the_delimiter_decide(content: str, rows: list[tuple[str, ...]]) -> None:
    table = read(content)
    assert cells(table) == rows
    [found] = table.form.findings
    assert found.certainty == Certainty.DECIDED
    assert "apostrophes are quotes: '" in found.text


NOT_QUOTED = {
    "names": "name,note\nO'Brien,x\n't Hof,Jones'\nD'Arcy,it's\n",
    "a cell too many": "name,note\nO'Brien,x\nVan 't Hof, Jan,it's\n",
    "between the wrong cells": "name,note,sum\n't Hof,Jones',5\n'Abd,x,6\n",
}


@pytest.mark.parametrize("content", NOT_QUOTED.values(), ids=NOT_QUOTED)
def test_apostrophes_of_names_are_text(content: str) -> None:
    table = read(content)
    assert [",".join(row) for row in cells(table)] == content.splitlines()[1:]
    assert not table.form.findings


def test_apostrophes_around_cells_are_noted_where_nothing_says_what_they_are() -> None:
    table = read("name,note\nA,'urgent'\nB,plain\n")
    assert cells(table)[0] == ("A", "'urgent'")
    [found] = table.form.findings
    assert (found.certainty, found.text, found.option) == (
        Certainty.ASSUMED, "apostrophes are text: 'urgent' on line 2", f'--quote "{APOSTROPHE}"',
    )  # fmt: skip
    assert cells(read("name,note\nA,'urgent'\n", quote=APOSTROPHE)) == [("A", "urgent")]


def test_quote_is_what_was_said() -> None:
    assert cells(read("a,b\n$x, y$,1\n", quote="$")) == [("x, y", "1")]
    inches = 'a\tb\n5" pipe\t1\n"6 inch\t2\n'
    assert cells(read(inches, quote="none")) == [('5" pipe', "1"), ('"6 inch', "2")]
    assert cells(read("a,b\n'x',1\n", quote='"')) == [("'x'", "1")]


@pytest.mark.parametrize("quote", ["''", " ", "\n", ";"])
def test_what_cannot_be_a_quote_is_refused(quote: str) -> None:
    with pytest.raises(UsageError, match="a quote is one character"):
        read("a;b\n1;2\n", ";", quote=quote)


@pytest.mark.parametrize("unit", [",''x", ", ''x", ",'s", ",'x", ",'',''x", ",'''x", ",'x''y"])
@pytest.mark.parametrize("last", [",'y\n", ",'y'\n", "\n"])
def test_a_line_is_looked_through_a_few_times_however_many_cells_it_has(
    unit: str, last: str
) -> None:
    line = f"a{unit * 500}{last}"
    found = list(LineCells(",", None, spaced=True).of(line))
    assert sum(len(cell.groupdict().get("seen") or cell[0]) for cell in found) <= 2 * len(line)


def test_cells_that_only_begin_with_an_apostrophe_stay_apart() -> None:
    table = read("a,b,c,d\n''x,'',''y,'z'\n''x,'''','y,'t Hof\n", quote=APOSTROPHE)
    assert cells(table) == [("''x", "", "''y", "z"), ("''x", "'", "'y", "'t Hof")]


def test_formula_behind_a_separator_is_none() -> None:
    assert csv_cell("x;=cmd|' /C calc'!A0;") == "'x;'=cmd|' /C calc'!A0;"
    assert [csv_cell(text) for text in ("x\t+1; @a", "a; b", "'a; b")] == [
        "'x\t'+1; '@a", "a; b", "'a; b",
    ]  # fmt: skip

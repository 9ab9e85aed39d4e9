"""A line below the header that says in what the columns are is no row, and is heeded."""

import io

import pytest

from crmctl.domain.importing.columns.corrections import correction
from crmctl.domain.importing.files.sources import read_table
from crmctl.domain.kinds import Entity
from crmctl.errors import UsageError


def read(text: str) -> tuple[tuple[str, ...], list[int], list[str]]:
    """Return the header of a file, the lines of its rows, and what was found out about it."""
    with read_table(io.BytesIO(text.encode()), "f.csv") as table:
        found = [each.text for each in table.form.findings]
        return table.header, [row.line for row in table.rows()], found


@pytest.mark.parametrize(
    "unit", ["in EUR thousand", "EUR", "€", "in TEUR", "T€", "EUR k", "in Mio. EUR", "USD"]
)
@pytest.mark.parametrize("brackets", ["{}", "({})", "[{}]"])
def test_units_go_into_the_names_of_columns(unit: str, brackets: str) -> None:
    header, lines, found = read(f"Deal,Amount\n,{brackets.format(unit)}\nWeir,5\n")
    assert (header, lines) == (("Deal", f"Amount ({unit})"), [3])
    assert found == [f"line 2 is no row, but says the units of Amount ({unit})"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Deal,Stage,Amount,Close,Chance\n(text),(list),(EUR),(date),(%)\nWeir,Lead,5,,4",
         "Deal,Stage,Amount (EUR),Close,Chance (%)"),
        ("Amount,Deal\nEUR,\n5,Weir", "Amount (EUR),Deal"),
        ("Deal,Amount (EUR)\n,EUR\nWeir,5", "Deal,Amount (EUR)"),
        ("Deal,Close\n,dd.mm.yyyy\nWeir,", "Deal,Close (dd.mm.yyyy)"),
    ],
)  # fmt: skip
def test_kinds_of_values_are_no_row_either(text: str, names: str) -> None:
    header, lines, _ = read(text)
    assert (",".join(header), lines) == (names, [3])


@pytest.mark.parametrize("strokes", ["---,---", ":--,----:", "======,======", "----,"])
def test_strokes_below_a_header_are_no_row(strokes: str) -> None:
    header, lines, found = read(f"Deal,Amount\n{strokes}\nWeir,5\n")
    assert (header, lines) == (("Deal", "Amount"), [3])
    assert found == ["line 2 is no row, but strokes below the header"]


@pytest.mark.parametrize(
    "text",
    [
        "Deal,Amount\nWeir,EUR\n",
        "Deal,Amount\nText,5\n",
        "Deal,Amount\n,000\n",
        "Deal,Amount\n,\n",
        "Deal,Amount\n--,-\n",
    ],
)
def test_rows_stay_rows(text: str) -> None:
    assert read(text)[0] == ("Deal", "Amount")
    assert read(text)[2] == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Deal,Amount\nin EUR thousand,\nWeir,5\n", "line 2 looks like a unit: in EUR thousand"),
        (
            "Pipeline in EUR thousand,\n\nDeal,Amount\nWeir,5\n",
            "line 1 says that amounts are in EUR thousand: write",
        ),
        ("Report (T€),\nDeal,Amount\nWeir,5\nDam,6\n", "line 1 says that amounts are in T€"),
        ("Werte in Tausend EUR\n\nDeal,Amount\nWeir,5\n", "amounts are in Tausend EUR"),
        ("Deal,Amount (EUR)\n,in thousand\nWeir,5\n", "line 2 says 'in thousand' of Amount (EUR)"),
    ],
)
def test_what_is_not_clear_is_asked_for(text: str, why: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(text)
    assert why in str(raised.value)


@pytest.mark.parametrize("title", ["Deals in May", "Made in M 5", "All in EUR", "Report (EUR)"])
def test_other_titles_say_no_scale(title: str) -> None:
    assert read(f"{title},\n\nDeal,Amount\nWeir,5\n")[0] == ("Deal", "Amount")


def test_a_column_is_corrected_without_its_unit() -> None:
    assert correction("Amount=amount", ["Deal", "Amount (EUR)"], Entity.DEAL, {}) == (1, "amount")

# ruff: noqa: RUF001 - signs and letters that look like others are what this is about.
"""The encoding of an imported file, and texts that came through a wrong one."""

import pytest

from tests.cli.imported import customers, take
from tests.crm import Crm


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company."""
    return crm.begin("init Acme --user Ann")


def names(crm: Crm) -> list[str]:
    return [row["name"] for row in customers(crm)]


def certainties(crm: Crm, content: str | bytes, options: str = "") -> list[str]:
    found = take(crm, "customers", content, options).json()["findings"]
    return [each["certainty"] for each in found]


@pytest.mark.parametrize(
    ("page", "row"),
    [
        ("cp1252", "Ana Muñoz,Cádiz\nÓscar Díaz,Bogotá"),
        ("cp1252", "Jörg Möller,Straße €5\nZoë Brunel,déjà vu\nRenée Groß,Köln"),
        ("cp1254", "Çağla Işık,Niğde\nEmre Taş,Bolu"),
        ("iso8859-2", "Łucja Świątek,Łódź\nWąs Źrebak,Świnoujście"),
        ("iso2022_jp", "田中 花子,東京商会"),
    ],
)
def test_file_is_stored_as_it_was_written_and_what_decided_is_said(
    crm: Crm, page: str, row: str
) -> None:
    result = take(crm, "customers", f"Name,City\n{row}\n".encode(page))
    assert names(crm)[0] == row.split(",")[0]
    assert "decided" in [each["certainty"] for each in result.json()["findings"]]


def test_encoding_that_is_assumed_is_refused_when_strict(crm: Crm) -> None:
    content = b"Name,City\nPe\xf1a,Lima\n"
    assert take(crm, "customers", content, "--strict").exit_code == 1
    assert customers(crm) == []
    assert "assumed" in certainties(crm, content, "--dry-run")
    assert take(crm, "customers", content, "--strict --encoding cp1252").exit_code == 0
    assert names(crm) == ["Peña"]


def test_encoding_that_is_open_is_asked_for(crm: Crm) -> None:
    result = take(crm, "customers", b"Name,City\n\xc5,Lima\n")
    assert result.exit_code == 2
    assert "may be in cp1252 (Å) or in" in result.stderr
    assert result.stderr.endswith("--encoding NAME says which\n")
    assert customers(crm) == []


@pytest.mark.parametrize("damaged", ["MÃ¼ller", "M\ufffdller", "M?ller"])
def test_damaged_text_over_a_whole_one_is_said(crm: Crm, damaged: str) -> None:
    rows = "Email,Name\njo@example.com,{}\n"
    take(crm, "customers", rows.format("Müller"))
    before = take(crm, "customers", rows.format(damaged), "--key email --dry-run")
    told = [each["text"] for each in before.json()["findings"]]
    assert any(text.startswith("would put a damaged text") for text in told)
    assert take(crm, "customers", rows.format(damaged), "--key email --strict").exit_code == 1
    assert names(crm) == ["Müller"]


def test_damaged_text_in_a_new_row_is_said(crm: Crm) -> None:
    assert certainties(crm, "Name\nMÃ¼ller\n") == ["unknown"]
    assert certainties(crm, "Name\nMüller\n") == []

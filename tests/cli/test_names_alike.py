"""Names that look alike are one: for commands, in files, and in whatever files name."""

import pytest

from tests.cli.imported import customers, deals, take
from tests.crm import Crm

PLAIN = "Beech Größe Inc"
ALIKE = ["Beech\u00a0Größe  Inc", "Beech Gro\u0308ße Inc", "\ufeffBe\u200bech Größe Inc\u200f"]


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with one user, who is remembered."""
    return crm.begin("init Acme --user Ada", "user use Ada")


def test_files_that_write_a_name_in_several_ways_make_one_customer(crm: Crm) -> None:
    rows = [f"{number},Deal {number},{name}\n" for number, name in enumerate([PLAIN, *ALIKE])]
    for row in (*rows, *reversed(rows)):
        content = f"Deal ID,Deal Name,Customer\n{row}"
        assert take(crm, "deals", content, "--create-missing customers").exit_code == 0
    assert len(customers(crm)) == 1
    assert take(crm, "customers", f"Name,Phone\n{ALIKE[0]},+4930123456\n").json()["updated"] == 1


@pytest.mark.usefixtures("on_each_engine")
@pytest.mark.parametrize(("stored", "typed"), [(PLAIN, ALIKE[0]), (ALIKE[2], PLAIN)])
def test_a_name_that_looks_alike_finds_its_customer(crm: Crm, stored: str, typed: str) -> None:
    assert crm(["customer", "add", stored]).exit_code == 0
    assert crm(["deal", "add", "Weir", "--customer", typed]).exit_code == 0
    assert [deal["customer_ref"] for deal in deals(crm)] == ["C1"]


def test_columns_users_and_stages_are_found_alike(crm: Crm) -> None:
    crm("user add 'Böb Ek'")
    assert crm(["user", "add", "Bo\u0308b\u00a0Ek"]).exit_code == 1
    content = "Deal\u00a0Na\u200bme,Owner,Stage\nWeir,Bo\u0308b\u00a0Ek,Pro\u00adposal\u00a0\n"
    assert take(crm, "deals", content).exit_code == 0
    (deal,) = deals(crm)
    assert (deal["title"], deal["owner"], deal["stage"]) == ("Weir", "Böb Ek", "proposal")
    assert crm(["deal", "move", "D1", "quali\u200bfied"]).exit_code == 0


@pytest.mark.usefixtures("on_each_engine")
@pytest.mark.parametrize("name", ALIKE)
def test_companies_and_mappings_are_found_alike(crm: Crm, name: str) -> None:
    assert crm(["company", "add", PLAIN]).exit_code == 0
    assert crm(["company", "add", name]).exit_code == 1
    assert crm(["company", "show", "--company", name]).exit_code == 0
    typed = ["import", "deals", "-", "--company", "Acme"]
    kept = crm([*typed, "--map", "A=title", "--save-mapping", PLAIN], input="A\nWeir\n")
    assert kept.exit_code == 0
    assert crm([*typed, "--mapping", name], input="A\nPier\n").exit_code == 0


def test_marks_that_mislead_are_written_out_and_exported_as_they_are(crm: Crm) -> None:
    crm(["deal", "add", "Weir\u200bgate"])
    assert "Weir\\u200bgate" in crm("deal list").stdout
    assert deals(crm)[0]["title"] == "Weir\u200bgate"
    assert "Weir\u200bgate" in crm("export deals -").stdout

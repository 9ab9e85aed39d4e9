"""crmctl import customers: a merge survives the files that its customers came from."""

import pytest

from tests.cli.imported import counts, customers, findings, take
from tests.crm import Crm

MERGED = "skipped for being about a customer that was merged into another"
#: Files of two customers that turn out to be one: a header, its two rows, and options.
FILES = {
    "address": ("name,email", "Fell GmbH,a@fell.example", "FELL,b@fell.example", ""),
    "name": ("name,phone", "Fell GmbH,1", "FELL,2", ""),
    "id": ("id,name,phone", "1,Fell GmbH,1", "2,FELL,2", "--source crm"),
    "id and address": ("id,name,email", "1,Fell,a@fell.example", "2,Fell,b@fell.example", ""),
    "domain": ("name,website", "Fell,fell.example", "FELL,fell.test", "--key domain"),
    "telephone": ("name,phone", "Fell,+49301234567", "FELL,+49307654321", "--key phone"),
}


@pytest.fixture(autouse=True)
def _company(crm: Crm) -> None:
    crm.begin("init Co --user Ada")


@pytest.mark.usefixtures("on_each_engine")
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(("keep", "gone"), [("C1", "C2"), ("C2", "C1")])
def test_neither_order_of_the_rows_changes_what_was_kept(
    crm: Crm, file: str, keep: str, gone: str
) -> None:
    header, first, second, options = FILES[file]
    take(crm, "customers", f"{header}\n{first}\n{second}\n", options)
    assert crm(f"customer merge {keep} {gone}").exit_code == 0
    kept = customers(crm)
    for rows in ((first, second), (second, first), (second,), (first, second)):
        result = take(crm, "customers", "\n".join((header, *rows)), options)
        plan = result.json()
        alone = len(rows) == 1 and keep == "C2"
        assert (result.exit_code, counts(result)) == (0, (0, 0, 1 if alone else len(rows) - 1, 0))
        assert (plan["skipped"], findings(result)) == ((0, {}) if alone else (1, {MERGED: 1}))
    assert customers(crm) == kept
    assert crm("db check").exit_code == 0


def test_an_export_from_before_the_merge_is_skipped_too(crm: Crm) -> None:
    for name in ("Fell", "FELL"):
        assert crm(f"customer add {name}").exit_code == 0
    content = crm("export customers -").stdout
    assert crm("customer merge C1 C2").exit_code == 0
    result = take(crm, "customers", content)
    assert (result.exit_code, counts(result), result.json()["skipped"]) == (0, (0, 0, 1, 0), 1)
    result = take(crm, "customers", "n,segment\nC2,SMB\n", "--key number --map n=number")
    assert (result.exit_code, counts(result), result.json()["skipped"]) == (0, (0, 0, 0, 0), 1)


def test_an_id_that_the_kept_one_had_none_of_is_its_own_by_now(crm: Crm) -> None:
    assert crm("customer add 'Fell GmbH' --email a@fell.example").exit_code == 0
    content = "id,name,email\n7,FELL,b@fell.example\n"
    take(crm, "customers", content, "--source crm")
    assert crm("customer merge C1 C2").exit_code == 0
    assert take(crm, "customers", content, "--source crm").json()["skipped"] == 1
    exported = crm("export customers -").stdout
    assert counts(take(crm, "customers", exported)) == (0, 0, 1, 0)
    content = "id,name,segment\n7,Fell GmbH,SMB\n"
    assert counts(take(crm, "customers", content, "--source crm")) == (0, 1, 0, 0)
    assert [row["segment"] for row in customers(crm)] == ["SMB"]


def test_a_merge_of_merges_survives(crm: Crm) -> None:
    content = "id,name,email\n1,A,a@x.example\n2,B,b@x.example\n3,C,c@x.example\n"
    take(crm, "customers", content)
    assert crm("customer merge C2 C3").exit_code == 0
    assert crm("customer merge C1 C2").exit_code == 0
    kept = customers(crm)
    for text in (content, content.replace("id,", "note,"), "name\nC\nB\nA\n"):
        assert take(crm, "customers", text).json()["skipped"] == 2
    assert customers(crm) == kept


def test_undoing_the_merge_ends_it(crm: Crm) -> None:
    take(crm, "customers", "name,email\nFell,a@fell.example\nFELL,b@fell.example\n")
    assert crm("customer merge C1 C2").exit_code == 0
    assert crm("undo").exit_code == 0
    result = take(crm, "customers", "name,email\nFell AG,b@fell.example\n")
    assert counts(result) == (0, 1, 0, 0)

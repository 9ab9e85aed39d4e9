"""Files that commands write: none is replaced unasked, none is readable that was not."""

# ruff: noqa: RUF001

import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests.cli.imported import customers, take
from tests.crm import Crm


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with a deal of a customer who is there twice."""
    return crm.begin(
        "init Co --user Ada", "customer add 'Müller Foods'", "customer add 'Müller Foods'",
        "deal add Grüße --customer C1", "activity add note Hallo --customer C1",
    )  # fmt: skip


WRITERS = [
    "customer duplicates --plan {}", "board --html {}", "board --svg {}", "export deals {}",
    "export customers {}", "export activities {}", "export history {}",
    "pipeline export default {}", "import deals - --rejects {}",
]  # fmt: skip


@pytest.mark.parametrize("command", WRITERS)
def test_a_file_that_is_there_is_replaced_only_by_force(
    crm: Crm, tmp_path: Path, command: str
) -> None:
    file = tmp_path / "precious"
    file.write_text("edited by hand", "utf-8")
    refused = crm(command.format(file), input="title\nNew\n")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == f"crmctl: error: {file} is there already (--force replaces it)\n"
    assert file.read_text("utf-8") == "edited by hand"
    assert crm(f"{command.format(file)} --force", input="title\nNew\n").exit_code == 0
    assert file.read_text("utf-8") != "edited by hand"
    file.write_text("")
    assert crm(command.format(file), input="title\nNew\n").exit_code == 0


def test_an_export_keeps_the_mode_of_what_it_replaces(crm: Crm, tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    assert crm(f"export deals {file}").exit_code == 0
    mask = os.umask(0o077)
    os.umask(mask)
    assert stat.S_IMODE(file.stat().st_mode) == 0o666 & ~mask
    for mode in (0o600, 0o640):
        file.chmod(mode)
        assert crm(f"export deals {file} --force").exit_code == 0
        assert stat.S_IMODE(file.stat().st_mode) == mode


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_archive_is_for_its_owner_alone(crm: Crm, tmp_path: Path, form: str) -> None:
    folder = tmp_path / "backup"
    for _ in range(2):
        assert crm(f"export all {folder} --format {form}").exit_code == 0
        assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_killed_commands_left_is_swept_by_the_next(crm: Crm, tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    running = os.getppid()
    folder = tmp_path / "out"
    for command in (f"export deals {folder}/deals.csv --force", f"export all {folder}/all"):
        where = folder / "all" if "export all" in command else folder
        where.mkdir(exist_ok=True)
        (where / f".crmctl-{ended.pid}-abc").mkdir()
        (where / f".crmctl-{ended.pid}-abc" / "deals.csv").write_text("half")
        (where / f".crmctl-{ended.pid}.new").write_text("half")
        (where / f".crmctl-{running}.new").write_text("half")
        assert crm(command).exit_code == 0
        left = [file.name for file in where.iterdir() if file.name.startswith(".crmctl-")]
        assert left == [f".crmctl-{running}.new"]


def test_a_link_put_where_a_draft_may_come_is_not_written_through(crm: Crm, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("kept")
    (tmp_path / f".crmctl-{os.getpid()}.new").hardlink_to(precious)
    assert crm(f"export customers {tmp_path}/customers.csv").exit_code == 0
    assert precious.read_text() == "kept"


@pytest.mark.parametrize("what", ["customers", "deals", "activities", "history"])
def test_an_export_for_spreadsheets_begins_with_a_mark(crm: Crm, tmp_path: Path, what: str) -> None:
    plain, marked = tmp_path / "plain.csv", tmp_path / "marked.csv"
    assert crm(f"export {what} {plain}").exit_code == 0
    assert crm(f"export {what} {marked} --bom").exit_code == 0
    assert marked.read_bytes() == b"\xef\xbb\xbf" + plain.read_bytes()
    assert crm(f"export {what} --bom").stdout.startswith("\ufeff")
    assert crm(f"export {what} --bom --format jsonl").exit_code == 2
    if what != "history":
        again = crm(f"import {what} {marked} --json").json()
        assert (again["created"], again["updated"], again["rejected"]) == (0, 0, 0)
    assert customers(crm)[0]["name"] == "Müller Foods"


@pytest.mark.parametrize(
    "text", ["＝1+1", "＋cmd", "－1", "＠SUM(A1)", "'＝1", "﹦1", "=1", "@a", "plain", "'quoted"]
)
def test_a_cell_that_a_spreadsheet_takes_for_a_formula(crm: Crm, text: str) -> None:
    assert crm(["deal", "edit", "D1", "--next-step", text]).exit_code == 0
    exported = crm("export deals -").stdout
    listed = crm("deal list --output csv").stdout
    shown = text if text in ("plain", "'quoted") else f"'{text}"
    assert f",{shown}," in exported
    assert f",{shown}," in listed
    assert take(crm, "deals", exported).json()["unchanged"] == 1
    assert crm("deal show D1 --json").json()["next_step"] == text

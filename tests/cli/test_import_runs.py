"""crmctl import list, show, --batch and --resume."""

import hashlib
from pathlib import Path

import pytest

from crmctl.cli import invocation
from crmctl.errors import Refused
from crmctl.models.session import CrmSession
from tests.crm import Crm

DEALS = "id,title,stage\n1,A,lead\n2,B,lead\n3,C,nowhere\n4,D,won\n"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with a user."""
    crm.now = "2026-03-10T12:00:00Z"
    crm.begin("init Acme --user Ann")
    assert crm("user use Ann").exit_code == 0
    return crm


@pytest.mark.usefixtures("on_each_engine")
def test_every_run_is_recorded(crm: Crm) -> None:
    assert crm("import list").stdout == "nothing was imported yet\n"
    for _ in range(2):
        assert crm(["import", "deals", "-"], input=DEALS).exit_code == 1
    again, first = crm("import list --json").json()
    change = crm("log --json --limit 1").json()[0]["ref"]
    assert first | {"at": None, "ref": None} == {
        "ref": None, "at": None, "finished_at": "2026-03-10T12:00:00Z", "actor": "Ann",
        "kind": "deals", "file": "stdin", "checksum": hashlib.sha256(DEALS.encode()).hexdigest(),
        "created": 3, "updated": 0, "unchanged": 0, "skipped": 0, "rejected": 1,
        "state": "done", "change": change, "command": "crmctl import deals -",
    }  # fmt: skip
    assert (again["created"], again["unchanged"], again["change"]) == (0, 3, None)
    shown = crm(f"import show {first['ref'][:6]} --json").json()
    assert shown == first
    assert crm(["import", "show", change, "--json"]).json() == first
    assert crm("undo").exit_code == 0
    assert crm(f"import show {first['ref']} --json").json()["state"] == "undone"
    table = crm("import list").stdout
    assert "undone" in table
    assert "stdin" in table


def test_a_run_keeps_its_files_by_their_whole_names(
    crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("deals").write_text(DEALS)
    folder = tmp_path.absolute()
    for rejects in (["--rejects", "./bad.csv"], ["--rejects=bad.csv"]):
        assert crm(["import", "deals", *rejects, "deals", "--reason", "a deal"]).exit_code == 1
    again, first = crm("import list --json").json()
    assert (again["file"], first["file"]) == ("deals", "deals")
    kept = f"{folder}/bad.csv {folder}/deals --reason 'a deal'"
    assert first["command"] == f"crmctl import deals --rejects {kept}"
    assert again["command"] == f"crmctl import deals --rejects={kept}"


def test_what_writes_nothing_is_not_recorded(crm: Crm) -> None:
    assert crm(["import", "deals", "-", "--dry-run"], input=DEALS).exit_code == 1
    assert crm(["import", "deals", "-", "--on-error", "abort"], input=DEALS).exit_code == 1
    assert crm("import list --json").json() == []


def test_unknown_run(crm: Crm) -> None:
    for ref in ("ffffffff", "deals"):
        result = crm(f"import show {ref}")
        assert (result.exit_code, result.stdout) == (3, "")
        assert result.stderr == (
            f"crmctl: error: no import answers to {ref!r} (crmctl import list)\n"
        )


@pytest.mark.usefixtures("on_each_engine")
def test_steps_are_one_change(crm: Crm) -> None:
    result = crm(["import", "deals", "-", "--batch", "2"], input=DEALS)
    assert result.exit_code == 1
    assert "created   3" in result.stdout
    assert len(crm("import list --json").json()) == 1
    assert crm("undo").exit_code == 0
    assert crm("deal list --status all --json").json() == []
    assert crm("db check").exit_code == 0


@pytest.mark.usefixtures("on_each_engine")
def test_steps_that_were_cut_off_are_told(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = iter([None, Refused("there is no more room")])

    def save(session: CrmSession) -> None:
        if error := next(steps):
            raise error
        context_save(session)

    context_save = invocation.save
    monkeypatch.setattr(invocation, "save", save)
    result = crm(["import", "deals", "-", "--batch", "1"], input=DEALS)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "crmctl: error: there is no more room",
        "crmctl: note: the rows before that are imported;"
        " crmctl import --resume goes on with the rest",
    ]
    monkeypatch.undo()
    assert len(crm("deal list --json").json()) == 1
    assert crm("import --resume", input=DEALS).exit_code == 1
    assert len(crm("deal list --status all --json").json()) == 3


def test_steps_and_abort_do_not_go_together(crm: Crm) -> None:
    result = crm(["import", "deals", "-", "--batch", "2", "--on-error", "abort"], input=DEALS)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--batch commits as it goes" in result.stderr


def test_nothing_to_go_on_with(crm: Crm) -> None:
    result = crm("import --resume")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "crmctl: error: no import was cut off (crmctl import list)\n"


def test_import_alone_shows_help(crm: Crm) -> None:
    result = crm("import")
    assert result.exit_code == 0
    assert "--resume" in result.stdout

"""crmctl import list, show, --batch and --resume."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from crmctl.config import normal_url
from crmctl.errors import Refused
from crmctl.models.imports import ImportRun
from crmctl.models.session import CrmSession
from crmctl.storage import db
from crmctl.storage.tables import table_of
from crmctl.workspace import Workspace
from tests.crm import Crm, Result

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
        "state": "done", "change": change, "options": {"entity": "deal", "file": "-"},
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
    for rejects in (["--rejects", "./bad.csv"], ["--rejects=bad.csv", "--force"]):
        assert crm(["import", "deals", *rejects, "deals", "--reason", "a deal"]).exit_code == 1
    again, first = crm("import list --json").json()
    assert (again["file"], first["file"]) == ("deals", "deals")
    files = {"file": f"{folder}/deals", "rejects": f"{folder}/bad.csv"}
    assert first["options"] == {"entity": "deal", "reason": "a deal", **files}
    assert again["options"] == first["options"]
    assert f"{folder}/bad.csv" in crm(f"import show {first['ref']}").stdout


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


@pytest.fixture
def cut_off(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Import DEALS, and have it cut off after its first row."""

    def run(*options: str) -> Result:
        steps = iter([None, Refused("there is no more room")])

        def save(workspace: Workspace, session: CrmSession) -> None:
            if error := next(steps):
                raise error
            commit(workspace, session)

        commit = Workspace.save
        with monkeypatch.context() as patch:
            patch.setattr(Workspace, "save", save)
            return crm(["import", "deals", "-", "--batch", "1", *options], input=DEALS)

    return run


@pytest.mark.usefixtures("on_each_engine")
def test_steps_that_were_cut_off_are_told(crm: Crm, cut_off: Callable[..., Result]) -> None:
    result = cut_off()
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "crmctl: error: there is no more room",
        "crmctl: note: the rows before that are imported;"
        " crmctl import --resume goes on with the rest",
    ]
    assert len(crm("deal list --json").json()) == 1
    assert crm("import --resume", input=DEALS).exit_code == 1
    assert len(crm("deal list --status all --json").json()) == 3


@pytest.mark.usefixtures("on_each_engine")
def test_it_goes_on_with_its_options(
    crm: Crm, cut_off: Callable[..., Result], tmp_path: Path
) -> None:
    crm("franchise add North")
    rejects = tmp_path / "bad.csv"
    options = ["--franchise", "North", "--source", "hubspot", "--lost-reason", "none"]
    cut_off(*options, "--rejects", str(rejects), "--reason", "a first look")
    (run,) = crm("import list --json").json()
    assert run["options"] == {
        "entity": "deal", "file": "-", "batch": 1, "source": "hubspot", "lost_reason": "none",
        "rejects": str(rejects), "reason": "a first look",
    }  # fmt: skip
    resumed = crm("import --resume", input=DEALS)
    assert resumed.stderr.splitlines()[:2] == [
        "going on with stdin after line 2", f"rejected rows go to {rejects}",
    ]  # fmt: skip
    assert "nowhere" in rejects.read_text()
    found = crm("deal list --status all --json").json()
    assert [deal["external_ids"] for deal in found] == [[f"hubspot:{n}"] for n in (1, 2, 4)]
    assert {deal["franchise"] for deal in found} == {"North"}
    assert len(crm("log --json").json()) == 3  # init, franchise and one import


def test_a_password_in_its_options_is_not_kept(
    crm: Crm, cut_off: Callable[..., Result], tmp_path: Path
) -> None:
    cut_off("--reason", "of postgres://u:geheim@h/db", "--empty", "https://u:geheim@x.de")
    (run,) = crm("import list --json").json()
    assert (run["options"]["reason"], run["options"]["empty"]) == (
        "of postgres://u:***@h/db", ["https://u:***@x.de"],
    )  # fmt: skip
    assert crm(["export", "all", str(tmp_path / "out")]).exit_code == 0
    assert not [path for path in (tmp_path / "out").iterdir() if b"geheim" in path.read_bytes()]
    result = crm("import --resume", input=DEALS)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert "its empty held a password, which is not kept" in result.stderr


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        (["customer", "erase", "C1", "--yes"], "options: must be fields and values"),
        ({"entity": "deal", "file": "-", "command": "x"}, "command: there is no such field"),
        ({"entity": "deal", "file": ["-"]}, "file: must be text"),
        ({"entity": "deal"}, "file: is missing"),
        ({"entity": "deal", "file": "deals.csv"}, "file: 'deals.csv'"),
        ({"entity": "deal", "file": "-", "rejects": "../x"}, "rejects: '../x'"),
        ({"entity": "deal", "file": "-", "override": "yes"}, "override: must be true or false"),
        ({"entity": "deal", "file": "-", "batch": 0}, "batch: must be at least 1"),
        ({"entity": "deal", "file": "-", "scope": {"erase": True}}, "there is no such field"),
        ({"entity": "customer", "file": "-"}, "is of deals, and its options are of another"),
        ({}, "was begun by an earlier crmctl or in another database, and cannot go on"),
    ],
)
def test_what_was_put_in_place_of_its_options_is_not_run(
    crm: Crm, cut_off: Callable[..., Result], kept: object, told: str
) -> None:
    crm("customer add Ann")
    cut_off()
    with db.session(db.engine(normal_url(crm.database_url)), write=True) as session:
        session.execute(update(table_of(ImportRun)).values(options=kept))
    result = crm("import --resume", input=DEALS)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert told in result.stderr
    assert len(crm("deal list --json").json()) == 1
    assert len(crm("customer list --json").json()) == 1


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

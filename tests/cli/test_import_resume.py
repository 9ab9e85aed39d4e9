"""crmctl import --resume: no run that others can write to makes or replaces a file."""

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

DEALS = "id,title,stage\n1,A,nowhere\n2,B,lead\n3,C,nowhere\n4,D,won\n"
HEADER = "id,title,stage,line,column,reason\n"
SECOND, FIRST = "3,C,nowhere,4,stage,old\n", "1,A,nowhere,2,stage,old\n"


@pytest.fixture
def crm(crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crm:
    """A company whose import of DEALS was cut off after two rows, one of which was rejected."""
    crm.now = "2026-03-10T12:00:00Z"
    crm.begin("init Acme --user Ann", "user use Ann")
    commit, steps = Workspace.save, iter([None, Refused("there is no more room")])

    def save(workspace: Workspace, session: CrmSession) -> None:
        if error := next(steps):
            raise error
        commit(workspace, session)

    with monkeypatch.context() as patch:
        patch.setattr(Workspace, "save", save)
        file = tmp_path / "deals.csv"
        file.write_text(DEALS)
        crm(["import", "deals", str(file), "--batch", "2", "--rejects", str(tmp_path / "bad.csv")])
    assert crm("import list --json").json()[0]["state"] == "cut off"
    return crm


def _put(crm: Crm, **values: object) -> None:
    """Put other values into the run, as anyone could who writes to the database."""
    with db.session(db.engine(normal_url(crm.database_url)), write=True) as session:
        session.execute(update(table_of(ImportRun)).values(**values))


def _say(crm: Crm, **options: object) -> None:
    """Put other options into the run."""
    kept = crm("import list --json").json()[0]["options"]
    _put(crm, options=kept | options)


def _refused(result: Result, code: int = 1) -> str:
    assert (result.exit_code, result.stdout) == (code, "")
    assert "unexpected" not in result.stderr
    assert sum("error" in line for line in result.stderr.splitlines()) == 1
    return result.stderr


def test_its_own_file_of_rejects_is_gone_on_with(crm: Crm, tmp_path: Path) -> None:
    result = crm("import --resume")
    assert "rejected rows go to" in result.stderr
    assert [line[:2] for line in (tmp_path / "bad.csv").read_text().splitlines()] == [
        "id", "1,", "3,",
    ]  # fmt: skip
    assert result.exit_code == 1


@pytest.mark.parametrize("done", [3, 0])
def test_a_run_makes_no_file(crm: Crm, tmp_path: Path, done: int) -> None:
    elsewhere = tmp_path / "elsewhere.csv"
    _say(crm, rejects=str(elsewhere))
    _put(crm, done=done)
    told = _refused(crm("import --resume"))
    assert ("(crmctl import --resume --rejects FILE)" in told) == (done > 0)
    assert not elsewhere.exists()
    assert len(crm("deal list --json").json()) == 1


@pytest.mark.parametrize(
    "content",
    ["precious", "", "my,own\n1,2\n", "id,title,line,column,reason\n1,A,2,stage,old\n",
     HEADER + SECOND, HEADER + FIRST.replace(",2,", ",x,"), HEADER],
)  # fmt: skip
def test_a_run_replaces_no_file_but_its_own_rejects(crm: Crm, tmp_path: Path, content: str) -> None:
    victim = tmp_path / "victim.csv"
    victim.write_text(content)
    for path in (victim, tmp_path / "link.csv"):
        if path != victim:
            path.symlink_to(tmp_path / "bad.csv")
        _say(crm, rejects=str(path))
        _refused(crm("import --resume"), 2 if path == victim and not content else 1)
    assert victim.read_text() == content


def test_a_person_may_name_the_file_again(crm: Crm, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").unlink()
    assert "bad.csv is no file of rejected rows" in _refused(crm("import --resume"))
    other = tmp_path / "other.csv"
    other.write_text("precious")
    _refused(crm(["import", "--resume", "--rejects", str(other)]))
    assert other.read_text() == "precious"
    other.unlink()
    result = crm(["import", "--resume", "--rejects", str(other)])
    assert f"rejected rows go to {other}" in result.stderr
    assert "3,C,nowhere" in other.read_text()
    assert len(crm("deal list --status all --json").json()) == 2


def test_what_is_imported_is_a_file(crm: Crm) -> None:
    _say(crm, file="/dev/zero")
    assert "/dev/zero is no file" in _refused(crm("import --resume"), 2)


def test_rejects_before_what_to_import_are_refused(crm: Crm, tmp_path: Path) -> None:
    told = _refused(crm(["import", "--rejects", str(tmp_path / "x"), "deals", "-"]), 2)
    assert "--rejects goes behind what to import, or beside --resume" in told


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_run_in_an_archive_does_not_go_on_elsewhere(crm: Crm, tmp_path: Path, form: str) -> None:
    assert crm(["export", "all", str(tmp_path / "out"), "--format", form]).exit_code == 0
    other = Crm(f"sqlite:///{tmp_path / 'other.db'}", crm.now).begin("db init")
    assert other(["import", "all", str(tmp_path / "out")]).exit_code == 0
    (run,) = other("import list --json").json()
    assert (run["state"], run["options"]) == ("cut off", {})
    assert "or in another database, and cannot go on" in _refused(other("import --resume"))
    assert len(other("deal list --json").json()) == 1

"""Archives whose files others wrote: no name in them becomes a path, and no link is followed."""

import json
from pathlib import Path

import pytest

from tests.crm import Crm, Result


@pytest.fixture
def archive(crm: Crm, tmp_path: Path) -> Path:
    """The folder of an archive, beside a folder `victim` with a file of someone's."""
    crm.begin("init Acme --user Ann", "deal add Weir --amount 5")
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim" / "letters.csv").write_text("precious", "utf-8")
    assert crm(["export", "all", str(tmp_path / "archive")]).exit_code == 0
    return tmp_path / "archive"


@pytest.fixture
def other(crm: Crm, tmp_path: Path) -> Crm:
    """Runs commands on an empty database."""
    return Crm(f"sqlite:///{tmp_path / 'other.db'}", crm.now).begin("db init")


def _refused(result: Result, code: int = 1) -> str:
    """Return the one line in which a command was refused with `code`."""
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith("crmctl: error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def _edit(archive: Path, **values: object) -> None:
    """Put other values into the manifest."""
    manifest = archive / "manifest.json"
    found = json.loads(manifest.read_text("utf-8")) | values
    manifest.write_text(json.dumps(found), "utf-8")


def _name_a_part(archive: Path, name: str) -> None:
    """Have the manifest name a part that crmctl never wrote, of which nothing is left."""
    parts = json.loads((archive / "manifest.json").read_text("utf-8"))["parts"]
    _edit(archive, parts=[*parts, {"table": name, "rows": 0, "sha256": "0"}])


@pytest.mark.parametrize(
    "name",
    ["../victim/letters", "{}/victim/letters", "..", "../victim/letters.csv", "deals/../../x",
     "deals ", "DEALS", "", "\\..\\x", "manifest", "alembic_version"],
)  # fmt: skip
def test_a_name_in_a_manifest_is_no_path(
    crm: Crm, other: Crm, archive: Path, tmp_path: Path, name: str
) -> None:
    name = name.format(tmp_path)
    _name_a_part(archive, name)
    before = {path: path.read_bytes() for path in archive.iterdir()}
    told = _refused(crm(["export", "all", str(archive), "--format", "jsonl"]))
    assert f"has {name!r}, which this crmctl does not write" in told
    assert "does not name the tables" in _refused(other(["import", "all", str(archive)]))
    assert {path: path.read_bytes() for path in archive.iterdir()} == before
    assert (tmp_path / "victim" / "letters.csv").read_text("utf-8") == "precious"


@pytest.mark.parametrize("linked", ["manifest.json", "deals.csv"])
def test_links_are_not_followed(
    crm: Crm, other: Crm, archive: Path, tmp_path: Path, linked: str
) -> None:
    elsewhere = tmp_path / "victim" / linked
    (archive / linked).replace(elsewhere)
    (archive / linked).symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    code = 2 if linked == "manifest.json" else 1
    assert "is no regular file" in _refused(other(["import", "all", str(archive)]), code)
    assert "is no regular file" in _refused(crm(["export", "all", str(archive)]), code)
    (archive / linked).unlink()
    (archive / linked).symlink_to("/dev/zero")
    assert "is no regular file" in _refused(other(["import", "all", str(archive)]), code)
    assert elsewhere.read_bytes() == before


def test_a_file_of_someone_s_in_the_folder_stays(crm: Crm, archive: Path) -> None:
    (archive / "letters.csv").write_text("precious", "utf-8")
    assert "holds letters.csv" in _refused(crm(["export", "all", str(archive)]))
    assert (archive / "letters.csv").read_text("utf-8") == "precious"


@pytest.mark.parametrize(
    "values",
    [{"form": "table"}, {"form": "json"}, {"form": "../csv"}, {"schema": 5}, {"company": ["x"]},
     {"company_id": "../x"}, {"company_id": 7}, {"parts": None}, {"parts": [7]}, {"more": 1},
     {"exported_at": {}}],
    ids=str,
)  # fmt: skip
def test_an_odd_manifest_is_none(
    crm: Crm, other: Crm, archive: Path, values: dict[str, object]
) -> None:
    _edit(archive, **values)
    for result in (other(["import", "all", str(archive)]), crm(["export", "all", str(archive)])):
        assert "manifest.json is not the manifest of an archive" in _refused(result, 2)


@pytest.mark.parametrize("rows", ["1e999", "NaN", "-1", "null", '"x"', "true", "9" * 23])
def test_an_odd_number_of_rows_is_refused(other: Crm, archive: Path, rows: str) -> None:
    manifest = archive / "manifest.json"
    text = manifest.read_text("utf-8")
    manifest.write_text(text.replace('"rows": 1', f'"rows": {rows}', 1), "utf-8")
    told = _refused(other(["import", "all", str(archive)]), 1 if rows[0] == "9" else 2)
    assert "manifest" in told


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
def test_what_is_nested_too_deep_is_no_manifest(
    crm: Crm, other: Crm, archive: Path, deep: str
) -> None:
    (archive / "manifest.json").write_text(deep, "utf-8")
    for result in (other(["import", "all", str(archive)]), crm(["export", "all", str(archive)])):
        assert "manifest.json is not the manifest of an archive" in _refused(result, 2)

"""Settings: which source wins, what a database may be called, and the file of profiles."""

import os
import stat
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmctl import config
from crmctl.errors import UsageError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of profiles, not there yet."""
    return tmp_path / "config.toml"


@pytest.fixture
def environ(path: Path) -> dict[str, str]:
    """An environment that names nothing but the file of profiles."""
    return {"CRMCTL_CONFIG": str(path)}


def test_without_any_setting_a_file_in_the_data_folder_is_used(environ: dict[str, str]) -> None:
    settings = config.load({}, environ)
    assert settings.database_url.endswith("/crmctl/crm.db")
    assert (settings.company, settings.franchise, settings.user) == (None, None, None)
    assert settings.profile == "default"


@pytest.mark.parametrize("name", ["database_url", "company", "franchise", "user"])
def test_a_flag_wins_over_the_environment_and_that_over_the_profile(
    name: str, path: Path, environ: dict[str, str]
) -> None:
    def read(flags: dict[str, str | None]) -> str:
        return str(getattr(config.load(flags, environ), name)).removeprefix("sqlite:///")

    config.write_profile(path, "default", {name: "/saved"})
    assert read({}) == "/saved"
    environ[f"CRMCTL_{name.upper()}"] = "/environment"
    assert read({}) == "/environment"
    assert read({name: "/flag"}) == "/flag"
    assert read({name: None}) == "/environment"
    assert read({name: ""}) == "/environment"


def test_database_url_of_other_programs_comes_last(path: Path, environ: dict[str, str]) -> None:
    environ["DATABASE_URL"] = "/others.db"
    assert config.load({}, environ).database_url == "sqlite:////others.db"
    config.write_profile(path, "default", {"database_url": "/own.db"})
    assert config.load({}, environ).database_url == "sqlite:////own.db"


def test_a_profile_is_chosen_by_flag_or_environment(path: Path, environ: dict[str, str]) -> None:
    config.write_profile(path, "default", {"company": "Acme"})
    config.write_profile(path, "work", {"company": "Beta", "database_url": "/work.db"})
    assert config.load({}, environ).company == "Acme"
    assert config.load({"profile": "work"}, environ).company == "Beta"
    environ["CRMCTL_PROFILE"] = "work"
    assert config.load({}, environ).database_url == "sqlite:////work.db"
    assert config.load({"profile": "default"}, environ).company == "Acme"


def test_a_profile_that_is_not_there_is_refused(path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="no profile is called 'wrok'"):
        config.load({"profile": "wrok"}, environ)
    with pytest.raises(UsageError, match="no profile is called 'wrok'"):
        config.load({"profile": "wrok"}, {**environ, "CRMCTL_DATABASE_URL": "/w.db"})
    # With its database named it is about to be made.
    assert config.load({"profile": "work", "database_url": "/w.db"}, environ).profile == "work"
    assert config.load({"profile": "default"}, environ).profile == "default"


def test_what_was_chosen_in_one_company_does_not_hold_in_another(
    path: Path, environ: dict[str, str]
) -> None:
    chosen = {"company": "Acme", "franchise": "North", "user": "Uma"}
    config.write_profile(path, "default", chosen)
    same = config.load({"company": "acme"}, environ)
    assert (same.franchise, same.user) == ("North", "Uma")
    other = config.load({"company": "Beta"}, environ)
    assert (other.company, other.franchise, other.user) == ("Beta", None, None)


def test_what_was_chosen_in_one_database_does_not_hold_in_another(
    path: Path, environ: dict[str, str]
) -> None:
    config.write_profile(path, "default", {"company": "Acme", "database_url": "/a.db"})
    assert config.load({"database_url": "/a.db"}, environ).company == "Acme"
    assert config.load({"database_url": "/b.db"}, environ).company is None


def test_eight_who_write_at_once_are_all_remembered(path: Path) -> None:
    def remember(number: int) -> None:
        config.write_profile(path, "default", {"company": f"C{number}"}, f"/{number}.db")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(remember, range(8)))
    found = [config.read_profile(path, "default", f"/{number}.db") for number in range(8)]
    assert [each["company"] for each in found] == [f"C{number}" for number in range(8)]


def test_databases_of_two_servers_are_two() -> None:
    urls = [
        "postgresql:///crm?host=/run/a", "postgresql:///crm?host=/run/b", "postgresql://a/crm",
        "postgresql:///crm?host=/run/a&port=5433", "postgresql://u:p@b/crm?sslmode=require",
    ]  # fmt: skip
    keys = {config.database_key(url) for url in urls}
    assert len(keys) == len(urls)
    assert "postgresql://b/crm" in keys


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("postgres://u:p@h/n", "postgresql+psycopg://u:p@h/n"),
        ("postgresql://h/n?sslmode=require", "postgresql+psycopg://h/n?sslmode=require"),
        ("POSTGRESQL://h/n", "postgresql+psycopg://h/n"),
        ("postgresql+psycopg://h/n", "postgresql+psycopg://h/n"),
        (" postgres://h/n ", "postgresql+psycopg://h/n"),
        ("sqlite:////abs/x.db", "sqlite:////abs/x.db"),
        ("sqlite+pysqlite:////abs/x.db", "sqlite:////abs/x.db"),
        ("/abs/x.db", "sqlite:////abs/x.db"),
        ("/abs/my %20 db", "sqlite:////abs/my %20 db"),
    ],
)
def test_a_database_url_is_brought_into_one_form(url: str, normal: str) -> None:
    assert config.normal_url(url) == normal
    assert config.normal_url(normal) == normal


def test_a_file_is_taken_from_the_working_folder_or_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/uma")
    assert config.normal_url("x.db") == f"sqlite:///{tmp_path}/x.db"
    assert config.normal_url("sqlite:///x.db") == f"sqlite:///{tmp_path}/x.db"
    assert config.normal_url("~/x.db") == "sqlite:////home/uma/x.db"
    assert config.normal_url("sqlite:///~/x.db") == "sqlite:////home/uma/x.db"
    settings = config.load({}, {"CRMCTL_CONFIG": "~/c.toml", "CRMCTL_DATABASE_URL": "~/x.db"})
    assert settings.database_url == "sqlite:////home/uma/x.db"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:secret@h/n", "postgresql+asyncpg://u:secret@h/n", "postgresql:/u:secret@h/n",
        "host=h user=u password=secret", "dbname=n password = secret", ":memory:", "sqlite://",
        "sqlite:///:memory:", "~nobody-of-this-name/x.db", "/a?b.db",
    ],
)  # fmt: skip
def test_what_is_no_database_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        config.normal_url(url)
    assert "secret" not in str(refused.value)


def test_settings_do_not_show_a_password() -> None:
    assert "secret" not in repr(config.load({"database_url": "postgres://u:secret@h/n"}, {}))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("[profiles.default", "not valid TOML"),
        ("profiles = 5", "must be tables"),
        ("[profiles]\ndefault = 5", r"\[profiles.default\] must be a table"),
        ("[profiles.default]\ncompany = 5", "cannot use: company"),
        ("[profiles.default]\ndatabase = 'x'", "cannot use: database"),
        (b"\xff\xfe", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused(
    content: str | bytes, why: str, path: Path, environ: dict[str, str]
) -> None:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError, match=why):
        config.load({}, environ)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device")
def test_a_device_without_an_end_is_not_read_to_it(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="larger than 1 MB"):
        config.load({}, {**environ, "CRMCTL_CONFIG": "/dev/zero"})


def test_a_folder_in_place_of_the_file_is_refused(path: Path, environ: dict[str, str]) -> None:
    path.mkdir()
    with pytest.raises(UsageError, match="cannot read"):
        config.load({}, environ)
    with pytest.raises(UsageError, match="cannot write"):
        config.write_profile(path, "default", {"company": "Acme"})


names = st.sampled_from(["database_url", "company", "franchise", "user"])
values = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.dictionaries(names, values), max_size=4))
def test_a_profile_holds_what_was_last_written(
    tmp_path_factory: pytest.TempPathFactory, writes: list[dict[str, str | None]]
) -> None:
    path = tmp_path_factory.mktemp("config") / "folder" / "config.toml"
    expected: dict[str, str | None] = {}
    for write in writes:
        config.write_profile(path, "default", write)
        expected |= write
    assert config.read_profile(path, "default") == {
        name: value for name, value in expected.items() if value is not None
    }


def test_writing_keeps_the_rest_of_the_file_and_hides_it_from_others(path: Path) -> None:
    path.write_text('[profiles.work]\ncompany = "Beta"\n\n[board]\nwidth = 5\n')
    config.write_profile(path, "default", {"company": "Acme"})
    assert tomllib.loads(path.read_text()) == {
        "profiles": {"work": {"company": "Beta"}, "default": {"company": "Acme"}},
        "board": {"width": 5},
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["config.toml"]


def test_comments_stay_whatever_is_written(path: Path) -> None:
    path.write_text(
        '# by hand\n[profiles.default]  # mine\ncompany = "Acme"  # where I work\nuser = "Ann"\n'
        "\n[board]\n# wide\nwidth = 5\n"
    )
    config.write_profile(path, "default", {"company": "Beta", "user": None}, "/a.db")
    config.write_profile(path, "work", {"company": "Gamma"})
    text = path.read_text()
    assert [each for each in ("# by hand", "# mine", "# wide") if each not in text] == []
    assert tomllib.loads(text)["board"] == {"width": 5}
    assert config.read_profile(path, "default", "/a.db")["company"] == "Beta"
    assert config.read_profile(path, "work") == {"company": "Gamma"}


@pytest.mark.parametrize("text", [f"a = {'[' * 5000}", f"{'a.' * 50000}b = 1"])
def test_settings_that_are_nested_too_deep_are_told_plainly(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(UsageError, match="is not valid TOML: it is nested too deep"):
        config.read_profile(path, "default")


def test_a_link_to_a_file_kept_elsewhere_stays_a_link(path: Path, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles" / "crmctl.toml"
    kept.parent.mkdir()
    kept.write_text("")
    path.symlink_to(kept)
    config.write_profile(path, "default", {"company": "Acme"})
    assert path.is_symlink()
    assert config.read_profile(kept, "default") == {"company": "Acme"}


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"cannot (read|write)"):
        config.write_profile(tmp_path / "file" / "config.toml", "default", {"company": "Acme"})


def test_a_device_or_pipe_is_not_replaced_by_settings(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(UsageError, match="no file that settings can be kept in"):
        config.write_profile(path, "default", {"company": "Acme"})
    assert path.is_fifo()

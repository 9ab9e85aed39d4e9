"""Databases and outputs that cannot be used: one clear line, its exit code, nothing changed."""

import ctypes
import os
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, make_url

from tests.crm import Crm, Result
from tests.processes.programs import Programs, ended

SECRET = "swordfish"


def refused(result: Result, *said: str, code: int = 4) -> None:
    """Assert that a command failed with one line that says all of `said` and no password."""
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith("crmctl: error: ")
    assert result.stderr.count("\n") == 1
    assert SECRET not in result.stderr
    for words in said:
        assert words in result.stderr


class Server:
    """Speaks as much of PostgreSQL's protocol as it takes to refuse everybody with `answer`."""

    def __init__(self, code: str, answer: str) -> None:
        fields = f"SFATAL\0C{code}\0M{answer}\0\0".encode()
        self.answer = b"E" + (len(fields) + 4).to_bytes(4, "big") + fields
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.refused = 0
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            with connection:
                self._refuse(connection)

    def _refuse(self, connection: socket.socket) -> None:
        while first := connection.recv(4):
            message = connection.recv(int.from_bytes(first, "big") - 4)
            if message[:4] in (b"\x04\xd2\x16\x2f", b"\x04\xd2\x16\x30"):
                connection.sendall(b"N")  # no TLS, no GSS
                continue
            self.refused += 1
            connection.sendall(self.answer)
            return

    def close(self) -> None:
        """Refuse nobody any more."""
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        self.thread.join(5)


def test_a_wrong_password() -> None:
    server = Server("28P01", 'password authentication failed for user "ann"')
    crm = Crm(f"postgresql://ann:{SECRET}@127.0.0.1:{server.port}/crm")
    refused(crm("deal list"), 'password authentication failed for user "ann"', "127.0.0.1")
    refused(crm("deal add Big"), "password authentication failed")
    refused(crm("init Acme"), "password authentication failed")
    refused(crm("db status"), "password authentication failed")
    assert server.refused == 4
    server.close()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("57P03", "the database system is starting up"),
        ("57P03", "the database system is shutting down"),
        ("57P03", "the database system is in recovery mode"),
        ("53300", "sorry, too many clients already"),
        ("53300", 'too many connections for role "ann"'),
    ],
)
def test_a_server_that_is_coming_is_waited_for(code: str, told: str) -> None:
    server = Server(code, told)
    crm = Crm(f"postgresql://ann:{SECRET}@127.0.0.1:{server.port}/crm?connect_timeout=1")
    refused(crm("deal list"), told)
    # For as long as connecting may take, and not as often again.
    assert 2 <= server.refused <= 5
    server.close()


def test_a_host_that_nobody_listens_on() -> None:
    crm = Crm(f"postgresql://ann:{SECRET}@127.0.0.1:1/crm?connect_timeout=1")
    refused(crm("deal list"), "127.0.0.1", "refused")


def test_a_host_that_is_not_there() -> None:
    crm = Crm(f"postgresql://ann:{SECRET}@nowhere.invalid/crm")
    refused(crm("deal list"), "nowhere.invalid")


def test_a_database_that_is_not_on_the_server(postgres_server: str) -> None:
    url = make_url(postgres_server).set(database="crmctl_nowhere")
    crm = Crm(url.render_as_string(hide_password=False))
    refused(crm("deal list"), 'database "crmctl_nowhere" does not exist')


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ann:swordfish@host/crm",
        "postgresql://h:port/crm",
        "postgresql://ann:my@swordfish@127.0.0.1:1/crm",
    ],
)
def test_a_url_that_cannot_be_read(url: str) -> None:
    refused(Crm(url)("deal list"), code=2)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "crm.db"
    for command in ("deal list", "deal add Big", "log", "undo", "db status", "db check"):
        refused(Crm(str(path))(command), f"no database at {path}: run crmctl init")
    assert not path.exists()


def test_a_folder(tmp_path: Path) -> None:
    for command in ("deal list", "init", "db migrate"):
        refused(Crm(str(tmp_path))(command), f"cannot open {tmp_path}: it is a folder, not a file")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Call Ann.\n" * 200)
    for command in ("deal list", "deal add Big", "init", "db migrate", "db status"):
        refused(Crm(str(path))(command), f"{path} is not a crmctl database")
    assert path.read_text() == "Call Ann.\n" * 200


def test_a_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE deals (id INTEGER PRIMARY KEY)")
    connection.commit()
    connection.close()
    refused(Crm(str(path))("deal list"), "has no crmctl tables: run crmctl init")
    refused(Crm(str(path))("init"), "deals")


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "crm.db"
    path.touch()
    refused(Crm(str(path))("deal list"), "has no crmctl tables: run crmctl init")
    assert Crm(str(path))("init").exit_code == 0


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused(Crm(str(tmp_path / "file" / "crm.db"))("init"), "cannot make", str(tmp_path / "file"))


def test_a_full_disk_leaves_everything_as_it_was(sqlite_url: str) -> None:
    crm = Crm(sqlite_url)
    crm("init Acme --user Uma")
    before = crm("deal list --json").stdout

    def fill(connection: sqlite3.Connection, _record: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Engine, "connect", fill)
    try:
        lines = "title\n" + "".join(f"Deal {number}\n" for number in range(500))
        full = crm("import deals -", input=lines)
    finally:
        event.remove(Engine, "connect", fill)
    refused(full, "the disk is full; nothing was changed")
    assert crm("deal list --json").stdout == before
    assert crm("db check").exit_code == 0


def test_a_disk_too_full_to_read_from(begun: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    def limited(command: str) -> Result:
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
        try:
            return begun(command)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    path = begun.database_url.removeprefix("sqlite:///")
    # SQLite cannot write the files beside the database, as on a disk without a free byte.
    refused(limited("deal list"), f"{path}: disk I/O error")
    full = shutil.disk_usage(path)._replace(free=0)
    monkeypatch.setattr("crmctl.storage.db.shutil.disk_usage", lambda folder: full)
    for command in ("deal list", "deal add Next"):
        refused(limited(command), f"{path}: the disk is full; nothing was changed")


@pytest.mark.parametrize("command", ["deal list --json", "log", "db status", "export deals"])
def test_an_output_that_takes_no_more(sqlite_url: str, command: str) -> None:
    crm, programs = Crm(sqlite_url), Programs(sqlite_url)
    crm("init Acme --user Uma")
    crm("deal add Big")
    with open("/dev/full", "w") as full:
        end = ended(programs.start(*command.split(), stdout=full.fileno()))
    assert end.code == 1
    assert end.stderr == "crmctl: error: cannot write the output: No space left on device\n"


def redirected(crm: Crm, command: str, redirection: str, **environment: str) -> Result:
    """Run `crmctl COMMAND REDIRECTION` as a shell does."""
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m crmctl {command} {redirection}"],
        capture_output=True, check=False,
        env={**os.environ, "CRMCTL_DATABASE_URL": crm.database_url, **environment},
    )  # fmt: skip
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def begun(sqlite_url: str) -> Crm:
    """A database with a deal."""
    crm = Crm(sqlite_url)
    crm("init Acme --user Uma")
    crm("deal add Big")
    return crm


@pytest.mark.parametrize("command", ["deal list", "deal list --json", "--help", "deal --help"])
def test_a_stdout_that_is_closed(begun: Crm, command: str) -> None:
    refused(redirected(begun, command, ">&-"), "cannot write the output: stdout is closed", code=1)


def test_a_stdout_that_is_closed_and_not_used(begun: Crm) -> None:
    moved = redirected(begun, "deal move D1 lost", ">&-")
    assert (moved.exit_code, moved.stderr) == (0, "D1 Big: Lead -> Lost\n")


def test_a_stdin_that_is_closed(begun: Crm) -> None:
    for command in ("deal move - won", "import deals -", "pipeline apply -"):
        closed = redirected(begun, command, "<&-")
        refused(closed, "cannot read the input: stdin is closed", code=2)
    assert redirected(begun, "deal list --json", "<&-").exit_code == 0


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_a_stderr_that_takes_nothing(begun: Crm, redirection: str) -> None:
    assert redirected(begun, "deal show D9", redirection) == Result(3, "", "")
    assert redirected(begun, "deal move D1 won", redirection) == Result(0, "", "")
    assert begun("deal show D1 --json").json()["stage"] == "won"


def test_a_database_is_not_opened_in_the_place_of_what_is_closed(begun: Crm) -> None:
    assert redirected(begun, "deal list", "<&- >&- 2>&-").exit_code == 1
    assert redirected(begun, "deal move D1 won", "<&- >&- 2>&-").exit_code == 0
    assert begun("db check").exit_code == 0


@pytest.mark.parametrize("command", ["deal add Next --json", "deal move D1 won --json", "undo"])
@pytest.mark.parametrize("redirection", [">/dev/full", ">&-", "| true"])
def test_what_was_saved_is_told_where_the_output_fails(
    begun: Crm, command: str, redirection: str
) -> None:
    told = redirected(begun, command, redirection).stderr
    (newest,) = begun("log --limit 1 --json").json()
    assert newest["command"] == f"crmctl {command}"
    if redirection != "| true":
        assert f"the change was saved (crmctl log {newest['ref'][:8]} shows it)\n" in told


def test_an_import_says_first_how_to_take_it_back(begun: Crm, tmp_path: Path) -> None:
    rows = tmp_path / "deals.csv"
    rows.write_text("title\nOne\nTwo\n")
    full = redirected(begun, f"import deals {rows}", "> /dev/full")
    ref = begun("log --limit 1 --json").json()[0]["ref"][:8]
    assert full.exit_code == 1
    assert full.stderr.splitlines() == [
        f"imported as change {ref}; crmctl undo takes it back",
        "crmctl: error: cannot write the output: No space left on device; "
        f"the change was saved (crmctl log {ref} shows it)",
    ]


def test_bytes_that_are_no_text_under_a_bare_locale(begun: Crm, tmp_path: Path) -> None:
    (tmp_path / "refs").write_bytes(b"D1\n\xff\n")
    bad = redirected(begun, "deal move - won", f"< {tmp_path}/refs", LC_ALL="C")
    refused(bad, "stdin is not UTF-8 text", code=2)


def test_other_letters_under_a_bare_locale(begun: Crm) -> None:
    begun(["deal", "add", "Zoë – 株式会社"])
    for environment in ({"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}):
        shown = redirected(begun, "deal list --json", "", **environment)
        assert (shown.exit_code, shown.stderr) == (0, "")
        assert "Zoë – 株式会社" in shown.stdout
        told = redirected(begun, "deal move 'Zoë – 株式会社' won", "", **environment)
        assert told.stderr == "D2 Zoë – 株式会社: Lead -> Won\n"
        begun("undo")


def test_arguments_are_utf_8_whatever_the_locale_says(begun: Crm, tmp_path: Path) -> None:
    bare = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    added = redirected(begun, "deal add Grüße", "", **bare)
    assert (added.exit_code, added.stderr) == (0, "Added D2 Grüße in Lead\n")
    assert begun("deal list --json").json()[-1]["title"] == "Grüße"
    assert redirected(begun, f"export deals '{tmp_path}/Grüße.csv'", "", **bare).exit_code == 0
    assert "Grüße" in (tmp_path / "Grüße.csv").read_text("utf-8")


def test_a_reader_that_closes_the_pipe(sqlite_url: str) -> None:
    crm, programs = Crm(sqlite_url), Programs(sqlite_url)
    crm("init Acme --user Uma")
    lines = "title\n" + "".join(f"Deal {number}\n" for number in range(3000))
    assert crm("import deals -", input=lines).exit_code == 0
    reader, writer = os.pipe()
    listing = programs.start("deal", "list", "--limit", "0", "--json", stdout=writer)
    os.close(writer)
    os.read(reader, 100)
    os.close(reader)
    end = ended(listing)
    assert end.code == 0
    assert end.stderr.count("\n") <= 1
    assert "Traceback" not in end.stderr


def test_a_reader_that_closes_the_pipe_hides_no_rejected_row(
    sqlite_url: str, tmp_path: Path
) -> None:
    crm, programs = Crm(sqlite_url), Programs(sqlite_url)
    crm("init Acme --user Uma")
    file = tmp_path / "deals.csv"
    file.write_text("title,amount\nA,5\nB,five\n")
    reader, writer = os.pipe()
    os.close(reader)
    importing = programs.start("import", "deals", str(file), "--json", stdout=writer)
    os.close(writer)
    end = ended(importing)
    assert end.code == 1
    assert "the reader closed the pipe" in end.stderr


def _obey_permissions() -> None:
    """Make the program that follows heed the permissions of files even as root."""
    if os.geteuid() == 0:
        libc, drop = ctypes.CDLL(None), 24  # PR_CAPBSET_DROP
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            assert libc.prctl(drop, capability, 0, 0, 0) == 0


def obeying(path: Path, *arguments: str) -> Result:
    """Run crmctl in a process that may do what permissions say, and no more."""
    done = subprocess.run(
        [sys.executable, "-m", "crmctl", *arguments],
        capture_output=True, text=True, preexec_fn=_obey_permissions,
        env={**os.environ, "CRMCTL_DATABASE_URL": str(path)},
    )  # fmt: skip
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A database in a folder of its own."""
    path = tmp_path / "folder" / "crm.db"
    assert Crm(str(path))("init Acme --user Uma").exit_code == 0
    yield path
    path.parent.chmod(0o700)
    path.chmod(0o600)


def test_a_file_that_may_not_be_read(file: Path) -> None:
    file.chmod(0o000)
    refused(obeying(file, "deal", "list"), f"cannot open {file}: permission denied")


def test_a_file_that_may_not_be_written(file: Path) -> None:
    file.chmod(0o444)
    refused(obeying(file, "deal", "add", "Big"), f"cannot write to {file}: ", "is read-only")
    assert Crm(str(file))("deal list --json").json() == []


def test_a_folder_that_may_not_be_written(file: Path) -> None:
    file.parent.chmod(0o555)
    inside = file.parent / "new" / "crm.db"
    refused(obeying(inside, "init"), f"cannot make {inside.parent}: Permission denied")
    beside = file.parent / "new.db"
    refused(obeying(beside, "init"), f"cannot open {beside}: permission denied")
    obeyed = obeying(file, "deal", "add", "Big")
    assert obeyed.exit_code == 4
    assert obeyed.stderr.count("\n") == 1

"""What others can write: never run, never a path, never a secret, and always one line."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

from sqlalchemy import make_url

from tests.conftest import ROOT
from tests.crm import Result
from tests.faults.place import Place
from tests.faults.rows import row


def one_line(at: Place, command: str, result: Result) -> None:
    """Note where a command does not tell what is wrong in one line."""
    if len(result.stderr.splitlines()) > 2:
        at.fail(command, result, "tells more than one line")


@row("D1", "stored arguments of an import are never run")
def stored_arguments(at: Place) -> None:
    at.all("customer add One", "customer add Two")
    victim = at.file("victim", "precious")
    at.file("rows.csv", "Deal ID,Deal Name\n1,Weir\n2,Lock\n")
    at.all("import deals $OUT/rows.csv --batch 1")
    hostile = (["customer", "erase", "C2", "--yes"], ["board", "--html", str(victim)])
    for arguments in (*hostile, ["import", "deals", "x", "--rejects", str(victim)]):
        stored = json.dumps(arguments)
        at.execute(f"UPDATE imports SET options = '{stored}', finished_at = NULL")
        one_line(at, "import --resume", at.run("import --resume --as Ada"))
    at.all("export all $OUT/archive")
    at.same("customers", at.customers("name"), ["One", "Two"])
    at.crm = at.more()
    at.all("import all $OUT/archive")
    one_line(at, "import --resume", at.run("import --resume"))
    at.same("customers of the archive", at.customers("name"), ["One", "Two"])
    at.same("the file", victim.read_text("utf-8"), "precious")


@row("D2", "a manifest that names a file elsewhere")
def names_in_manifests(at: Place) -> None:
    (at.folder / "victim").mkdir()
    letters = at.file("victim/letters.csv", "precious")
    at.all("export all $OUT/archive")
    manifest = at.folder / "archive" / "manifest.json"
    named = json.loads(manifest.read_text("utf-8"))
    named["parts"].append({"table": "../victim/letters", "rows": 0, "sha256": "0"})
    manifest.write_text(json.dumps(named), "utf-8")
    at.run("export all $OUT/archive")
    at.run("export all $OUT/archive --force")
    at.same("letters.csv", letters.is_file() and letters.read_text("utf-8"), "precious")
    manifest.write_text(json.dumps(named), "utf-8")
    at.refused("import all $OUT/archive")


@row("D4", "a password in the URL of the database", engine="postgresql")
def passwords(at: Place) -> None:
    url = make_url(at.url)
    secret = url.set(username=url.username or "postgres", password="geheim77")
    named = secret.render_as_string(hide_password=False).replace("+psycopg", "")
    at.done(["--database", named, "import", "deals", "-"], input="Deal Name\nWeir\n")
    run = at.json("import list")[0]["ref"]
    for command in ("import list --json", f"import show {run}", "log --json"):
        at.silent(command, at.done(command), "geheim77")
    at.all("export all $OUT/archive")
    held = b"".join(one.read_bytes() for one in (at.folder / "archive").iterdir())
    at.holds("it is exported", b"geheim77" not in held)


@row("D20", "damaged texts, nested files, odd settings and numbers", engine="sqlite")
def damaged(at: Place) -> None:
    at.all("deal add Weir --amount 5", "export all $OUT/archive --format jsonl")
    odd = {"CRMCTL_CONFIG": "~nobody/x"}
    one_line(at, "deal list", at.run("deal list", env=odd))
    at.file("plan", f"# Customers that may be the same\n\nkeep {'[' * 100_000}\n")
    one_line(at, "customer merge", at.refused("customer merge --plan $OUT/plan"))
    manifest = at.folder / "archive" / "manifest.json"
    text = manifest.read_text("utf-8")
    for content in (text.replace('"rows": 1', '"rows": 1e999', 1), '{"a":' * 100_000):
        manifest.write_text(content, "utf-8")
        one_line(at, "import all", at.refused("import all $OUT/archive"))
    at.execute("UPDATE deals SET title = CAST(x'ff41' AS TEXT)")
    for command in ("deal list", "board", "log"):
        one_line(at, command, at.run(command))
    at.refused("db check", "title")


@row("D21", "the database of another program", engine="sqlite", empty=True)
def other_programs(at: Place) -> None:
    tables = "CREATE TABLE alembic_version (version_num TEXT); CREATE TABLE notes (id INTEGER);"
    path = at.folder / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"{tables} INSERT INTO alembic_version VALUES ('a1b2c3');")
    before = path.read_bytes()
    for command in ("deal list", "db migrate", "db init", "init Co --user Ada"):
        at.refused(f"--database $OUT/other.db {command}", "another program|not crmctl|no crmctl")
        at.holds(f"{command} changes it", path.read_bytes() == before)


@row("D23", "letters on the command line where the locale is POSIX")
def other_locales(at: Place) -> None:
    locale = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    environment = {
        **os.environ, "CRMCTL_DATABASE_URL": at.url, "PYTHONPATH": str(ROOT), **locale,
    }  # fmt: skip
    command = [sys.executable, "-m", "crmctl", "deal", "add", "Grüße", "--as", "Ada"]
    ran = subprocess.run(command, env=environment, capture_output=True, timeout=60)
    at.same(f"exit code: {ran.stderr!r}", ran.returncode, 0)
    at.same("deals", at.deals("title"), ["Grüße"])

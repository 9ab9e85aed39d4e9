"""PostgreSQL as it is met: its settings, its schema, few connections, restarts, locks."""

import time

from psycopg import sql
from sqlalchemy import make_url

from crmctl.storage import migrate
from tests import engines, postgres
from tests.faults.door import opened_after
from tests.faults.place import Place
from tests.faults.rows import row
from tests.processes.programs import ended


@row("B11", "a server that writes dates in another style", engine="postgresql", empty=True)
def date_styles(at: Place) -> None:
    with postgres.connect(at.url) as connection:
        name = sql.Identifier(make_url(at.url).database or "")
        style = sql.SQL("ALTER DATABASE {} SET datestyle TO 'SQL, DMY'").format(name)
        connection.execute(style)
    at.all("init Co --user Ada", "deal add Weir --close 2026-12-31", "deal move D1 proposal")
    at.load("deals", "Deal ID,Deal Name,Create Date\n1,Lock,2026-01-05\n")
    at.all("board", "forecast", "log", "undo")
    at.same("deals", at.deals("title", "expected_close"), [("Weir", "2026-12-31")])


@row("C12", "init on a database of an older schema", engine="postgresql")
def older_schemas(at: Place) -> None:
    migrate.downgrade(engines.shared(at.url), migrate.revisions()[-2])
    before = at.query("SELECT version_num FROM alembic_version")
    for command in ("init Second --user Bea", "deal list"):
        result = at.refused(command, "db migrate")
        at.same("exit code", result.exit_code, 4)
    at.same("schema", at.query("SELECT version_num FROM alembic_version"), before)


@row("D7", "a role that may connect once", engine="postgresql")
def one_connection(at: Place) -> None:
    url = make_url(at.url)
    role = sql.Identifier(f"single_{url.database}")
    at.file("rows.csv", "Deal ID,Deal Name\n" + "".join(f"{n},Deal {n}\n" for n in range(50)))
    with postgres.connect(at.url) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN CONNECTION LIMIT 1").format(role))
        connection.execute(sql.SQL("GRANT ALL ON ALL TABLES IN SCHEMA public TO {}").format(role))
    engines.shared(at.url).dispose()
    named = url.set(username=f"single_{url.database}").render_as_string(hide_password=False)
    try:
        importing = "import deals $OUT/rows.csv"
        for command in (importing, f"{importing} --batch 10", "undo"):
            ended = at.measured(f"--database {named} {command} --as Ada", seconds=60)
            at.same(f"{command}: {ended}", ended.code, 0)
    finally:
        with postgres.connect(at.url) as connection:
            connection.execute(sql.SQL("DROP OWNED BY {}").format(role))
            connection.execute(sql.SQL("DROP ROLE {}").format(role))


@row("D14", "a server that restarts", engine="postgresql")
def restarts(at: Place) -> None:
    at.all("deal add Weir")
    for starting, stage in ((False, "proposal"), (True, "negotiation")):
        with opened_after(at.url, 3, starting=starting) as url:
            ended = at.measured(f"--database {url} deal move D1 {stage} --as Ada")
        at.same(str(ended), ended.code, 0)
    at.same("history", len(at.json("deal history D1")), 3)


@row("D16", "locks that another program holds", engine="postgresql")
def locks(at: Place) -> None:
    at.all("deal add Weir")
    with postgres.connect(at.url) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT 1 FROM deals FOR UPDATE")
        connection.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
        commands = ("deal move D1 won --as Ada", "db migrate")
        waiting = [at.start(command) for command in commands]
        time.sleep(8)
        connection.execute("ROLLBACK")
    for command, process in zip(commands, waiting, strict=True):
        end = ended(process)
        at.same(f"{command}: {end.stderr}", end.code, 0)
        at.holds(f"{command} says nothing while it waits: {end.stderr}", "wait" in end.stderr)

"""Customers that are merged while others write about them: what is theirs follows, always."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crmctl.services.records import merging
from crmctl.services.records.merging import MergeRequest
from crmctl.storage import db
from tests.crm import Crm
from tests.processes.programs import Ended, Forks, Server, ended, until, waiting
from tests.services.company import Company

#: What writes about a customer, who is named as in a file and as in a command.
WRITES = {
    "deal add": "deal add New --customer C2",
    "deal edit": "deal edit D1 --customer C2",
    "activity add": "activity add note Hi --customer C2",
    "activity edit": "activity edit A1 --customer C2",
    "import deals": "import deals {deals}",
    "import activities": "import activities {activities}",
    "import in steps": "import deals {deals} --batch 1",
    "undo": "undo",
}


@pytest.fixture
def acme(postgres_url: str) -> Crm:
    """A company on PostgreSQL, as SQLite has one writer, with what was taken from a customer."""
    return Crm(postgres_url).begin(
        "init Acme --user Uma",
        "customer add Ann",
        "customer add Ben --email ben@example.com",
        "deal add Weir --customer C2",
        "deal add Old",
        "activity add note Ho --deal D2",
        "deal edit D1 --clear customer",
    )


@pytest.fixture
def merging_engine(acme: Crm) -> Iterator[Engine]:
    """An engine to merge on, in a transaction that stays open."""
    engine = db.engine(acme.database_url)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("command", WRITES.values(), ids=WRITES)
def test_nothing_is_written_to_who_is_merged_meanwhile(
    acme: Crm, merging_engine: Engine, server: Server, tmp_path: Path, command: str
) -> None:
    deals, activities = tmp_path / "deals.csv", tmp_path / "activities.csv"
    deals.write_text("title,customer\nLock,Ben\nOld,Ben\n")
    activities.write_text("external_id,subject,kind,customer\n1,Hi,note,Ben\n")
    forks = Forks(server, acme.database_url)
    arguments = command.format(deals=deals, activities=activities).split()
    now = datetime.now(UTC) - timedelta(minutes=1)
    with Company(merging_engine, now).writes("crmctl customer merge") as session:
        merges = merging.prepare(session, [MergeRequest(keep="C1", merge=["C2"])])
        merging.carry_out(session, merges)
        writing = forks.start(*arguments)
        until(lambda: waiting(merging_engine))
    end: Ended = ended(writing)
    assert (end.code, "merged into C1" in end.stderr) in ((0, False), (3, True)), end.stderr
    assert acme("db check --json").json() == []
    owners = {row["customer"] for row in acme("deal list --json").json()} - {None}
    assert owners == ({"Ann"} if end.code == 0 and "activit" not in command else set())

"""Imports at once, and others who work meanwhile: nothing is doubled, lost or left behind."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.cli.imported import deals
from tests.crm import Crm
from tests.processes.programs import Ended, Forks, ended

#: How many customers the files have; there are twice as many deals.
ROWS = 150
MISSING = ("--create-missing", "customers,users", "--as", "Uma")


@pytest.fixture
def acme(crm: Crm) -> Crm:
    """A company."""
    return crm.begin("init Acme --user Uma")


@pytest.fixture
def sales(tmp_path: Path) -> str:
    """A file of deals, that names customers and users."""
    rows = (f"{n},Deal {n},Fell {n % ROWS},Owner {n % 7}\n" for n in range(2 * ROWS))
    (tmp_path / "deals.csv").write_text("Deal ID,Deal Name,Customer,Owner\n" + "".join(rows))
    return str(tmp_path / "deals.csv")


@pytest.fixture
def people(tmp_path: Path) -> str:
    """A file of the customers of these deals."""
    rows = (f"Fell {n},f{n}@fell.example\n" for n in range(ROWS))
    (tmp_path / "customers.csv").write_text("Name,Email\n" + "".join(rows))
    return str(tmp_path / "customers.csv")


def together(forks: Forks, *commands: list[str]) -> list[Ended]:
    """Run commands at once, and return how they ended."""
    return [ended(process) for process in [forks.start(*command) for command in commands]]


def assert_whole(acme: Crm) -> None:
    """Look for every deal, customer and user of the files, each once."""
    assert len(deals(acme)) == 2 * ROWS
    names = [row["name"] for row in acme("customer list --limit 0 --json").json()]
    assert len(names) == len(set(names)) == ROWS
    users = [user["name"] for user in acme("user list --json").json()]
    assert len(users) == len(set(users)) == 8
    assert acme("db check --json").json() == []


@pytest.mark.parametrize("steps", [(), ("--batch", "40")], ids=["whole", "in steps"])
def test_imports_that_name_the_same_double_nobody(
    acme: Crm, forks: Forks, sales: str, tmp_path: Path, steps: tuple[str, ...]
) -> None:
    named = tmp_path / "named.csv"
    named.write_text("Name\n" + "".join(f"Fell {n}\n" for n in range(ROWS)))
    importing = ["import", "deals", sales, *MISSING, *steps]
    ends = together(
        forks, importing, ["import", "customers", str(named), "--as", "Uma", *steps], importing
    )
    assert [(end.code, "error" in end.stderr) for end in ends] == [(0, False)] * 3
    assert_whole(acme)


def test_a_run_is_not_doubled_by_who_would_resume_it(acme: Crm, forks: Forks, sales: str) -> None:
    importing = forks.start("import", "deals", sales, *MISSING, "--batch", "5")
    resuming = forks.start_loop(["import --resume"] * 12)
    end, others = ended(importing), ended(resuming)
    assert end.code == 0 or "was resumed by someone else" in end.stderr
    told = [line for line in others.stderr.splitlines() if "error" in line]
    known = ("is going on", "was resumed", "meanwhile", "no import was cut off")
    assert not [line for line in told if not any(words in line for words in known)]
    assert_whole(acme)


def test_a_run_that_is_undone_meanwhile_stops_and_says_so(
    acme: Crm, forks: Forks, sales: str
) -> None:
    importing = forks.start("import", "deals", sales, *MISSING, "--batch", "2")
    undoing = forks.start_loop(["undo --as Uma"] * 3)
    end = ended(importing)
    assert ended(undoing).code == 0
    (run,) = acme("import list --json").json()
    if run["state"] == "undone":
        assert deals(acme) == []
        assert acme("customer list --json").json() == []
        assert end.code == 0 or "was undone meanwhile by Uma" in end.stderr
    else:
        assert end.code == 0
    assert acme("db check --json").json() == []


def test_customers_that_are_merged_between_steps_keep_no_deals(
    acme: Crm, engine: Engine, forks: Forks, sales: str, people: str
) -> None:
    assert acme(f"import customers {people}").exit_code == 0
    merges = [f"customer merge C{n} C{n + 1} --as Uma" for n in range(1, 40, 2)]
    adds = [f"deal add 'New {n}' --customer f{n}@fell.example --as Uma" for n in range(20)]
    # None waits for ever: who adds a deal has its customer before its number.
    importing = forks.start("import", "deals", sales, "--batch", "5", *MISSING)
    others = [forks.start_loop(commands) for commands in (merges, adds)]
    assert ended(importing).code == 0
    assert not any("unexpected" in ended(process).stderr for process in others)
    with engine.connect() as connection:
        left = "SELECT count(*) FROM deals JOIN customers c ON c.id = customer_id"
        assert not connection.execute(text(f"{left} WHERE c.merged_into IS NOT NULL")).scalar()
    assert acme("db check --json").json() == []

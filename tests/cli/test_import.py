"""crmctl import: what is written, and what is said about it."""

from importlib import import_module
from pathlib import Path

import pytest

from crmctl.config import normal_url
from crmctl.storage import db
from tests.cli.imported import changes, counts, customers, deals, reasons, take
from tests.crm import Crm

NOW = "2026-03-10T12:00:00Z"
DEALS = """\
Deal Id,Deal Name,Amount,Stage,Company,Owner,Close Date,Create Date
1,First,"1,200.50",Proposal,Acme,Ann,2026-04-30,2026-01-05
2,Second,900,Closed Won,Acme,Ann,2026-02-01,2026-01-06
3,Third,,,,,,
"""


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline, on a fixed day."""
    crm.now = NOW
    return crm.begin("init Acme --user Ann")


IMPORTED = '--stage-map "Closed Won=won" --create-missing customers,users'


@pytest.mark.usefixtures("on_each_engine")
def test_deals_arrive_with_stage_dates_owner_and_customer(crm: Crm) -> None:
    result = take(crm, "deals", DEALS, IMPORTED)
    assert (result.exit_code, counts(result)) == (0, (3, 0, 0, 0)), result.stderr
    assert result.json()["created_missing"] == {"customers": 1}
    first, second, third = deals(crm)
    assert first | {
        "title": "First", "amount": "1200.50", "stage": "proposal", "customer": "Acme",
        "owner": "Ann", "expected_close": "2026-04-30", "created_at": "2026-01-05T00:00:00Z",
        "stage_entered_at": "2026-01-05T00:00:00Z", "external_ids": ["1"], "closed_at": None,
    } == first  # fmt: skip
    assert second | {
        "status": "won", "closed_at": "2026-02-01T00:00:00Z", "expected_close": None,
        "stage_entered_at": "2026-02-01T00:00:00Z", "created_at": "2026-01-06T00:00:00Z",
    } == second  # fmt: skip
    assert third | {"stage": "lead", "amount": None, "created_at": NOW} == third
    assert [row["name"] for row in customers(crm)] == ["Acme"]
    assert crm("db check").exit_code == 0


def test_second_run_changes_nothing_and_makes_no_change_set(crm: Crm) -> None:
    take(crm, "deals", DEALS, IMPORTED)
    before = changes(crm)
    result = take(crm, "deals", DEALS, IMPORTED)
    assert (result.exit_code, counts(result)) == (0, (0, 0, 3, 0))
    assert (
        result.stderr
        == "nothing to do: what the file says is there, and empty cells change nothing\n"
    )
    assert changes(crm) == before


@pytest.mark.usefixtures("on_each_engine")
def test_undo_takes_an_import_back(crm: Crm) -> None:
    take(crm, "deals", DEALS, IMPORTED)
    result = take(crm, "deals", "Deal Id,Amount,Stage\n1,1300,won\n2,950,\n4,,\n")
    assert (result.exit_code, counts(result)) == (1, (0, 2, 0, 1))
    assert crm("undo").exit_code == 0
    assert [row["amount"] for row in deals(crm)] == ["1200.50", "900.00", None]
    assert crm("undo").exit_code == 0
    assert (deals(crm), customers(crm)) == ([], [])
    assert crm("db check").exit_code == 0


@pytest.mark.usefixtures("on_each_engine")
def test_dry_run_shows_the_plan_and_writes_nothing(crm: Crm) -> None:
    planned = take(crm, "deals", DEALS, f"{IMPORTED} --dry-run").json()
    assert deals(crm) == []
    assert changes(crm) == 1
    done = take(crm, "deals", DEALS, IMPORTED).json()
    assert planned.pop("dry_run") is True
    assert done.pop("dry_run") is False
    assert planned.pop("change") is None
    assert done.pop("change")
    assert planned == done


def test_dry_run_of_updates_names_the_values(crm: Crm) -> None:
    take(crm, "deals", DEALS, IMPORTED)
    content = "Deal Id,Amount,Stage,Owner\n1,1300,won,Bo\n2,900,,\n"
    result = take(crm, "deals", content, "--dry-run --create-missing users")
    assert result.json()["updates"] == [
        {
            "line": 2,
            "ref": "D1",
            "fields": {
                "amount": {"before": "1200.50", "after": "1300.00"},
                "owner": {"before": "Ann", "after": "Bo"},
                "stage": {"before": "proposal", "after": "won"},
                "closed_at": {"before": None, "after": NOW},
            },
        }
    ]
    assert result.json()["updated_fields"] == {"amount": 1, "owner": 1, "stage": 1, "closed_at": 1}


def test_people_are_shown_the_plan(crm: Crm, tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    file.write_text(DEALS + "5,,1,won,,,,\n6,Six,x,,,,,\n7,Seven,x,,,,,\n", "utf-8")
    result = crm(f"import deals {file} {IMPORTED} --map 'Close Date='")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"{file}: 6 rows, known by external id, title and customer",
        "  Deal Id     -> external_id",
        "  Deal Name   -> title",
        "  Amount      -> amount",
        "  Stage       -> stage",
        "  Company     -> customer",
        "  Owner       -> owner",
        "  Create Date -> created_at",
        "",
        "created   3",
        "updated   0",
        "unchanged 0",
        "rejected  3",
        "created   1 missing customer",
        "assumed: 1 row: closed with no closing date: that of their creation is taken"
        " (--map COLUMN=close_date)",
        "assumed: 1 deal begins in the first stage: its row names none (--map COLUMN=stage)",
        "",
        "lines 6, 7: Amount: not an amount: 'x' (write it like 1200.50)",
        "line 5: Deal Name: a new deal needs a title (--map COLUMN=title)",
    ]
    said = result.stderr.splitlines()
    assert said[0].startswith("imported as change ")
    assert said[1:] == ["crmctl: note: 3 of 6 rows were rejected (--rejects FILE keeps them)"]


def test_empty_cells_change_nothing(crm: Crm) -> None:
    take(crm, "deals", "id,title,amount,next step,tags\n1,A,5,call,x;y\n")
    result = take(crm, "deals", "id,title,amount,next step,tags\n1,,,,\n")
    assert counts(result) == (0, 0, 1, 0)
    assert take(crm, "deals", "id,title\n1,NA\n", "--empty NA").json()["unchanged"] == 1


def test_removed_records_stay_removed(crm: Crm) -> None:
    take(crm, "deals", "id,title\n1,A\n")
    assert crm("deal remove D1").exit_code == 0
    result = take(crm, "deals", "id,title\n1,A\n")
    assert reasons(result) == ["2 id: D1 is removed (crmctl deal restore D1)"]


def test_people_without_a_name_are_called_by_their_address_or_organisation(crm: Crm) -> None:
    content = (
        "First Name,Last Name,Email,Company\nAda,,ada@x.example,X\n,,info@y.example,Y\n,,,Z\n,,,\n"
        ",,not an address,\n"
    )
    result = take(crm, "customers", content)
    assert [(row["name"], row["organisation"]) for row in customers(crm)] == [
        ("Ada", "X"),
        ("info@y.example", "Y"),
        ("Z", "Z"),
    ]
    assert reasons(result) == ["6 Email: not an e-mail address: 'not an address'"]
    result = take(crm, "customers", "First Name,Email\n,ada@x.example\nIna,info@y.example\n")
    assert counts(result) == (0, 1, 1, 0)


@pytest.mark.usefixtures("on_each_engine")
def test_an_address_tells_people_of_one_name_apart(crm: Crm) -> None:
    take(crm, "customers", "name,email\nAda,ada@x.example\nIna,\n")
    assert crm("user edit Ann --email ann@x.example").exit_code == 0
    header = "title,customer,customer email,owner,owner email\n"
    content = (
        f"{header}A,Ada,ada@x.example,Ann,ann@x.example\nB,Ada,ada@y.example,Ann,b@x.example\n"
    )
    result = take(crm, "deals", f"{content}C,Ina,ina@x.example,,\n")
    assert reasons(result) == [
        "3 customer: no customer answers to 'ada@y.example' (--create-missing customers adds them)",
        "3 owner: no user answers to 'b@x.example' (--create-missing users adds them)",
    ]
    result = take(crm, "deals", content, "--create-missing customers,users")
    assert result.json()["created_missing"] == {"customers": 1, "users": 1}
    assert [row["name"] for row in customers(crm)] == ["Ada", "Ina", "Ada"]
    assert [row["customer_ref"] for row in deals(crm)] == ["C1", "C2", "C3"]


@pytest.mark.usefixtures("on_each_engine")
def test_large_files_come_in_batches(crm: Crm) -> None:
    rows = [f"{n},T{n},K{n % 700},U{n % 9}" for n in range(4500)]
    content = "\n".join(["id,title,customer,owner", *rows, "7,again,,", ""])
    plan = take(crm, "deals", content, "--create-missing customers,users --dry-run").json()
    assert (plan["created"], plan["created_missing"]) == (4500, {"customers": 700, "users": 9})
    result = take(crm, "deals", content, "--create-missing customers,users")
    assert counts(result) == (4500, 0, 0, 1)
    assert reasons(result) == ["4502 id: line 9 is about the same deal"]
    found = deals(crm)
    assert len({row["ref"] for row in found}) == 4500
    assert len({row["customer_ref"] for row in found}) == 700
    assert crm("deal add One").exit_code == 0
    assert counts(take(crm, "deals", content)) == (0, 0, 4500, 1)


@pytest.mark.parametrize("first", ["won,", "lead,call"])
@pytest.mark.parametrize("second", ["won,", "lead,write", "qualified,"])
def test_rows_of_other_batches_about_one_deal_are_refused(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, first: str, second: str
) -> None:
    monkeypatch.setattr(import_module("crmctl.services.imports.run"), "BATCH", 1)
    assert crm("deal add One").exit_code == 0
    content = f"title,stage,next_step\nOne,{first}\nOne,{second}\n"
    for options in ("--dry-run", ""):
        result = take(crm, "deals", content, options)
        assert reasons(result) == ["3 title: line 2 is about the same deal"]
        assert counts(result) == (0, 1, 0, 1)


def test_postgres_learns_how_large_the_tables_became(postgres_url: str, tmp_path: Path) -> None:
    """Else it checks the foreign keys of each new row by reading all rows of the company."""
    crm = Crm(postgres_url)
    crm("init")
    rows = "".join(f"{n},T{n},K{n}\n" for n in range(1500))
    result = take(crm, "deals", f"id,title,customer\n{rows}", "--create-missing customers")
    assert counts(result) == (1500, 0, 0, 0)
    engine = db.engine(normal_url(postgres_url))
    with engine.connect() as connection:
        sizes = "SELECT relname, reltuples FROM pg_class WHERE relname IN ('deals', 'customers')"
        assert dict(connection.exec_driver_sql(sizes).all()) == {"deals": 1500, "customers": 1500}
    engine.dispose()


@pytest.mark.usefixtures("on_each_engine")
def test_stdin_with_semicolons_and_a_byte_order_mark(crm: Crm) -> None:
    content = "\ufeffDeal Name;Amount\r\nÉtude;12\r\n".encode()
    assert counts(take(crm, "deals", content)) == (1, 0, 0, 0)
    assert counts(take(crm, "deals", "deal_name|amount\nÉTUDE|12\n", "--delimiter '|'"))[3] == 0
    assert deals(crm)[0]["title"] == "ÉTUDE"

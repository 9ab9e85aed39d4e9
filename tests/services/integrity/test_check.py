"""Each invariant is broken by plain SQL, and the check of the database names the row."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlmodel import select

from crmctl.domain.kinds import ActivityKind, Entity, FieldType
from crmctl.models.base import new_id
from crmctl.models.changes import Change
from crmctl.models.deals import Deal
from crmctl.models.session import ChangeSet
from crmctl.models.tenants import Company as CompanyRow
from crmctl.models.tenants import Franchise, User
from crmctl.services import changes, setup
from crmctl.services.integrity import check
from crmctl.services.integrity.violations import MOST
from crmctl.services.pipeline import deals, moves, rules, stages
from crmctl.services.records import activities, custom_fields, customers, external_ids
from crmctl.services.tenancy import companies, franchises
from crmctl.storage import db
from tests.services.company import START, Company, make
from tests.snapshots import once


@pytest.fixture
def busy(engine: Engine) -> Company:
    """A company with some of everything, and another company beside it, made an hour ago."""
    url = engine.url.render_as_string(hide_password=False)
    once(url, fill, lambda: fill(engine))
    return Company(engine, START + timedelta(hours=1))


def fill(engine: Engine) -> None:
    """Make the two companies."""
    make(engine)
    company = Company(engine)
    with company.writes() as session:
        ann = customers.create(session, {"name": "Ann"})
        franchises.add(session, {"name": "North"})
        for number in (1, 2):
            deal = deals.create(session, {"title": f"Deal {number}", "customer_id": ann.id})
        external_ids.attach(session, Entity.DEAL, "hubspot", [("7", deal.id)])
        custom_fields.add(session, Entity.DEAL, "size", "Size", FieldType.NUMBER)
    with company.writes() as session:
        both = session.exec(select(Deal).order_by(Deal.number).with_for_update()).all()  # type: ignore[arg-type]
        moves.move(session, both, "proposal")
        companies.edit(session, session.exec(select(CompanyRow)).one(), {"name": "Emca"})
    with company.writes() as session:
        both = session.exec(select(Deal).order_by(Deal.number).with_for_update()).all()  # type: ignore[arg-type]
        moves.move(session, both[:1], "won")
        process = rules.sales_processes(session)["default"]
        stages.edit(session, process, process.find("lead"), {"label": "New"})
        custom_fields.edit(session, custom_fields.find(session, Entity.DEAL, "size"), "How big")
    with db.session(company.engine, write=True) as other:
        other.change = ChangeSet(at=START, actor="nobody", command="crmctl company add")
        values = {"name": "Other", "currency": "EUR", "timezone": "UTC", "fiscal_month": 1}
        setup.add_company(other, values, {"name": "Olaf"}, "b2b")
        customers.create(other, {"name": "Otto"})


def found(engine: Engine) -> set[tuple[str, str, str]]:
    """Return what the check finds, without the company."""
    with db.session(engine) as session:
        return {(one.invariant, one.record, one.detail) for one in check.run(session)}


def bare(engine: Engine, *tables: str) -> None:
    """Take all constraints from `tables`, so that they hold anything."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
            for table in tables:
                connection.execute(text(f"CREATE TABLE bare AS SELECT * FROM {table}"))
                connection.execute(text(f"DROP TABLE {table}"))
                connection.execute(text(f"ALTER TABLE bare RENAME TO {table}"))
        else:
            for table in tables:
                names = connection.execute(
                    text("SELECT conname FROM pg_constraint WHERE conrelid = CAST(:t AS regclass)"
                         " AND contype <> 'n'"),
                    {"t": table},
                ).scalars()  # fmt: skip
                for name in names.all():
                    connection.execute(
                        text(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name} CASCADE")
                    )
                connection.execute(text(f"DROP TRIGGER IF EXISTS none ON {table}"))
        connection.commit()


def run(engine: Engine, statement: str, **values: Any) -> None:
    """Run plain SQL that changes at least a row, foreign keys off."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
        given = {name: _stored(engine, value) for name, value in values.items()}
        assert connection.execute(text(statement), given).rowcount
        connection.commit()


def _stored(engine: Engine, value: Any) -> Any:
    return value.hex if isinstance(value, UUID) and engine.dialect.name == "sqlite" else value


def test_a_sound_database_has_no_findings(busy: Company) -> None:
    assert found(busy.engine) == set()


@pytest.mark.parametrize(
    ("tables", "statement", "expected"),
    [
        (
            [],
            "UPDATE customers SET merged_into = id WHERE name = 'Ann'",
            {("merged customers are removed", "C1",
              "was merged into C1, which was merged itself"),
             *(("records are of customers that are there", deal,
                "is of C1, which was merged into C1") for deal in ("D1", "D2"))},
        ),
        (
            [],
            "UPDATE stages SET position = 2 WHERE key = 'proposal' AND pipeline = 'default' AND"
            " company_id = (SELECT company_id FROM companies WHERE name = 'Emca')",
            {("stages and pipelines are in order", "pipeline default",
              "2 stages are at position 2")},
        ),
        (
            [],
            "UPDATE stages SET required_fields = '[\"colour\", \"custom.size\", \"amount\"]'"
            " WHERE key = 'proposal' AND pipeline = 'default' AND"
            " company_id = (SELECT company_id FROM companies WHERE name = 'Emca')",
            {("stages require fields that there are", "stage default/proposal",
              "requires colour, which is no field of deals")},
        ),
        (
            [],
            "UPDATE companies SET timezone = 'Mars/Base' WHERE name = 'Emca'",
            {("time zones are known", "company Emca",
              "no time zone is called 'Mars/Base' (try Europe/Berlin or UTC)")},
        ),
        (
            [],
            "UPDATE deals SET custom = '{\"size\": 1, \"seats\": 2}' WHERE number = 2",
            {("custom values have a field", "D2",
              "has a value for seats, which is no custom field of deals")},
        ),
        (
            [],
            "UPDATE customers SET custom = '{\"size\": 1}'",
            {("custom values have a field", "C1",
              "has a value for size, which is no custom field of customers")},
        ),
        (
            ["deals"],
            "UPDATE deals SET stage = 'nowhere' WHERE number = 2",
            {
                ("a deal's stage is one of its pipeline", "D2",
                 "is in default/nowhere, and there is no such stage"),
                ("a deal's history ends in its stage", "D2",
                 "is in nowhere, and its history ends in proposal"),
            },
        ),
        (
            ["deals"],
            "UPDATE deals SET status = 'lost', closed_at = stage_entered_at WHERE number = 2",
            {
                ("a deal's status is its stage's kind", "D2",
                 "is lost, and its stage proposal is open"),
                ("a deal's history ends in its stage", "D2",
                 "and the end of its history differ in how or when proposal was entered"),
            },
        ),
        (
            ["deals"],
            "UPDATE deals SET stage = 'lead' WHERE number = 2",
            {("a deal's history ends in its stage", "D2",
              "is in lead, and its history ends in proposal")},
        ),
        (
            ["deals"],
            "UPDATE deals SET entries = 5 WHERE number = 2",
            {("a deal's history ends in its stage", "D2",
              "counts 5 entries of history, and has 2")},
        ),
        (
            ["deals"],
            "UPDATE deals SET stage_entered_at = '2020-01-01 00:00:00.000000' WHERE number = 2",
            {("a deal's history ends in its stage", "D2",
              "and the end of its history differ in how or when proposal was entered")},
        ),
        (
            ["deal_stage_history"],
            "DELETE FROM deal_stage_history"
            " WHERE deal_id = (SELECT id FROM deals WHERE number = 2)",
            {("a deal's history ends in its stage", "D2", "has no history")},
        ),
        (
            ["deal_stage_history"],
            "DELETE FROM deal_stage_history WHERE position = 2"
            " AND deal_id = (SELECT id FROM deals WHERE number = 1)",
            {
                ("a deal's history ends in its stage", "D1",
                 "counts 3 entries of history, and has 2"),
                ("history has no gaps", "D1", "entry 3 of its history follows entry 1"),
            },
        ),
        (
            ["deal_stage_history"],
            "UPDATE deal_stage_history SET from_stage = 'lost' WHERE position = 3",
            {("history has no gaps", "D1",
              "entry 3 of its history comes from lost, and the one before is proposal")},
        ),
        (
            ["deal_stage_history"],
            "UPDATE deal_stage_history SET entered_at = '2020-01-01 00:00:00.000000'"
            " WHERE position = 2 AND deal_id = (SELECT id FROM deals WHERE number = 1)",
            {("history has no gaps", "D1", "entry 2 of its history is older than the one before")},
        ),
        (
            ["deals"],
            "UPDATE deals SET closed_at = NULL WHERE number = 1",
            {("closed deals have a close time", "D1", "is won and has no close time")},
        ),
        (
            ["deals"],
            "UPDATE deals SET closed_at = created_at WHERE number = 2",
            {("closed deals have a close time", "D2", "is open and has a close time")},
        ),
        (
            ["deals"],
            "UPDATE deals SET number = 2",
            {("numbers are unique", "D2", "2 deals have this number")},
        ),
        (
            [],
            "UPDATE counters SET next = 2 WHERE kind = 'deal'",
            {("numbers are unique", "D2", "is the highest number, and 2 would be given next")},
        ),
        (
            ["deals", "customers"],
            "UPDATE deals SET customer_id = (SELECT id FROM customers WHERE name = 'Otto')"
            " WHERE number = 2",
            {("references stay in the company", "D2 Deal 2",
              "refers by customer_id to another company's row of customers")},
        ),
        (
            ["deals", "users"],
            "UPDATE deals SET owner_id = :id WHERE number = 2",
            {("references stay in the company", "D2 Deal 2",
              "refers by owner_id to a row that is not in users")},
        ),
        (
            ["external_keys", "deals"],
            "UPDATE external_keys SET deal_id = :id",
            {("references stay in the company", "external id hubspot:7",
              "refers by deal_id to a row that is not in deals")},
        ),
        (
            ["franchises", "companies"],
            "UPDATE franchises SET company_id = :id",
            {
                ("references stay in the company", "franchise North",
                 "refers by company_id to a row that is not in companies"),
                ("every change has a change set", "franchise North",
                 "no change set has the id in created_in"),
                ("every change has a change set", "franchise North",
                 "no change set has the id in changed_in"),
            },
        ),
        (
            ["stages", "pipelines"],
            "UPDATE stages SET pipeline = 'other' WHERE key = 'lost'"
            " AND company_id = (SELECT company_id FROM franchises)",
            {("references stay in the company", "stage other/lost",
              "refers by pipeline to a row that is not in pipelines")},
        ),
        (
            ["deals"],
            "UPDATE deals SET changed_in = :id WHERE number = 2",
            {
                ("every change has a change set", "D2 Deal 2",
                 "no change set has the id in changed_in"),
                ("every change has a change set", "D2 Deal 2",
                 "its last change set does not say what it changed"),
            },
        ),
        (
            [],
            "DELETE FROM change_rows WHERE table_name = 'deals' AND row_key ="
            " (SELECT row_key FROM change_rows WHERE table_name = 'deals'"
            " ORDER BY change_id DESC LIMIT 1)",
            {("every change has a change set", "D1 Deal 1",
              "its last change set does not say what it changed")},
        ),
        (
            [],
            "DELETE FROM change_rows WHERE table_name IN ('stages', 'custom_fields')",
            {
                ("every change has a change set", "stage default/lead",
                 "its last change set does not say what it changed"),
                ("every change has a change set", "deal field size",
                 "its last change set does not say what it changed"),
            },
        ),
        (
            [],
            "DELETE FROM change_rows WHERE table_name = 'companies'",
            {("every change has a change set", "company Emca",
              "its last change set does not say what it changed")},
        ),
        (
            ["companies"],
            "UPDATE companies SET created_in = :id, changed_in = :id WHERE name = 'Other'",
            {
                ("every change has a change set", "company Other",
                 "no change set has the id in created_in"),
                ("every change has a change set", "company Other",
                 "no change set has the id in changed_in"),
            },
        ),
    ],
)  # fmt: skip
def test_what_breaks_an_invariant_is_named(
    busy: Company, tables: list[str], statement: str, expected: set[tuple[str, str, str]]
) -> None:
    bare(busy.engine, *tables)
    values = {"id": new_id()} if ":id" in statement else {}
    run(busy.engine, statement, **values)
    assert found(busy.engine) == expected


def test_a_damaged_file_is_told(sqlite_url: str) -> None:
    company = make(db.engine(sqlite_url))
    with company.writes() as session:
        deals.create(session, {"title": "Big"})
    lie = "UPDATE sqlite_master SET sql = replace(sql, '= ''open', '= ''won') WHERE name = :name"
    with company.engine.connect() as connection:
        connection.execute(text("PRAGMA writable_schema = ON"))
        connection.execute(text(lie), {"name": "deal_open_idx"})
        connection.commit()
    (finding,) = found(company.engine)
    assert finding[:2] == ("the file is sound", "the file")
    assert "deal_open_idx" in finding[2]


def test_findings_of_one_kind_are_limited(company: Company) -> None:
    with company.writes() as session:
        for number in range(MOST + 5):
            deals.create(session, {"title": f"Deal {number}"})
    run(company.engine, "UPDATE deals SET entries = 9")
    assert len(found(company.engine)) == MOST


def test_a_change_of_a_franchise_that_never_was_is_named(busy: Company) -> None:
    with db.session(busy.engine) as session:
        north = session.exec(select(Franchise.id)).one()
    run(busy.engine, "UPDATE changes SET franchise_id = :id WHERE actor <> 'Olaf'", id=north)
    assert found(busy.engine) == set()
    run(busy.engine, "UPDATE changes SET franchise_id = :id WHERE actor = 'Olaf'", id=north)
    with db.session(busy.engine) as session:
        olafs = session.exec(select(Change).where(Change.actor == "Olaf")).one()
    told = "was made in a franchise that its company never had"
    expected = ("references stay in the company", f"change {olafs.ref}", told)
    assert found(busy.engine) == {expected}


def test_a_record_of_a_merged_customer_is_named(company: Company) -> None:
    with company.writes() as session:
        gone, kept = company.customers(session, "Ben", "Cat")
        deals.create(session, {"title": "Lock", "customer_id": kept.id})
        call = {"kind": ActivityKind.CALL, "subject": "Hi"}
        activities.create(session, call, customer="Cat")
    with company.writes() as session:
        changes.edit(session, [gone], {"deleted_at": company.now, "merged_into": kept.id})
    assert found(company.engine) == set()
    for table in ("deals", "activities"):
        statement = f"UPDATE {table} SET customer_id = :id WHERE customer_id = :kept"
        run(company.engine, statement, id=gone.id, kept=kept.id)
    told = "is of C1, which was merged into C2"
    invariant = "records are of customers that are there"
    assert found(company.engine) == {(invariant, "D1", told), (invariant, "A1", told)}


def test_users_who_are_not_told_apart_are_named(company: Company) -> None:
    people = [("Bo", None), ("bo", None), ("Bo", "bo@x.example"), ("Al", "al@x.example"),
              ("Al", "AL@x.example")]  # fmt: skip
    with company.writes() as session:
        users = [{"id": new_id(), "name": name, "email": email} for name, email in people]
        changes.create(session, User, users)
    assert {(record.lower(), told) for _, record, told in found(company.engine)} == {
        ("user bo", "2 users have the name 'bo'"),
        ("user al@x.example", "2 users have this email"),
    }

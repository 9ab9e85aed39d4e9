"""An import in steps looks again, after each commit, at what it had read before."""

import io
from collections.abc import Callable
from contextlib import nullcontext

import pytest
from sqlmodel import col, select

from crmctl.domain.importing.files.sources import read_table
from crmctl.domain.importing.plan import ImportPlan
from crmctl.domain.kinds import Entity, FieldType
from crmctl.errors import Conflict
from crmctl.models.changes import Change
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.imports import ImportRun
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history import undo
from crmctl.services.imports import ImportRequest, runs
from crmctl.services.imports.recorded import ImportCallbacks, ImportSource, import_file
from crmctl.services.integrity import check
from crmctl.services.pipeline import rules
from crmctl.services.records import custom_fields, merging, references
from crmctl.services.records.merging import MergeRequest
from tests.services.company import Company
from tests.services.history.undoing import take_back

Meanwhile = Callable[[Company], None]


@pytest.fixture
def people(company: Company) -> Company:
    """A company with two customers and a custom field of deals."""
    with company.writes() as session:
        company.customers(session, "Ann", "Ben")
        custom_fields.add(session, Entity.DEAL, "size", "Size", FieldType.NUMBER)
    return company


def take(
    company: Company, content: str, meanwhile: Meanwhile, resumed: ImportRun | None = None
) -> ImportPlan:
    """Import deals a row a step; the first time it has committed, others do something."""
    request = ImportRequest(
        entity=Entity.DEAL, file="deals.csv", batch=1, create_missing=frozenset({"customers"})
    )
    others = iter([meanwhile])

    def commit(_run: ImportRun) -> None:
        session.commit()
        for act in others:
            act(company)

    callbacks = ImportCallbacks(
        begun=lambda _: None, reached=lambda _: None, write_rejects=lambda _: None, commit=commit
    )
    with (
        company.writes("crmctl import deals") as session,
        read_table(io.BytesIO(content.encode()), "deals.csv") as table,
    ):
        source = ImportSource(table=table, checksum="", resumed=resumed)
        return import_file(session, source, request, callbacks)


def importing(session: CrmSession) -> Change:
    """Return the change set of the import."""
    return session.exec(select(Change).where(Change.command == "crmctl import deals")).one()


def titles(company: Company) -> dict[str, str | None]:
    """Return the deals with the names of their customers, after a look for broken invariants."""
    with company.reads() as session:
        assert check.run(session) == []
        query = select(Deal.title, Customer.name).outerjoin(
            Customer, col(Customer.id) == Deal.customer_id
        )
        return dict(session.exec(query).all())


def merge(company: Company) -> None:
    with company.writes() as session:
        merging.carry_out(
            session, merging.prepare(session, [MergeRequest(keep="C1", merge=["C2"])])
        )


def test_deals_go_to_whom_their_customer_was_merged_into(people: Company) -> None:
    content = "title,customer\nOne,Ben\nTwo,Ben\nThree,C1\nFour,Ben\n"
    assert take(people, content, merge).created == 4
    assert titles(people) == dict.fromkeys(("One", "Two", "Three", "Four"), "Ann")


def undo_import(company: Company) -> None:
    with company.writes("crmctl undo") as session:
        change = undo.find_change(session, importing(session).ref, lock=True)
        undo.carry_out(session, undo.plan(session, change, lock=True))


def test_a_run_that_is_undone_stops_and_says_so(people: Company) -> None:
    told = r"import \w+ of deals.csv was undone meanwhile by Uma in \w+: it stopped after line 2"
    with pytest.raises(Conflict, match=told):
        take(people, "title,customer\nOne,Ben\nTwo,Ben\n", undo_import)
    assert titles(people) == {}


def remove_field(company: Company) -> None:
    with company.writes() as session:
        field = custom_fields.find(session, Entity.DEAL, "size")
        custom_fields.remove(session, field, empty=True)


def test_a_field_that_is_removed_is_given_no_values(people: Company) -> None:
    with pytest.raises(Conflict, match="someone else removed the custom field size meanwhile"):
        take(people, "title,size\nOne,1\nTwo,2\n", remove_field)
    assert titles(people) == {"One": None}


def tighten_rule(company: Company) -> None:
    with company.writes() as session:
        stage = rules.sales_processes(session)["default"].find("proposal")
        changes.edit(session, [stage], {"required_fields": ["amount"]})


def test_a_rule_that_is_tightened_holds_from_then_on(people: Company) -> None:
    plan = take(people, "title,stage\nOne,proposal\nTwo,proposal\nThree,lead\n", tighten_rule)
    (reject,) = plan.rejects
    assert (reject.line, "amount" in reject.problems[0].reason) == (3, True)
    assert set(titles(people)) == {"One", "Three"}


def add_and_rename(company: Company) -> None:
    with company.writes() as session:
        company.customers(session, "Cat")
    with company.writes() as session:
        ben = references.find(session, Customer, "C2")
        changes.edit(session, [ben], {"name": "Dan"})


def test_who_was_added_or_renamed_meanwhile_is_not_doubled(people: Company) -> None:
    take(people, "title,customer\nOne,Ann\nTwo,Cat\nThree,Dan\n", add_and_rename)
    assert titles(people) == {"One": "Ann", "Two": "Cat", "Three": "Dan"}
    with people.reads() as session:
        assert len(session.exec(select(Customer)).all()) == 3


def resume(company: Company) -> None:
    with company.reads() as session:
        run = session.exec(select(ImportRun)).one()
    take(company, CONTENT, lambda _: None, run)


CONTENT = "title,customer\nOne,Ann\nTwo,Ben\nThree,Eve\n"


def test_of_two_who_go_on_with_a_run_one_does(
    people: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As between two transactions, and on two machines.
    monkeypatch.setattr(runs, "at_work", lambda *_: nullcontext())
    with pytest.raises(Conflict, match="was resumed by someone else, who goes on with it"):
        take(people, CONTENT, resume)
    assert titles(people) == {"One": "Ann", "Two": "Ben", "Three": "Eve"}
    with people.reads() as session:
        assert len(session.exec(select(Deal)).all()) == 3
        ref = importing(session).ref
    take_back(people, ref)
    assert titles(people) == {}


def resume_while_it_goes_on(company: Company) -> None:
    with company.reads() as session:
        run = session.exec(select(ImportRun)).one()
    concurrent = company.engine.dialect.name == "postgresql"
    with company.writes() if concurrent else company.reads() as session:
        # On PostgreSQL what goes on says so in each of its transactions.
        runs.begin(session, run)
        with pytest.raises(Conflict, match="is going on: it was not cut off"):
            take(company, CONTENT, lambda _: None, run)


def test_a_run_that_goes_on_is_not_resumed(people: Company) -> None:
    take(people, CONTENT, resume_while_it_goes_on)
    assert len(titles(people)) == 3

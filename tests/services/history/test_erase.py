"""Erasing covers every column that the registry says holds a person's data, or may name someone."""

from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import col
from sqlmodel import select as rows_of

from crmctl.domain.kinds import ActivityKind, Entity, ImportKind
from crmctl.models.activities import Activity
from crmctl.models.base import Owned, new_id
from crmctl.models.changes import Change
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.imports import ImportRun
from crmctl.models.schema import metadata
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history import erase
from crmctl.services.pipeline import deals
from crmctl.services.records import activities, customers, external_ids, types
from crmctl.services.records.record_type import RecordType
from crmctl.storage.tables import column_types, table_of
from tests.services.company import Company
from tests.services.statements import sent_to

NAME = "Quintus Quill"
#: What stands in a column that holds a person's data, and does not name the person.
MARK = "zzmark"
NAMING = {
    "name": NAME,
    "email": "quintus@quill.example",
    "phone": "+49 555 9876543",
    "website": "https://quintus-quill.example",
}
TRACES = (NAME.lower(), MARK, *(value.lower() for value in NAMING.values()))
TELLING = [
    (kind, column)
    for kind in types.ALL
    for column in dict.fromkeys([*kind.personal, *kind.free_texts])
]


def _as_held(kind: RecordType, column: str, text: str) -> Any:
    """Return a value for `column` that holds `text`, a number where it can hold none."""
    held = column_types(kind.model)[column]
    if held is int:
        return 77
    if held is str:
        return text
    default = kind.model.model_fields[column].get_default(call_default_factory=True)
    return {"note": text} if isinstance(default, dict) else [text]


def _personal(kind: RecordType) -> dict[str, Any]:
    return {name: NAMING.get(name, _as_held(kind, name, MARK)) for name in kind.personal}


def _free(kind: RecordType) -> dict[str, Any]:
    # Quoted as in a shell, which is how a command is kept.
    return {name: _as_held(kind, name, f"with '{NAME}'") for name in kind.free_texts}


def _all(session: CrmSession, model: type[Owned]) -> list[Any]:
    return list(session.exec(rows_of(model)))


def _fill(company: Company) -> None:
    """Make rows of the person and of another, with the person's data wherever it can be."""
    with company.writes() as session:
        for email, mine in (("q@x.example", True), ("o@x.example", False)):
            someone = customers.create(session, {"name": "Someone", "email": email})
            deals.create(session, {"title": "A deal", "customer_id": someone.id})
            values = {"kind": ActivityKind.NOTE, "subject": "A note"}
            activities.create(session, values, customer=email)
            if mine:
                found = [(f"{MARK}-1", someone.id)]
                external_ids.attach(session, Entity.CUSTOMER, "hubspot", found)
    # Twice, so that what a change set keeps of before holds it, too.
    for times in (1, 2):
        with company.writes() as session:
            for model in (Customer, Deal, StageEntry, Activity):
                for row in _all(session, model):
                    changes.edit(session, [row], _values(session, row, times))
    with company.writes() as session:
        session.execute(insert(table_of(ImportRun)), _import_run(session))
        session.execute(update(table_of(Change)).values(**_free(types.CHANGE)))


def _values(session: CrmSession, row: Any, times: int) -> dict[str, Any]:
    """Return what tells of the person in `row`; the first time, there is more of it."""
    kind = types.of(type(row))
    person = session.exec(rows_of(Customer).where(col(Customer.number) == 1)).one()
    mine = person.id in (row.__dict__.get("customer_id"), row.id if row is person else None)
    values = _free(kind) | (_personal(kind) if mine else {})
    if times == 1:
        return {
            name: f"{value}!" if isinstance(value, str) and name not in NAMING else value
            for name, value in values.items()
        }
    return values


def _import_run(session: CrmSession) -> dict[str, Any]:
    fixed = {
        "company_id": session.company_id,
        "id": new_id(),
        "ref": "abc",
        "at": session.change.at,
        "actor": "nobody",
        "kind": ImportKind.DEALS,
        "checksum": "0",
    }
    counts = ("done", "created", "updated", "unchanged", "skipped", "rejected")
    return {**fixed, **dict.fromkeys(counts, 0), **_free(types.IMPORT_RUN)}


def _held(session: CrmSession, kind: RecordType, column: str) -> str:
    return str(session.scalars(select(table_of(kind.model).c[column])).all()).lower()


def _left(session: CrmSession) -> list[tuple[str, str]]:
    """Return the columns in which a trace of the person is left."""
    return [
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if any(trace in str(session.scalars(select(column)).all()).lower() for trace in TRACES)
    ]


def test_no_column_that_tells_of_a_person_is_forgotten(company: Company) -> None:
    _fill(company)
    with company.reads() as session:
        for kind, column in TELLING:
            telling = (*TRACES, "77")
            assert any(trace in _held(session, kind, column) for trace in telling), (
                f"no row of {kind.table} here has anything in {column}"
            )
    with company.writes() as session:
        summary = erase.erase(session, erase.find(session, "C1", lock=True)).summary
    assert summary.startswith("its record, 1 external id, 1 other customer, ")
    with company.reads() as session:
        assert _left(session) == []
        person = session.exec(rows_of(Customer).where(col(Customer.number) == 1)).one()
        left = {name: getattr(person, name) for name in types.CUSTOMER.personal}
    assert left == types.CUSTOMER.personal


def _statements_to_erase(company: Company, name: str, mentions: int) -> int:
    """Return how many statements erase a person whom so many deals of others name."""
    with company.writes() as session:
        session.change.reason = f"{name} asked"
        customers.create(session, {"name": name})
        for number in range(mentions):
            deals.create(session, {"title": f"{number} for {name}"})
    with sent_to(company.engine) as sent, company.writes() as session:
        found = erase.erase(session, erase.find(session, name, lock=True))
    # The title of each deal, and the reason in the history of its stages.
    assert len(found.mentions) == 2 * mentions
    return len(sent)


def test_more_that_name_a_person_take_no_more_statements(company: Company) -> None:
    few = _statements_to_erase(company, "Zelda Quackmire", 2)
    assert _statements_to_erase(company, "Hugo Blankensop", 20) == few

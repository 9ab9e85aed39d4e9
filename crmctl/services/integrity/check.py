"""The check of a database: each invariant is looked at, and each finding names the row."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select

from crmctl.models.base import Owned
from crmctl.models.schema import TABLES
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Company
from crmctl.services.integrity import deals, records, references, stages, values
from crmctl.services.integrity.violations import MOST, Violation
from crmctl.storage import dialects
from crmctl.storage.tables import table_of

#: A search for what breaks an invariant.
Look = Callable[[CrmSession], Iterator[Violation]]


@dataclass(frozen=True, kw_only=True)
class BrokenInvariant:
    """A row that breaks an invariant, and how."""

    invariant: str
    company_id: UUID | None
    record: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class DatabaseStatus:
    """Where a database is, its engine, its schema beside this program's, and the rows of tables.

    `state` is what its schema is to this program: current, older, newer or empty. Only of the
    current one the `rows` are counted.
    """

    engine: str
    version: str
    location: str
    schema: str | None
    head: str
    state: str
    rows: dict[str, int]


def run(session: CrmSession) -> list[BrokenInvariant]:
    """Return what breaks the invariants, in every company, at most MOST rows of each kind."""
    found: list[BrokenInvariant] = []
    for invariant, look in INVARIANTS.items():
        damaged = any(each.invariant in _DAMAGE for each in found)
        found += (
            BrokenInvariant(
                invariant=invariant,
                company_id=each.company_id,
                record=each.record,
                detail=each.detail,
            )
            for each in (_as_far_as_readable(session, look) if damaged else look(session))
        )
    return found


def _as_far_as_readable(session: CrmSession, look: Look) -> Iterator[Violation]:
    """Yield what `look` finds, up to a value that cannot be read, of which it is known already."""
    try:
        yield from look(session)
    except Exception as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        yield Violation(None, "the database", f"cannot be looked at for this: {first}")


def _stored(session: CrmSession) -> Iterator[Violation]:
    """Yield what SQLite itself finds wrong with the file."""
    for fault in dialects.file_faults(session, MOST):
        yield Violation(None, "the file", fault)


def _texts(session: CrmSession) -> Iterator[Violation]:
    """Yield the columns of each company in which a text cannot be read."""
    for model in TABLES:
        query = _text_query(session, model)
        for row in session.execute(query) if query is not None else ():
            company_id, *counts = row
            for name, count in zip(row._fields[1:], counts, strict=True):
                if count:
                    detail = f"{count} texts in this column are no UTF-8"
                    yield Violation(company_id, f"{table_of(model).name}.{name}", detail)


@dialects.once_per_engine
def _text_query(session: CrmSession, model: type[Owned]) -> Select[*tuple[Any, ...]] | None:
    """Return the query for how many texts of each column cannot be read, by company."""
    table = table_of(model)
    faults = {each.name: dialects.unreadable_text(session, each) for each in table.columns}
    found = {name: fault for name, fault in faults.items() if fault is not None}
    if not found:
        return None
    counts = (func.count(case((fault, 1))).label(name) for name, fault in found.items())
    return select(table.c.company_id, *counts).group_by(table.c.company_id)


_TEXTS, _VALUES = "texts can be read", "values can be read"
#: The invariants without which a search for others may fail.
_DAMAGE = frozenset({_TEXTS, _VALUES})

#: Each invariant, and the search for what breaks it.
INVARIANTS: dict[str, Look] = {
    "the file is sound": _stored,
    _TEXTS: _texts,
    _VALUES: values.unreadable,
    "a deal's stage is one of its pipeline": deals.stage_there,
    "a deal's status is its stage's kind": deals.status,
    "a deal's history ends in its stage": deals.history_end,
    "history has no gaps": deals.history_chain,
    "closed deals have a close time": deals.closed,
    "a closing date is that of the history": deals.closing,
    "stages and pipelines are in order": stages.positions,
    "stages require fields that there are": stages.required_fields,
    "time zones are known": stages.time_zones,
    "numbers are unique": records.numbers,
    "users are told apart": records.users,
    "names are told apart": records.names,
    "merged customers are removed": records.merged,
    "external ids have one form": records.external_ids,
    "records are of customers that are there": records.of_merged,
    "custom values have a field": records.custom_values,
    "references stay in the company": references.references,
    "every change has a change set": references.change_sets,
}


def company_names(session: CrmSession) -> dict[UUID, str]:
    """Return the name of every company; of none where one cannot be read."""
    table = table_of(Company)
    try:
        return {id: name for id, name in session.execute(select(table.c.company_id, table.c.name))}
    except (TypeError, ValueError):
        return {}


def counts(session: CrmSession) -> dict[str, int]:
    """Return how many rows each table has."""
    return {
        str(model.__tablename__): session.execute(
            select(func.count()).select_from(table_of(model))
        ).scalar_one()
        for model in TABLES
    }

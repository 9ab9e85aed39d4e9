"""Customers that may be the same: found in the database, and kept as a plan to merge them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select as columns_of
from sqlmodel import col, select

from crmctl.domain.duplicates import contacts, groups
from crmctl.domain.duplicates.contacts import Contact
from crmctl.domain.duplicates.scores import Score
from crmctl.domain.external_ids import split_source
from crmctl.models.customers import Customer
from crmctl.models.external_ids import ExternalId
from crmctl.models.session import CrmSession
from crmctl.storage.lookups import batches
from crmctl.storage.scope import in_company, visible

#: Rows that are read at once.
_PAGE = 5000


@dataclass(frozen=True)
class DuplicateCustomers:
    """Customers that may be one: the one to keep, and the others, each with what speaks for it."""

    keep: Customer
    merge: list[tuple[Customer, Score]]
    confidence: float


@dataclass(frozen=True)
class Duplicates:
    """The groups that were asked for, the surest first, and of how many.

    `crowded` are names, with how many have them, that are too common to compare by them alone.
    """

    groups: list[DuplicateCustomers]
    total: int
    crowded: Mapping[str, int]


def find(session: CrmSession, least: float, limit: int | None = None) -> Duplicates:
    """Return the customers that are one with a confidence of `least` or more."""
    found = groups.find(_contacts(session), least)
    chosen = found.groups[:limit]
    numbers = [number for group in chosen for number in (group.keep, *group.merge)]
    rows = _rows(session, numbers)
    duplicates = [
        DuplicateCustomers(
            rows[group.keep],
            [(rows[number], score) for number, score in group.merge.items()],
            group.confidence,
        )
        for group in chosen
    ]
    return Duplicates(duplicates, len(found.groups), found.crowded)


def _contacts(session: CrmSession) -> list[Contact]:
    """Return every customer that is not hidden, as it is compared."""
    sources = _sources(session)
    names = ("number", "name", "organisation", "email", "phone", "website", "country")
    columns = [col(getattr(Customer, name)) for name in ("id", *names)]
    query = (
        columns_of(*columns)
        .where(*visible(session, Customer))
        .order_by(col(Customer.number))
        .execution_options(yield_per=_PAGE)
    )
    return [
        contacts.read(
            sources=sources.get(row_id, frozenset()), **dict(zip(names, row, strict=True))
        )
        for row_id, *row in session.execute(query)
    ]


def _sources(session: CrmSession) -> dict[UUID | None, frozenset[str]]:
    """Return, by customer, the systems that have an id for it."""
    query = (
        select(ExternalId.customer_id, ExternalId.source)
        .where(
            in_company(session, ExternalId),
            col(ExternalId.customer_id).is_not(None),
            col(ExternalId.source) != "",
        )
        .execution_options(yield_per=_PAGE)
    )
    found: dict[UUID | None, frozenset[str]] = {}
    for row_id, source in session.exec(query):
        if system := split_source(source)[0]:
            found[row_id] = found.get(row_id, frozenset()) | {system}
    return found


def _rows(session: CrmSession, numbers: Sequence[int]) -> dict[int, Customer]:
    found: dict[int, Customer] = {}
    for batch in batches(numbers):
        query = select(Customer).where(*visible(session, Customer), col(Customer.number).in_(batch))
        found.update({row.number: row for row in session.exec(query)})
    return found

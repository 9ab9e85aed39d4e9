"""Everything that is there, a page at a time: customers, deals, their history, activities."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from crmctl.domain.kinds import Entity
from crmctl.models.activities import Activity
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.session import CrmSession
from crmctl.models.tenants import User
from crmctl.services.queries import activities as named_activities
from crmctl.services.queries import search
from crmctl.services.queries.activities import NamedActivity
from crmctl.services.queries.search import NamedCustomer, NamedDeal
from crmctl.services.records import custom_fields
from crmctl.services.records.references import Numbered
from crmctl.storage.scope import in_company, visible

#: Rows that are in memory at once.
PAGE = 500


@dataclass(frozen=True)
class ExportedCustomer:
    """A customer with its owner's address, which tells owners of one name apart."""

    named: NamedCustomer
    owner_email: str | None


@dataclass(frozen=True)
class ExportedDeal:
    """A deal with the addresses of its owner and its customer."""

    named: NamedDeal
    owner_email: str | None
    customer_email: str | None


@dataclass(frozen=True, kw_only=True)
class ExportedActivity:
    """An activity with the address of its owner, and its customer unless that is its deal's."""

    named: NamedActivity
    owner_email: str | None
    customer: str | None
    customer_email: str | None


@dataclass(frozen=True, kw_only=True)
class ExportedEntry:
    """A stage that a deal entered, with when it left it and who had it enter."""

    deal: Deal
    entry: StageEntry
    left_at: datetime | None
    actor: str | None


def custom_keys(session: CrmSession, entity: Entity) -> list[str]:
    """Return the keys of the custom fields that an export has columns for."""
    return list(custom_fields.known(session, entity))


def customers(session: CrmSession) -> Iterator[ExportedCustomer]:
    """Yield every customer that is not removed, the oldest first."""
    emails = _emails(session)
    for page in _pages(session, Customer):
        for named in search.name_customers(session, page):
            yield ExportedCustomer(named, emails.get(named.customer.owner_id))


def deals(session: CrmSession) -> Iterator[ExportedDeal]:
    """Yield every deal that is not removed, the oldest first."""
    emails = _emails(session)
    for page in _pages(session, Deal):
        theirs = _customer_emails(session, page)
        for named in search.name_deals(session, page):
            deal = named.deal
            yield ExportedDeal(named, emails.get(deal.owner_id), theirs.get(deal.customer_id))


def activities(session: CrmSession) -> Iterator[ExportedActivity]:
    """Yield every activity that is not removed, the oldest first."""
    emails = _emails(session)
    for page in _pages(session, Activity):
        theirs = _customer_emails(session, page)
        for named in named_activities.name(session, page):
            row = named.activity
            yield ExportedActivity(
                named=named,
                owner_email=emails.get(row.owner_id),
                customer=named.customer if row.customer_id else None,
                customer_email=theirs.get(row.customer_id),
            )


def history(session: CrmSession) -> Iterator[ExportedEntry]:
    """Yield every stage that every deal which is not removed has entered, deal by deal."""
    users = select(User.id, User.name).where(in_company(session, User))
    names = {user_id: name for user_id, name in session.exec(users)}
    for page in _pages(session, Deal):
        found: dict[UUID, list[StageEntry]] = {}
        query = (
            select(StageEntry)
            .where(
                in_company(session, StageEntry),
                col(StageEntry.deal_id).in_([deal.id for deal in page]),
            )
            .order_by(col(StageEntry.deal_id), col(StageEntry.position))
        )
        for entry in session.exec(query):
            found.setdefault(entry.deal_id, []).append(entry)
        for deal in page:
            entries = found.get(deal.id, [])
            following = [*(entry.entered_at for entry in entries[1:]), None]
            for entry, left_at in zip(entries, following, strict=bool(entries)):
                actor = names.get(entry.actor_id) if entry.actor_id else None
                yield ExportedEntry(deal=deal, entry=entry, left_at=left_at, actor=actor)


def _pages(session: CrmSession, model: type[Numbered]) -> Iterator[Sequence[Numbered]]:
    """Yield the rows of `model` that are not removed, by number."""
    last = 0
    while True:
        query = (
            select(model)
            .where(*visible(session, model), col(model.number) > last)
            .order_by(col(model.number))
            .limit(PAGE)
        )
        page = session.exec(query).all()
        if not page:
            return
        yield page
        last = page[-1].number
        # What was exported is not needed again, and would fill the memory.
        session.expunge_all()


def _emails(session: CrmSession) -> dict[UUID | None, str | None]:
    query = select(User.id, User.email).where(in_company(session, User))
    return dict(session.exec(query).all())


def _customer_emails(
    session: CrmSession, page: Sequence[Deal | Activity]
) -> dict[UUID | None, str | None]:
    ids = sorted({row.customer_id for row in page if row.customer_id})
    query = select(Customer.id, Customer.email).where(
        in_company(session, Customer), col(Customer.id).in_(ids)
    )
    return dict(session.exec(query).all())

"""What must never be false of records: their numbers, their custom values, and merged ones."""

from collections.abc import Iterator
from itertools import islice

from sqlalchemy import RowMapping, and_, exists, func, or_, select, true

from crmctl.domain.external_ids import SYSTEMS_WITH_FORMS, canonical, kinds_of, source_of
from crmctl.domain.kinds import Entity
from crmctl.models.changes import Counter
from crmctl.models.custom_fields import CustomField
from crmctl.models.customers import Customer
from crmctl.models.external_ids import ExternalId
from crmctl.models.session import CrmSession
from crmctl.models.tenants import User
from crmctl.services.integrity.violations import MOST, Violation, rows
from crmctl.services.records import namesakes, types
from crmctl.services.records.record_type import RecordType
from crmctl.storage import dialects
from crmctl.storage.scope import same_company
from crmctl.storage.tables import key_columns, table_of

#: Rows that are read at once.
_PAGE = 5000


def custom_values(session: CrmSession) -> Iterator[Violation]:
    """Yield the values of custom fields that nobody declared."""
    fields = table_of(CustomField)
    for carrier in types.with_custom_fields():
        table = table_of(carrier.model)
        held = dialects.keys_of(session, table.c.custom)
        known = exists().where(
            same_company(fields, table),
            fields.c.entity == carrier.entity,
            fields.c.key == held.c.key,
        )
        query = select(table.c.company_id, table.c.number, held.c.key)
        query = query.select_from(table.join(held, true())).where(~known)
        for company, number, key in rows(session, query):
            detail = f"has a value for {key}, which is no custom field of {carrier.plural}"
            yield Violation(company, carrier.name_of({"number": number}), detail)


def merged(session: CrmSession) -> Iterator[Violation]:
    """Yield the merged customers that are there yet, or went into one that was merged itself."""
    table = table_of(Customer)
    kept = table.alias("kept")
    its = and_(same_company(kept, table), kept.c.id == table.c.merged_into)
    query = (
        select(table.c.company_id, table.c.number, kept.c.number, kept.c.merged_into)
        .select_from(table.join(kept, its))
        .where(or_(table.c.deleted_at.is_(None), kept.c.merged_into.is_not(None)))
    )
    for company, number, into, further in rows(session, query):
        rest = "which was merged itself" if further else "and is not removed"
        detail = f"was merged into {types.CUSTOMER.ref(into)}, {rest}"
        yield Violation(company, types.CUSTOMER.ref(number), detail)


def of_merged(session: CrmSession) -> Iterator[Violation]:
    """Yield the records of customers that were merged into another, which are that one's."""
    gone = table_of(Customer).alias("gone")
    kept = table_of(Customer).alias("kept")
    its = and_(same_company(kept, gone), kept.c.id == gone.c.merged_into)
    for kind in types.NUMBERED:
        table = table_of(kind.model)
        if "customer_id" not in table.c:
            continue
        whose = and_(same_company(gone, table), gone.c.id == table.c.customer_id)
        query = (
            select(table.c.company_id, table.c.number, gone.c.number, kept.c.number)
            .select_from(table.join(gone, whose).join(kept, its))
            .where(gone.c.merged_into.is_not(None))
        )
        for company, number, customer, into in rows(session, query):
            gone_ref, kept_ref = types.CUSTOMER.ref(customer), types.CUSTOMER.ref(into)
            detail = f"is of {gone_ref}, which was merged into {kept_ref}"
            yield Violation(company, kind.ref(number), detail)


def users(session: CrmSession) -> Iterator[Violation]:
    """Yield the users whom nothing but an id tells apart: of one address, or of a name alone."""
    table = table_of(User)
    query = (
        select(table.c.company_id, func.min(table.c.email), func.count())
        .where(table.c.email.is_not(None))
        .group_by(table.c.company_id, func.lower(table.c.email))
        .having(func.count() > 1)
    )
    for company, text, count in rows(session, query):
        yield Violation(company, f"user {text}", f"{count} users have this email")
    yield from _alike(session, namesakes.RULES[User])


def names(session: CrmSession) -> Iterator[Violation]:
    """Yield the franchises, the pipelines and the stages of a pipeline that are called alike."""
    for model, rule in namesakes.RULES.items():
        if model is not User:
            yield from _alike(session, rule)


def _alike(session: CrmSession, rule: namesakes.NameRule) -> Iterator[Violation]:
    """Yield the rows that are called as another is, each name once."""
    kind, table = types.of(rule.model), table_of(rule.model)
    columns = dict.fromkeys(["company_id", *key_columns(rule.model), *rule.columns])
    query = select(*(table.c[name] for name in columns)).execution_options(yield_per=_PAGE)
    called: dict[tuple[object, object, str], list[RowMapping]] = {}
    for row in session.execute(query).mappings():
        for place, name in rule.names(row.__getitem__):
            called.setdefault((row["company_id"], place, name), []).append(row)
    by = " or ".join(map(kind.label, rule.called))
    alike = ((name, rows) for (_, _, name), rows in called.items() if len(rows) > 1)
    for name, (first, *others) in islice(alike, MOST):
        detail = f"{1 + len(others)} {kind.plural} have the {by} {name!r}"
        yield Violation(first["company_id"], kind.name_of(dict(first)), detail)


def external_ids(session: CrmSession) -> Iterator[Violation]:
    """Yield the external ids that are not in the form of their system, which no file would find."""
    table = table_of(ExternalId)
    sources = [
        source_of(system, kind)
        for system in SYSTEMS_WITH_FORMS
        for entity in Entity
        for kind in ("", *kinds_of(entity))
    ]
    query = select(table.c.company_id, table.c.source, table.c.external_id)
    query = query.where(table.c.source.in_(sources)).execution_options(yield_per=_PAGE)
    wrong = (row for row in session.execute(query) if canonical(row[1], row[2]) != row[2])
    for company, source, external_id in islice(wrong, MOST):
        name = types.EXTERNAL_ID.name_of({"source": source, "external_id": external_id})
        yield Violation(company, name, f"is {canonical(source, external_id)} in another form")


def numbers(session: CrmSession) -> Iterator[Violation]:
    """Yield the numbers that are given twice, or would be."""
    for kind in types.NUMBERED:
        table = table_of(kind.model)
        query = (
            select(table.c.company_id, table.c.number, func.count())
            .group_by(table.c.company_id, table.c.number)
            .having(func.count() > 1)
        )
        for company, number, count in rows(session, query):
            detail = f"{count} {kind.plural} have this number"
            yield Violation(company, kind.name_of({"number": number}), detail)
        yield from _counter(session, kind)


def _counter(session: CrmSession, kind: RecordType) -> Iterator[Violation]:
    table, counters = table_of(kind.model), table_of(Counter)
    mine = and_(same_company(counters, table), counters.c.kind == kind.entity)
    query = (
        select(table.c.company_id, func.max(table.c.number), counters.c.next)
        .select_from(table.outerjoin(counters, mine))
        .group_by(table.c.company_id, counters.c.next)
        .having(func.coalesce(counters.c.next, 0) <= func.max(table.c.number))
    )
    for company, highest, following in rows(session, query):
        detail = f"is the highest number, and {following or 'none'} would be given next"
        yield Violation(company, kind.name_of({"number": highest}), detail)

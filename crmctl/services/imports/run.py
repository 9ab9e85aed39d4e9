"""Running an import: the rows of a table a batch at a time, in one change set, or as a dry run."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import text

from crmctl import times
from crmctl.errors import Refused, UsageError
from crmctl.importing import contacts
from crmctl.importing.mapping import OWN_COLUMNS
from crmctl.importing.plan import Plan
from crmctl.importing.tables import Row, Table
from crmctl.importing.values import Style
from crmctl.kinds import DateOrder, DecimalMark, Entity, Preset
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.imports.columns import Understood, understand
from crmctl.services.imports.customers import CustomerImport
from crmctl.services.imports.deals import DealImport
from crmctl.services.imports.matching import Matcher, choose_keys
from crmctl.services.imports.places import Places
from crmctl.services.imports.reading import Reader
from crmctl.services.imports.relations import Customers, Franchises, Owners
from crmctl.services.imports.work import Work

#: Rows that are planned and written together.
BATCH = 2000
#: What `--create-missing` can add.
CREATABLE = ("customers", "users")


@dataclass(frozen=True)
class Order:
    """How to import: what was typed on the command line, by the names of the options."""

    entity: Entity
    columns: Sequence[str] = ()
    key: str | None = None
    source: str | None = None
    create_missing: frozenset[str] = frozenset()
    stages: Sequence[str] = ()
    pipeline: str | None = None
    dates: DateOrder | None = None
    decimals: DecimalMark | None = None
    country: str | None = None
    empty: frozenset[str] = frozenset()
    abort: bool = False
    override: bool = False
    lost_reason: str | None = None
    preset: Preset = Preset.AUTO
    mapping: str | None = None
    save_mapping: str | None = None
    custom: bool = False
    dry_run: bool = False


class Aborted(Refused):
    """Rows were rejected, and the import was told to write nothing then."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"{len(plan.rejects)} of {plan.rows} rows rejected; nothing was written")
        self.plan = plan


def run(session: CrmSession, table: Table, order: Order) -> Plan:
    """Import `table`, or with `dry_run` plan it alone, and return what became of its rows.

    Raises Aborted, with the plan, where a row is rejected and `order` says to abort.
    """
    _check(session, order)
    _take_turns(session, order)
    understood = understand(session, table, order)
    order, columns, custom = understood.order, understood.columns, understood.custom
    chain = choose_keys(order.entity, columns, order.key, table.name)
    plan = _plan(table, understood, chain)
    style = _style(session, table, order)
    reader = Reader(columns, order.entity, custom, style, order.source, session.currency)
    reader.survey(table)
    work: CustomerImport | DealImport | None = None
    for rows, whole in _batches(table.rows()):
        work = work or _work(session, plan, understood, chain, whole=whole)
        plan.rows += len(rows)
        work.take([reader.item(row) for row in rows])
    return _finish(session, plan, order)


def _check(session: CrmSession, order: Order) -> None:
    if unknown := order.create_missing - set(CREATABLE):
        raise UsageError(
            f"--create-missing {','.join(sorted(unknown))}: it adds {' and '.join(CREATABLE)}"
        )
    if order.override and not session.change.reason:
        raise UsageError("--override needs --reason TEXT")


def _style(session: CrmSession, table: Table, order: Order) -> Style:
    """Return how all cells of `table` are written, as far as it is known before they are read."""
    return Style(
        dates=order.dates,
        zone=times.zone(session.timezone),
        empty=order.empty,
        decimals=order.decimals,
        country=order.country and contacts.country(order.country),
        own=OWN_COLUMNS <= set(table.header),
    )


def _take_turns(session: CrmSession, order: Order) -> None:
    """Wait for another import of the same kind: no row that it is about to add can be locked."""
    if session.get_bind().dialect.name == "postgresql" and not order.dry_run:
        name = f"import {order.entity} {session.company_id}"
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        session.execute(lock, {"name": name})


def _plan(table: Table, understood: Understood, chain: Sequence[str]) -> Plan:
    order, columns = understood.order, understood.columns
    return Plan(
        entity=order.entity,
        file=table.name,
        form=table.form,
        key=", ".join(chain),
        header=table.header,
        columns=columns.mapped,
        unmapped=columns.unmapped,
        lacking=columns.lacking,
        preset=understood.preset,
        mapping=order.mapping,
        custom_fields={name: str(each.type) for name, each in understood.declared.items()},
        dry_run=order.dry_run,
    )


def _batches(rows: Iterator[Row]) -> Iterator[tuple[list[Row], bool]]:
    """Yield the rows in batches, each with whether the file is this one batch."""
    batch = list(islice(rows, BATCH))
    following = list(islice(rows, BATCH))
    whole = not following
    while batch:
        yield batch, whole
        batch, following = following, list(islice(rows, BATCH))


def _work(
    session: CrmSession, plan: Plan, understood: Understood, chain: tuple[str, ...], *, whole: bool
) -> CustomerImport | DealImport:
    order = understood.order
    owners = Owners(session, create="users" in order.create_missing)
    zone = times.zone(session.timezone)
    work = Work(session, plan, owners, Franchises(session), whole, zone)
    options: dict[str, Any] = {"typed": order.key is not None, "lock": not order.dry_run}
    if order.entity == Entity.CUSTOMER:
        matcher = Matcher(session, Customer, order.entity, chain, **options)
        return CustomerImport(work, matcher)
    places = Places(session, order.pipeline, order.stages, understood.closing)
    create = "customers" in order.create_missing
    customers = Customers(session, create=create, source=order.source)
    deals = Matcher(session, Deal, order.entity, chain, **options)
    return DealImport(
        work, deals, customers, places, override=order.override, lost_reason=order.lost_reason
    )


def _finish(session: CrmSession, plan: Plan, order: Order) -> Plan:
    plan.missing = Counter({name: count for name, count in plan.missing.items() if count})
    if order.abort and plan.rejects:
        plan.aborted = True
        raise Aborted(plan)
    if not order.dry_run and session.change.written:
        if plan.overridden:
            told = (f"{rule} ({count} deals)" for rule, count in sorted(plan.overridden.items()))
            session.change.overrides = "\n".join(told)
            changes.amend(session)
        plan.change = session.change.ref
    return plan

"""Writing what was decided of a batch of rows, in the order in which rows refer to each other."""

from collections.abc import Callable, Sequence

from crmctl.domain.importing.plan import ImportPlan
from crmctl.domain.kinds import Entity
from crmctl.models.base import Columns, Owned, Values
from crmctl.models.customers import Customer
from crmctl.models.session import CrmSession
from crmctl.models.tenants import User
from crmctl.services import changes
from crmctl.services.imports.context import ImportContext
from crmctl.services.imports.decisions import Decision
from crmctl.services.imports.lookups.customers import CustomerLookup
from crmctl.services.imports.lookups.owners import OwnerLookup
from crmctl.services.imports.matching.stored_rows import RecordModel, RecordRow, Row
from crmctl.services.records import external_ids, numbers


def insert_records(session: CrmSession, model: type[Owned], rows: Sequence[Columns]) -> None:
    """Insert new records of `model` with the columns of `rows`."""
    if rows:
        changes.insert_values(session, model, changes.stamped(session, model, rows))


class BatchWriter:
    """Writes batches of decisions, unless the import is a dry run.

    `customers` are those that rows refer to, who may have to be created; `insert` inserts new
    records.
    """

    def __init__(
        self,
        context: ImportContext,
        model: RecordModel,
        customers: CustomerLookup | None,
        insert: Callable[[CrmSession, Sequence[Values]], None],
    ) -> None:
        self._context = context
        self._session = context.session
        self._model = model
        self._customers = customers
        self._insert = insert

    def write(self, batch: Sequence[Decision[Row]]) -> None:
        """Create whom the rows of `batch` refer to, then their records, and change those there."""
        create_users(self._session, self._context.plan, self._context.owners)
        if self._customers:
            self._create_customers(self._customers)
        if self._context.plan.dry_run:
            return
        created = [decision.values for decision in batch if decision.record is None]
        for values, number in zip(
            created, self._numbers(self._context.entity, len(created)), strict=True
        ):
            values["number"] = number
        self._insert(self._session, created)
        superseded = [pair for decision in batch for pair in decision.superseded]
        external_ids.supersede(self._session, self._context.entity, superseded)
        external_ids.add(
            self._session,
            self._context.entity,
            ((pair, decision.record_id) for decision in batch for pair in decision.external_ids),
        )
        self._edit([(each.record, each.values) for each in batch if each.record is not None])

    def _numbers(self, entity: Entity, count: int) -> range:
        """Return `count` numbers that nobody else gets."""
        if not count:
            return range(0)
        # A file that is one batch is in the database in a moment.
        first = numbers.take(self._session, entity, count, long=not self._context.whole)
        return range(first, first + count)

    def _edit(self, edits: Sequence[tuple[RecordRow, Values]]) -> None:
        """Set values of records; raises Overtaken where one was changed since it was read."""
        # Records that rows were followed or made to by now are locked.
        read = [record for record, _ in edits if not isinstance(record, Owned)]
        records = changes.lock_as_read(self._session, self._model, read)
        changes.edit_each(
            self._session,
            [
                (record if isinstance(record, Owned) else records[record.id], new)
                for record, new in edits
            ],
        )

    def _create_customers(self, customers: CustomerLookup) -> None:
        """Create the customers that rows of this batch refer to."""
        session, new = self._session, customers.pop_pending()
        self._context.plan.missing["customers"] += len(new)
        if not new or self._context.plan.dry_run:
            return
        home = {"franchise_id": session.franchise_id}
        rows = [
            {"id": each.id, "number": number, **home, **(each.new_values or {})}
            for each, number in zip(new, self._numbers(Entity.CUSTOMER, len(new)), strict=True)
        ]
        insert_records(session, Customer, rows)
        named = ((each.external_id, each.id) for each in new if each.external_id)
        external_ids.add(session, Entity.CUSTOMER, named)
        customers.mark_created(new)


def create_users(session: CrmSession, plan: ImportPlan, owners: OwnerLookup) -> None:
    """Create the users that rows of this batch refer to, and count them."""
    people = [{"id": each.id, **(each.new_values or {})} for each in owners.pop_pending()]
    plan.missing["users"] += len(people)
    if people and not plan.dry_run:
        changes.create(session, User, people)

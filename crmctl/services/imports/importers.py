"""Which importer imports the rows of a file: that of the records that it is a list of."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crmctl.domain import times
from crmctl.domain.importing.columns.column_findings import people_left_out, unread_people
from crmctl.domain.importing.plan import ImportPlan
from crmctl.domain.kinds import Entity
from crmctl.models.activities import Activity
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services.imports.context import ImportContext
from crmctl.services.imports.layout import FileLayout
from crmctl.services.imports.lookups.customers import CustomerLookup
from crmctl.services.imports.lookups.deals import DealLookup
from crmctl.services.imports.lookups.owners import FranchiseLookup, OwnerLookup
from crmctl.services.imports.matching.matcher import Matcher
from crmctl.services.imports.matching.stored_rows import ActivityRow, CustomerRow, DealRow

if TYPE_CHECKING:
    from crmctl.services.imports.activities import ActivityImporter
    from crmctl.services.imports.customers import CustomerImporter
    from crmctl.services.imports.deals import DealImporter

    #: What imports the rows of a file, each of which loads much that the others do without.
    Importer = CustomerImporter | DealImporter | ActivityImporter


@dataclass(frozen=True, kw_only=True)
class ImporterFactory:
    """Makes the importer of a file that is read as `layout`, whose rows are known by `chain`.

    With `lock`, others wait who would change a record that a row is about.
    """

    session: CrmSession
    plan: ImportPlan
    layout: FileLayout
    chain: tuple[str, ...]
    lock: bool

    def importer(self, *, whole: bool) -> "Importer":
        """Return what imports the rows, which are `whole` if there is one batch of them."""
        context = self._context(whole=whole)
        match self.layout.options.entity:
            case Entity.CUSTOMER:
                return self._of_customers(context)
            case Entity.ACTIVITY:
                return self._of_activities(context)
            case _:
                return self._of_deals(context)

    def _context(self, *, whole: bool) -> ImportContext:
        session, options = self.session, self.layout.options
        return ImportContext(
            session=session,
            plan=self.plan,
            owners=OwnerLookup(session, create="users" in options.create_missing),
            franchises=FranchiseLookup(session),
            whole=whole,
            zone=times.zone(session.timezone),
            scope=options.scope,
            clear_empty="" in options.clear,
        )

    def _customers(self) -> CustomerLookup:
        options = self.layout.options
        create = "customers" in options.create_missing
        return CustomerLookup(
            self.session,
            findings=self.plan.findings,
            create=create,
            source=options.source,
            lock=self.lock,
        )

    def _of_customers(self, context: ImportContext) -> "CustomerImporter":
        from crmctl.services.imports.customers import CustomerImporter

        matcher = Matcher[CustomerRow](
            self.session, Customer, self.chain, typed=self._typed, lock=self.lock
        )
        header = self.plan.header
        people = {
            position: replace(people_left_out(header[position]), count=1)
            for position in unread_people(self.layout.columns, header, self.layout.contents)
        }
        return CustomerImporter(context, matcher, people)

    def _of_activities(self, context: ImportContext) -> "ActivityImporter":
        from crmctl.services.imports.activities import ActivityImporter

        options = self.layout.options
        matcher = Matcher[ActivityRow](
            self.session, Activity, self.chain, typed=self._typed, lock=self.lock
        )
        deals = DealLookup(self.session, findings=self.plan.findings, source=options.source)
        return ActivityImporter(
            context, matcher, self._customers(), deals, kind=options.kind, words=options.kinds
        )

    def _of_deals(self, context: ImportContext) -> "DealImporter":
        from crmctl.services.imports.deals import DealImporter
        from crmctl.services.imports.stages import StageResolver

        options, layout = self.layout.options, self.layout
        matcher = Matcher[DealRow](
            self.session, Deal, self.chain, typed=self._typed, lock=self.lock
        )
        return DealImporter(
            context,
            matcher,
            self._customers(),
            lambda: StageResolver(
                self.session, options.pipeline, options.stages, layout.closing, options.statuses
            ),
            override=options.override,
            lost_reason=options.lost_reason,
        )

    @property
    def _typed(self) -> bool:
        """Whether a person chose the key."""
        return self.layout.options.key is not None

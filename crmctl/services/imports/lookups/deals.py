"""The deals that the rows of a file refer to, looked up a batch at a time."""

import shlex
from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from crmctl.domain.external_ids import split_source
from crmctl.domain.importing.columns.presets import system_of_deals
from crmctl.domain.importing.findings import Findings
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services.imports.lookups.records import RecordLookup
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.records import external_ids
from crmctl.services.records.external_ids import ExternalIdPair


class DealLookup(RecordLookup[Deal]):
    """The deals that the rows of a file are about."""

    model = Deal
    name = "title"

    def __init__(self, session: CrmSession, *, findings: Findings, source: str | None) -> None:
        super().__init__(session, findings=findings, create=False, source=source)
        self.customers: dict[UUID, UUID | None] = {}
        self._sources: list[str] | None = None
        self._system: str | None = None
        self._elsewhere: dict[str, str] = {}

    def _own_external_id(self, row: ParsedRow, text: str) -> ExternalIdPair:
        self._system = system_of_deals(row.columns.of("deal_external_id"))
        return super()._own_external_id(row, text)

    def _likely_owners(self, source: str, ids: Collection[str]) -> Iterator[tuple[str, UUID]]:
        """Do as others do; what no source is named for has that of the system its column is of.

        Deals that have an id of another source are kept in mind for who names that.
        """
        yield from super()._likely_owners(source, ids)
        if source or not ids:
            return
        if self._sources is None:
            self._sources = external_ids.sources(self._session, self._entity)
        for other in self._sources:
            found = external_ids.lookup(self._session, self._entity, other, ids)
            if split_source(other)[0] == self._system:
                yield from found.items()
            else:
                self._elsewhere |= dict.fromkeys(found, other)

    def _hint(self, text: str) -> str:
        """Return the option that names the source of which a deal has the id `text`, if any."""
        source = self._elsewhere.get(text)
        return f" (--source {shlex.quote(source)})" if source else ""

    def renew(self, written: Sequence[UUID]) -> None:
        """Forget the customers of the deals as well."""
        super().renew(written)
        self.customers = {}

    def _note(self, record: Customer | Deal) -> None:
        super()._note(record)
        assert isinstance(record, Deal)
        self.customers[record.id] = record.customer_id

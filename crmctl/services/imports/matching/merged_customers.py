"""Which rows of a file are about a customer that was merged into another."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from crmctl.models.customers import Customer
from crmctl.models.external_ids import ExternalId
from crmctl.models.session import CrmSession
from crmctl.services.imports.matching.match_keys import MatchKey, comparable
from crmctl.services.imports.matching.stored_rows import RecordRow
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.storage.lookups import rows_by
from crmctl.storage.scope import in_company
from crmctl.storage.tables import table_of

#: Fields that tell a customer from the one that it was merged into, the surest first.
_TELLING = ("email", "name")


@dataclass(frozen=True, kw_only=True)
class _MovedId:
    """What an external id that came with a merge tells: of which customers, and whether for sure.

    It is `final` where the customer that was kept has an id of its own of that source; else it may
    be its own by now, as fields that were empty are.
    """

    final: bool
    texts: Mapping[str, frozenset[Hashable]]


class MergedCustomers:
    """What was merged into the customers that a batch of rows is about."""

    def __init__(self, session: CrmSession) -> None:
        self._session = session
        self._match_keys: set[MatchKey] = set()
        self._moved: dict[Hashable, _MovedId] = {}

    def load(self, owners: Mapping[Hashable, UUID]) -> None:
        """Learn which external ids of `owners`, of a new batch, came to them with a merge.

        A merge moves the ids, so that they were created in the change set that the merged customer
        was changed in last.
        """
        self._match_keys, self._moved = set(), {}
        if not owners:
            return
        table, keys = table_of(Customer), table_of(ExternalId)
        query = select(
            table.c.merged_into, table.c.changed_in, *(table.c[name] for name in _TELLING)
        ).where(in_company(self._session, table))
        merged: dict[tuple[UUID, UUID], list[Sequence[object]]] = {}
        found = rows_by(self._session, query, table.c.merged_into, sorted(set(owners.values())))
        for kept, change, *texts in found:
            merged.setdefault((kept, change), []).append(texts)
        survivors = sorted({kept for kept, _ in merged})
        query = select(keys.c.customer_id, keys.c.created_in, keys.c.source, keys.c.external_id)
        query = query.where(in_company(self._session, keys))
        carried = rows_by(self._session, query, keys.c.customer_id, survivors)
        own = {
            (kept, source) for kept, change, source, _ in carried if (kept, change) not in merged
        }
        for kept, change, source, external_id in carried:
            if versions := merged.get((kept, change)):
                columns = zip(*versions, strict=True)
                said = {
                    name: frozenset(map(comparable, column))
                    for name, column in zip(_TELLING, columns, strict=True)
                }
                final = (kept, source) in own
                self._moved[source, external_id] = _MovedId(final=final, texts=said)

    def add(self, match_key: MatchKey) -> None:
        """Note that a customer that was merged has `match_key`, and no other has."""
        self._match_keys.add(match_key)

    def has(self, row: ParsedRow, hits: Sequence[MatchKey], record: RecordRow) -> bool:
        """Return whether `row`, which led to `record` by `hits`, means one merged into that."""
        return all(
            match_key in self._match_keys or self._tells(row, match_key, record)
            for match_key in hits
        )

    def names(self, row: ParsedRow, pair: Hashable) -> bool:
        """Return whether `row` says of whom a merge brought the external id `pair` from."""
        moved = self._moved.get(pair)
        return moved is not None and any(
            comparable(row.values.get(name)) in texts
            for name, texts in moved.texts.items()
            if row.values.get(name)
        )

    def _tells(self, row: ParsedRow, match_key: MatchKey, record: RecordRow) -> bool:
        """Return whether an external id that came to `record` with a merge means the one merged."""
        key, pair = match_key
        moved = self._moved.get(pair) if key == "external_id" else None
        if moved is None or moved.final:
            return moved is not None
        for name, texts in moved.texts.items():
            said = comparable(row.values.get(name))
            if said and said != comparable(getattr(record, name)) and said in texts:
                return True
        return False

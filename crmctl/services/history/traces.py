"""Where a person's data may be: the rows, the change sets, and what it looks like in texts."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, GenerativeSelect, func, or_
from sqlalchemy import select as columns_of
from sqlmodel import col, select

from crmctl.models.base import Columns, Owned
from crmctl.models.changes import ChangeRow
from crmctl.models.customers import Customer
from crmctl.models.external_ids import ExternalId
from crmctl.models.imports import ImportRun
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history import redaction
from crmctl.services.history.redaction import NamePattern
from crmctl.services.records import types
from crmctl.services.records.record_type import RecordType
from crmctl.storage import dialects
from crmctl.storage.lookups import batches
from crmctl.storage.scope import in_company

TracedRow = TypeVar("TracedRow", bound=Owned)
AnyQuery = TypeVar("AnyQuery", bound=GenerativeSelect)

#: Shorter names and ids are looked for in what belongs to the person only.
_DISTINCT, _DISTINCT_ID = 3, 6
#: A word that more other customers are called by means none of them; so many are read at a time.
_FEW, _PAGE = 3, 1000


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whom to erase. `row` is None where the log alone knows the customer, as after an undo."""

    ref: str
    name: str
    id: UUID
    row: Customer | None


@dataclass(frozen=True, kw_only=True)
class PersonTraces:
    """Where the person's data may be, and what it looks like.

    `ids` are the customer and those that were merged into it, `versions` what their fields ever
    were. `own` are the change sets of the customer itself and of what was done with it,
    `activities`; `related` those of its deals, too. `names` are taken out everywhere; `possible`
    are those of one word, a name turned round, and its words, which in the records of others may
    mean something else. `likely` are
    patterns for SQL that fit whatever holds one of either. `words` also holds the parts of the
    name, which tell of the person in what belongs to it.
    """

    ids: Sequence[UUID]
    versions: Sequence[Columns]
    deals: Sequence[UUID]
    activities: Sequence[UUID]
    own: set[UUID]
    related: set[UUID]
    names: NamePattern
    possible: NamePattern
    likely: Sequence[str]
    words: NamePattern

    def owns(self, key: str) -> bool:
        """Return whether the row with this key is the customer's, or of its deals or activities."""
        return UUID(key[:36]) in self._owned

    def imported(self, row: Owned) -> bool:
        """Return whether `row` is an import that the customer, or what is of it, came in by."""
        return isinstance(row, ImportRun) and row.change_id in self.related

    @cached_property
    def _owned(self) -> set[UUID]:
        return {*self.ids, *self.deals, *self.activities}


def trace(
    session: CrmSession, subject: Subject, people: Sequence[Customer], *, everywhere: bool = False
) -> PersonTraces:
    """Return where the data of `subject` may be, who is all of `people`, before it is erased.

    `everywhere` says that a name of one word means the person in the records of others, too.
    """
    ids = sorted({subject.id, *(row.id for row in people)})
    versions = _versions(session, ids, people)
    called = _called(session, ids, versions)
    deals = _referring(session, types.DEAL, "customer_id", ids)
    activities = _referring(session, types.ACTIVITY, "customer_id", ids)
    activities |= _referring(session, types.ACTIVITY, "deal_id", sorted(deals))
    own = _change_ids(session, types.CUSTOMER, "id", ids)
    own |= _change_ids(session, types.ACTIVITY, "id", sorted(activities))
    related = own | _change_ids(session, types.DEAL, "id", sorted(deals))
    related |= _change_ids(session, types.STAGE_ENTRY, "deal_id", sorted(deals))
    sought = called.distinct | called.possible
    possible = set() if everywhere else called.possible
    return PersonTraces(
        ids=ids,
        versions=versions,
        deals=sorted(deals),
        activities=sorted(activities),
        own=own,
        related=related,
        names=redaction.pattern((sought if everywhere else called.distinct) - possible),
        possible=redaction.pattern(possible),
        likely=redaction.fewest(map(redaction.likeness, sought)),
        words=redaction.pattern(called.within | _external_ids(session, ids)),
    )


def _versions(
    session: CrmSession, ids: Sequence[UUID], people: Sequence[Customer]
) -> list[Columns]:
    """Return what the fields of the customers with `ids` ever were, and are in `people`."""
    recorded_rows = recorded(session, types.CUSTOMER, has_key(ids))
    held = [each for row in recorded_rows for each in (row.before, row.after) if each]
    return [*held, *(changes.values_of(row) for row in people)]


@dataclass(frozen=True, kw_only=True)
class _Called:
    """What a person is called: everywhere, possibly so, and in what belongs to the person."""

    distinct: set[str]
    possible: set[str]
    within: set[str]


def _called(session: CrmSession, ids: Sequence[UUID], versions: Sequence[Columns]) -> _Called:
    """Return what the customers with `ids` are called in the `versions` of their fields."""
    naming = (held.get(name) for held in versions for name in types.CUSTOMER.naming)
    names = {str(value) for value in naming if value} - {types.ERASED}
    full_names = {str(held.get("name") or "") for held in versions}
    words = {word for name in full_names for word in redaction.words(name)} - {types.ERASED}
    distinct = {name for name in names if len(name) >= _DISTINCT}
    possible = set(filter(redaction.is_word, distinct))
    whole = full_names & distinct - possible
    joined = {one for name in whole for one in redaction.joined(name)}
    possible |= joined | {one for name in whole for one in redaction.turned_round(name)}
    possible |= _own_words(session, whole, ids)
    return _Called(distinct=distinct, possible=possible, within=joined | names | words)


def _own_words(session: CrmSession, names: set[str], ids: Sequence[UUID]) -> set[str]:
    """Return the words of `names` that hardly any other customer is called by."""
    found = set()
    for word in sorted({word for name in names for word in redaction.telling_words(name)}):
        others = (
            in_company(session, Customer),
            col(Customer.name).ilike(redaction.likeness(word)),
            col(Customer.id).not_in(ids),
        )
        mine = redaction.pattern([word])
        query = columns_of(col(Customer.name)).where(*others).execution_options(yield_per=_PAGE)
        # The likeness fits parts of words, too: however many it fits, all of them are looked at.
        with closing(session.scalars(query)) as names_of_others:
            same = islice(filter(mine.search, names_of_others), _FEW + 1)
            if len([*same]) <= _FEW:
                found.add(word)
    return found


def _external_ids(session: CrmSession, ids: Sequence[UUID]) -> set[str]:
    """Return what other systems call the customer, or called it: `hubspot:123`, long ids alone."""
    mine = col(ExternalId.customer_id).in_(ids)
    held = [(row.source, row.external_id) for row in rows(session, ExternalId, mine)]
    for row in recorded(session, types.EXTERNAL_ID, was_set(session, "customer_id", *ids)):
        held += [(one["source"], one["external_id"]) for one in (row.before, row.after) if one]
    written = {f"{source}:{key}" for source, key in held if source}
    return written | {key for _, key in held if len(key) >= _DISTINCT_ID}


def _referring(
    session: CrmSession, kind: RecordType, name: str, targets: Sequence[UUID]
) -> set[UUID]:
    """Return the ids of records of `kind` that refer to one of `targets` by `name`, or ever did."""
    found: set[UUID] = set()
    for batch in batches(targets):
        mine = (in_company(session, kind.model), kind.column(name).in_(batch))
        query = columns_of(kind.column("id")).where(*mine)
        found.update(session.scalars(locked(session, query)))
        for row in recorded(session, kind, was_set(session, name, *batch)):
            found.add(UUID(row.row_key))
    return found


def _change_ids(session: CrmSession, kind: RecordType, name: str, ids: Sequence[UUID]) -> set[UUID]:
    """Return the change sets that created or changed rows of `kind` with these `ids` in `name`.

    A row that an undo took away tells which created it in what the undo keeps of it.
    """
    found: set[UUID] = set()
    for batch in batches(ids):
        chosen = (in_company(session, kind.model), kind.column(name).in_(batch))
        found.update(session.scalars(columns_of(kind.column("created_in")).where(*chosen)))
        for row in recorded(session, kind, has_key(batch)):
            versions = [held for held in (row.before, row.after) if held]
            found.add(row.change_id)
            found.update(UUID(held["created_in"]) for held in versions if "created_in" in held)
    return found


def rows(
    session: CrmSession, model: type[TracedRow], condition: ColumnElement[bool]
) -> list[TracedRow]:
    """Return the rows of `model` that fit `condition`, kept for this transaction."""
    query = select(model).where(in_company(session, model), condition)
    return list(session.exec(locked(session, query)).all())


def locked(session: CrmSession, query: AnyQuery) -> AnyQuery:
    """Return `query` so that the rows are kept for this transaction, unless it writes nothing."""
    return query if session.change.dry else query.with_for_update()


def recorded(
    session: CrmSession, kind: RecordType, condition: ColumnElement[bool]
) -> list[ChangeRow]:
    """Return what change sets keep of rows of `kind` that fit `condition`."""
    query = select(ChangeRow).where(
        in_company(session, ChangeRow), col(ChangeRow.table_name) == kind.table, condition
    )
    return list(session.exec(query).all())


def has_key(ids: Sequence[UUID]) -> ColumnElement[bool]:
    """Return the condition that a change row is of a row whose key begins with one of `ids`."""
    return func.substr(col(ChangeRow.row_key), 1, 36).in_([str(one) for one in ids])


def was_set(session: CrmSession, name: str, *values: UUID) -> ColumnElement[bool]:
    """Return the condition that a change row has one of `values` in `name`, before or after."""
    members = [
        dialects.text_of_key(session, held, name)
        for held in (col(ChangeRow.before), col(ChangeRow.after))
    ]
    return or_(*(member.in_([str(value) for value in values]) for member in members))

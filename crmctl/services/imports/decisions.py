"""What becomes of a row: which record it creates or changes, or why it does neither."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic
from uuid import UUID

from crmctl.domain.importing.findings import Finding
from crmctl.domain.importing.plan import FieldChanges
from crmctl.domain.kinds import Entity
from crmctl.models.base import Columns, Values
from crmctl.services.imports.lookups.candidates import Candidate
from crmctl.services.imports.matching.stored_rows import RecordRow, Row
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.records import types
from crmctl.services.records.external_ids import ExternalIdPair
from crmctl.storage.tables import table_of

#: The columns of fields that are called otherwise.
_EMPTIED = {
    "owner": "owner_id",
    "owner_email": "owner_id",
    "customer": "customer_id",
    "close_date": "expected_close",
}
#: What follows from the stage of a deal, or is known of a record for good.
_FOLLOWING = frozenset(
    {"assumed", "closed_at", "lost_reason", "stage_entered_at", "done_at", "franchise"}
)
#: The names of those whom the columns that hold a relation refer to, by column.
RelationLabels = Mapping[str, Mapping[UUID, str]]


@dataclass(slots=True, kw_only=True)
class MatchedRow(Generic[Row]):
    """A row with the record that it is about, None for a new one, and those it may refer to.

    Of one that is refused, it may not be `known` whether it is about a new one.
    """

    row: ParsedRow
    record: Row | None
    known: bool = True
    customers: Sequence[Candidate] = ()
    deals: Sequence[Candidate] = ()


@dataclass(slots=True, kw_only=True)
class Decision(Generic[Row]):
    """What is written because of `row`; nothing at all where the row has problems.

    Without a `record`, one with `values` is created, else its columns are set to `values`, and
    `changes` says what people see of that. `superseded` are external ids that its new ones replace,
    `overridden` the rules that were passed, `findings` what was decided, assumed or is not known.
    One that is `skipped` writes nothing.
    """

    row: ParsedRow
    record: Row | None
    values: Values = field(default_factory=dict)
    changes: FieldChanges = field(default_factory=dict)
    external_ids: Sequence[ExternalIdPair] = ()
    superseded: Sequence[ExternalIdPair] = ()
    owner: Candidate | None = None
    customer: Candidate | None = None
    overridden: Sequence[str] = ()
    findings: Sequence[Finding] = ()
    skipped: bool = False

    @property
    def record_id(self) -> UUID:
        """The id of the record that is changed or created."""
        found: UUID = self.values["id"] if self.record is None else self.record.id
        return found


def plain_values(row: ParsedRow, entity: Entity) -> Values:
    """Return the values of `row` that are stored as they are, by column."""
    stored = types.imported(entity).stored
    values = {name: row.values[name] for name in stored if name in row.values}
    return {**values, **_emptied(row, entity)} if row.cleared else values


def _emptied(row: ParsedRow, entity: Entity) -> Values:
    """Return the columns that a row empties; what a record cannot do without refuses it."""
    found: Values = {}
    for name in row.cleared:
        column = column_emptied(name, entity)
        if column is None:
            row.refuse(name, f"the {name.replace('_', ' ')} of a record cannot be cleared")
        else:
            found[column] = [] if column == "tags" else None
    return found


def column_emptied(name: str, entity: Entity) -> str | None:
    """Return the column that is emptied with the field `name`; None where none can be."""
    if name == "tags":
        return name
    column = table_of(types.of_entity(entity).model).columns.get(_EMPTIED.get(name, name))
    fixed = column is None or not column.nullable or name in _FOLLOWING
    return None if column is None or fixed else column.key


def field_changes(
    record: RecordRow,
    new: Columns,
    labels: RelationLabels,
    external_ids: Sequence[ExternalIdPair] = (),
) -> dict[str, tuple[object, object]]:
    """Return the fields of `new` as people call them, each with its value in `record` and in `new`.

    `external_ids` are those that the record gets.
    """
    found: dict[str, tuple[object, object]] = {}
    for name, value in new.items():
        present = getattr(record, name)
        if name in labels:
            names = labels[name]
            found[name.removesuffix("_id")] = (names.get(present), names.get(value))
        elif name == "custom":
            for key in value:
                if value[key] != present.get(key):
                    found[f"custom.{key}"] = (present.get(key), value[key])
        else:
            found[name] = (present, value)
    if external_ids:
        found["external_id"] = (None, _written(external_ids))
    return found


def _written(pairs: Sequence[ExternalIdPair]) -> str:
    """Return external ids as people write them."""
    return ", ".join(f"{source}:{key}" if source else key for source, key in pairs)

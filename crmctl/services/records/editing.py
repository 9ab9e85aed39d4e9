"""Customers, deals and activities, one or many: fields, tags, keys, and whether they are hidden."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import partial
from typing import TypeVar

from crmctl.domain import lost_reasons
from crmctl.errors import Refused, UsageError, check_each
from crmctl.models.activities import Activity
from crmctl.models.base import Columns, Values
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.records import (
    custom_fields,
    external_ids,
    hidden_customers,
    record_values,
    references,
    types,
)
from crmctl.services.records.record_values import attach, reference_columns
from crmctl.services.records.references import Record
from crmctl.storage.tables import table_of

Edited = TypeVar("Edited", bound=Record)

_RELATIONS = ("owner_id", "customer_id", "deal_id")
#: What `clear` calls the columns that hold a relation, and shorter names.
_ALIASES = {
    "customer": "customer_id",
    "deal": "deal_id",
    "owner": "owner_id",
    "close": "expected_close",
    "tag": "tags",
    "external_id": "external_ids",
    "score": "lead_score",
}
_CUSTOM = "custom."
#: What an error says first that tells of several records.
_NONE_CHANGES = "nothing is changed"


@dataclass(frozen=True)
class Edit:
    """What to set: valid `values`, and what is added to or taken from lists.

    `owner`, `customer` and `deal` are references, `custom` texts by key, `external_ids` as people
    write them, and `clear` names of fields to empty, `custom.KEY` for custom ones.
    """

    values: Columns = field(default_factory=dict)
    _: KW_ONLY
    owner: str | None = None
    customer: str | None = None
    tags: Sequence[str] = ()
    untag: Sequence[str] = ()
    custom: Mapping[str, str] = field(default_factory=dict)
    external_ids: Sequence[str] = ()
    clear: Sequence[str] = ()
    deal: str | None = None


@dataclass
class _Cleared:
    """What is emptied: columns, with what is in them then, custom fields and external ids."""

    columns: Values = field(default_factory=dict)
    custom: dict[str, None] = field(default_factory=dict)
    external_ids: bool = False


#: Raises a CrmError if a row cannot be given these columns; nothing is written yet. It may add to
#: them what only the row says.
EditCheck = Callable[[tuple[Edited, Values]], None]


def apply(
    session: CrmSession, rows: Sequence[Edited], edit: Edit, check: EditCheck[Edited] | None = None
) -> list[Edited]:
    """Carry out `edit` on `rows`, which are locked and pass `check`; return what it changed.

    Without a check of their kind, an owner of another franchise is refused.
    """
    if not rows:
        return []
    if edit.external_ids and len(rows) > 1:
        raise UsageError("an external id names one row: edit one at a time")
    _only_lost(rows, edit.values)
    first: Record = rows[0]
    entity = types.entity_of(type(first))
    cleared = _cleared(session, type(first), edit.clear)
    _refuse_both(edit, cleared)
    custom = {**custom_fields.parse(session, entity, edit.custom), **cleared.custom}
    values = {**edit.values, **cleared.columns}
    values |= reference_columns(session, owner=edit.owner, customer=edit.customer, deal=edit.deal)
    _about_someone(rows, values)
    planned = [(row, {**values, **_lists(row, edit, custom)}) for row in rows]
    check_each(planned, check or partial(_check_owner, session), _NONE_CHANGES)
    changed = changes.edit_each(session, planned)
    touched = {row.id for row in changed}
    if cleared.external_ids:
        lost = external_ids.detach(session, entity, [row.id for row in rows])
        touched |= {external_ids.owner_of(key) for key in lost}
    if attach(session, first, edit.external_ids):
        touched.add(first.id)
    return [row for row in rows if row.id in touched]


def remove(session: CrmSession, rows: Sequence[Edited]) -> list[Edited]:
    """Hide `rows`, which are locked; return those that were not hidden yet.

    The deals of a customer stay, and name it.
    """
    shown = [row for row in rows if row.deleted_at is None]
    return changes.edit(session, shown, {"deleted_at": session.change.at})


def restore(session: CrmSession, rows: Sequence[Edited]) -> list[Edited]:
    """Show `rows`, which are locked, again; return those that were hidden.

    Raises Refused for a customer that was erased, and for one that was merged: its deals are with
    another.
    """
    people = [row for row in rows if isinstance(row, Customer)]
    erased = hidden_customers.erased(session, people)
    merged = hidden_customers.merge_survivors(session, people)

    def check(row: Record) -> None:
        called = references.ref(row)
        if row.id in erased:
            raise Refused(f"{called} was erased: nothing of it is left to restore")
        if into := merged.get(row.id):
            name = f"{called} was merged into {references.ref(into)} {into.name}"
            raise Refused(f"{name}: undoing that brings it back (crmctl log {called})")

    check_each(rows, check, "nothing is restored")
    return changes.edit(session, rows, {"deleted_at": None})


def _check_owner(session: CrmSession, planned: tuple[Record, Values]) -> None:
    row, values = planned
    if why := record_values.against_owner(session, values, row.franchise_id):
        raise Refused(f"{references.ref(row)}: {why}")


def _only_lost(rows: Sequence[Record], values: Columns) -> None:
    def check(row: Record) -> None:
        if isinstance(row, Deal) and (
            conflict := lost_reasons.conflict(values["lost_reason"], row.stage, row.status)
        ):
            raise Refused(f"{references.ref(row)}: {conflict}")

    if values.get("lost_reason"):
        check_each(rows, check, _NONE_CHANGES)


def _about_someone(rows: Sequence[Record], values: Columns) -> None:
    """Raise UsageError for an activity that `values` would leave without customer and deal."""

    def check(row: Record) -> None:
        if isinstance(row, Activity):
            after = {"customer_id": row.customer_id, "deal_id": row.deal_id, **values}
            if after["customer_id"] is None and after["deal_id"] is None:
                raise UsageError(f"{references.ref(row)} needs a customer or a deal to be about")

    check_each(rows, check, _NONE_CHANGES)


def _refuse_both(edit: Edit, cleared: _Cleared) -> None:
    """Raise UsageError for what is both set and cleared."""
    given = {
        "owner_id": edit.owner,
        "customer_id": edit.customer,
        "deal_id": edit.deal,
        "tags": edit.tags,
        "external_ids": edit.external_ids,
    }
    written = {*edit.values, *(name for name, value in given.items() if value)}
    emptied = {*cleared.columns, *(["external_ids"] if cleared.external_ids else [])}
    for name in sorted(written & emptied):
        raise UsageError(f"{name.removesuffix('_id')} is both set and cleared")
    untagged = record_values.tags(edit.untag)
    for tag in record_values.tags(edit.tags):
        if tag in untagged:
            raise UsageError(f"tag {tag} is both set and taken")


def _lists(row: Record, edit: Edit, custom: Mapping[str, object]) -> Values:
    """Return what becomes of the tags and custom fields of `row`."""
    found: Values = {}
    if isinstance(row, Activity):
        return found
    if edit.tags or edit.untag:
        untagged = record_values.tags(edit.untag)
        kept = [tag for tag in row.tags if tag not in untagged]
        found["tags"] = list(dict.fromkeys([*kept, *record_values.tags(edit.tags)]))
    if custom:
        found["custom"] = custom_fields.merged(row.custom, custom)
    return found


def _cleared(session: CrmSession, model: type[Record], names: Sequence[str]) -> _Cleared:
    """Return what clearing `names` empties in rows of `model`."""
    cleared = _Cleared()
    entity = types.entity_of(model)
    for written in names:
        name = written.strip().lower().replace("-", "_")
        if name.startswith(_CUSTOM) and _custom_of(model):
            key = written.strip()[len(_CUSTOM) :]
            cleared.custom[custom_fields.find(session, entity, key).key] = None
            continue
        name = _ALIASES.get(name, name)
        if name not in clearable(model):
            known = ", ".join([*map(_shown, sorted(clearable(model))), *_custom_of(model)])
            raise UsageError(f"cannot clear {written!r} (there is {known})")
        if name == "external_ids":
            cleared.external_ids = True
        else:
            cleared.columns[name] = [] if name == "tags" else None
    return cleared


def clearable(model: type[Record]) -> set[str]:
    """Return the fields of `model` that people set and a record can be without.

    Whether a lost deal can be without its reason is for the rules of its pipeline to say.
    """
    columns = table_of(model).columns
    settable = {
        *types.imported(types.entity_of(model)).input_model.model_fields,
        *_RELATIONS,
    } & set(columns.keys())
    optional = {name for name in settable if columns[name].nullable} - {"lost_reason"}
    return optional | settable & {"tags"} | {"external_ids"}


def _custom_of(model: type[Record]) -> list[str]:
    return ["custom.KEY"] if "custom" in model.model_fields else []


def _shown(name: str) -> str:
    return name.removesuffix("_id").replace("_", "-")

"""Customers, deals and activities, one or many: fields, tags, keys, and whether they are hidden."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from crmctl.domain import lost_reasons
from crmctl.errors import Refused, UsageError
from crmctl.models.activities import Activity
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.inputs import DealUpdate, validated
from crmctl.models.session import CrmSession
from crmctl.models.tenants import User
from crmctl.services import changes
from crmctl.services.records import custom_fields, customers, external_ids, references
from crmctl.storage.tables import table_of

Edited = TypeVar("Edited", Customer, Deal, Activity)
Record = Customer | Deal | Activity

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


@dataclass(frozen=True)
class Edit:
    """What to set: valid `values`, and what is added to or taken from lists.

    `owner`, `customer` and `deal` are references, `custom` texts by key, `external_ids` as people
    write them, and `clear` names of fields to empty, `custom.KEY` for custom ones.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    owner: str | None = None
    customer: str | None = None
    tags: Sequence[str] = ()
    untag: Sequence[str] = ()
    custom: Mapping[str, str] = field(default_factory=dict)
    external_ids: Sequence[str] = ()
    clear: Sequence[str] = ()
    deal: str | None = None


def relations(
    session: CrmSession,
    *,
    owner: str | None = None,
    customer: str | None = None,
    deal: str | None = None,
) -> dict[str, Any]:
    """Return the columns that these references fill; nothing for one that is not given."""
    found: dict[str, Any] = {}
    if owner:
        found["owner_id"] = references.find_named(session, User, owner).id
    if customer:
        found["customer_id"] = references.find(session, Customer, customer).id
    if deal:
        found["deal_id"] = references.find(session, Deal, deal).id
    return found


def initial(session: CrmSession, model: type[Customer] | type[Deal], edit: Edit) -> dict[str, Any]:
    """Return the columns of a new row of `model` that is to hold what `edit` sets."""
    custom = custom_fields.merged(
        {}, custom_fields.parse(session, references.entity_of(model), edit.custom)
    )
    found = {**edit.values, **relations(session, owner=edit.owner, customer=edit.customer)}
    return {**found, "tags": _tags(edit.tags), "custom": custom}


def attach(session: CrmSession, row: Record, written: Sequence[str]) -> bool:
    """Give `row` the external keys `written`; return whether any is new."""
    entity = references.entity_of(type(row))
    new = False
    for text in written:
        source, external_id = external_ids.parse(text)
        new |= bool(external_ids.attach(session, entity, source, [(external_id, row.id)]))
    return new


def apply(session: CrmSession, rows: Sequence[Edited], edit: Edit) -> list[Edited]:
    """Carry out `edit` on `rows`, which are locked; return those that it changed."""
    if not rows:
        return []
    if edit.external_ids and len(rows) > 1:
        raise UsageError("an external id names one row: edit one at a time")
    _only_lost(rows, edit.values)
    entity = references.entity_of(type(rows[0]))
    emptied = _emptied(session, type(rows[0]), edit.clear)
    both = sorted(emptied.keys() & {**edit.values, **_given(edit)}.keys())
    if both:
        raise UsageError(f"{both[0].removesuffix('_id')} is both set and cleared")
    drop_keys = emptied.pop("external_ids", False)
    custom = custom_fields.parse(session, entity, edit.custom)
    custom |= {name: None for name in emptied.pop("custom", ())}
    values = {**edit.values, **emptied}
    values |= relations(session, owner=edit.owner, customer=edit.customer, deal=edit.deal)
    _about_someone(rows, values)
    changed = changes.edit_each(
        session, [(row, {**values, **_lists(row, edit, values, custom)}) for row in rows]
    )
    touched = {row.id for row in changed}
    if drop_keys:
        lost = external_ids.detach(session, entity, [row.id for row in rows])
        touched |= {getattr(key, f"{entity}_id") for key in lost}
    if attach(session, rows[0], edit.external_ids):
        touched.add(rows[0].id)
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
    erased = customers.erased(session, people)
    for person in people:
        if person.id in erased:
            raise Refused(f"{references.ref(person)} was erased: nothing of it is left to restore")
    merged = customers.merge_survivors(session, people)
    for row in rows:
        if into := merged.get(row.id):
            name = f"{references.ref(row)} was merged into {references.ref(into)} {into.name}"
            raise Refused(f"{name}: undoing that brings it back (crmctl log {references.ref(row)})")
    return changes.edit(session, rows, {"deleted_at": None})


def _only_lost(rows: Sequence[Record], values: Mapping[str, Any]) -> None:
    given = values.get("lost_reason")
    for row in rows if given else ():
        if isinstance(row, Deal) and (
            conflict := lost_reasons.conflict(given, row.stage, row.status)
        ):
            raise Refused(f"{references.ref(row)}: {conflict}")


def _about_someone(rows: Sequence[Record], values: Mapping[str, Any]) -> None:
    """Raise UsageError for an activity that `values` would leave without customer and deal."""
    for row in rows:
        if isinstance(row, Activity):
            after = {"customer_id": row.customer_id, "deal_id": row.deal_id, **values}
            if after["customer_id"] is None and after["deal_id"] is None:
                raise UsageError(f"{references.ref(row)} needs a customer or a deal to be about")


def _given(edit: Edit) -> dict[str, Any]:
    relations = {"owner_id": edit.owner, "customer_id": edit.customer, "deal_id": edit.deal}
    lists = {"tags": edit.tags, "external_ids": edit.external_ids}
    return {name: value for name, value in {**relations, **lists}.items() if value}


def _tags(written: Sequence[str]) -> list[str]:
    tags: list[str] = validated(DealUpdate, {"tags": list(written)})["tags"]
    return list(dict.fromkeys(tags))


def _lists(
    row: Record, edit: Edit, values: Mapping[str, Any], custom: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what becomes of the tags and custom fields of `row`."""
    found: dict[str, Any] = {}
    if isinstance(row, Activity):
        return found
    if edit.tags or edit.untag:
        kept = [tag for tag in row.tags if tag not in _tags(edit.untag)]
        found["tags"] = list(dict.fromkeys([*kept, *_tags(edit.tags)]))
    if custom:
        found["custom"] = custom_fields.merged(row.custom, custom)
    return found


def _emptied(session: CrmSession, model: type[Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the columns that are emptied by clearing `names`, and what that leaves in them."""
    emptied: dict[str, Any] = {}
    entity = references.entity_of(model)
    for written in names:
        name = written.strip().lower().replace("-", "_")
        if name.startswith(_CUSTOM) and _custom_of(model):
            key = written.strip()[len(_CUSTOM) :]
            emptied.setdefault("custom", []).append(custom_fields.find(session, entity, key).key)
            continue
        name = _ALIASES.get(name, name)
        if name not in clearable(model):
            known = ", ".join([*map(_shown, sorted(clearable(model))), *_custom_of(model)])
            raise UsageError(f"cannot clear {written!r} (there is {known})")
        emptied[name] = {"tags": [], "external_ids": True}.get(name)
    return emptied


def clearable(model: type[Any]) -> set[str]:
    """Return the columns of `model` that may be empty and that people set, and its lists."""
    managed = {"franchise_id", "deleted_at", "closed_at", "lost_reason"}
    nullable = {column.name for column in table_of(model).columns if column.nullable}
    lists = {"tags", "external_ids"} if "tags" in model.model_fields else {"external_ids"}
    return nullable - managed | lists


def _custom_of(model: type[Any]) -> list[str]:
    return ["custom.KEY"] if "custom" in model.model_fields else []


def _shown(name: str) -> str:
    return name.removesuffix("_id").replace("_", "-")

"""The fields in which two states of a row differ, by the names that people and programs know."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import and_, select
from sqlmodel import col

from crmctl.models.base import Columns, Owned
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history.row_changes import choices
from crmctl.services.history.undo_plan import DERIVED
from crmctl.services.records import types
from crmctl.services.records.record_type import RecordType
from crmctl.storage.scope import in_company, same_company
from crmctl.storage.tables import table_of

#: A field before and after.
BeforeAfter = tuple[object, object]


def between(
    names: Mapping[UUID, str], model: type[Owned], before: Columns, after: Columns
) -> dict[str, BeforeAfter]:
    """Return the fields that differ, ids as `names` say and each custom field on its own."""
    found: dict[str, BeforeAfter] = {}
    for name in sorted({*before, *after} - DERIVED):
        old, new = before.get(name), after.get(name)
        if name == "custom":
            keys = sorted({*(old or {}), *(new or {})})
            pairs = {f"custom.{key}": ((old or {}).get(key), (new or {}).get(key)) for key in keys}
        else:
            pairs = {types.of(model).label(name): (_named(names, old), _named(names, new))}
        found.update({label: pair for label, pair in pairs.items() if pair[0] != pair[1]})
    return found


def _named(names: Mapping[UUID, str], value: object) -> object:
    return names.get(value, value) if isinstance(value, UUID) else value


def names_in(
    session: CrmSession, written: Iterable[tuple[type[Owned], Columns]]
) -> dict[UUID, str]:
    """Return the names of the records, users and franchises that what was `written` refers to.

    Of one that is gone, it is the name that it went with.
    """
    wanted: dict[RecordType, set[UUID]] = {}
    for model, values in written:
        for column, table in types.of(model).relations.items():
            if values.get(column):
                wanted.setdefault(types.of_table(table), set()).add(values[column])
    found: dict[UUID, str] = {}
    for target, ids in wanted.items():
        key, name = target.column("id"), target.column(target.name_column)
        for chosen in choices([key], [(one,) for one in ids]):
            query = select(key, name).where(in_company(session, target.model), chosen)
            found.update({id: called for id, called in session.execute(query)})
        if gone := ids - found.keys():
            found |= dict.fromkeys(gone, f"a {target.noun} that is gone")
            found |= _names_of_gone(session, target, gone)
    return found


def _names_of_gone(session: CrmSession, target: RecordType, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return what those of `ids` were called that a change set, such as an undo, took away."""
    keys = {changes.joined_key([id]): id for id in ids}
    found: dict[UUID, str] = {}
    made = col(Change.id) == col(ChangeRow.change_id)
    for chosen in choices([table_of(ChangeRow).c.row_key], [(key,) for key in keys]):
        # In the order of time: what an undo brought back may have gone again by another name.
        query = (
            select(col(ChangeRow.row_key), col(ChangeRow.before))
            .join(Change, and_(same_company(ChangeRow, Change), made))
            .where(
                in_company(session, ChangeRow),
                col(ChangeRow.table_name) == target.table,
                col(ChangeRow.after).is_(None),
                chosen,
            )
            .order_by(col(Change.at), col(ChangeRow.position))
        )
        for key, before in session.execute(query):
            if before and before.get(target.name_column):
                found[keys[key]] = str(before[target.name_column])
    return found

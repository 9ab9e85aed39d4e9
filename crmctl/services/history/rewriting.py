"""Writing past the record of changes: what is to be gone must come back by nothing.

That a row was written is recorded, and no text of it: its log leads to what it is.
"""

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import bindparam, update

from crmctl.models.base import Columns, Owned, Values
from crmctl.models.changes import ChangeRow
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history.redaction import NamePattern, redacted
from crmctl.services.records import types
from crmctl.storage.scope import in_company
from crmctl.storage.tables import key_columns, table_of


def write(session: CrmSession, edits: Iterable[tuple[Owned, Columns]]) -> None:
    """Set values in rows, and keep nothing of what was there but by what it was written and when.

    All rows that get values in the same columns are written by one statement.
    """
    kept: dict[type[Owned], list[tuple[Values, Values, Values]]] = {}
    alike: dict[tuple[type[Owned], tuple[str, ...]], list[Values]] = {}
    for row, values in edits:
        table = table_of(type(row))
        stamp = {"changed_in": session.change.id, "updated_at": session.change.at}
        new = {**values, **{name: value for name, value in stamp.items() if name in table.c}}
        if "changed_in" in table.c:
            before = {name: getattr(row, name) for name in new if _tells_nothing(row, name)}
            after = {name: new[name] for name in before}
            kept.setdefault(type(row), []).append((changes.values_of(row), before, after))
        row.__dict__.update(new)
        key = {f"key_{name}": getattr(row, name) for name in key_columns(type(row))}
        bound = key | {f"new_{name}": value for name, value in new.items()}
        alike.setdefault((type(row), tuple(new)), []).append(bound)
    if session.change.dry:
        return
    for (model, columns), found in alike.items():
        table = table_of(model)
        chosen = (table.c[name] == bindparam(f"key_{name}") for name in key_columns(model))
        written: Values = {name: bindparam(f"new_{name}") for name in columns}
        query = update(table).where(in_company(session, table), *chosen).values(written)
        session.connection().execute(query, found)
    for model, entries in kept.items():
        changes.record(session, model, entries)


def _tells_nothing(row: Owned, name: str) -> bool:
    """Return whether the column `name` of `row` never holds a person's data, nor a text."""
    record = types.of(type(row))
    return name not in record.personal and name not in record.free_texts


def clean(session: CrmSession, found: Iterable[Owned], names: NamePattern) -> int:
    """Take the names out of the texts of rows of one table; return how many had any."""
    edits: list[tuple[Owned, Values]] = []
    for row in found:
        rooms = types.of(type(row)).free_texts
        texts = {name: getattr(row, name) for name in rooms}
        left = cleaned(names, texts, rooms)
        if new := {name: text for name, text in left.items() if text != texts[name]}:
            edits.append((row, new))
    write(session, edits)
    return len(edits)


def cleaned(names: NamePattern, held: Columns, rooms: Mapping[str, int | None]) -> Values:
    """Return the fields `held` with the names taken out of those that `rooms` has."""
    return {
        name: redacted(names, value, rooms[name]) if name in rooms else value
        for name, value in held.items()
    }


def clean_recorded(
    session: CrmSession, found: Iterable[ChangeRow], names: NamePattern
) -> list[ChangeRow]:
    """Take the names out of the texts that change sets keep; return the rows that had any."""
    return rewrite(
        session, found,
        lambda row, held: cleaned(names, held, types.of_table(row.table_name).free_texts),
    )  # fmt: skip


def rewrite(
    session: CrmSession, found: Iterable[ChangeRow], clean: Callable[[ChangeRow, Columns], Values]
) -> list[ChangeRow]:
    """Have rows keep what `clean` makes of the fields that they keep; return those that differ."""
    edits: list[tuple[ChangeRow, Values]] = []
    for row in found:
        old: Values = {"before": row.before, "after": row.after}
        new = {side: kept and clean(row, kept) for side, kept in old.items()}
        if new != old:
            edits.append((row, new))
    write(session, edits)
    return [row for row, _ in edits]

"""What was typed here and gives way to a file, whose rows do not say since when they are so."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import String, cast, select

from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.domain.kinds import Origin
from crmctl.models.base import Columns
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.imports.decisions import Decision
from crmctl.services.imports.matching.stored_rows import RecordModel, RecordRow, Row
from crmctl.storage.lookups import batches, rows_by
from crmctl.storage.scope import in_company
from crmctl.storage.tables import table_of

_CHANGES = table_of(Change)
_ROWS = table_of(ChangeRow)
#: What follows from a move, by the time of it; typed on its own, it is a correction.
_MOVED = frozenset({"stage_entered_at", "stage_entered_on", "closed_at", "closed_on"})
#: What nobody types, and ids, which a record gets beside those that it has.
_UNTYPED = frozenset({"status", "entries", "assumed", "external_id"})
#: Fields that people see by a name, which are stored as an id.
_REFERRING = {"owner": "owner_id", "customer": "customer_id", "franchise": "franchise_id"}
_CUSTOM = "custom."


@dataclass(frozen=True, kw_only=True, slots=True)
class _Edit:
    """What one change set made of a record; `typed` is that of a command or a board."""

    typed: bool
    before: Columns
    after: Columns

    def sets(self, name: str) -> bool:
        """Return whether the field was changed, by other means than as part of a move."""
        if name in _MOVED and "stage" in self.after:
            return False
        return _said(self.before, name) != _said(self.after, name)


class ReplacedEdits:
    """Counts the values that an import replaces and that no import has set, by field."""

    def __init__(self, session: CrmSession, model: RecordModel) -> None:
        self._session = session
        self._model = model
        self._typed: dict[UUID, bool | None] = {}
        self._replaced = Counter[str]()

    def count(self, decided: Sequence[Decision[Row]]) -> None:
        """Count those that are replaced by what was `decided`, and is not yet written."""
        edited = {
            str(each.record.id): (each.record, names)
            for each in decided
            if each.record is not None
            and each.record.changed_in != each.record.created_in
            and (names := _replaced(each))
        }
        for keys in batches(list(edited)):
            for key, edits in self._edits(keys).items():
                record, names = edited[key]
                self._replaced.update(name for name in names if self._is_typed(record, name, edits))

    def findings(self) -> Iterator[Finding]:
        """Yield what was counted."""
        if fields := ", ".join(f"{name} {n:,}" for name, n in sorted(self._replaced.items())):
            yield Finding(
                certainty=Certainty.ASSUMED,
                text=f"values typed here give way to the file's: {fields}",
                one=f"value typed here gives way to the file's: {fields}",
                count=self._replaced.total(),
                option="--fill-empty keeps them",
            )

    def _is_typed(self, record: RecordRow, name: str, edits: Sequence[_Edit]) -> bool:
        """Return whether the last of `edits` of a field of `record` was typed."""
        last = next((each for each in reversed(edits) if each.sets(name)), None)
        if last is None or not last.typed:
            return False
        column = _column(name)
        after = changes.decode(self._model, {column: last.after.get(column)})
        return _said(after, name) == _said({column: getattr(record, column)}, name)

    def _edits(self, keys: Sequence[str]) -> dict[str, list[_Edit]]:
        """Return the edits of the records with `keys` of which any was typed, in order.

        What was taken back is none, and neither is its undo.
        """
        mine = in_company(self._session, _ROWS), _ROWS.c.table_name == table_of(self._model).name
        connection = self._session.connection()
        # Who wrote is asked first: the values of many weeks are read only of what was typed in.
        # By the column itself, SQLite would read all change sets, which have that order.
        authors = select(cast(_ROWS.c.change_id, String)).distinct().where(*mine)
        written = rows_by(connection, authors, _ROWS.c.row_key, keys)
        if not self._learn({UUID(change) for (change,) in written}):
            return {}
        pairs = select(_ROWS.c.row_key, _ROWS.c.change_id).where(*mine)
        written_by = rows_by(connection, pairs, _ROWS.c.row_key, keys)
        typed = sorted({key for key, change in written_by if self._typed.get(change)})
        at, stored = (_ROWS.c.change_id, _ROWS.c.position), (_ROWS.c.before, _ROWS.c.after)
        values = select(_ROWS.c.row_key, *at, *stored).where(*mine)
        rows = rows_by(connection, values, _ROWS.c.row_key, typed)
        found: dict[str, list[_Edit]] = {key: [] for key in typed}
        # Sorted by the database, they might be read by their change sets: all that there are.
        for row in sorted(rows, key=lambda row: (row.change_id, row.position)):
            if (by_hand := self._typed.get(row.change_id)) is not None:
                edit = _Edit(typed=by_hand, before=row.before or {}, after=row.after or {})
                found[row.row_key].append(edit)
        return found

    def _learn(self, ids: set[UUID]) -> bool:
        """Find out whether the change sets with `ids` were typed, None for those taken back.

        Return whether any was.
        """
        query = select(_CHANGES.c.id, _CHANGES.c.origin, _CHANGES.c.undoes, _CHANGES.c.undone_in)
        query = query.where(in_company(self._session, _CHANGES))
        for some in batches(sorted(ids - self._typed.keys())):
            found = rows_by(self._session.connection(), query, _CHANGES.c.id, some)
            for change, origin, undoes, undone_in in found:
                stands = undoes is None and undone_in is None
                self._typed[change] = origin != Origin.IMPORT if stands else None
        return any(self._typed.get(each) for each in ids)


def _replaced(decision: Decision[Row]) -> list[str]:
    """Return the fields that have a value and get another by `decision`."""
    return [
        name
        for name, (present, _) in decision.changes.items()
        if present not in (None, "", []) and name not in _UNTYPED
    ]


def _column(name: str) -> str:
    """Return the column of the field that people know by `name`."""
    return "custom" if name.startswith(_CUSTOM) else _REFERRING.get(name, name)


def _said(values: Mapping[str, object], name: str) -> object:
    """Return what `values`, by column, say of the field called `name`."""
    found = values.get(_column(name))
    if name.startswith(_CUSTOM):
        return found.get(name.removeprefix(_CUSTOM)) if isinstance(found, dict) else None
    return found

"""What others wrote while an import in steps was under way."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, cast, func, select, true

from crmctl.models.base import Owned
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.imports import ImportRun
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.storage.lookups import batches
from crmctl.storage.scope import in_company
from crmctl.storage.tables import table_of

#: So many of the newest change sets are looked at: one that began before another may end after it.
_NEWEST = 500
_CHANGES = table_of(Change)
_RUNS = table_of(ImportRun)
_ROWS = table_of(ChangeRow)


class OthersChanges:
    """The change sets that others wrote in since it was last asked: new ones, and imports' own.

    An import in steps writes in one change set for long, as its run tells.
    """

    def __init__(self, session: CrmSession) -> None:
        self._session = session
        self._state = self._find_state()
        self._newest, _ = self._find_newest()
        self._runs = self._find_runs()

    def since(self) -> list[UUID]:
        """Return the ids of the change sets."""
        before, self._state = self._state, self._find_state()
        if self._state == before:
            return []
        runs, (newest, more) = self._find_runs(), self._find_newest()
        found = {change for change in runs if runs[change] != self._runs.get(change)}
        # Those that are older than all that were seen were not among the newest then.
        oldest = min(self._newest, default=None) if more else None
        found.update(each for each in newest - self._newest if oldest is None or each > oldest)
        self._newest, self._runs = newest, runs
        return sorted(found - {self._session.change.id})

    def _find_state(self) -> tuple[object, ...]:
        """Return what is another where there is something new: most steps are alone."""
        session, newest = self._session, self._newest_ids().subquery()
        written = cast(newest.c.id, String)
        begun = select(func.count(), func.min(written), func.max(written)).subquery()
        theirs = in_company(session, _RUNS), _RUNS.c.change_id != session.change.id
        going = select(func.count(), func.sum(_RUNS.c.done), func.count(_RUNS.c.finished_at))
        both = begun.join(going.where(*theirs).subquery(), true())
        query = select(*both.columns).select_from(both)
        return tuple(session.connection().execute(query).one())

    def _newest_ids(self) -> Select[UUID]:
        """Return the query for the newest change sets."""
        mine = in_company(self._session, _CHANGES), _CHANGES.c.id != self._session.change.id
        return select(_CHANGES.c.id).where(*mine).order_by(_CHANGES.c.id.desc()).limit(_NEWEST)

    def _find_newest(self) -> tuple[set[UUID], bool]:
        """Return the newest change sets, and whether there are more of them."""
        found = set(self._session.connection().scalars(self._newest_ids()))
        return found, len(found) == _NEWEST

    def _find_runs(self) -> dict[UUID, tuple[int, bool]]:
        query = select(_RUNS.c.change_id, _RUNS.c.done, _RUNS.c.finished_at.is_not(None))
        query = query.where(in_company(self._session, _RUNS), _RUNS.c.change_id.is_not(None))
        found = self._session.connection().execute(query)
        return {change: (done, finished) for change, done, finished in found}


def written_in(
    session: CrmSession, model: type[Owned], written: Sequence[UUID]
) -> Iterator[ColumnElement[bool]]:
    """Yield conditions that choose the rows of `model` that the change sets `written` wrote."""
    table = table_of(model)
    for some in batches(written):
        query = select(_ROWS.c.row_key).where(
            in_company(session, _ROWS),
            _ROWS.c.change_id.in_(some),
            _ROWS.c.table_name == table.name,
        )
        keys = [*session.connection().scalars(query)]
        edited = [changes.parse_key(model, key)["id"] for key in dict.fromkeys(keys)]
        yield table.c.created_in.in_(some)
        yield from (table.c.id.in_(batch) for batch in batches(edited))

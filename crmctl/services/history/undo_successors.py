"""What has the key of another by now: a stage that went, and was added again, is not the same."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from sqlalchemy import and_, select, tuple_
from sqlmodel import col

from crmctl.models.base import Owned
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history.row_effects import RowEffect
from crmctl.services.history.undo_plan import UndoPlan
from crmctl.storage.lookups import one_of, rows_by
from crmctl.storage.scope import in_company, same_company
from crmctl.storage.tables import key_columns, table_of


def keep_replaced(session: CrmSession, made: UndoPlan, effects: Sequence[RowEffect]) -> None:
    """Keep those of `effects`, rows of one table, which are others' by now that have their keys."""
    mine = [e for e in effects if e.row and e.verb != "restore" and not made.rows.creates(e)]
    if mine:
        others = successors(session, made, mine[0].model, [effect.key for effect in mine])
        for effect in mine:
            if effect.key in others:
                made.keep(effect, "another took its place")


def successors(
    session: CrmSession, made: UndoPlan, model: type[Owned], keys: Iterable[str]
) -> set[str]:
    """Return those of `keys` by which a row goes that is not the one of when the change was made.

    An id is never given again, as are the keys of stages and the ids of other systems.
    """
    names = key_columns(model)
    if not names or names == ("id",):
        return set()
    creators = dict(_creators_then(session, made, model, list(dict.fromkeys(keys))))
    if not creators:
        return set()
    table = table_of(model)
    columns = [table.c[name] for name in names]
    chosen, asked = one_of(session, columns, changes.parse_keys(model, [*creators]))
    query = select(table.c.created_in, *columns).where(in_company(session, table), chosen)
    now = {changes.joined_key(key): by for by, *key in session.execute(query, asked)}
    return {key for key, by in now.items() if by not in (creators[key], made.change.id)}


def _creators_then(
    session: CrmSession, made: UndoPlan, model: type[Owned], keys: Sequence[str]
) -> Iterator[tuple[str, UUID]]:
    """Yield by which change set the row was created that had one of `keys` then, if it went since.

    What first went is what was there.
    """
    written = and_(same_company(ChangeRow, Change), col(Change.id) == col(ChangeRow.change_id))
    moment = tuple_(col(Change.at), col(Change.id))
    query = (
        select(
            *(col(c) for c in (ChangeRow.row_key, ChangeRow.before)),
            *(col(c) for c in (Change.at, ChangeRow.change_id, ChangeRow.position)),
        )
        .join(Change, written)
        .where(
            in_company(session, ChangeRow),
            col(ChangeRow.table_name) == model.__tablename__,
            col(ChangeRow.after).is_(None),
            moment >= (made.change.at, made.change.id),
        )
    )
    found = rows_by(session, query, table_of(ChangeRow).c.row_key, keys)
    # The first of a key comes last, and stays.
    for key, before, *_ in sorted(found, key=lambda row: tuple(row[2:]), reverse=True):
        if before:
            yield key, UUID(before["created_in"])

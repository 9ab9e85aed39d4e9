"""What was changed, by whom and how: the change sets, and what each did to which record."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, and_, func, or_, select, type_coerce, union, union_all
from sqlmodel import col
from sqlmodel import select as rows_of

from crmctl.errors import NotFound
from crmctl.models.activities import Activity
from crmctl.models.base import Columns, Owned
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.models.tenants import User
from crmctl.services import changes
from crmctl.services.history import differences, row_changes
from crmctl.services.history.differences import BeforeAfter
from crmctl.services.history.row_changes import BY_NAME, CREATED, PARTS, choices
from crmctl.services.history.row_effects import RowEffect
from crmctl.services.queries.paging import Page
from crmctl.services.records import references, types
from crmctl.services.records.references import Record
from crmctl.storage.dialects import equals
from crmctl.storage.lookups import batches
from crmctl.storage.scope import in_company, in_scope
from crmctl.storage.tables import table_of


@dataclass(frozen=True)
class RowWrite:
    """The columns of a row before and after one write of a change set."""

    change_id: UUID
    before: Columns | None
    after: Columns | None


@dataclass(kw_only=True)
class LogEntry:
    """A change set, and how many records came, changed and went in it; `undone` says by which."""

    change: Change
    created: int = 0
    updated: int = 0
    removed: int = 0
    undoes: str | None = None
    undone: str | None = None


@dataclass(kw_only=True)
class RowChange:
    """What a change set did to one record: `created`, `changed`, `removed` or `restored` it."""

    change: Change
    action: str
    record: str
    fields: dict[str, BeforeAfter] = field(default_factory=dict)


def search(
    session: CrmSession,
    limit: int | None,
    since: datetime | None = None,
    actor: str | None = None,
    after: str | None = None,
) -> Page[LogEntry]:
    """Return the newest change sets, at most `limit`, from behind the one that `after` names."""
    within = in_scope(session, Change)
    found = _page(session, within, _wanted(session, within, since, actor), limit, after)
    return Page(counted(session, found.rows), found.total, found.more)


def _page(
    session: CrmSession,
    within: Sequence[ColumnElement[bool]],
    wanted: Sequence[ColumnElement[bool]],
    limit: int | None,
    after: str | None,
) -> Page[Change]:
    """Return the newest of the changes `wanted`, which are some of those `within` a list."""
    behind = [_behind(session, within, after)] if after else []
    query = rows_of(Change).where(*wanted, *behind)
    query = query.order_by(col(Change.at).desc(), col(Change.id).desc())
    found = list(session.exec(query.limit(limit + 1) if limit else query).all())
    more = limit is not None and len(found) > limit
    if not more and not after:
        return Page(found, len(found), more=False)
    total = session.execute(select(func.count()).select_from(Change).where(*wanted)).scalar_one()
    return Page(found[:limit], total, more)


def _behind(
    session: CrmSession, within: Sequence[ColumnElement[bool]], after: str
) -> ColumnElement[bool]:
    """Return the condition for changes behind the one that `after` names `within` a list."""
    begins = col(Change.ref).startswith(after.strip().lower(), autoescape=True)
    found = session.exec(rows_of(Change).where(*within, begins).limit(2)).all()
    if len(found) != 1:
        trouble = "could be several" if found else "is none"
        raise NotFound(f"--after names a change of this list by its ref: {after!r} {trouble}")
    at, last = found[0].at, found[0].id
    return or_(col(Change.at) < at, and_(col(Change.at) == at, col(Change.id) < last))


def _wanted(
    session: CrmSession,
    within: Sequence[ColumnElement[bool]],
    since: datetime | None,
    actor: str | None,
) -> list[ColumnElement[bool]]:
    """Return the conditions for those of the changes `within` that are asked for."""
    wanted = list(within)
    if since:
        wanted.append(col(Change.at) >= since)
    if actor:
        wanted.append(_by(session, within, actor))
    return wanted


def _by(
    session: CrmSession, within: Sequence[ColumnElement[bool]], actor: str
) -> ColumnElement[bool]:
    """Return the condition for changes of the user, or of someone who is no user, that it names."""
    try:
        return col(Change.actor_id) == references.find_named(session, User, actor).id
    except NotFound:
        named = equals(session, col(Change.actor), actor.strip())
        if not session.exec(rows_of(Change).where(*within, named).limit(1)).first():
            raise
        return named


def counted(session: CrmSession, found: Sequence[Change]) -> list[LogEntry]:
    """Return `found` with the number of records that each wrote, and what undid what."""
    entries = {change.id: LogEntry(change=change) for change in found}
    _count_created(session, entries)
    _count_written(session, entries)
    _count_undone(session, entries)
    refs = _refs(session, (id for c in found for id in (c.undoes, c.undone_in) if id))
    for entry in entries.values():
        entry.undoes = refs.get(entry.change.undoes) if entry.change.undoes else None
        entry.undone = refs.get(entry.change.undone_in) if entry.change.undone_in else None
    return list(entries.values())


def _count_created(session: CrmSession, entries: Mapping[UUID, LogEntry]) -> None:
    counts = [
        select(table.c.created_in, func.count())
        .where(in_company(session, table), table.c.created_in.in_(entries))
        .group_by(table.c.created_in)
        for table in (table_of(model) for model in CREATED if model not in PARTS)
    ]
    for change, count in session.execute(union_all(*counts)):
        entries[change].created += count


def _records() -> ColumnElement[bool]:
    """Return the condition that what was written is a record, and no part of one."""
    parts = [str(model.__tablename__) for model in PARTS]
    return col(ChangeRow.table_name).not_in(parts)


def _count_written(session: CrmSession, entries: Mapping[UUID, LogEntry]) -> None:
    came, went = col(ChangeRow.before).is_(None), col(ChangeRow.after).is_(None)
    query = (
        select(col(ChangeRow.change_id), came, went, func.count(col(ChangeRow.row_key).distinct()))
        .where(
            in_company(session, ChangeRow),
            col(ChangeRow.change_id).in_(entries),
            _records(),
        )
        .group_by(col(ChangeRow.change_id), col(ChangeRow.table_name), came, went)
    )
    for change, back, gone, count in session.execute(query):
        entry = entries[change]
        entry.created += count if back else 0
        entry.removed += count if gone else 0
        entry.updated += 0 if back or gone else count


def _count_undone(session: CrmSession, entries: Mapping[UUID, LogEntry]) -> None:
    """Count what change sets created and their undoing removed, which carries their ids still."""
    undoings = {e.change.undone_in for e in entries.values() if e.change.undone_in}
    creator = type_coerce(ChangeRow.before, JSON)["created_in"].as_string()
    query = (
        select(creator, func.count())
        .where(
            in_company(session, ChangeRow),
            col(ChangeRow.change_id).in_(undoings),
            col(ChangeRow.after).is_(None),
            _records(),
        )
        .group_by(creator)
    )
    for written, count in session.execute(query) if undoings else ():
        entry = entries.get(UUID(written)) if written else None
        if entry and entry.change.undone_in:
            entry.created += count


def _refs(session: CrmSession, ids: Iterable[UUID]) -> dict[UUID, str]:
    table = table_of(Change)
    found: dict[UUID, str] = {}
    for chosen in choices([table.c.id], [(id,) for id in ids]):
        query = select(table.c.id, table.c.ref)
        rows = session.execute(query.where(in_company(session, table), chosen))
        found.update({id: ref for id, ref in rows})
    return found


def of_change(session: CrmSession, change: Change) -> list[RowChange]:
    """Return what `change` did to each record that it wrote."""
    found = [e for e in row_changes.read(session, change) if e.model not in PARTS]
    found += _undone(session, change)
    values = [(e.model, each) for e in found for each in (e.before, e.after) if each]
    names = differences.names_in(session, values)
    actions = {"remove": "created", "change": "changed", "restore": "removed"}
    lines = []
    for effect in found:
        fields = {}
        if effect.before is not None and effect.after is not None:
            fields = differences.between(names, effect.model, effect.before, effect.after)
        lines.append(
            RowChange(change=change, action=actions[effect.verb], record=effect.name, fields=fields)
        )
    return lines


def _undone(session: CrmSession, change: Change) -> Iterator[RowEffect]:
    """Yield the records that `change` created and its undoing removed."""
    if change.undone_in is None:
        return
    undoing = col(ChangeRow.change_id) == change.undone_in
    for entry in row_changes.entries(session, undoing, col(ChangeRow.after).is_(None), _records()):
        model = BY_NAME[entry.table_name]
        whole = changes.decode(model, entry.before or {})
        if whole.get("created_in") == change.id:
            yield RowEffect(model=model, key=entry.row_key, before=None, after=whole)


def of_record(
    session: CrmSession,
    row: Owned,
    limit: int | None = None,
    since: datetime | None = None,
    actor: str | None = None,
    after: str | None = None,
) -> Page[RowChange]:
    """Return what was done to `row`, the newest first, in at most `limit` changes.

    Whoever may see a record sees all that was done to it, in whichever franchise.
    """
    born = getattr(row, "created_in", None)
    within = [in_company(session, Change), _touching(session, row, born)]
    wanted = _wanted(session, within, since, actor)
    found = _page(session, within, wanted, limit, after)
    written = _written(session, row, found.rows)
    model = type(row)
    values = [(model, each) for write in written for each in (write.before, write.after) if each]
    names = differences.names_in(session, values)
    record = types.of(model).name_of(changes.values_of(row))
    lines: dict[UUID, list[RowChange]] = {change.id: [] for change in found.rows}
    known = {change.id: change for change in found.rows}
    for write in written:
        action, fields = _action(names, model, write)
        lines[write.change_id].append(
            RowChange(change=known[write.change_id], action=action, record=record, fields=fields)
        )
    if born in lines:
        lines[born].append(RowChange(change=known[born], action="created", record=record))
    return Page([line for some in lines.values() for line in some], found.total, found.more)


def _of_row(session: CrmSession, row: Owned) -> list[ColumnElement[bool]]:
    return [
        in_company(session, ChangeRow),
        col(ChangeRow.table_name) == str(row.__tablename__),
        col(ChangeRow.row_key) == changes.row_key(row),
    ]


def _touching(session: CrmSession, row: Owned, born: UUID | None) -> ColumnElement[bool]:
    """Return the condition for changes that wrote `row`, and for the one in which it was `born`."""
    company = in_company(session, Change)
    wrote = select(col(ChangeRow.change_id)).where(*_of_row(session, row))
    created = select(col(Change.id)).where(company, col(Change.id) == born)
    return col(Change.id).in_(union(wrote, created))


def _written(session: CrmSession, row: Owned, found: Sequence[Change]) -> list[RowWrite]:
    """Return what each of the changes `found` wrote of `row`, the last first."""
    written: list[RowWrite] = []
    for batch in batches([change.id for change in found]):
        query = rows_of(ChangeRow).where(
            *_of_row(session, row), col(ChangeRow.change_id).in_(batch)
        )
        entries = session.exec(query.order_by(col(ChangeRow.position).desc())).all()
        written.extend(map(_decoded, entries))
    return written


def _decoded(entry: ChangeRow) -> RowWrite:
    model = BY_NAME[entry.table_name]
    before = None if entry.before is None else changes.decode(model, entry.before)
    after = None if entry.after is None else changes.decode(model, entry.after)
    return RowWrite(entry.change_id, before, after)


def _action(
    names: Mapping[UUID, str], model: type[Owned], write: RowWrite
) -> tuple[str, dict[str, BeforeAfter]]:
    """Return what `write` did to the row, and the fields that differ where that is a change."""
    if write.before is None or write.after is None:
        return ("restored" if write.before is None else "removed"), {}
    return "changed", differences.between(names, model, write.before, write.after)


def find(session: CrmSession, text: str) -> Owned:
    """Return the record or the change set that `text` names.

    `D42`, `C17`, `A8` and `42` are records, hexadecimal digits a change set; anything else is
    looked up among deals, customers, activities and users, in this order, hidden ones too.
    """
    from crmctl.services.history.undo import find_change

    numbered = text.strip().lower().lstrip("dca").isdecimal()
    letter = text.strip()[:1].upper() if numbered else ""
    kinds: dict[str, Callable[[bool], Record]] = {
        types.DEAL.prefix: lambda gone: references.find(session, Deal, text, deleted=gone),
        types.CUSTOMER.prefix: lambda gone: references.find(session, Customer, text, deleted=gone),
        types.ACTIVITY.prefix: lambda gone: references.find(session, Activity, text, deleted=gone),
    }
    ordered = sorted(kinds, key=lambda prefix: prefix != letter)
    ways: list[Callable[[], Owned]] = [
        partial(kinds[prefix], gone) for gone in (False, True) for prefix in ordered
    ]
    ways.insert(len(ways) if numbered else 0, lambda: find_change(session, text))
    ways.append(lambda: references.find_named(session, User, text))
    for way in ways:
        try:
            return way()
        except NotFound as error:
            if error.details:
                raise
    raise NotFound(f"no deal, customer, activity, user or change answers to {text!r} (crmctl log)")

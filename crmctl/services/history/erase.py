"""Erasing a person's data for good: the row, keys, deals, activities, history, the change sets.

The one place that writes past the record of changes, and that changes this record: what is to be
gone must come back neither by an undo nor in a look at the past.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    String,
    bindparam,
    cast,
    delete,
    false,
    func,
    literal,
    or_,
    tuple_,
    update,
)
from sqlalchemy import select as columns_of
from sqlmodel import col, select

from crmctl.errors import NotFound, Refused
from crmctl.models.activities import Activity
from crmctl.models.base import Owned
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.imports import ImportRun
from crmctl.models.keys import ExternalKey
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history import redaction
from crmctl.services.history.redaction import Names, redacted
from crmctl.services.history.row_changes import BY_NAME
from crmctl.services.records import customers, references
from crmctl.storage import dialects
from crmctl.storage.lookups import BATCH, batches
from crmctl.storage.scope import in_company
from crmctl.storage.tables import key_columns, table_of

#: What is left in the fields of a customer that tell of a person. Its segment is a group's.
_SHELL: dict[str, Any] = {
    "name": customers.ERASED,
    **dict.fromkeys(("organisation", "email", "phone", "website", "country")),
    **dict.fromkeys(("lead_score", "source", "lifecycle")),
    "tags": [],
    "custom": {},
}
#: What is left in the fields of an activity with the person; that it took place stays.
_NOTHING: dict[str, Any] = {"subject": customers.ERASED, "body": None}
#: Fields whose content names the person wherever it stands.
_NAMING = ("name", "email", "phone", "website")
#: The texts of every table that may name a customer, and the characters there is room for.
_TEXTS: dict[type[Any], Mapping[str, int]] = {
    Customer: {"source": 100, "tags": 50, "custom": 1000},
    Deal: {"title": 300, "next_step": 500, "source": 100, "lost_reason": 500, "tags": 50,
           "custom": 1000},
    StageEntry: {"reason": 500},
    Activity: {"subject": 300, "body": 20_000},
    ImportRun: {"file": 1000, "options": 1000},
}  # fmt: skip
#: What the rows of a table are called in the account of what was erased, in this order.
_NOUNS: dict[type[Any], str] = {
    ExternalKey: "external id",
    Customer: "other customer",
    Deal: "deal",
    StageEntry: "stage entry",
    Activity: "activity",
    ImportRun: "import",
    ChangeRow: "log entry",
}
#: Shorter names and ids are looked for in what belongs to the person only.
_DISTINCT, _DISTINCT_ID = 3, 6


@dataclass(frozen=True)
class Subject:
    """Whom to erase. `row` is None where the log alone knows the customer, as after an undo."""

    ref: str
    name: str
    id: UUID
    row: Customer | None


@dataclass(frozen=True)
class _Traces:
    """Where the person's data may be, and what it looks like.

    `ids` are the customer and those that were merged into it, `versions` what their fields ever
    were. `own` are the change sets of the
    customer itself and of what was done with it, `activities`; `related` those of its deals, too.
    `names` are looked for everywhere, and `likely` are patterns for SQL that fit whatever holds
    one. `words` also holds the parts of the name, which tell of the person in what belongs to it.
    """

    ids: Sequence[UUID]
    versions: Sequence[Mapping[str, Any]]
    deals: Sequence[UUID]
    activities: Sequence[UUID]
    own: set[UUID]
    related: set[UUID]
    names: Names
    likely: Sequence[str]
    words: Names

    def owns(self, key: str) -> bool:
        """Return whether the row with this key is the customer's, or of its deals or activities."""
        return UUID(key[:36]) in self._owned

    @cached_property
    def _owned(self) -> set[UUID]:
        return {*self.ids, *self.deals, *self.activities}


def find(session: CrmSession, text: str, *, lock: bool = False) -> Subject:
    """Return the customer that `text` names: one that is there, or removed, or in the log only."""
    row = references.get_any(session, Customer, text, lock=lock)
    if row is not None:
        if kept := customers.merge_survivors(session, [row]).get(row.id):
            told = f"{references.ref(row)} was merged into {references.ref(kept)} {kept.name}"
            raise Refused(f"{told} (crmctl customer erase {references.ref(kept)})")
        return Subject(references.ref(row), row.name, row.id, row)
    return _gone(session, text.strip())


def _gone(session: CrmSession, text: str) -> Subject:
    """Return a customer whose creation was undone, by the number, name or e-mail it had."""
    number = references.number_of(Customer, text)
    found: dict[str, Subject] = {}
    for row in _recorded(session, Customer, col(ChangeRow.after).is_(None)):
        held = row.before or {}
        named = text.lower() in (str(held["name"]).lower(), held["email"])
        here = session.franchise_id is None or held["franchise_id"] == str(session.franchise_id)
        if here and (held["number"] == number or (named and held["name"] != customers.ERASED)):
            ref = f"C{held['number']}"
            found[ref] = Subject(ref, str(held["name"]), UUID(held["id"]), None)
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise NotFound(*references.ambiguous(text, [f"{s.ref} {s.name}" for s in found.values()]))
    raise NotFound(f"no customer answers to {text!r}")


def erase(session: CrmSession, subject: Subject) -> str:
    """Erase what tells of `subject`, and return in words where that was.

    Its deals, amounts and stages stay, and its number, which names nobody. The log shows that it
    was erased, and by whom. A dry session only looks where that is.
    """
    session.change.irreversible = True
    session.change.command = f"crmctl customer erase {subject.ref}"
    changes.begin(session)
    rows = _merged(session, subject)
    traces = _traces(session, subject, rows)
    counts: Counter[type[Any]] = Counter({ExternalKey: _erase_keys(session, traces)})
    counts[Deal] = _erase_texts(session, Deal, col(Deal.id), traces)
    counts[StageEntry] = _erase_texts(session, StageEntry, col(StageEntry.deal_id), traces)
    counts[Activity] = _erase_activities(session, traces)
    counts[ChangeRow] = _erase_recorded(session, traces) + _erase_commands(session, traces)
    counts += _erase_elsewhere(session, traces)
    for row in rows:
        _write(session, row, {**_SHELL, "deleted_at": row.deleted_at or session.change.at})
    told = [_counted(counts[model], noun) for model, noun in _NOUNS.items() if counts[model]]
    return ", ".join(["its record", *told])


def _merged(session: CrmSession, subject: Subject) -> list[Customer]:
    """Return the customer and those that were merged into it, which are the same person."""
    merged = _rows(session, Customer, col(Customer.merged_into) == subject.id)
    return merged if subject.row is None else [subject.row, *merged]


def _counted(count: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count} {noun if count == 1 else plural}"


def _traces(session: CrmSession, subject: Subject, rows: Sequence[Customer]) -> _Traces:
    """Return where the data of `subject` may be, looked up before any of it is erased."""
    ids = sorted({subject.id, *(row.id for row in rows)})
    versions = [
        held
        for row in _recorded(session, Customer, _keyed(ids))
        for held in (row.before, row.after)
        if held
    ]
    versions += [changes.values_of(row) for row in rows]
    names = {str(held[name]) for held in versions for name in _NAMING if held.get(name)}
    names -= {customers.ERASED}
    external_ids = _external_ids(session, ids)
    words = {word for held in versions for word in redaction.words(str(held.get("name") or ""))}
    deals = _referring(session, Deal, "customer_id", ids)
    activities = _referring(session, Activity, "customer_id", ids)
    activities |= _referring(session, Activity, "deal_id", sorted(deals))
    own = _change_ids(session, Customer, col(Customer.id), ids)
    own |= _change_ids(session, Activity, col(Activity.id), sorted(activities))
    related = own | _change_ids(session, Deal, col(Deal.id), sorted(deals))
    related |= _change_ids(session, StageEntry, col(StageEntry.deal_id), sorted(deals))
    distinct = {name for name in names if len(name) >= _DISTINCT}
    return _Traces(
        ids,
        versions,
        sorted(deals),
        sorted(activities),
        own,
        related,
        redaction.pattern(distinct),
        sorted(map(redaction.likeness, distinct)),
        redaction.pattern(names | external_ids | words - {customers.ERASED}),
    )


def _external_ids(session: CrmSession, ids: Sequence[UUID]) -> set[str]:
    """Return what other systems call the customer, or called it: `hubspot:123`, long ids alone."""
    mine = col(ExternalKey.customer_id).in_(ids)
    held = [(row.source, row.external_id) for row in _rows(session, ExternalKey, mine)]
    for row in _recorded(session, ExternalKey, _holds(session, "customer_id", *ids)):
        held += [(one["source"], one["external_id"]) for one in (row.before, row.after) if one]
    written = {f"{source}:{key}" for source, key in held if source}
    return written | {key for _, key in held if len(key) >= _DISTINCT_ID}


def _referring(
    session: CrmSession, model: type[Any], name: str, targets: Sequence[UUID]
) -> set[UUID]:
    """Return the ids of rows of `model` that refer to one of `targets` by `name`, or ever did."""
    found: set[UUID] = set()
    for batch in batches(targets):
        found |= {row.id for row in _rows(session, model, col(getattr(model, name)).in_(batch))}
        for row in _recorded(session, model, _holds(session, name, *batch)):
            found.add(UUID(row.row_key))
    return found


def _change_ids(
    session: CrmSession, model: type[Any], column: Any, ids: Sequence[UUID]
) -> set[UUID]:
    """Return the change sets that created or changed rows of `model` with these ids.

    A row that an undo took away tells which created it in what the undo keeps of it.
    """
    found: set[UUID] = set()
    for batch in batches(ids):
        chosen = (in_company(session, model), column.in_(batch))
        found.update(session.exec(select(model.created_in).where(*chosen)).all())
        for row in _recorded(session, model, _keyed(batch)):
            versions = [held for held in (row.before, row.after) if held]
            found.add(row.change_id)
            found.update(UUID(held["created_in"]) for held in versions if "created_in" in held)
    return found


def _erase_keys(session: CrmSession, traces: _Traces) -> int:
    """Delete the external keys of the customer, and what change sets keep of them."""
    rows = _rows(session, ExternalKey, col(ExternalKey.customer_id).in_(traces.ids))
    if session.change.dry:
        return len(rows)
    held = table_of(ChangeRow)
    session.execute(
        delete(held).where(
            in_company(session, held),
            held.c.table_name == ExternalKey.__tablename__,
            _holds(session, "customer_id", *traces.ids),
        )
    )
    for batch in batches(rows):
        chosen = changes.matching(session, ExternalKey, batch)
        session.execute(delete(table_of(ExternalKey)).where(chosen))
    return len(rows)


def _erase_texts(session: CrmSession, model: type[Any], column: Any, traces: _Traces) -> int:
    """Take the names out of the texts of rows of `model` that belong to the customer's deals."""
    return sum(
        _clean(session, row, traces.words)
        for batch in batches(traces.deals)
        for row in _rows(session, model, column.in_(batch))
    )


def _clean(session: CrmSession, row: Owned, names: Names) -> bool:
    """Take the names out of the texts of `row`; return whether there were any."""
    rooms = _TEXTS[type(row)]
    texts = {name: getattr(row, name) for name in rooms}
    cleaned = _cleaned(names, texts, rooms)
    new = {name: text for name, text in cleaned.items() if text != texts[name]}
    if new:
        _write(session, row, new)
    return bool(new)


def _erase_activities(session: CrmSession, traces: _Traces) -> int:
    """Empty the texts of what was done with the customer, which are about the person throughout."""
    count = 0
    for batch in batches(traces.activities):
        for row in _rows(session, Activity, col(Activity.id).in_(batch)):
            if any(getattr(row, name) != value for name, value in _NOTHING.items()):
                _write(session, row, _NOTHING)
                count += 1
    return count


def _cleaned(names: Names, held: Mapping[str, Any], rooms: Mapping[str, int]) -> dict[str, Any]:
    """Return the fields `held` with the names taken out of those that `rooms` has."""
    return {
        name: redacted(names, value, rooms[name]) if name in rooms else value
        for name, value in held.items()
    }


def _write(session: CrmSession, row: Owned, values: Mapping[str, Any]) -> None:
    """Set `values` in `row`, and keep nothing of what was there."""
    table = table_of(type(row))
    stamp = {"changed_in": session.change.id, "updated_at": session.change.at}
    stamp = {name: value for name, value in stamp.items() if name in table.c}
    if not session.change.dry:
        chosen = changes.matching(session, type(row), [row])
        session.execute(update(table).where(chosen).values(**values, **stamp))
    row.__dict__.update(values, **stamp)


def _erase_recorded(session: CrmSession, traces: _Traces) -> int:
    """Clean what change sets keep of the customer, its deals and their moves."""
    held = [row for row in _recorded(session, Customer, _keyed(traces.ids))]
    others = {UUID(one["merged_into"]) for row in held for one in (row.before, row.after)
              if one and one.get("merged_into")} - set(traces.ids)  # fmt: skip
    count = sum(_rewrite(session, row, lambda h: _emptied(h, _SHELL)) for row in held)
    for row in _recorded(session, Customer, _keyed(sorted(others))):
        if row.change_id in traces.own:
            count += _rewrite(session, row, lambda h: _given_back(traces.versions, h))
    for batch in batches(traces.activities):
        for row in _recorded(session, Activity, _keyed(batch)):
            count += _rewrite(session, row, lambda h: _emptied(h, _NOTHING))
    for model in (Deal, StageEntry):
        for batch in batches(traces.deals):
            for row in _recorded(session, model, _keyed(batch)):
                count += _clean_recorded(session, row, traces.words)
    return count


def _clean_recorded(session: CrmSession, row: ChangeRow, names: Names) -> bool:
    """Take the names out of the texts that a change set keeps; return whether there were any."""
    rooms = _TEXTS[BY_NAME[row.table_name]]
    return _rewrite(session, row, lambda held: _cleaned(names, held, rooms))


def _erase_elsewhere(session: CrmSession, traces: _Traces) -> Counter[type[Any]]:
    """Take the names out of the rows of others and what change sets keep of them; count both."""
    counts: Counter[type[Any]] = Counter()
    for model, rooms in _TEXTS.items():
        for row in _likely(session, model, traces.likely, rooms):
            if not traces.owns(changes.row_key(row)):
                counts[model] += _clean(session, row, traces.names)
    tables = [str(model.__tablename__) for model in _TEXTS]
    kept = col(ChangeRow.table_name).in_(tables)
    for row in _likely(session, ChangeRow, traces.likely, ("before", "after"), kept):
        if not traces.owns(row.row_key):
            counts[ChangeRow] += _clean_recorded(session, row, traces.names)
    return counts


def _likely(
    session: CrmSession,
    model: type[Owned],
    patterns: Sequence[str],
    columns: Iterable[str],
    *conditions: ColumnElement[bool],
) -> Iterator[Any]:
    """Yield the rows of `model` that fit one of `patterns` in one of `columns`, a few in memory."""
    table = table_of(model)
    keys = [table.c[name] for name in key_columns(model)]
    texts = [cast(table.c[name], String) for name in columns]
    fits = or_(*(text.ilike(pattern) for text in texts for pattern in patterns), false())
    query = (
        select(model)
        .where(in_company(session, table), fits, *conditions)
        .order_by(*keys)
        .limit(BATCH)
    )
    rows = session.exec(_locked(session, query)).all()
    while rows:
        yield from rows
        last = [literal(getattr(rows[-1], key.name), key.type) for key in keys]
        beyond = query.where(tuple_(*keys) > tuple_(*last))
        rows = session.exec(_locked(session, beyond)).all()


def _given_back(versions: Sequence[Mapping[str, Any]], held: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of another customer without what it took over in a merge since undone."""
    found = dict(held)
    for name, value in held.items():
        theirs = [version[name] for version in versions if name in _SHELL and version.get(name)]
        if isinstance(value, list):
            found[name] = [one for one in value if not any(one in each for each in theirs)]
        elif isinstance(value, dict):
            found[name] = {key: one for key, one in value.items()
                           if not any(each.get(key) == one for each in theirs)}  # fmt: skip
        elif value in theirs:
            found[name] = None
    return found


def _emptied(held: Mapping[str, Any], shell: Mapping[str, Any]) -> dict[str, Any]:
    return {name: shell.get(name, value) for name, value in held.items()}


def _rewrite(session: CrmSession, row: ChangeRow, clean: Any) -> bool:
    """Put what `clean` makes of the fields that `row` keeps in their place; whether it differs."""
    new = {"before": row.before and clean(row.before), "after": row.after and clean(row.after)}
    if new == {"before": row.before, "after": row.after}:
        return False
    if not session.change.dry:
        chosen = changes.matching(session, ChangeRow, [row])
        session.execute(update(table_of(ChangeRow)).where(chosen).values(**new))
    return True


def _erase_commands(session: CrmSession, traces: _Traces) -> int:
    """Take the person out of the commands, reasons and overrides of all change sets."""
    table = table_of(Change)
    columns = [table.c[name] for name in ("id", "command", "reason", "overrides")]
    others = (in_company(session, table), table.c.id != session.change.id)
    edits = []
    for row in session.execute(columns_of(*columns).where(*others)):
        names = traces.words if row.id in traces.related else traces.names
        bare = redaction.without_arguments(row.command) if row.id in traces.own else None
        new = {
            "command": bare or redaction.redacted_command(names, row.command),
            "reason": redacted(names, row.reason),
            "overrides": redacted(names, row.overrides),
        }
        if new != {name: getattr(row, name) for name in new}:
            edits.append({"change": row.id, "company": session.company_id, **new})
    if edits and not session.change.dry:
        chosen = (table.c.company_id == bindparam("company"), table.c.id == bindparam("change"))
        values: dict[str, Any] = {
            name: bindparam(name) for name in ("command", "reason", "overrides")
        }
        session.connection().execute(update(table).where(*chosen).values(values), edits)
    return len(edits)


def _rows(session: CrmSession, model: type[Any], condition: Any) -> list[Any]:
    query = select(model).where(in_company(session, model), condition)
    return list(session.exec(_locked(session, query)).all())


def _locked(session: CrmSession, query: Any) -> Any:
    """Return `query` so that the rows are kept for this transaction, unless it writes nothing."""
    return query if session.change.dry else query.with_for_update()


def _recorded(session: CrmSession, model: type[Any], condition: Any) -> list[ChangeRow]:
    """Return what change sets keep of rows of `model` that fit `condition`."""
    query = select(ChangeRow).where(
        in_company(session, ChangeRow),
        col(ChangeRow.table_name) == model.__tablename__,
        condition,
    )
    return list(session.exec(query).all())


def _keyed(ids: Sequence[UUID]) -> ColumnElement[bool]:
    """Return the condition that a change row is of a row whose key begins with one of `ids`."""
    return func.substr(col(ChangeRow.row_key), 1, 36).in_([str(one) for one in ids])


def _holds(session: CrmSession, name: str, *values: UUID) -> ColumnElement[bool]:
    """Return the condition that a change row has one of `values` in `name`, before or after."""
    members = [
        dialects.text_of_key(session, held, name)
        for held in (col(ChangeRow.before), col(ChangeRow.after))
    ]
    return or_(*(member.in_([str(value) for value in values]) for member in members))

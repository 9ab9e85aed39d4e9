"""Erasing a person's data for good: the row, keys, deals, activities, history, the change sets.

What it writes, it writes past the record of changes, and it changes this record: what is to be
gone must come back neither by an undo nor in a look at the past.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    String,
    bindparam,
    cast,
    delete,
    false,
    literal,
    or_,
    tuple_,
    update,
)
from sqlalchemy import select as columns_of
from sqlmodel import col, select

from crmctl.errors import NotFound, Refused
from crmctl.models.activities import Activity
from crmctl.models.base import Columns, Owned, Values
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.external_ids import ExternalId
from crmctl.models.imports import FILE_OPTIONS, ImportRun
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history import mentions, own_names, redaction, rewriting
from crmctl.services.history.mentions import Elsewhere, Mention
from crmctl.services.history.redaction import redacted
from crmctl.services.history.traces import (
    PersonTraces,
    Subject,
    TracedRow,
    has_key,
    locked,
    recorded,
    rows,
    trace,
    was_set,
)
from crmctl.services.records import hidden_customers, references, types, unanswered
from crmctl.services.records.record_type import RecordType
from crmctl.storage import dialects
from crmctl.storage.lookups import BATCH, batches
from crmctl.storage.scope import in_company, sees
from crmctl.storage.tables import key_columns, table_of

#: The tables with texts that may name someone. Those of change sets have a way of their own.
_TEXTS = tuple(one for one in types.ALL if one.free_texts and one is not types.CHANGE)


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """What an erasure did: in words, and where the records of others name the person."""

    summary: str
    mentions: Sequence[Mention]


def find(session: CrmSession, text: str, *, lock: bool = False) -> Subject:
    """Return the customer that `text` names: one that is there, or removed, or in the log only."""
    row = references.get_any(session, Customer, text, lock=lock)
    if row is not None:
        if kept := hidden_customers.merge_survivors(session, [row]).get(row.id):
            merge = f"{references.ref(row)} was merged into {references.ref(kept)} {kept.name}"
            raise Refused(f"{merge} (crmctl customer erase {references.ref(kept)})")
        return Subject(ref=references.ref(row), name=row.name, id=row.id, row=row)
    return _gone(session, text.strip())


def _gone(session: CrmSession, text: str) -> Subject:
    """Return a customer whose creation was undone, by the number, name or e-mail it had."""
    number = references.number_of(Customer, text)
    found: dict[str, Subject] = {}
    for row in recorded(session, types.CUSTOMER, col(ChangeRow.after).is_(None)):
        held = row.before or {}
        named = text.lower() in (str(held["name"]).lower(), held["email"])
        here = sees(session, references.as_id(held["franchise_id"] or ""))
        if here and (held["number"] == number or (named and held["name"] != types.ERASED)):
            ref = types.CUSTOMER.ref(held["number"])
            found[ref] = Subject(ref=ref, name=str(held["name"]), id=UUID(held["id"]), row=None)
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise NotFound(*references.ambiguous(text, [f"{s.ref} {s.name}" for s in found.values()]))
    raise unanswered.not_found(session, Customer, text, number=number is not None)


def erase(session: CrmSession, subject: Subject, *, everywhere: bool = False) -> Erasure:
    """Erase what tells of `subject`, and return where that was.

    Its deals, amounts and stages stay, and its number, which names nobody. The log shows that it
    was erased, and by whom. A dry session only looks where that is. A name of one word, which may
    mean something else, is taken out of the records of others only if `everywhere` says so.
    """
    session.change.irreversible = True
    session.change.command = f"crmctl customer erase {subject.ref}"
    changes.begin(session)
    dialects.leave_traces(session)
    people = _merged(session, subject)
    traces = trace(session, subject, people, everywhere=everywhere)
    counts = Counter({types.EXTERNAL_ID: _erase_external_ids(session, traces)})
    counts[types.DEAL] = _erase_texts(session, Deal, types.DEAL.column("id"), traces)
    of_deal = types.STAGE_ENTRY.column("deal_id")
    counts[types.STAGE_ENTRY] = _erase_texts(session, StageEntry, of_deal, traces)
    counts[types.ACTIVITY] = _erase_activities(session, traces)
    elsewhere = Elsewhere()
    counts[types.IMPORT_RUN] = _erase_files(session, traces)
    written = _erase_recorded(session, traces) + _erase_commands(session, traces, elsewhere)
    counts[types.CHANGE_ROW] = written + own_names.clean(session, traces, elsewhere)
    counts += _erase_elsewhere(session, traces, elsewhere)
    rewriting.write(session, [(row, _of_nobody(session, row)) for row in people])
    found = [_counted(counts[kind], kind) for kind in types.ALL if counts[kind]]
    return Erasure(
        summary=", ".join(["its record", *found]), mentions=elsewhere.all_mentions(session)
    )


def _of_nobody(session: CrmSession, row: Customer) -> Values:
    """Return what is left of a customer: a removed record without anything personal."""
    return {**types.CUSTOMER.personal, "deleted_at": row.deleted_at or session.change.at}


def _merged(session: CrmSession, subject: Subject) -> list[Customer]:
    """Return the customer and those that were merged into it, which are the same person."""
    merged = rows(session, Customer, col(Customer.merged_into) == subject.id)
    return merged if subject.row is None else [subject.row, *merged]


def _counted(count: int, kind: RecordType) -> str:
    # The customer itself is not counted.
    other = "other " if kind is types.CUSTOMER else ""
    return f"{count} {other}{kind.noun if count == 1 else kind.plural}"


def _erase_external_ids(session: CrmSession, traces: PersonTraces) -> int:
    """Delete the external ids of the customer, and what change sets keep of them."""
    mine = rows(session, ExternalId, col(ExternalId.customer_id).in_(traces.ids))
    if session.change.dry:
        return len(mine)
    held = table_of(ChangeRow)
    session.execute(
        delete(held).where(
            in_company(session, held),
            held.c.table_name == types.EXTERNAL_ID.table,
            was_set(session, "customer_id", *traces.ids),
        )
    )
    for batch in batches(mine):
        chosen = changes.matching(session, ExternalId, batch)
        session.execute(delete(table_of(ExternalId)).where(chosen))
    return len(mine)


def _erase_texts(
    session: CrmSession, model: type[Owned], column: ColumnElement[object], traces: PersonTraces
) -> int:
    """Take the names out of the texts of rows of `model` that belong to the customer's deals."""
    return sum(
        rewriting.clean(session, rows(session, model, column.in_(batch)), traces.words)
        for batch in batches(traces.deals)
    )


def _erase_activities(session: CrmSession, traces: PersonTraces) -> int:
    """Empty the texts of what was done with the customer, which are about the person throughout."""
    count = 0
    left = types.ACTIVITY.personal
    for batch in batches(traces.activities):
        found = rows(session, Activity, col(Activity.id).in_(batch))
        telling = [row for row in found if any(getattr(row, name) != left[name] for name in left)]
        rewriting.write(session, [(row, left) for row in telling])
        count += len(telling)
    return count


def _erase_files(session: CrmSession, traces: PersonTraces) -> int:
    """Take the names out of the files that the customer, or what is of it, was imported from."""
    count = 0
    for batch in batches(sorted(traces.related)):
        edits: list[tuple[Owned, Values]] = []
        for row in rows(session, ImportRun, col(ImportRun.change_id).in_(batch)):
            new = {
                "file": redacted(traces.words, row.file, types.IMPORT_RUN.free_texts["file"]),
                "options": {
                    name: redacted(traces.words if name in FILE_OPTIONS else traces.names, value)
                    for name, value in row.options.items()
                },
            }
            if new != {name: getattr(row, name) for name in new}:
                edits.append((row, new))
        rewriting.write(session, edits)
        count += len(edits)
    return count


def _erase_recorded(session: CrmSession, traces: PersonTraces) -> int:
    """Clean what change sets keep of the customer, its deals and their moves."""
    held = recorded(session, types.CUSTOMER, has_key(traces.ids))
    others = {UUID(one["merged_into"]) for row in held for one in (row.before, row.after)
              if one and one.get("merged_into")} - set(traces.ids)  # fmt: skip
    count = len(rewriting.rewrite(session, held, lambda _, kept: _emptied(kept, types.CUSTOMER)))
    merged = recorded(session, types.CUSTOMER, has_key(sorted(others)))
    own = [row for row in merged if row.change_id in traces.own]
    count += len(
        rewriting.rewrite(session, own, lambda _, kept: _given_back(traces.versions, kept))
    )
    for batch in batches(traces.activities):
        of_person = recorded(session, types.ACTIVITY, has_key(batch))
        count += len(
            rewriting.rewrite(session, of_person, lambda _, kept: _emptied(kept, types.ACTIVITY))
        )
    for kind in (types.DEAL, types.STAGE_ENTRY):
        for batch in batches(traces.deals):
            of_deals = recorded(session, kind, has_key(batch))
            count += len(rewriting.clean_recorded(session, of_deals, traces.words))
    return count


def _erase_elsewhere(
    session: CrmSession, traces: PersonTraces, elsewhere: Elsewhere
) -> Counter[RecordType]:
    """Take the names out of the rows of others and what change sets keep of them; count both."""
    counts: Counter[RecordType] = Counter()
    for kind in _TEXTS:
        for page in _likely(session, kind.model, traces.likely, kind.free_texts):
            others = [
                row for row in page
                if not (traces.owns(changes.row_key(row)) or traces.imported(row))
            ]  # fmt: skip
            elsewhere.texts += mentions.found_in(session, others, traces.names, traces.possible)
            counts[kind] += rewriting.clean(session, others, traces.names)
    kept = col(ChangeRow.table_name).in_([kind.table for kind in _TEXTS])
    for recorded_page in _likely(session, ChangeRow, traces.likely, ("before", "after"), kept):
        of_others = (row for row in recorded_page if not traces.owns(row.row_key))
        cleaned = rewriting.clean_recorded(session, of_others, traces.names)
        counts[types.CHANGE_ROW] += len(cleaned)
        elsewhere.struck.update(row.change_id for row in cleaned)
    return counts


def _likely(
    session: CrmSession,
    model: type[TracedRow],
    patterns: Sequence[str],
    columns: Iterable[str],
    *conditions: ColumnElement[bool],
) -> Iterator[Sequence[TracedRow]]:
    """Yield pages of the rows of `model` that fit one of `patterns` in one of `columns`."""
    table = table_of(model)
    keys = [table.c[name] for name in key_columns(model)]
    texts = [cast(table.c[name], String) for name in columns]
    pairs = [(text, pattern) for text in texts for pattern in patterns]
    plain = [text.ilike(pattern) for text, pattern in pairs]
    disguised = [dialects.folds_to(session, text, pattern) for text, pattern in pairs]
    fits = or_(*plain, *disguised, false())
    query = (
        select(model)
        .where(in_company(session, table), fits, *conditions)
        .order_by(*keys)
        .limit(BATCH)
    )
    found = session.exec(locked(session, query)).all()
    while found:
        yield found
        last = [literal(getattr(found[-1], key.name), key.type) for key in keys]
        beyond = query.where(tuple_(*keys) > tuple_(*last))
        found = session.exec(locked(session, beyond)).all()


def _given_back(versions: Sequence[Columns], held: Columns) -> Values:
    """Return the fields of another customer without what it took over in a merge since undone."""
    found = dict(held)
    for name, value in held.items():
        personal = name in types.CUSTOMER.personal
        theirs = [version[name] for version in versions if personal and version.get(name)]
        if isinstance(value, list):
            found[name] = [one for one in value if not any(one in each for each in theirs)]
        elif isinstance(value, dict):
            found[name] = {key: one for key, one in value.items()
                           if not any(each.get(key) == one for each in theirs)}  # fmt: skip
        elif value in theirs:
            found[name] = None
    return found


def _emptied(held: Columns, kind: RecordType) -> Values:
    """Return the fields `held` of a row of `kind` with what an erasure leaves of them."""
    return {name: kind.personal.get(name, value) for name, value in held.items()}


def _erase_commands(session: CrmSession, traces: PersonTraces, elsewhere: Elsewhere) -> int:
    """Take the person out of the commands, reasons and overrides of all change sets."""
    table = table_of(Change)
    columns = [table.c[name] for name in ("id", *types.CHANGE.free_texts)]
    others = (in_company(session, table), table.c.id != session.change.id)
    edits = []
    for row in session.execute(columns_of(*columns).where(*others)):
        related = row.id in traces.related
        names = traces.words if related else traces.names
        bare = redaction.without_arguments(row.command) if row.id in traces.own else None
        new = {
            "command": bare or redaction.redacted_command(names, row.command),
            "reason": redacted(names, row.reason),
            "overrides": redacted(names, row.overrides),
        }
        old = {name: getattr(row, name) for name in new}
        if new != old:
            edits.append({"change": row.id, **new})
            elsewhere.struck.update(() if related else (row.id,))
        if not related and traces.possible.search(str(new)):
            elsewhere.possible.add(row.id)
    if edits and not session.change.dry:
        chosen = (in_company(session, table), table.c.id == bindparam("change"))
        values: Values = {name: bindparam(name) for name in types.CHANGE.free_texts}
        session.connection().execute(update(table).where(*chosen).values(values), edits)
    return len(edits)

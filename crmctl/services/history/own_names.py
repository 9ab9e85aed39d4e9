"""What a company calls things of its own, where that names a person who is erased.

A stage or a user stays called as it is, which is told with the command that changes it; what it was
called before goes from the log. A mapping, which no command changes, goes.
"""

from collections.abc import Iterator

from sqlalchemy import delete, true
from sqlalchemy import select as columns_of
from sqlmodel import col, select

from crmctl.models.base import Columns, Owned, Values
from crmctl.models.changes import ChangeRow
from crmctl.models.customers import Customer
from crmctl.models.imports import SavedMapping
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history import mentions, rewriting
from crmctl.services.history.mentions import Elsewhere, Mention
from crmctl.services.history.traces import PersonTraces, recorded, rows
from crmctl.services.records import types
from crmctl.services.records.record_type import KEY, RecordType
from crmctl.storage.lookups import batches
from crmctl.storage.scope import in_company
from crmctl.storage.tables import table_of

_KINDS = tuple(one for one in types.ALL if one.own_names and one is not types.SAVED_MAPPING)


def clean(session: CrmSession, traces: PersonTraces, elsewhere: Elsewhere) -> int:
    """Take former names out of the log, and mappings away; return of how many log entries."""
    count = 0
    elsewhere.texts += _segments(session, traces)
    for kind in _KINDS:
        held = _still_called(session, kind, traces, elsewhere)
        former = [row for row in recorded(session, kind, true()) if row.row_key not in held]
        cleaned = rewriting.rewrite(session, former, lambda row, kept: _unnamed(traces, row, kept))
        elsewhere.struck.update(row.change_id for row in cleaned)
        count += len(cleaned)
    return count + _forget_mappings(session, traces, elsewhere)


def _segments(session: CrmSession, traces: PersonTraces) -> Iterator[Mention]:
    """Yield the segments that are called so: groups of customers, which reports go by."""
    named = col(Customer.segment)
    query = columns_of(named).where(in_company(session, Customer), named.is_not(None)).distinct()
    for segment in session.scalars(query.order_by(named)):
        if segment and (traces.names.search(segment) or traces.possible.search(segment)):
            yield Mention(
                where="customers",
                column="segment",
                text=segment,
                struck=False,
                changed_by="crmctl customer edit --segment",
            )


def _unnamed(traces: PersonTraces, row: ChangeRow, kept: Columns) -> Values:
    """Return what a change set keeps of a thing without the person's name; keys are no texts."""
    columns = types.of_table(row.table_name).own_names
    labels = dict.fromkeys(name for name in columns if name != KEY)
    return rewriting.cleaned(traces.names, kept, labels)


def _still_called(
    session: CrmSession, kind: RecordType, traces: PersonTraces, elsewhere: Elsewhere
) -> set[str]:
    """Return the keys of the rows of `kind` that are called so, and tell of them."""
    held = set()
    for row in session.exec(select(kind.model).where(in_company(session, kind.model))):
        where = kind.name_of(changes.values_of(row))
        for column, sure in _named(row, kind, traces).items():
            verb = "remove" if column == KEY else "edit"
            elsewhere.texts.append(
                Mention(
                    where=where,
                    column=column,
                    text=str(getattr(row, column)),
                    struck=False,
                    changed_by=f"crmctl {kind.noun.split()[-1]} {verb}",
                )
            )
            held.update([changes.row_key(row)] if sure else [])
    return held


def _named(row: Owned, kind: RecordType, traces: PersonTraces) -> dict[str, bool]:
    """Return the columns of `row` that name the person, or may, and whether that is sure."""
    found: dict[str, bool] = {}
    for column, _, sure in mentions.telling(row, kind.own_names, traces.names, traces.possible):
        found[column] = sure or found.get(column, False)
    return found


def _forget_mappings(session: CrmSession, traces: PersonTraces, elsewhere: Elsewhere) -> int:
    """Delete the mappings that name the person, and what change sets keep of such."""
    kind = types.SAVED_MAPPING
    gone = []
    for row in rows(session, SavedMapping, true()):
        told = [*mentions.telling(row, kind.own_names, traces.names, traces.possible)]
        elsewhere.texts += [
            Mention(where=f"mapping {row.name}", column=column, text=text, struck=sure)
            for column, text, sure in told
        ]
        gone += [row] if any(sure for *_, sure in told) else []
    kept = [row for row in recorded(session, kind, true())
            if traces.names.search(str([row.row_key, row.before, row.after]))]  # fmt: skip
    elsewhere.struck.update(row.change_id for row in kept)
    if not session.change.dry:
        for model, found in ((SavedMapping, gone), (ChangeRow, kept)):
            for batch in batches(found):
                chosen = changes.matching(session, model, batch)
                session.execute(delete(table_of(model)).where(chosen))
    return len(kept)

"""Where the records of others name someone who is erased, or may, as people find it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select as columns_of
from sqlmodel import col

from crmctl.models.base import Owned
from crmctl.models.changes import Change
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.session import CrmSession
from crmctl.services.history.redaction import NamePattern
from crmctl.services.history.traces import rows
from crmctl.services.records import references, types
from crmctl.storage.lookups import batches
from crmctl.storage.scope import in_company


@dataclass(frozen=True, kw_only=True)
class Mention:
    """A text in a record of others: `D2`, its `column`, and the text before it was erased.

    One that is not `struck` stays, because a word can mean something else.
    """

    where: str
    column: str
    text: str
    struck: bool


def found_in(
    session: CrmSession, row: Owned, names: NamePattern, possible: NamePattern
) -> Iterator[Mention]:
    """Yield the texts of `row` that hold one of `names`, or may name someone besides."""
    for column in types.of(type(row)).free_texts:
        for text in _texts(getattr(row, column)):
            left, count = names.subn("", text)
            for found, struck in ((count, True), (possible.search(left), False)):
                if found:
                    where = _where(session, row)
                    yield Mention(where=where, column=column, text=text, struck=struck)


def in_log(session: CrmSession, ids: set[UUID], *, struck: bool) -> Iterator[Mention]:
    """Yield the entries of the log with these `ids`, the earliest first."""
    for batch in batches(sorted(ids)):
        mine = (in_company(session, Change), col(Change.id).in_(batch))
        query = columns_of(col(Change.ref)).where(*mine).order_by(col(Change.id))
        for ref in session.scalars(query):
            yield Mention(where=f"log entry {ref}", column="", text="", struck=struck)


def _texts(value: object) -> Iterator[str]:
    """Yield the texts that `value` is or holds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Sequence):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)


def _where(session: CrmSession, row: Owned) -> str:
    """Return what people call `row`, by its number, or by that of its deal."""
    if isinstance(row, StageEntry):
        deal = rows(session, Deal, col(Deal.id) == row.deal_id)[0]
        return f"{references.ref(deal)} stage history"
    kind = types.of(type(row))
    if kind.prefix:
        return f"{kind.prefix}{getattr(row, 'number', '?')}"
    return f"{kind.noun} {getattr(row, 'ref', '')}".strip()

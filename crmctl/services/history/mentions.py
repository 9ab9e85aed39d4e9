"""Where the records of others name someone who is erased, or may, as people find it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select as columns_of
from sqlmodel import col

from crmctl.models.base import Owned
from crmctl.models.changes import Change
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.session import CrmSession
from crmctl.services.history import traces
from crmctl.services.history.redaction import NamePattern
from crmctl.services.records import references, types
from crmctl.storage.lookups import batches
from crmctl.storage.scope import in_company


@dataclass(frozen=True, kw_only=True)
class Mention:
    """A text in a record of others: `D2`, its `column`, and the text before it was erased.

    One that is not `struck` stays, because a word can mean something else, or because it is what
    the company calls a thing of its own: then the command `changed_by` changes it.
    """

    where: str
    column: str
    text: str
    struck: bool
    changed_by: str = ""


@dataclass
class Elsewhere:
    """What an erasure finds in the records of others, and in which entries of the log."""

    texts: list[Mention] = field(default_factory=list)
    struck: set[UUID] = field(default_factory=set)
    possible: set[UUID] = field(default_factory=set)

    def all_mentions(self, session: CrmSession) -> list[Mention]:
        """Return them all, with the log at the end."""
        struck = in_log(session, self.struck, struck=True)
        possible = in_log(session, self.possible - self.struck, struck=False)
        return [*self.texts, *struck, *possible]


def found_in(
    session: CrmSession, rows: Sequence[Owned], names: NamePattern, possible: NamePattern
) -> Iterator[Mention]:
    """Yield the texts of `rows` that hold one of `names`, or may name someone besides."""
    found = [
        (row, *text)
        for row in rows
        for text in telling(row, types.of(type(row)).free_texts, names, possible)
    ]
    refs = _deal_refs(session, {row.deal_id for row, *_ in found if isinstance(row, StageEntry)})
    for row, column, text, struck in found:
        yield Mention(where=_where(row, refs), column=column, text=text, struck=struck)


def telling(
    row: Owned, columns: Iterable[str], names: NamePattern, possible: NamePattern
) -> Iterator[tuple[str, str, bool]]:
    """Yield which of the `columns` of `row` tell of someone, in what text, and if for sure."""
    for column in columns:
        for text in _texts(getattr(row, column)):
            left, count = names.subn("", text)
            if count:
                yield column, text, True
            if possible.search(left):
                yield column, text, False


def _deal_refs(session: CrmSession, ids: set[UUID]) -> dict[UUID, str]:
    """Return what people call the deals with these `ids`."""
    return {
        deal.id: references.ref(deal)
        for batch in batches(sorted(ids))
        for deal in traces.rows(session, Deal, col(Deal.id).in_(batch))
    }


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


def _where(row: Owned, deal_refs: Mapping[UUID, str]) -> str:
    """Return what people call `row`, by its number, or by that of its deal."""
    if isinstance(row, StageEntry):
        return f"{deal_refs[row.deal_id]} stage history"
    kind = types.of(type(row))
    if kind.prefix:
        return f"{kind.prefix}{getattr(row, 'number', '?')}"
    return f"{kind.noun} {getattr(row, 'ref', '')}".strip()

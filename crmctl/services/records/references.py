"""From what people type to the row that they mean."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, NoReturn, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select
from sqlalchemy import select as columns_of
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import SQLCoreOperations
from sqlmodel import col, or_, select

from crmctl.domain.external_ids import (
    SYSTEMS_WITH_FORMS,
    canonical,
    kinds_of,
    related_sources,
    source_of,
    split_source,
)
from crmctl.domain.text import folded
from crmctl.errors import NotFound, raise_all
from crmctl.models.activities import Activity
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Franchise, User
from crmctl.services.records import hidden_customers, types, unanswered
from crmctl.storage import dialects
from crmctl.storage.lookups import batches
from crmctl.storage.scope import in_company, in_scope, is_removed

Record = Customer | Deal | Activity
Numbered = TypeVar("Numbered", Customer, Deal, Activity)
Member = TypeVar("Member", User, Franchise)

#: What is written like the number of a record of any kind.
_NUMBER = re.compile(rf"[{''.join(one.prefix for one in types.NUMBERED)}]?[0-9]+", re.IGNORECASE)
#: How many candidates an ambiguous reference names.
CANDIDATES = 5
#: How many of the records that a message is about it names.
NAMED = 30
#: The highest number that a column holds.
_LARGEST = 2**31 - 1


def name_of(row: Record) -> str:
    """Return what `row` is called: its name, title or subject."""
    name: str = getattr(row, types.of(type(row)).name_column)
    return name


def ref(row: Record) -> str:
    """Return what people call `row` by: `C17`, `D42`, `A8`."""
    return types.of(type(row)).ref(row.number)


def find(
    session: CrmSession,
    model: type[Numbered],
    text: str,
    *,
    lock: bool = False,
    deleted: bool = False,
    addable: bool = False,
) -> Numbered:
    """Return the customer, deal or activity that `text` names.

    In this order: its number (`D42`, `d42`, `42`), an external id (with or without its source, as
    `hubspot:123`), its exact name, title or e-mail, an unambiguous part of one. What is written
    like a number is never read as a part. With `lock`, PostgreSQL keeps it for this transaction;
    with `deleted`, hidden ones are found, and only those. Raises NotFound, with the candidates
    where there are several, and where `addable` with how to add a customer.
    """
    row = get(session, model, text, lock=lock, deleted=deleted)
    return row or _missing(session, model, text, deleted=deleted, addable=addable)


def find_any(
    session: CrmSession,
    model: type[Numbered],
    text: str,
    *,
    lock: bool = False,
    deleted: bool = False,
) -> Numbered:
    """Return what get_any does; raises NotFound where nothing answers."""
    row = get_any(session, model, text, lock=lock, deleted=deleted)
    return row or _missing(session, model, text, deleted=deleted)


def get(
    session: CrmSession,
    model: type[Numbered],
    text: str,
    *,
    lock: bool = False,
    deleted: bool = False,
) -> Numbered | None:
    """Return what find does, or None; raises NotFound only where there are several."""
    text = text.strip()
    if not text:
        return None
    readings = chain(
        ((False, each) for each in _of_ids(session, model, text)),
        ((True, each) for each in _of_texts(session, model, text)),
    )
    for by_text, reading in readings:
        found = _select(session, model, [reading], lock=lock, deleted=deleted, by_text=by_text)
        if len(found) == 1:
            return found[0]
        if found:
            raise NotFound(*ambiguous(text, [f"{ref(row)} {name_of(row)}" for row in found]))
    return None


def get_any(
    session: CrmSession,
    model: type[Numbered],
    text: str,
    *,
    lock: bool = False,
    deleted: bool = False,
) -> Numbered | None:
    """Return the row with the number `text`, hidden or not, else what get does with either kind.

    Those that are hidden as `deleted` says come before the others.
    """
    return (
        _numbered(session, model, text, lock=lock)
        or get(session, model, text, lock=lock, deleted=deleted)
        or get(session, model, text, lock=lock, deleted=not deleted)
    )


def _numbered(
    session: CrmSession, model: type[Numbered], text: str, *, lock: bool = False
) -> Numbered | None:
    """Return the row with the number that `text` writes, hidden or not."""
    if (number := number_of(model, text.strip())) is None:
        return None
    found = _select(session, model, [col(model.number) == number], lock=lock, deleted=None)
    return found[0] if found else None


def _missing(
    session: CrmSession,
    model: type[Numbered],
    text: str,
    *,
    deleted: bool,
    addable: bool = False,
) -> NoReturn:
    """Raise NotFound for `text`, with the way out where it is the number of a removed row."""
    if not deleted and (gone := _numbered(session, model, text)):
        raise NotFound(why_hidden(session, gone))
    number = bool(_NUMBER.fullmatch(text.strip()))
    raise unanswered.not_found(
        session, model, text, deleted=deleted, number=number, addable=addable
    )


def why_hidden(session: CrmSession, row: Numbered) -> str:
    """Return what became of `row`, which is hidden, with the way to bring it back if any."""
    if isinstance(row, Customer):
        if kept := hidden_customers.merge_survivors(session, [row]).get(row.id):
            return f"{ref(row)} was merged into {ref(kept)} {kept.name}"
        if hidden_customers.erased(session, [row]):
            return f"{ref(row)} was erased"
    way_out = f"crmctl {types.of(type(row)).noun} restore {ref(row)}"
    return f"{ref(row)} {name_of(row)} is removed ({way_out})"


def _of_ids(session: CrmSession, model: type[Numbered], text: str) -> Iterator[ColumnElement[bool]]:
    """Yield the ways to read `text` as a number or an id, as conditions, the surest first."""
    if (number := number_of(model, text)) is not None:
        yield col(model.number) == number
    yield col(model.id).in_(_by_external_id(session, model, text))
    source, colon, _ = text.partition(":")
    kinds = related_sources(source, types.entity_of(model)) if colon else []
    if kinds and not split_source(source)[1]:
        yield col(model.id).in_(_by_external_id(session, model, text, kinds))


def _of_texts(
    session: CrmSession, model: type[Numbered], text: str
) -> Iterator[ColumnElement[bool]]:
    """Yield the ways to read `text` as a name, as conditions, the surest first."""
    names = [types.of(model).column(name) for name in types.of(model).reference_columns]
    yield or_(*(column == text for column in names))
    yield or_(*(dialects.equals(session, column, text) for column in names))
    if not _NUMBER.fullmatch(text):
        yield or_(*(dialects.equals_folded(session, column, text) for column in names))
        yield part_of(session, names, text)


def part_of(
    session: CrmSession, columns: Sequence[SQLCoreOperations[Any]], text: str
) -> ColumnElement[bool]:
    """Return the condition that a text in one of `columns` has `text` as a part, in either form."""
    words = dict.fromkeys([text, *([folded(text)] if not text.isascii() or "  " in text else [])])
    return or_(*(dialects.contains(session, each, word) for each in columns for word in words))


def find_all(
    session: CrmSession,
    model: type[Numbered],
    texts: Sequence[str],
    *,
    lock: bool = False,
    deleted: bool | None = False,
    missing: list[str] | None = None,
) -> list[Numbered]:
    """Return what each of `texts` names, in that order and each row once.

    Numbers are looked up together, so that a thousand cost a few queries. With `deleted` None,
    hidden ones are found too. What is not found is added to `missing` where that is given, and
    raised, all of it, where it is not.
    """
    seek = find_any if deleted is None else find
    numbered = _find_numbered(session, model, texts, lock=lock, deleted=deleted)
    found: dict[UUID, Numbered] = {}
    failures: list[NotFound] = []
    for text in texts:
        try:
            row = numbered.get(text) or seek(session, model, text, lock=lock)
        except NotFound as error:
            failures.append(error)
        else:
            found[row.id] = row
    if missing is None:
        raise_all(failures, f"{len(failures)} of {len(texts)} references name nothing, or too much")
    else:
        missing += map(str, failures)
    return list(found.values())


def _find_numbered(
    session: CrmSession,
    model: type[Numbered],
    texts: Sequence[str],
    *,
    lock: bool,
    deleted: bool | None,
) -> dict[str, Numbered]:
    """Return the rows that those of `texts` name that are numbers, by text."""
    numbers = {text: number for text in texts if (number := number_of(model, text.strip()))}
    found: dict[int, Numbered] = {}
    for batch in batches(sorted(set(numbers.values()))):
        chosen = [col(model.number).in_(batch)]
        rows = _select(session, model, chosen, lock=lock, deleted=deleted, limit=len(batch))
        found.update({row.number: row for row in rows})
    return {text: found[number] for text, number in numbers.items() if number in found}


def find_named(session: CrmSession, model: type[Member], text: str) -> Member:
    """Return the user or franchise called `text`: id, exact name or e-mail, else a part of one."""
    called = types.of(model)
    columns = [called.column(name) for name in called.reference_columns]
    text = text.strip()
    if (known_id := as_id(text)) and (row := session.get(model, (session.company_id, known_id))):
        return row
    for condition in (
        or_(*(dialects.equals(session, column, text) for column in columns)),
        or_(*(dialects.equals_folded(session, column, text) for column in columns)),
        part_of(session, columns, text),
    ):
        mine = select(model).where(in_company(session, model), condition)
        found = session.exec(mine.limit(CANDIDATES + 1)).all() if text else []
        if len(found) == 1:
            return found[0]
        if found:
            apart = ["an e-mail address or an id names one of them"] if model is User else []
            raise NotFound(*ambiguous(text, [_described(row) for row in found]), *apart)
    raise NotFound(f"no {called.noun} answers to {text!r} (crmctl {called.noun} list)")


def as_id(text: str) -> UUID | None:
    """Return the id that `text` writes; None if it is something else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _described(row: User | Franchise) -> str:
    """Return the name of `row`, with what tells it from another of the same name."""
    return row.name if isinstance(row, Franchise) else f"{row.name} ({row.email or row.id})"


def listed(refs: Sequence[str], total: int) -> str:
    """Return the first of `refs` in a line, and how many more of the `total` there are."""
    named = refs[:NAMED]
    more = f" and {total - len(named)} more" if total > len(named) else ""
    return f"{', '.join(named)}{more}"


def ambiguous(text: str, candidates: Sequence[str]) -> list[str]:
    """Return the lines of the message for a `text` that names several: the candidates below it."""
    listed = [f"  {candidate}" for candidate in candidates[:CANDIDATES]]
    more = ["  and more"] if len(candidates) > CANDIDATES else []
    return [f"{text!r} could be any of these:", *listed, *more]


def _select(
    session: CrmSession,
    model: type[Numbered],
    conditions: Sequence[ColumnElement[bool]],
    *,
    lock: bool,
    deleted: bool | None = False,
    by_text: bool = False,
    limit: int = CANDIDATES + 1,
) -> list[Numbered]:
    query = select(model).where(*in_scope(session, model), *conditions)
    # SQLite looks for a text in the order that is asked for, which is that of its file by numbers.
    query = query.order_by(col(model.number if by_text else model.id)).limit(limit)
    if deleted is not None:
        query = query.where(is_removed(model, deleted))
    if lock:
        query = query.with_for_update()
    return list(session.exec(query).all())


def number_of(model: type[Record], text: str) -> int | None:
    """Return the number that `text` writes, as `D42`, `d42` or `42`; None if it is none."""
    match = re.fullmatch(rf"{types.of(model).prefix}?([0-9]{{1,10}})", text, re.IGNORECASE)
    number = int(match[1]) if match else 0
    return number if 0 < number <= _LARGEST else None


def _by_external_id(
    session: CrmSession, model: type[Record], text: str, kinds: Sequence[str] = ()
) -> Select[UUID]:
    """Return a query for the ids of rows that another system calls `text`.

    With `kinds`, its source is each of these and not the one that `text` names.
    """
    # Few references are external ids, so the table is loaded only when one is looked up.
    from crmctl.models.external_ids import ExternalId

    called = types.of(model)
    source, colon, external_id = text.partition(":")
    sources = kinds or [source]
    external_id = canonical(source, external_id)
    named = col(ExternalId.source).in_(sources) & (col(ExternalId.external_id) == external_id)
    for system in SYSTEMS_WITH_FORMS if not colon else ():
        its = [source_of(system, kind) for kind in ("", *kinds_of(types.entity_of(model)))]
        form = canonical(system, text)
        if form != text:
            named |= col(ExternalId.source).in_(its) & (col(ExternalId.external_id) == form)
    column: InstrumentedAttribute[UUID] = getattr(ExternalId, called.key_column)
    return columns_of(column).where(
        in_company(session, ExternalId),
        col(ExternalId.entity) == called.entity,
        named if kinds else or_(col(ExternalId.external_id) == text, named),
    )

"""All that differs between SQLite and PostgreSQL in what a query says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Enum,
    Integer,
    LargeBinary,
    Numeric,
    String,
    TableValuedAlias,
    Uuid,
    and_,
    case,
    cast,
    collate,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    true,
    type_coerce,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations
from sqlalchemy.types import TypeEngine

from crmctl.domain import collation
from crmctl.domain.text import UNSEEN
from crmctl.domain.text import folded as text_folded
from crmctl.models.session import CrmSession
from crmctl.storage import postgres, process_locks, sweeping
from crmctl.storage.tables import QueryColumn

Arguments = ParamSpec("Arguments")
Built = TypeVar("Built")

#: What a database counts and adds up to.
ExactNumber = int | Decimal

#: SQLite adds up whole numbers, and stops at 64 bits: what is below and above this is added apart.
_HALF = 10**9


def _is_postgres(source: Session | Connection) -> bool:
    bind = source.get_bind() if isinstance(source, Session) else source
    return bind.dialect.name == "postgresql"


def engine_of(connection: Connection) -> tuple[str, str]:
    """Return what database `connection` is to, `sqlite` or `postgresql`, and its version."""
    dialect = connection.dialect
    return dialect.name, ".".join(map(str, dialect.server_version_info or ()))


def once_per_engine(
    build: Callable[Concatenate[CrmSession, Arguments], Built],
) -> Callable[Concatenate[CrmSession, Arguments], Built]:
    """Return `build`, which asks a session for its engine alone, so that it keeps what it built.

    A query of many columns takes longer to build than to run, and is the same every time.
    """
    built: dict[object, Built] = {}

    @wraps(build)
    def kept(session: CrmSession, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Built:
        key = (_is_postgres(session), args, tuple(kwargs.items()))
        if key not in built:
            built[key] = build(session, *args, **kwargs)
        return built[key]

    return kept


def leave_traces(session: CrmSession) -> None:
    """Have the file swept when this transaction is committed; PostgreSQL does this by itself."""
    if not _is_postgres(session) and not session.change.dry:
        sweeping.mark(session)


def has_concurrent_writers(session: CrmSession) -> bool:
    """Return whether others write while this session does; SQLite has one writer at a time."""
    return _is_postgres(session)


def take_turns(source: Session | Connection, *locks: int | str) -> None:
    """Wait for others that take one of `locks` too, and keep them for this transaction of `source`.

    For what no row stands for yet that could be locked. On SQLite all writers take turns anyway.
    """
    if not _is_postgres(source) or not locks:
        return
    keys = (lock if isinstance(lock, int) else func.hashtextextended(lock, 0) for lock in locks)
    # The server does this in order. A turn may take long, and what is locked by row should not.
    source.execute(
        select(
            func.set_config("lock_timeout", f"{postgres.TURN_SECONDS}s", True),
            *map(func.pg_advisory_xact_lock, keys),
            func.set_config("lock_timeout", f"{postgres.LOCK_SECONDS}s", True),
        )
    )


def try_turn(source: Session, lock: str) -> bool:
    """Return whether nobody has `lock`, and keep it then as take_turns does."""
    if not _is_postgres(source):
        return True
    taken = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:lock, 0))")
    return bool(source.connection().scalar(taken, {"lock": lock}))


def shares_turn(session: CrmSession, lock: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that nobody has `lock`; until the commit, nobody gets it alone then."""
    if not _is_postgres(session):
        return true()
    taken: ColumnElement[bool] = func.pg_try_advisory_xact_lock_shared(
        func.hashtextextended(lock, 0), type_=Boolean
    )
    return taken


@contextmanager
def alone_on_file(session: CrmSession, kind: str, name: str) -> Iterator[bool]:
    """Yield whether no other process is at what this names, and keep others from it till the end.

    Commits in between do not end it, and the death of the process does. This is for SQLite, where
    nobody can have a lock without keeping all writers waiting; elsewhere, it is always true.
    """
    file = session.get_bind().engine.url.database
    if _is_postgres(session) or file in (None, "", ":memory:"):
        yield True
        return
    with process_locks.alone(Path(str(file)), kind, name) as mine:
        yield mine


def file_faults(session: CrmSession, most: int) -> Iterator[str]:
    """Yield at most so many faults that SQLite itself finds in its file; elsewhere, none."""
    if _is_postgres(session):
        return
    for (said,) in session.execute(text(f"PRAGMA integrity_check({most})")):
        if said != "ok":
            yield said


def unreadable_text(session: CrmSession, column: Column[Any]) -> ColumnElement[bool] | None:
    """Return the condition that a text is no UTF-8, which SQLite would keep; elsewhere, None."""
    kind = getattr(column.type, "impl", column.type)
    if _is_postgres(session) or not isinstance(kind, (String, JSON)):
        return None
    written = type_coerce(column, String)
    # Only what is not plain is looked at closely, which takes longer.
    return _is_strange(written) & (func.is_utf8(cast(written, LargeBinary)) == 0)


def _is_strange(text: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that `text` is more than printable ASCII, on SQLite."""
    return text.bool_op("GLOB")("*[^ -~]*")


def misstored(session: CrmSession, column: Column[Any]) -> ColumnElement[bool] | None:
    """Return the condition that what is stored is no value of the type of `column`.

    SQLite keeps anything in any column. PostgreSQL has numbers and times that Python has not.
    """
    kind = getattr(column.type, "impl", column.type)
    if _is_postgres(session):
        return _beyond_python(column, kind)
    raw = type_coerce(column, String)
    stored = func.typeof(raw)
    match kind:
        case Enum():
            return raw.not_in(kind.enums)
        case String():
            return stored == "blob"
        case Uuid():
            return func.length(raw).is_distinct_from(32) | raw.bool_op("GLOB")("*[^0-9a-fA-F]*")
        case Boolean():
            return type_coerce(column, Integer).not_in([0, 1])
        case DateTime() | Date():
            day = func.strftime("%Y-%m-%d", func.julianday(raw))
            wrong = (
                (stored != "text") | (raw < "0001") | day.is_distinct_from(func.substr(raw, 1, 10))
            )
            return wrong | (func.length(raw) != 10) if isinstance(kind, Date) else wrong
        case JSON():
            return func.json_valid(raw) == 0
        case _:
            return stored.not_in(["integer", "null"])


def _beyond_python(column: Column[Any], kind: TypeEngine[Any]) -> ColumnElement[bool] | None:
    """Return the condition that PostgreSQL holds what has no form in Python; None if it cannot."""
    match kind:
        case Numeric():
            return column == literal_column("'NaN'::numeric")
        case DateTime() | Date():
            return ~column.between(
                literal_column("'0001-01-01'"), literal_column("'9999-12-31 23:59:59'")
            )
        case _:
            return None


def json_is_no(session: CrmSession, column: Column[Any], shape: str) -> ColumnElement[bool]:
    """Return the condition that `column` has JSON of another shape than `object` or `array`."""
    if _is_postgres(session):
        return func.jsonb_typeof(column) != shape
    raw = type_coerce(column, String)
    return case((func.json_valid(raw) == 1, func.json_type(raw)), else_=literal(shape)) != shape


def as_stored(session: CrmSession, column: Column[Any]) -> ColumnElement[str]:
    """Return what is in `column`, as text that can be read and shown whatever it is."""
    if _is_postgres(session):
        return cast(column, String)
    raw = type_coerce(column, String)
    shown = case((_is_strange(raw), func.hex(raw)), else_=func.quote(raw))
    return func.substr(shown, 1, 60, type_=String)


def contains(session: CrmSession, column: SQLCoreOperations[Any], word: str) -> ColumnElement[bool]:
    """Return the condition that a text in `column` has `word` as a part, in either case.

    SQLite knows the case of ASCII itself, and calls Python for what has other letters.
    """
    if _is_postgres(session) or not word.isascii():
        return column.icontains(word, autoescape=True)
    # SQLite takes longer where a character escapes others, if there are any or not.
    return column.contains(word, autoescape=not {"%", "_", "/"}.isdisjoint(word))


def equals(session: CrmSession, column: QueryColumn, text: str) -> ColumnElement[bool]:
    """Return the condition that `column` has `text`, in either case."""
    if _is_postgres(session) or not text.isascii():
        # Both by the engine: where its locale is C, it leaves an É in capitals.
        return func.lower(column) == func.lower(text)
    return collate(column, "NOCASE") == text


def equals_folded(session: CrmSession, column: QueryColumn, text: str) -> ColumnElement[bool]:
    """Return the condition that `column` and `text` are one as domain/text folds them."""
    wanted = text_folded(text)
    if _is_postgres(session):
        return folded(session, column) == wanted
    # Of what is plain, only the case is folded, and Python is called for the rest alone.
    strange = or_(
        _is_strange(type_coerce(column, String)),
        column.contains("  "),
        column.startswith(" "),
        column.endswith(" "),
    )
    return or_(equals(session, column, wanted), and_(strange, folded(session, column) == wanted))


def folds_to(session: CrmSession, text: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
    """Return the condition that `text`, of more than ASCII, folds to what fits `pattern` of LIKE.

    Small letters are asked for. What is plain fits by itself or not at all.
    """
    strange = (
        text.regexp_match("[^ -~]")
        if _is_postgres(session)
        else _is_strange(type_coerce(text, String))
    )
    return and_(strange, folded(session, text).like(pattern))


def folded(session: CrmSession, column: QueryColumn) -> ColumnElement[str]:
    """Return `column`, of texts, as domain/text folds them."""
    if not _is_postgres(session):
        return func.folded(column, type_=String)
    composed = func.normalize(column, literal_column("NFKC"))
    seen = func.regexp_replace(composed, UNSEEN, "", "g")
    spaced = func.btrim(func.regexp_replace(seen, r"\s+", " ", "g"))
    small = func.lower(func.replace(spaced, "\u0130", "i"))
    return func.replace(small, "\u03c2", "\u03c3", type_=String)


def in_order(session: CrmSession, column: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """Return what puts `column` in one order on both engines: texts as people read them.

    Those that are alike but for case and accents follow by code point.
    """
    kind = getattr(column.type, "impl", column.type)
    if not isinstance(kind, String) or isinstance(kind, Enum):
        return [column]
    if not _is_postgres(session):
        return [func.collation_key(column, type_=String), column]
    key: ColumnElement[str] = column
    for pair, written in collation.PAIRS.items():
        key = func.replace(key, pair, written)
    letters = collation.LETTERS
    key = func.translate(key, "".join(letters), "".join(letters.values()))
    key = func.normalize(key, literal_column("NFKD"))
    key = func.lower(func.regexp_replace(key, collation.MARKS, "", "g"), type_=String)
    return [collate(key, "C"), collate(column, "C")]


def exact_sum(
    session: CrmSession, amount: QueryColumn
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return the two columns that add up a column of Money; `summed` makes one number of them."""
    if _is_postgres(session):
        return func.sum(amount), literal_column("NULL")
    units = type_coerce(amount, BigInteger)
    return func.sum(units // _HALF), func.sum(units % _HALF)


def summed(high: ExactNumber | None, low: ExactNumber | None) -> Decimal:
    """Return the amount that the two columns of `exact_sum` came to; zero where nothing had one."""
    if high is None:
        return Decimal(0)
    return Decimal(high) if low is None else Decimal(int(high) * _HALF + int(low)).scaleb(-4)


def has_key(session: CrmSession, column: QueryColumn, key: str) -> ColumnElement[bool]:
    """Return the condition that the JSON object in `column` has `key`."""
    if _is_postgres(session):
        found: ColumnElement[bool] = column.bool_op("?")(literal(key, String()))
        return found
    return func.json_type(column, _path(key)).is_not(None)


def text_of_key(session: CrmSession, column: QueryColumn, key: str) -> ColumnElement[str]:
    """Return what the JSON object in `column` has under `key`, as text."""
    if _is_postgres(session):
        found: ColumnElement[str] = column.op("->>", return_type=String())(literal(key, String()))
        return found
    return func.json_extract(column, _path(key), type_=String())


def key_equals(
    session: CrmSession, column: QueryColumn, key: str, value: object
) -> ColumnElement[bool]:
    """Return the condition that under `key`, the object in `column` has this number or truth."""
    if _is_postgres(session):
        found: ColumnElement[bool] = column.bool_op("@>")({key: value})
        return found
    return func.json_extract(column, _path(key)) == value


def keys_of(session: CrmSession, column: QueryColumn) -> TableValuedAlias:
    """Return a table of one column, `key`, with the keys of the JSON object in `column`."""
    if _is_postgres(session):
        return func.jsonb_object_keys(column).table_valued("key").render_derived()
    return func.json_each(column).table_valued("key")


def has_item(session: CrmSession, column: QueryColumn, item: str) -> ColumnElement[bool]:
    """Return the condition that the JSON list in `column` has `item`."""
    if _is_postgres(session):
        found: ColumnElement[bool] = column.bool_op("@>")([item])
        return found
    each = func.json_each(column).table_valued("value")
    return exists(select(1).select_from(each).where(each.c.value == item))


def _path(key: str) -> str:
    return f'$."{key}"'


def id_of_text(session: CrmSession, column: QueryColumn) -> ColumnElement[Any]:
    """Return the ids that `column` has written out, so that they can be compared with ids."""
    if _is_postgres(session):
        return cast(column, Uuid)
    # Where an id is no type of its own, it is stored without its dashes.
    return func.replace(column, "-", "")


def as_text(session: CrmSession, column: ColumnElement[Any]) -> ColumnElement[str]:
    """Return `column` as text, an id written out with its dashes."""
    plain = cast(column, String)
    if not isinstance(column.type, Uuid) or _is_postgres(session):
        return plain
    first, *others = (
        func.substr(plain, start, length, type_=String)
        for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    )
    written: ColumnElement[str] = first
    for part in others:
        written = written + "-" + part
    return written

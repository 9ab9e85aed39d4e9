"""JSON lines: an object on each line, its keys the columns."""

import io
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

from crmctl.domain.importing.files.escaping import protected
from crmctl.domain.importing.files.tables import (
    Form,
    Table,
    TableRow,
    broken,
    require_columns,
)
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.errors import UsageError

#: What interfaces of other systems call the object with the fields of a record.
_FIELDS_OF_RECORDS = ("properties", "attributes", "fields")
#: Longest line, in characters: far above any record, and low enough to notice what is no lines.
LONGEST_LINE = 4_000_000
_TOO_DEEP = "it is nested too deep"
#: How many objects may stand in each other; what is in more of them is text.
_DEEPEST = 20
#: The largest file that is read as one list, in bytes.
_LARGEST_LIST = 16 << 20
#: What an object that stands for a sum calls the number.
_VALUES = frozenset({"value", "amount"})
#: What systems call the list in an answer.
_WRAPPERS = frozenset({"results", "data", "items", "records", "value", "values", "rows"})
_LIST = "jq -c '.[]' makes lines of a list"
_OBJECTS = "jq -c . puts each object on a line"


@contextmanager
def read_json_lines(stream: BinaryIO, name: str, encoding: str) -> Iterator[Table]:
    """Yield the table that `stream` holds as JSON lines in `encoding`.

    The header are the keys of all objects, in the order in which they come; an object within an
    object is columns of its own, such as `custom.size`. Raises UsageError where there is none.
    """
    listed = _listed(stream, name, encoding)
    text = io.TextIOWrapper(stream if listed is None else listed, encoding=encoding, newline="\n")
    try:
        header, inner, found = _header(text, name)

        def rows() -> Iterator[TableRow]:
            text.seek(0)
            return _rows(text, name, header, inner)

        form = Form(kind="jsonl", encoding=encoding, findings=found)
        yield Table(name=name, header=header, rows=rows, form=form)
    finally:
        # Whoever opened the stream closes it.
        text.detach()


def _listed(stream: BinaryIO, name: str, encoding: str) -> BinaryIO | None:
    """Return the objects of a list, or of the one list in an object, as lines; else None."""
    content = stream.read(_LARGEST_LIST + 1)
    stream.seek(0)
    is_list = content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
    if len(content) > _LARGEST_LIST:
        return None
    try:
        found = json.loads(content.decode(encoding), parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        if is_list and isinstance(error, json.JSONDecodeError):
            raise UsageError(f"{name} line {error.lineno} is not JSON: {error.msg}") from None
        return None
    records = found if isinstance(found, list) else _wrapped(found)
    if not records:
        return None
    lines = "".join(f"{json.dumps(record, ensure_ascii=True)}\n" for record in records)
    return io.BytesIO(lines.encode(encoding))


def _wrapped(found: Any) -> list[Any] | None:
    """Return the list that an answer of a system holds, such as {"results": [...]}."""
    if not isinstance(found, dict):
        return None
    lists = [
        value
        for key, value in found.items()
        if isinstance(value, list) and (len(found) == 1 or key.lower() in _WRAPPERS)
    ]
    records = lists[0] if len(lists) == 1 else []
    return records if all(isinstance(record, dict) for record in records) else None


def _header(
    text: io.TextIOWrapper, name: str
) -> tuple[tuple[str, ...], Mapping[str, str], tuple[Finding, ...]]:
    """Return the columns, those in objects that are values of another, and what that decides."""
    found: dict[str, None] = {}
    values = _Values()
    why, first = "it is empty", ""
    for line, written in _lines(text, name):
        first = first or written[0]
        try:
            parsed = _parsed(written)
            found.update(dict.fromkeys(parsed))
            values.look(parsed)
            require_columns(len(found), f"{name} line {line}")
        except ValueError as error:
            why = f"line {line}: {error}"
            # One broken line is rejected later; a file that begins with one is something else.
            if not found:
                break
    if not any(found):
        way = _LIST if first == "[" else _OBJECTS
        raise UsageError(f"{name} is not JSON lines: {why} ({way})")
    inner = values.inner(found)
    return tuple(each for each in found if each not in inner), inner, tuple(values.findings(inner))


class _Values:
    """Which columns are plain in some objects, and objects with a value of their own in others."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        self._filled: Counter[str] = Counter()
        self._apart: set[str] = set()

    def look(self, values: Mapping[str, str]) -> None:
        """Look at what an object has that may be the value of a column."""
        names = tuple(values)
        if names not in self._pairs:
            parts = ((name, name.rpartition(".")) for name in names)
            self._pairs[names] = [(name, each[0]) for name, each in parts if each[2] in _VALUES]
        for name, outer in self._pairs[names]:
            self._filled[name] += bool(values[name])
            if outer in values:
                self._apart.add(name)

    def inner(self, names: Collection[str]) -> dict[str, str]:
        """Return those of `names` that are values of others, each with the column of that."""
        pairs = {pair for each in self._pairs.values() for pair in each}
        found = {name: outer for name, outer in pairs if outer in names and name not in self._apart}
        # With two values of one column, neither is it.
        once = Counter(found.values())
        return {name: outer for name, outer in sorted(found.items()) if once[outer] == 1}

    def findings(self, inner: Mapping[str, str]) -> Iterator[Finding]:
        """Yield what is said of objects of which the value was taken."""
        for name, outer in inner.items():
            yield Finding(
                certainty=Certainty.DECIDED,
                text=f"objects stand for the {outer} in some rows: it is their {name}",
                one=f"an object stands for the {outer} in one row: it is its {name}",
                count=self._filled[name],
            )


def _rows(
    text: io.TextIOWrapper, name: str, header: tuple[str, ...], inner: Mapping[str, str]
) -> Iterator[TableRow]:
    for line, written in _lines(text, name):
        try:
            values = _parsed(written)
        except ValueError as error:
            yield broken(line, written, len(header), str(error))
            continue
        for each, outer in inner.items():
            values[outer] = values.get(outer) or values.get(each, "")
        cells = tuple(values.get(column, "") for column in header)
        if any(cells):
            yield TableRow(line, cells)


def _lines(text: io.TextIOWrapper, name: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank, with their numbers."""
    line = 0
    while True:
        line += 1
        try:
            written = text.readline(LONGEST_LINE)
        except UnicodeDecodeError:
            raise UsageError(f"{name} is not {text.encoding} text (near line {line})") from None
        if not written:
            return
        if len(written) == LONGEST_LINE:
            raise UsageError(f"{name} line {line} is longer than any record: is it JSON lines?")
        if written := written.strip():
            yield line, written


def _parsed(written: str) -> dict[str, str]:
    """Return the object of a line as text by column; raises ValueError with what is wrong."""
    try:
        # Numbers stay as they are written: a float would change an amount.
        found = json.loads(written, parse_float=str, parse_int=str)
    except ValueError:
        raise ValueError("it is not JSON") from None
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")
    try:
        return dict(_flat(_unwrapped(found)))
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None


def _unwrapped(values: dict[str, Any]) -> dict[str, Any]:
    """Return a record with what stands in an object for all its fields, as interfaces write it.

    What both call the same stays apart, and so does what tells where a record is.
    """
    for name in _FIELDS_OF_RECORDS:
        inner = values.get(name)
        if isinstance(inner, dict) and "url" not in inner:
            outer = {key: value for key, value in values.items() if key != name}
            found = ((f"{name}.{key}" if key in outer else key, inner[key]) for key in inner)
            values = {**outer, **dict(found)}
    return values


def _flat(values: Mapping[str, Any], prefix: str = "", depth: int = 1) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if isinstance(value, dict) and depth < _DEEPEST:
            yield from _flat(value, f"{prefix}{key}.", depth + 1)
        else:
            yield _storable(f"{prefix}{key}"), protected(_storable(_text(value)))


def _text(value: Any) -> str:
    if value is None or value == []:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("it holds a NUL character")
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("it holds half of a surrogate pair")
    return text

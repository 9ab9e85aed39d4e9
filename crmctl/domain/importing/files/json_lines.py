"""JSON lines: an object on each line, its keys the columns."""

import io
import json
from collections.abc import Iterator, Mapping
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
from crmctl.errors import UsageError

#: Longest line, in characters: far above any record, and low enough to notice what is no lines.
LONGEST_LINE = 4_000_000
#: How many objects may stand in each other; what is in more of them is text.
_DEEPEST = 20
#: The largest file that is read as one list, in bytes.
_LARGEST_LIST = 16 << 20
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
        header = _header(text, name)

        def rows() -> Iterator[TableRow]:
            text.seek(0)
            return _rows(text, name, header)

        yield Table(name=name, header=header, rows=rows, form=Form(kind="jsonl", encoding=encoding))
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


def _header(text: io.TextIOWrapper, name: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    why, first = "it is empty", ""
    for line, written in _lines(text, name):
        first = first or written[0]
        try:
            found.update(dict.fromkeys(_parsed(written)))
            require_columns(len(found), f"{name} line {line}")
        except ValueError as error:
            why = f"line {line}: {error}"
            # One broken line is rejected later; a file that begins with one is something else.
            if not found:
                break
    if not any(found):
        way = _LIST if first == "[" else _OBJECTS
        raise UsageError(f"{name} is not JSON lines: {why} ({way})")
    return tuple(found)


def _rows(text: io.TextIOWrapper, name: str, header: tuple[str, ...]) -> Iterator[TableRow]:
    for line, written in _lines(text, name):
        try:
            values = _parsed(written)
        except ValueError as error:
            yield broken(line, written, len(header), str(error))
            continue
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
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")
    try:
        return dict(_flat(found))
    except RecursionError:
        raise ValueError("it is nested too deep") from None


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

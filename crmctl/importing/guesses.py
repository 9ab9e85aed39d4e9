"""Custom fields for the columns of a file that are read for no other: their types and keys."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date

from crmctl.importing.tables import Row
from crmctl.importing.values import Style, is_empty, original
from crmctl.kinds import FieldType

#: The digits of a number that others read as a float and still have it right.
_DIGITS = 15
# No plus sign and no zero in front: what has them is a telephone number, a postal code or an id.
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TRUTHS = ({"true", "false"}, {"yes", "no"}, {"y", "n"})


def guess_types(
    rows: Iterable[Row], positions: Collection[int], style: Style
) -> dict[int, FieldType]:
    """Return what the columns at `positions` hold, each over all of its cells that have a value.

    A column that is empty throughout is left out; one that holds different things is text.
    """
    held: dict[int, set[FieldType]] = {}
    for row in rows:
        if row.trouble:
            continue
        for place in positions:
            text = original(row.cells[place]).strip()
            if not is_empty(text, style) and held.get(place) != {FieldType.TEXT}:
                held.setdefault(place, set(_TESTS)).intersection_update(_types(text))
                held[place] = held[place] or {FieldType.TEXT}
    return {place: next(kind for kind in _TESTS if kind in types) for place, types in held.items()}


def _types(text: str) -> Iterator[FieldType]:
    return (kind for kind, holds in _TESTS.items() if kind != FieldType.TEXT and holds(text))


def _is_number(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return bool(_NUMBER.fullmatch(text)) and len(digits.lstrip("0")) <= _DIGITS


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def _is_truth(text: str) -> bool:
    return any(text.lower() in words for words in _TRUTHS)


_TESTS: dict[FieldType, Callable[[str], bool]] = {
    FieldType.NUMBER: _is_number,
    FieldType.DATE: _is_day,
    FieldType.BOOLEAN: _is_truth,
    FieldType.TEXT: bool,
}


def key_of(name: str, taken: Collection[str]) -> str:
    """Return a key for a column called `name` that is not among those that are `taken`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "field"
    key, again = slug[:40], 2
    while key in taken:
        ending = f"_{again}"
        key, again = slug[: 40 - len(ending)] + ending, again + 1
    return key

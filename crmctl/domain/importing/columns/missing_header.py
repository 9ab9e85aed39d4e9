"""Whether what was taken for the names of columns are the values of a row."""

from collections.abc import Iterator, Sequence

from crmctl.domain.importing.columns.column_mapping import ColumnMapping, How
from crmctl.domain.importing.columns.contents import (
    Contents,
    is_amount,
    is_date,
    is_email,
)

#: Years are names of columns as well.
_YEARS = range(1900, 2101)
_NAMED = {How.TYPED, How.SAVED, How.PRESET, How.NAME}


def lacks_header(header: Sequence[str], contents: Contents, columns: ColumnMapping) -> bool:
    """Return whether a file has no header: more of what it has there are values than names.

    A value is what looks like the cells below it: an e-mail address, a day or a number. What a
    person said that columns are called is believed.
    """
    named = [column for column in columns.mapped if column.how in _NAMED]
    if any(column.how in (How.TYPED, How.SAVED) for column in named):
        return False
    return sum(1 for _ in _values(header, contents)) > len(named)


def _values(header: Sequence[str], contents: Contents) -> Iterator[str]:
    for position, name in enumerate(header):
        texts = contents.texts(position)
        for look in (is_email, is_date, is_amount):
            if look(name):
                if texts and all(map(look, texts)) and not _is_name(name, position):
                    yield name
                break


def _is_name(text: str, position: int) -> bool:
    """Return whether `text` is a number that columns are called by: a year, or a running number."""
    return text.isdecimal() and (int(text) in _YEARS or int(text) == position + 1)

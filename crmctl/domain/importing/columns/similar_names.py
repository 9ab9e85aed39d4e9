"""Names of columns that are a slip away from the name of a field."""

import re
from collections.abc import Iterable, Mapping, Sequence

#: From which likeness on, of 100, two names are close.
CLOSE = 90.0
#: How many letters a column and the name of a field must have for a slip to be told from a word.
_LETTERS = (4, 5)

FieldNames = dict[str, tuple[str, ...]]


def closest(columns: Iterable[str], names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return fields by those of `columns` that are close to one of their `names`.

    All are in small letters and digits. Each column and each field is there at most once; a column
    that is as close to two fields, or a field to two columns, is not there at all.
    """
    scored = [
        (score, column, field)
        for column in list(columns)
        for field, words in names.items()
        if (score := max((_likeness(column, word) for word in words), default=0.0)) >= CLOSE
    ]
    return {
        column: field
        for score, column, field in scored
        if not any(
            other >= score and (column, field) != (rival, wanted)
            for other, rival, wanted in scored
            if rival == column or wanted == field
        )
    }


def _likeness(column: str, word: str) -> float:
    """Return how alike two names are, 0 where they mean different things for all likeness.

    A slip hardly ever changes the first letter, and never a number. What has more than a letter
    put before or behind it is another thing: the id of an owner, not the owner.
    """
    from rapidfuzz.fuzz import ratio

    # Most pairs differ in the first letter, and a file may have thousands of columns.
    if column[:1] != word[:1] or len(column) < _LETTERS[0] or len(word) < _LETTERS[1]:
        return 0.0
    if _digits(column) != _digits(word):
        return 0.0
    longer, shorter = sorted((column, word), key=len, reverse=True)
    added = len(longer) - len(shorter)
    if added > 1 and (longer.startswith(shorter) or longer.endswith(shorter)):
        return 0.0
    likeness = ratio(column, word)
    return max(likeness, CLOSE) if _is_slip(longer, shorter) else likeness


def _is_slip(longer: str, shorter: str) -> bool:
    """Return whether a letter is left out of a name, or two have changed places.

    One letter for another is none: the state of an address is not the stage of a deal.
    """
    from rapidfuzz.distance import OSA

    swapped = sorted(longer) == sorted(shorter)
    return (swapped or len(longer) > len(shorter)) and OSA.distance(longer, shorter) == 1


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)

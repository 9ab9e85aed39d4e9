"""How cells are divided and quoted."""

import re
from dataclasses import dataclass

from crmctl.errors import UsageError

#: What cells are divided by, if nobody says otherwise.
DELIMITERS = (",", ";", "\t", "|")
#: What Excel writes in front of a file to say what divides its cells.
_HINT = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
#: Enough to tell, in characters; the time it takes grows with it.
_SAMPLE = 8_000


@dataclass(frozen=True)
class Dialect:
    """The characters between cells, around them, and before a quote in them.

    No `escape` is two quotes for one. `skip` are the lines before the first record.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str | None = None
    skip: int = 0


def find_dialect(text: str, delimiter: str | None = None) -> Dialect:
    """Return the dialect of a file that begins with `text`.

    Raises UsageError for a given `delimiter` that cannot be one.
    """
    hint = _HINT.match(text)
    skip = 1 if hint else 0
    if delimiter is not None:
        return Dialect(_checked(delimiter), skip=skip)
    if hint and hint[1] not in '\r\n"':
        return Dialect(hint[1], skip=skip)
    return _detected(text)


def _checked(delimiter: str) -> str:
    found = {"\\t": "\t", "tab": "\t"}.get(delimiter.lower(), delimiter)
    if len(found) != 1 or found in '\r\n"':
        raise UsageError(f"a delimiter is one character, such as ';' or a tab: {delimiter!r}")
    return found


def _detected(text: str) -> Dialect:
    from clevercsv import Detector

    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        # A record that is cut in two would look like one of another shape.
        sample = sample[: sample.rfind("\n") + 1] or sample
    found = Detector().detect(sample, delimiters=list(DELIMITERS))
    if found is None:
        return Dialect()
    # What the sample does not quote may be quoted further down.
    return Dialect(found.delimiter or ",", found.quotechar or '"', found.escapechar or None)

"""Which of the readings of a sample is taken, and what is said about it."""

import re
from collections.abc import Sequence

from crmctl.domain.importing.files.code_pages.hints import find_hints
from crmctl.domain.importing.files.code_pages.pages import is_usual
from crmctl.domain.importing.files.code_pages.readings import (
    Reading,
    chance_reading,
    gain_in_page,
    readings,
    runs_of,
)
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.errors import UsageError

#: How much likelier than the next a reading has to be, as a logarithm: to need no note, and to be
#: taken at all, as one in a page that Windows writes, in any other, or with signs within words.
DECIDED, USUAL, OTHER, ODD = 12.0, 1.0, 2.5, 6.0
#: How much likelier than UTF-8 a page has to be for text that is UTF-8.
BY_CHANCE = 25.0
#: What shows that a byte is no character in a page.
_IMPOSSIBLE = re.compile("[\x80-\x9f\ufffd]")
#: Up to how many letters of a run of text are shown.
_SHOWN = 40


def choose_page(sample: bytes, plain: bytes, name: str) -> tuple[str, Finding]:
    """Return the code page of `sample`, with the finding that says how sure that is.

    `plain` is text of the same file, which may be ASCII and shows its language all the same.

    Raises UsageError, with the readings, where two pages read it about as well.
    """
    best, *others = readings(runs_of(sample), find_hints(plain))
    if wrong := next(filter(_IMPOSSIBLE.search, best.runs), None):
        raise UsageError(
            f"{name} is nearly all text in {best.page}, but for a byte beside"
            f" {_IMPOSSIBLE.sub('?', wrong)[:_SHOWN]!r}: correct it, or name the encoding of all of"
            " it (--encoding)"
        )
    if not others or others[0].cost - best.cost >= DECIDED:
        text = f"written in {best.page}, as {_example(best, others)} shows"
        return best.page, Finding(certainty=Certainty.DECIDED, text=text)
    other = others[0]
    one, another = _different(best, other)
    if other.cost - best.cost < (ODD if best.odd else USUAL if is_usual(best.page) else OTHER):
        raise UsageError(
            f"{name} may be in {best.page} ({one}) or in {other.page} ({another}):"
            " --encoding NAME says which"
        )
    text = f"lines read as {best.page}: {one}, which in {other.page} would be {another}"
    return best.page, Finding(certainty=Certainty.ASSUMED, text=text, option="--encoding NAME")


def is_of_a_page(sample: bytes) -> bool:
    """Return whether `sample` is UTF-8 only by chance, and words in a page of 256 characters."""
    return gain_in_page(runs_of(sample)) >= BY_CHANCE


def doubt_utf8(sample: bytes) -> Finding | None:
    """Return a note if `sample`, which is UTF-8, may be so by chance."""
    runs = runs_of(sample)
    other = chance_reading(runs)
    if other is None:
        return None
    text = f"read as utf-8: {runs[0].decode()}, which in {other.page} would be {other.runs[0]}"
    return Finding(certainty=Certainty.ASSUMED, text=text, option="--encoding NAME")


def _example(best: Reading, others: Sequence[Reading]) -> str:
    return _different(best, others[0])[0] if others else best.runs[0][:_SHOWN]


def _different(one: Reading, other: Reading) -> tuple[str, str]:
    """Return the first run of text that two readings read differently, as both do."""
    both = zip(one.runs, other.runs, strict=True)
    return next((a[:_SHOWN], b[:_SHOWN]) for a, b in both if a != b)

"""What an import found out about a file, and how sure it is of it."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

# What a shell reads something else for, between double quotes.
_SPECIAL = re.compile(r'["$`\\!]')


def mapping_option(option: str, word: str, meaning: str) -> str:
    """Return the option that gives a `word` of a file its `meaning`, as it can be pasted.

    White space in it is one space, as it is where words are compared.
    """
    pair = f"{' '.join(word.split())}={meaning}"
    return f"{option} {shlex.quote(pair)}" if _SPECIAL.search(pair) else f'{option} "{pair}"'


class Certainty(StrEnum):
    """How sure an import is: by what the file says, by what is usual, or not at all."""

    DECIDED = "decided"
    ASSUMED = "assumed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that an import decided, assumed or does not know, in words for people.

    A decided one names what decided it; an assumed one has the `option` that says otherwise.
    `count` is how many rows it is about, 0 where it is about the file. A text that begins with what
    is counted says it of several, and `one` says it of one; any other is about rows. An `urgent`
    one is said before all others: the file lacks what a board is made of. One `of_created` is of
    records that are created: it is foreseen by the columns, and found only where there are any.
    """

    certainty: Certainty
    text: str
    one: str = ""
    count: int = 0
    option: str = ""
    urgent: bool = False
    of_created: bool = False

    def __str__(self) -> str:
        """Return the finding in a line of its own, as a terminal shows it."""
        option = f" ({self.option})" if self.option else ""
        return f"{self.certainty}: {self.counted}{option}"

    @property
    def counted(self) -> str:
        """The text with its count, in words that fit one and several."""
        if not self.count:
            return self.text
        if self.one:
            return f"{self.count:,} {self.one if self.count == 1 else self.text}"
        return f"{self.count:,} {'row' if self.count == 1 else 'rows'}: {self.text}"


def rows_have(said: str, certainty: Certainty, option: str = "") -> Finding:
    """Return the finding that rows have what is `said`, in words for one of them, too."""
    return Finding(
        certainty=certainty, text=f"rows have {said}", one=f"row has {said}", option=option
    )


#: Rows that the import was told to leave out, for what they are about.
SKIPPED_NEW = Finding(
    certainty=Certainty.DECIDED,
    text="rows skipped: they are new (--update-only)",
    one="row skipped: it is new (--update-only)",
    count=1,
)
SKIPPED_KNOWN = Finding(
    certainty=Certainty.DECIDED,
    text="rows skipped: what they are about is there (--create-only)",
    one="row skipped: what it is about is there (--create-only)",
    count=1,
)


class Findings:
    """The findings of one import, each once, with all the rows that it is about."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], Finding] = {}
        self._announced: set[Finding] = set()
        self._expected = False

    def __iter__(self) -> Iterator[Finding]:
        """Yield the findings, the urgent ones first."""
        found = [each for each in self._found.values() if each.count or not each.of_created]
        found += self._foreseen() if self._expected else ()
        return iter(sorted(found, key=lambda each: not each.urgent))

    def _foreseen(self) -> Iterator[Finding]:
        """Yield what is foreseen of records that may be created, as it is said of new ones."""
        for each in self._found.values():
            if each.of_created and not each.count:
                yield replace(each, text=f"new {each.text}")

    def expect_created(self) -> None:
        """Have what is foreseen of records found: rows would create some, and are refused."""
        self._expected = True

    def add(self, finding: Finding) -> None:
        """Add `finding`, or its count to one that says the same."""
        key = (finding.certainty, finding.text, finding.option)
        known = self._found.get(key)
        if known:
            finding = replace(known, count=known.count + finding.count)
        self._found[key] = finding

    @property
    def doubts(self) -> list[Finding]:
        """The findings that something else than the file decided, or nothing."""
        return [each for each in self if each.certainty != Certainty.DECIDED]

    def announce(self) -> list[Finding]:
        """Return the findings so far; they are left out of what is `unannounced`.

        What is foreseen of records that may be created is among them.
        """
        found = [*self._foreseen(), *self]
        self._announced.update(found)
        return found

    @property
    def unannounced(self) -> list[Finding]:
        """The findings that were not announced, or are about more rows since."""
        return [each for each in self if each not in self._announced]

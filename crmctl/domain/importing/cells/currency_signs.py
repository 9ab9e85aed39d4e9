"""What the signs of currencies in a file mean that stand for several: `$`, `kr`, `¥`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from crmctl.domain import amounts, money
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.domain.text import folded
from crmctl.errors import UsageError


@dataclass(kw_only=True)
class CurrencySigns:
    """The currencies that the cells of a file name, and what their signs mean.

    A sign means what was `typed` for it, or else the one currency of the file or of the `company`
    that it may stand for.
    """

    company: str | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)
    _first: dict[str, str] = field(default_factory=dict)

    def add(self, codes: str, line: int, text: str) -> None:
        """Take note of a cell that names one of `codes`, which are divided by spaces."""
        self._counts[codes] = self._counts.get(codes, 0) + 1
        self._first.setdefault(codes, text.strip(" -+()0123456789.,'_\xa0"))

    def words(self) -> dict[str, str]:
        """Return the codes that were typed for words, by these in small letters."""
        return {folded(word): code for word, code in self.typed.items()}

    def meanings(self) -> dict[frozenset[str], str]:
        """Return the one currency that each sign of several means, by all that it may stand for."""
        found = {codes: self._meaning(codes) for codes in self._signs()}
        found |= self._typed()
        return {frozenset(codes.split()): code for codes, code in found.items() if code}

    def findings(self) -> Iterator[Finding]:
        """Yield what decided what each sign means."""
        typed = self._typed()
        for codes in self._signs():
            code = self._meaning(codes)
            if code and codes not in typed:
                ours = code == self.company
                why = "the company's currency" if ours else "the only one of the file that fits"
                yield Finding(
                    certainty=Certainty.DECIDED,
                    text=f"{self._first[codes]} is {code}, {why}",
                    count=self._counts[codes],
                )

    def _signs(self) -> list[str]:
        return [codes for codes in self._counts if " " in codes]

    def _meaning(self, codes: str) -> str | None:
        named = {*(each for each in self._counts if " " not in each), self.company}
        fitting = named.intersection(codes.split())
        return fitting.pop() if len(fitting) == 1 else None

    def _typed(self) -> dict[str, str]:
        """Return the codes that were typed for signs, by all that these may stand for."""
        found = ((amounts.currencies_in(word), code) for word, code in self.typed.items())
        return {codes: code for codes, code in found if codes}


def check_typed(typed: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed for signs and words, as codes; raises UsageError for what is none."""
    checked = {}
    for word, text in typed.items():
        try:
            checked[word] = money.currency(text)
        except UsageError as error:
            raise UsageError(f"--currency-map {word}={text}: {error}") from None
        codes = amounts.currencies_in(word)
        if codes and checked[word] not in codes.split():
            why = f"{word!r} is no sign of {checked[word]}"
            raise UsageError(f"--currency-map {word}={text}: {why}")
    return checked
